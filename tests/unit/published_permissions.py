"""The rules of permissions as they are published: the defaults, what can be said on each level, and what applies then."""

from typing import Any

from hypothesis import strategies as st

from admin.permissions import Levels
from admin.toggles import Kind

FOR_PUBLISHERS = """
view_dashboard, view_call_log, run_reports | allow
view_caller_number | masked
view_duration, view_payout | allow
view_revenue, view_buyer, listen_to_recordings | deny
export_calls, use_api | allow
create_numbers, create_postback_keys | deny
view_postback_log | allow
tag_names | none of them
"""
FOR_BUYERS = """
view_dashboard, view_call_log, run_reports, listen_to_recordings | allow
view_caller_number | full
view_duration, view_revenue | allow
view_payout, view_publisher | deny
export_calls, use_api, monitor_live_calls | allow
edit_buyer, pause_buyer | deny
tag_names | none of them
"""
INHERIT = "inherit"
DENIED = ("deny", "none", ())
SETTINGS: dict[str, tuple[Any, ...]] = {
    "view_caller_number": (INHERIT, "full", "masked", "none"),
    "tag_names": (INHERIT, (), ("zip",), ("zip", "age"), ("age",)),
}


def published(table: str) -> dict[str, Any]:
    rows = (row.split(" | ") for row in table.strip().split("\n"))
    return {name: () if default == "none of them" else default for names, default in rows for name in names.split(", ")}


PUBLISHED: dict[Kind, dict[str, Any]] = {"publisher": published(FOR_PUBLISHERS), "buyer": published(FOR_BUYERS)}


def settings_of(toggle: str) -> tuple[Any, ...]:
    return SETTINGS.get(toggle, (INHERIT, "allow", "deny"))


def expect(kind: Kind, toggle: str, *, subject: Any, collaborator: Any, company: Any) -> tuple[Any, str]:
    """What applies, and from which level."""
    if collaborator in DENIED:
        return collaborator, "collaborator"
    said = {kind: subject, "collaborator": collaborator, "company": company, "default": PUBLISHED[kind][toggle]}
    return next((setting, level) for level, setting in said.items() if setting != INHERIT)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Levels, dict[Any, dict[str, Any]]]:
    """All that can be said of two publishers and two buyers, and of the collaborator who acts as them."""
    said: dict[Any, dict[str, Any]] = {}
    for kind in PUBLISHED:
        for level in ("company", "collaborator", 1, 2):
            drawn = draw(
                st.fixed_dictionaries({}, optional={name: st.sampled_from(settings_of(name)) for name in PUBLISHED[kind]})
            )
            said[kind, level] = {name: setting for name, setting in drawn.items() if setting != INHERIT}
    levels = Levels(
        company={kind: said[kind, "company"] for kind in PUBLISHED},
        collaborator={kind: said[kind, "collaborator"] for kind in PUBLISHED},
        publishers={subject_id: said["publisher", subject_id] for subject_id in (1, 2)},
        buyers={subject_id: said["buyer", subject_id] for subject_id in (1, 2)},
    )
    return levels, said
