"""Publishers, the sources of calls."""

from msgspec import UNSET, Struct, UnsetType

from schemas.admin.fields import Afid, Body, Name, NumberCap, Time


class Publisher(Struct, frozen=True, kw_only=True):
    """A source of calls; it owns postback keys. A `number_cap` of null means the company's, which `effective_number_cap` then is.

    `numbers_held` is how many tracking numbers count for it: those that belong to the publisher and to no pool.
    """

    id: int
    name: str
    afid: str | None
    number_cap: int | None
    effective_number_cap: int
    numbers_held: int
    created_at: Time


class NewPublisher(Body, frozen=True, kw_only=True):
    """`afid` is unique in the company."""

    name: Name
    afid: Afid | None = None
    number_cap: NumberCap | None = None


class PublisherChange(Body, frozen=True, kw_only=True):
    """Only what is named changes; null empties `afid`, and makes `number_cap` the company's."""

    name: Name | UnsetType = UNSET
    afid: Afid | UnsetType | None = UNSET
    number_cap: NumberCap | UnsetType | None = UNSET
