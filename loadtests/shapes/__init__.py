"""How many people come, and for how long."""
