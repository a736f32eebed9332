"""What was typed into a form, and the Structs of the API made of it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args, get_origin

import msgspec
from msgspec import UnsetType
from multidict import MultiDictProxy

from admin.read_request import name_the_field
from schemas.admin.fields import Query
from shared.errors import InvalidField

S = TypeVar("S", bound=msgspec.Struct)
Q = TypeVar("Q", bound=Query)

_MONEY = re.compile(r"([0-9]{1,16})(?:\.([0-9]{1,2}))?")
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}


class Said:
    """The fields of a form as they were typed; what is wrong stands beside them when the page is shown again."""

    def __init__(self, fields: "MultiDictProxy[Any]") -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """What was typed, without spaces around it; "" for nothing. Of several the last: a tick comes after what its absence means.

        A password is what was typed, spaces and all.
        """
        if name not in self._fields:
            return ""
        return self.texts(name)[-1] if "password" in name else self.texts(name)[-1].strip()

    def texts(self, name: str) -> list[str]:
        """All that was ticked or chosen under this name."""
        return [str(value) for value in self._fields.getall(name, [])]

    def is_ticked(self, name: str) -> bool:
        return self.text(name) == "true"

    def typed(self) -> dict[str, Any]:
        """Each field as the page shows it again; passwords aren't repeated."""
        return {
            name: self.texts(name) if len(self.texts(name)) > 1 else self.text(name)
            for name in self._fields
            if "password" not in name
        }

    def seconds(self, name: str) -> int:
        """A duration typed as a number and its unit, `name` and `name_unit`. Raises InvalidField."""
        number, unit = self.text(name), self.text(f"{name}_unit") or "seconds"
        try:
            seconds = float(number) * UNITS[unit]
        except (ValueError, KeyError):
            raise InvalidField("Type a number.", field=name) from None
        if seconds != seconds or abs(seconds) > 2**53 or seconds != int(seconds):
            raise InvalidField("This isn't a whole number of seconds.", field=name)
        return int(seconds)

    def lines(self, name: str) -> list[str] | UnsetType:
        """What was typed one a line, without empty ones; UNSET where the form has no such field."""
        if name not in self._fields:
            return msgspec.UNSET
        return [line.strip() for line in self.text(name).splitlines() if line.strip()]

    def cents(self, name: str) -> int | UnsetType | None:
        """Money typed as `12.50`, None for nothing, UNSET where the form has no such field. Raises InvalidField."""
        if name not in self._fields:
            return msgspec.UNSET
        if not (text := self.text(name)):
            return None
        if not (typed := _MONEY.fullmatch(text)):
            raise InvalidField("Type an amount such as 12.50.", field=name)
        return int(typed[1]) * 100 + int((typed[2] or "").ljust(2, "0"))

    def read(self, kind: type[S], **given: Any) -> S:
        """The Struct that the API takes, of the fields that the form has; `given` are those that are typed otherwise, UNSET: not said.

        Nothing typed is null where the field may be null, and else isn't said. Raises InvalidField that names the field.
        """
        said: dict[str, Any] = {}
        for field in msgspec.structs.fields(kind):
            name = field.encode_name
            if name in given:
                if given[name] is not msgspec.UNSET:
                    said[name] = given[name]
            elif name in self._fields:
                value = self._typed_as(name, field.type)
                if value == "" and field.required:
                    raise InvalidField("This is needed.", field=name)
                if value is not msgspec.UNSET:
                    said[name] = value
        try:
            return msgspec.convert(said, kind, strict=False)
        except msgspec.ValidationError as error:
            raise name_the_field(error) from None

    def _typed_as(self, name: str, kind: Any) -> Any:
        kinds = set(_flatten(kind))
        if list in kinds:
            return [text for text in self.texts(name) if text]
        if (text := self.text(name)) or (str in kinds and type(None) not in kinds and not _is_number(kinds)):
            return text
        return None if type(None) in kinds else msgspec.UNSET


def _is_number(kinds: set[Any]) -> bool:
    return bool(kinds & {int, float})


def _flatten(kind: Any) -> Iterable[Any]:
    """The plain kinds that an annotation is made of."""
    origin = get_origin(kind)
    if origin in (list, dict):
        yield origin
        return
    arguments = get_args(kind)
    if hasattr(kind, "__metadata__"):
        yield from _flatten(arguments[0])
    elif arguments:
        for argument in arguments:
            yield from _flatten(argument)
    else:
        yield kind


def read_filters(fields: Mapping[str, str], kind: type[Q]) -> Q:
    """The query of a list, of a form where what isn't chosen is empty. Raises InvalidField that names the field."""
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    said = {name: text.strip() for name, text in fields.items() if name in known and text.strip()}
    try:
        return msgspec.convert(said, kind, strict=False)
    except msgspec.ValidationError as error:
        raise name_the_field(error) from None
