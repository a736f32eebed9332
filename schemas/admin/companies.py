"""The company."""

from msgspec import UNSET, Struct, UnsetType

from schemas.admin.fields import Body, EndCallCutoff, Name, NumberCap, RateLimit, Region, StorageDuration, Time
from schemas.admin.retention import Retention, RetentionChange


class Company(Struct, frozen=True, kw_only=True):
    """The tenant. Its storage duration and end-call cut-off are copied into each new postback key that names none.

    `rate_limit_per_second` bounds all its postback keys together; null: no limit.
    """

    id: int
    name: str
    default_region: str
    default_number_cap: int
    default_storage_duration_seconds: int
    default_end_call_cutoff_seconds: int
    rate_limit_per_second: int | None
    retention: Retention
    created_at: Time


class CompanyChange(Body, frozen=True, kw_only=True):
    """Only what is named changes; postback keys that exist keep their durations."""

    name: Name | UnsetType = UNSET
    default_region: Region | UnsetType = UNSET
    default_number_cap: NumberCap | UnsetType = UNSET
    default_storage_duration_seconds: StorageDuration | UnsetType = UNSET
    default_end_call_cutoff_seconds: EndCallCutoff | UnsetType = UNSET
    rate_limit_per_second: RateLimit | UnsetType | None = UNSET
    retention: RetentionChange | UnsetType = UNSET
