"""Load on Callstamp as its publishers and engines would make it, and peers to compare it with."""
