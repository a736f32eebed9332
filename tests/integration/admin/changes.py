"""Every change that managers can make: a request, and what it is to leave in the audit log."""

from typing import Any

import asyncpg

from tests.integration.admin.manager import Manager
from tests.integration.admin.persons import add_person

TABLES = {
    "company": "companies",
    "publisher": "publishers",
    "buyer": "buyers",
    "campaign": "campaigns",
    "number": "tracking_numbers",
    "postback_key": "postback_keys",
    "engine_key": "engine_keys",
    "api_token": "api_tokens",
    "collaborator": "collaborators",
    "campaign_grant": "campaign_grants",
    "number_grant": "number_grants",
}
"""Where the things are that have an id."""

C = "/v1/companies/{company}"
P = C + "/publishers/{publisher}"

CHANGES: dict[str, tuple[str, str, Any, list[str]]] = {
    "change_company": ("PATCH", C, {"name": "New", "default_number_cap": 3}, ["company changed"]),
    "create_publisher": ("POST", C + "/publishers", {"name": "New"}, ["publisher created"]),
    "change_publisher": ("PATCH", P, {"name": "New", "afid": "1"}, ["publisher changed"]),
    "remove_publisher": (
        "DELETE",
        P,
        None,
        ["publisher removed", "postback_key removed", "campaign_grant removed", "number_grant removed"],
    ),
    "put_campaign_grants": ("PUT", P + "/campaigns", {"campaign_ids": []}, ["campaign_grant removed"]),
    "change_campaign_grants": ("PATCH", P + "/campaigns", {"grant": ["{empty}"]}, ["campaign_grant created"]),
    "put_number_grants": (
        "PUT",
        P + "/numbers",
        {"number_ids": ["{free}"]},
        ["number_grant created", "number_grant removed"],
    ),
    "change_number_grants": ("PATCH", P + "/numbers", {"revoke": ["{number}"]}, ["number_grant removed"]),
    "create_buyer": ("POST", C + "/buyers", {"name": "New"}, ["buyer created"]),
    "change_buyer": ("PATCH", C + "/buyers/{buyer}", {"paused": True}, ["buyer changed"]),
    "remove_buyer": ("DELETE", C + "/buyers/{buyer}", None, ["buyer removed"]),
    "create_campaign": ("POST", C + "/campaigns", {"name": "New"}, ["campaign created"]),
    "change_campaign": ("PATCH", C + "/campaigns/{campaign}", {"payout_cents": 1}, ["campaign changed"]),
    "remove_campaign": ("DELETE", C + "/campaigns/{empty}", None, ["campaign removed"]),
    "create_number": ("POST", C + "/numbers", {"number": "+12025550133", "campaign_id": "{campaign}"}, ["number created"]),
    "change_number": ("PATCH", C + "/numbers/{number}", {"pool": True}, ["number changed"]),
    "remove_number": ("DELETE", C + "/numbers/{number}", None, ["number removed", "number_grant removed"]),
    "create_postback_key": ("POST", P + "/postback-keys", {"name": "New"}, ["postback_key created"]),
    "change_postback_key": ("PATCH", C + "/postback-keys/{postback_key}", {"paused": True}, ["postback_key changed"]),
    "rotate_postback_key": ("POST", C + "/postback-keys/{postback_key}/rotate", {}, ["postback_key rotated"]),
    "revoke_postback_key": ("DELETE", C + "/postback-keys/{postback_key}", None, ["postback_key removed"]),
    "create_engine_key": ("POST", C + "/engine-keys", {"name": "New"}, ["engine_key created"]),
    "change_engine_key": ("PATCH", C + "/engine-keys/{engine_key}", {"scopes": ["lookup"]}, ["engine_key changed"]),
    "rotate_engine_key": ("POST", C + "/engine-keys/{engine_key}/rotate", {"grace_seconds": 0}, ["engine_key rotated"]),
    "revoke_engine_key": ("DELETE", C + "/engine-keys/{engine_key}", None, ["engine_key removed"]),
    "create_api_token": ("POST", C + "/api-tokens", {"name": "New"}, ["api_token created"]),
    "change_api_token": ("PATCH", C + "/api-tokens/{api_token}", {"name": "New"}, ["api_token changed"]),
    "revoke_api_token": ("DELETE", C + "/api-tokens/{api_token}", None, ["api_token removed"]),
    "create_collaborator": ("POST", C + "/collaborators", {"name": "A", "email": "a@example.com"}, ["collaborator created"]),
    "change_collaborator": ("PATCH", C + "/collaborators/{person}", {"name": "New"}, ["collaborator changed"]),
    "remove_collaborator": ("DELETE", C + "/collaborators/{person}", None, ["collaborator removed"]),
    "resend_invite": ("POST", C + "/collaborators/{invited}/invite", None, ["collaborator changed"]),
    "withdraw_invite": ("DELETE", C + "/collaborators/{invited}/invite", None, ["collaborator changed"]),
    "change_permissions": (
        "PATCH",
        C + "/permissions",
        {"for_publishers": {"view_payout": "deny"}, "for_buyers": {"view_payout": "allow"}},
        ["permissions created", "permissions created"],
    ),
    "change_permissions_of_collaborator": (
        "PATCH",
        C + "/collaborators/{person}/permissions",
        {"for_buyers": {"view_payout": "allow"}},
        ["permissions created"],
    ),
    "change_permissions_of_publisher": ("PATCH", P + "/permissions", {"view_payout": "deny"}, ["permissions created"]),
    "change_permissions_of_buyer": (
        "PATCH",
        C + "/buyers/{buyer}/permissions",
        {"view_payout": "allow"},
        ["permissions created"],
    ),
}
"""By handler: a request, and what it leaves in the audit log."""


async def make_world(manager: Manager, db: asyncpg.Connection) -> dict[str, int]:
    """Ids of one of each, granted to the publisher; `free` and `empty` are a number and a campaign that aren't."""
    ids = {noun: made["id"] for noun, made in (await manager.create_one_of_each()).items()}
    address = f"publishers/{ids['publisher']}"
    await manager.change(f"{address}/campaigns", grant=[ids["campaign"]])
    await manager.change(f"{address}/numbers", grant=[ids["number"]])
    ids["free"] = (await manager.create("numbers", number="+12025550177", campaign_id=ids["campaign"]))["id"]
    ids["empty"] = (await manager.create("campaigns", name="Empty"))["id"]
    ids["person"] = (await add_person(db, manager.door, manager.company_id)).id
    ids["invited"] = (await manager.create("collaborators", name="Invited", email="invited@example.com"))["id"]
    return ids | {"company": manager.company_id}


def fill(said: Any, ids: dict[str, int]) -> Any:
    """What is said, with the ids in it."""
    if isinstance(said, dict):
        return {name: fill(value, ids) for name, value in said.items()}
    if isinstance(said, list):
        return [fill(value, ids) for value in said]
    return ids[said[1:-1]] if isinstance(said, str) and said.startswith("{") else said
