"""What the demo company has besides a start: more publishers, buyers, campaigns, numbers, keys, people and a week that has been, so that
whoever looks around finds no screen empty. Made once, at its first start; what is removed afterwards stays removed."""

from typing import Any
from urllib.parse import quote

from callstamp.command_failed import CommandFailed
from callstamp.http_call import call_patiently
from callstamp.ready_file import ReadyFile

Facts = dict[str, Any]


def fill_demo_company(services: ReadyFile, facts: Facts) -> None:
    """Make what isn't there yet, by name: a start that was interrupted is finished by the next."""
    owner = _Owner(f"{services.admin_url}/v1/companies/{facts['company_id']}", facts["api_token"])
    campaigns = {
        "Auto insurance": int(facts["campaign_id"]),
        "Home services": owner.ensure("campaigns", "Home services", payout_cents=2200),
        "Legal intake": owner.ensure("campaigns", "Legal intake", payout_cents=5500),
    }
    owner.ensure("buyers", "Summit Home Services", price_cents=3800)
    owner.ensure("buyers", "Cedar Legal", price_cents=9000)
    paused = owner.ensure("buyers", "Lakeside Mutual", price_cents=4000, paused=True)
    northwind = owner.ensure("publishers", "Northwind Calls", afid="northwind", number_cap=3)
    blue_ridge = owner.ensure("publishers", "Blue Ridge Media", afid="blueridge")
    owner.ensure_key(northwind, "Landing page", apply_once=True, storage_duration_seconds=86_400)
    owner.ensure_key(northwind, "Sales back office", also_store=True, allow_read_back=True, end_call_cutoff_seconds=604_800)
    owner.ensure_key(blue_ridge, "Web form", allowed_origins=["https://forms.example"], rate_limit_per_second=50)
    owner.ensure_key(blue_ridge, "Old form", paused=True)
    of_northwind = [
        owner.ensure_number("+18005550142", campaigns["Home services"], northwind),
        owner.ensure_number("+18005550143", campaigns["Auto insurance"], northwind),
    ]
    owner.ensure_number("+18005550161", campaigns["Legal intake"], blue_ridge)
    owner.ensure_number("+18005550162", campaigns["Home services"], blue_ridge, pool=True)
    owner.change(f"publishers/{northwind}/numbers", grant=of_northwind)
    owner.change(f"publishers/{northwind}/campaigns", grant=[campaigns["Auto insurance"], campaigns["Home services"]])
    seen = {"tag_names": ["zip", "state", "prequalified"], "view_revenue": "allow", "create_numbers": "allow"}
    owner.change(f"publishers/{northwind}/permissions", **seen, create_postback_keys="allow")
    owner.change(f"buyers/{paused}/permissions", view_caller_number="masked", export_calls="deny")


def let_phones_ring(services: ReadyFile, facts: Facts) -> None:
    """Two calls in progress and some tags that wait, through the doors that publishers and engines use."""
    for caller, tags in (
        ("+19075550111", {"zip": "99501", "state": "AK", "prequalified": "true"}),
        ("+18085550122", {"zip": "96813", "state": "HI", "plan": "family"}),
        ("+14065550133", {"zip": "59601", "prequalified": "false"}),
    ):
        address = f"{services.ingest_url}/data_writing?caller_number={quote(caller)}"
        _insist("POST", address, tags, facts["postback_key"])
    for caller in ("+19075550111", "+18085550122"):
        hit = {"caller_number": caller, "dialed_number": facts["tracking_number"], "call_uuid": f"demo-{caller[1:]}"}
        _insist("POST", f"{services.merger_url}/v1/calls", hit, facts["engine_key"])
    answer = f"{services.merger_url}/v1/calls/demo-19075550111/answer"
    _insist("POST", answer, {"buyer_id": facts["buyer_id"]}, facts["engine_key"])


class _Owner:
    """Makes what the company hasn't got."""

    def __init__(self, company: str, token: str) -> None:
        self._company, self._token = company, token

    def ensure(self, what: str, name: str, **fields: Any) -> int:
        """The id of the one with that name."""
        found = self._ask("GET", f"{what}?limit=200")["items"]
        made = next((one for one in found if one["name"] == name), None)
        return int((made or self._ask("POST", what, {"name": name} | fields))["id"])

    def ensure_key(self, publisher_id: int, name: str, **fields: Any) -> int:
        return self.ensure(f"publishers/{publisher_id}/postback-keys", name, **fields)

    def ensure_number(self, number: str, campaign_id: int, publisher_id: int, *, pool: bool = False) -> int:
        found = self._ask("GET", "numbers?limit=200")["items"]
        made = next((one for one in found if one["number"] == number), None)
        wish = {"number": number, "campaign_id": campaign_id, "publisher_id": publisher_id, "pool": pool}
        return int((made or self._ask("POST", "numbers", wish))["id"])

    def change(self, what: str, **fields: Any) -> None:
        self._ask("PATCH", what, fields)

    def _ask(self, method: str, path: str, body: Facts | None = None) -> Facts:
        return _insist(method, f"{self._company}/{path}", body, self._token)


def _insist(method: str, url: str, body: Facts | None, bearer: str) -> Facts:
    """What is answered. Raises CommandFailed when the service refuses."""
    reply = call_patiently(method, url, body=body, bearer=bearer)
    if reply.status not in (200, 201):
        raise CommandFailed(f"the demo company can't be filled: {method} {url} was answered {reply.status}: {reply.body}")
    answer: Facts = reply.body
    return answer
