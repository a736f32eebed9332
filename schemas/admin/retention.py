"""How long a company keeps what."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from schemas.admin.fields import TEXT_SHAPE, Body

KeptDays = Annotated[int, Meta(ge=1, le=36_500, description="After how many days it is removed; null: never.")]
TagName = Annotated[str, Meta(min_length=1, max_length=128, pattern=TEXT_SHAPE)]
CertificateTagNames = Annotated[
    list[TagName], Meta(max_length=100, description="Tags that prove something, such as consent, and are kept apart from others.")
]


class Retention(Struct, frozen=True, kw_only=True):
    """Days by kind of data. A call or postback that bears a certificate tag stays as long as that tag; others of its tags don't."""

    postback_log_days: KeptDays | None
    calls_days: KeptDays | None
    tags_days: Annotated[KeptDays | None, Meta(description="Of tags on calls and in the postback log; null: as long as these.")]
    certificate_tags_days: KeptDays | None
    certificate_tag_names: CertificateTagNames
    legal_hold: Annotated[bool, Meta(description="Certificate tags stay, whatever `certificate_tags_days` says.")]


class RetentionChange(Body, frozen=True, kw_only=True):
    """Only what is named changes."""

    postback_log_days: KeptDays | UnsetType | None = UNSET
    calls_days: KeptDays | UnsetType | None = UNSET
    tags_days: KeptDays | UnsetType | None = UNSET
    certificate_tags_days: KeptDays | UnsetType | None = UNSET
    certificate_tag_names: CertificateTagNames | UnsetType = UNSET
    legal_hold: bool | UnsetType = UNSET
