"""The one way in which a command of ours fails: a line that says what is wrong and what to do."""

import click


class CommandFailed(click.ClickException):
    """A command can't do what it is for; click prints the line and exits with 1."""
