"""The conditions of a list whose filters are optional."""

import re

from msgspec import UNSET, UnsetType


class Conditions:
    """Each condition beside its argument; what isn't asked for never reaches the planner, so each filter finds its index."""

    def __init__(self, clause: str, argument: object) -> None:
        self.clauses: list[str] = []
        self.arguments: list[object] = []
        self.add(clause, argument)

    def add(self, clause: str, argument: object) -> None:
        """And `clause`, a literal with `{}` where the argument goes; an argument of UNSET means: not asked for."""
        if isinstance(argument, UnsetType):
            return
        self.clauses.append(clause.format(self.argument(argument)))

    def argument(self, argument: object) -> str:
        """The place of one more argument, for a clause that is put together elsewhere."""
        self.arguments.append(argument)
        return f"${len(self.arguments)}"

    def add_key(self, clause: str, key: tuple[object, ...]) -> None:
        """And `clause`, with a `{}` for each part of a sort key."""
        first = len(self.arguments) + 1
        self.arguments.extend(key)
        self.clauses.append(clause.format(*(f"${n}" for n in range(first, first + len(key)))))

    def __str__(self) -> str:
        return "\n          and ".join(self.clauses)


def holding(search: str | UnsetType) -> str | UnsetType:
    """A pattern of `ilike` for what holds this text as it is, `%` and `_` too; UNSET where nothing is searched for."""
    if isinstance(search, UnsetType) or not search.strip():
        return UNSET
    return "%" + re.sub(r"([\\%_])", r"\\\1", search.strip()) + "%"


def holding_digits(search: str | UnsetType) -> str | UnsetType:
    """The same for a number, of which only the digits count, however it is written; a text without any is looked for as it is."""
    if isinstance(search, UnsetType) or not search.strip():
        return UNSET
    return holding(re.sub(r"[^0-9]", "", search) or search)
