"""The publisher's doors, a file for each kind of request."""
