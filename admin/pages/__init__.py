"""The console: pages for people, on the same handlers, permissions and store functions as the API."""
