"""The toggles of permissions: what applies where nobody says anything, and which fields of a call each of them shows."""

from collections.abc import Mapping
from typing import Literal

Kind = Literal["publisher", "buyer"]
Level = Literal["publisher", "buyer", "collaborator", "company", "default"]
Setting = str | tuple[str, ...]
"""`allow` or `deny`; of a caller number `full`, `masked` or `none`; of tags the names that may be seen."""

Settings = Mapping[str, Setting]
"""What one level says; a name that isn't there is inherited."""

DEFAULTS: Mapping[Kind, Settings] = {
    "publisher": {
        "view_dashboard": "allow",
        "view_call_log": "allow",
        "run_reports": "allow",
        "view_caller_number": "masked",
        "view_duration": "allow",
        "view_payout": "allow",
        "view_revenue": "deny",
        "view_buyer": "deny",
        "listen_to_recordings": "deny",
        "export_calls": "allow",
        "use_api": "allow",
        "create_numbers": "deny",
        "create_postback_keys": "deny",
        "view_postback_log": "allow",
        "tag_names": (),
    },
    "buyer": {
        "view_dashboard": "allow",
        "view_call_log": "allow",
        "run_reports": "allow",
        "listen_to_recordings": "allow",
        "view_caller_number": "full",
        "view_duration": "allow",
        "view_revenue": "allow",
        "view_payout": "deny",
        "view_publisher": "deny",
        "export_calls": "allow",
        "use_api": "allow",
        "monitor_live_calls": "allow",
        "edit_buyer": "deny",
        "pause_buyer": "deny",
        "tag_names": (),
    },
}

FIELDS: Mapping[str, tuple[str, ...]] = {
    "view_duration": ("duration_seconds", "ended_at", "engine_ended_at"),
    "view_payout": ("payout_cents",),
    "view_revenue": ("revenue_cents",),
    "view_buyer": ("answered_by", "routed_to"),
    "view_publisher": ("publisher_id", "dialed_number"),
    "listen_to_recordings": ("recording_url",),
}
"""Which fields of a call a toggle shows. That of the end would tell the duration; the number dialed would tell the publisher."""
