"""The reading half of the tag buffer: look-ups, and calls that get what waits for them."""
