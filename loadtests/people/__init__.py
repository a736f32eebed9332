"""Who uses Callstamp, each in a file of their own."""
