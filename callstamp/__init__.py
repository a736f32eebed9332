"""The command line: starts the services as processes and speaks to them as anybody could, over HTTP; imports nobody's insides."""
