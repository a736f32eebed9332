"""Postback keys."""

from ipaddress import ip_interface, ip_network

import msgspec

from admin.errors import NotPermitted
from admin.paging import make_page, read_id_cursor
from admin.permissions import Actor, Sight
from admin.route import Ask
from admin.store import companies, postback_keys, publishers
from schemas.admin.fields import Id, PageQuery, given
from schemas.admin.pages import Page
from schemas.admin.postback_keys import (
    NewPostbackKey,
    PostbackKey,
    PostbackKeyChange,
    PostbackKeysQuery,
    PostbackKeyWithSecret,
    Rotation,
)
from shared.errors import InvalidField, NotFound
from shared.secret import hash_secret, new_secret

NETWORKS = "allowed_networks"


async def list_postback_keys(ask: Ask, company_id: Id, query: PostbackKeysQuery) -> Page[PostbackKey]:
    """The postback keys of all publishers, oldest first; a collaborator's are those of publishers for whom they may make some."""
    if (publisher_id := given(query.publisher_id)) is not None:
        await companies.check_belong(ask.db, company_id, publisher_id=publisher_id)
        ask.actor.sight().check_publisher(publisher_id, field="publisher_id")
    rows = await postback_keys.fetch_page(ask.db, company_id, _sight(ask.actor), query, after_id=read_id_cursor(query))
    return make_page(rows, query, lambda key: (key.id,))


async def list_postback_keys_of_publisher(ask: Ask, company_id: Id, publisher_id: Id, query: PageQuery) -> Page[PostbackKey]:
    """The postback keys of one publisher, oldest first."""
    _check_publisher(ask.actor, publisher_id)
    await publishers.get(ask.db, company_id, publisher_id)
    of_publisher = PostbackKeysQuery(limit=query.limit, publisher_id=publisher_id)
    rows = await postback_keys.fetch_page(ask.db, company_id, _sight(ask.actor), of_publisher, after_id=read_id_cursor(query))
    return make_page(rows, query, lambda key: (key.id,))


async def create_postback_key(ask: Ask, company_id: Id, publisher_id: Id, body: NewPostbackKey) -> PostbackKeyWithSecret:
    """Make a postback key; its secret and posting link are shown in this reply only.

    Bring your own `key`, so that a publisher's links keep working: it is kept in small letters, and works in any case.
    """
    _check_publisher(ask.actor, publisher_id)
    _check_may_limit(ask.actor, is_limited=body.rate_limit_per_second is not None)
    await publishers.hold(ask.db, company_id, publisher_id)
    if body.allow_read_back and body.allowed_origins:
        raise InvalidField(postback_keys.IN_PUBLIC, field="allowed_origins")
    body = msgspec.structs.replace(body, allowed_networks=_read_networks(body.allowed_networks))
    brought = given(body.key)
    secret = brought.lower() if brought else new_secret("pk")
    made = await postback_keys.insert(ask.db, company_id, publisher_id, body, hash_secret(secret))
    return _show_secret(ask, made, secret)


async def show_postback_key(ask: Ask, company_id: Id, postback_key_id: Id) -> PostbackKey:
    """A postback key, without its secret."""
    return await _get(ask, company_id, postback_key_id)


async def change_postback_key(ask: Ask, company_id: Id, postback_key_id: Id, body: PostbackKeyChange) -> PostbackKey:
    """Change, pause or resume a postback key; it works within a second."""
    await _get(ask, company_id, postback_key_id)
    _check_may_limit(ask.actor, is_limited=body.rate_limit_per_second is not msgspec.UNSET)
    if networks := given(body.allowed_networks):
        body = msgspec.structs.replace(body, allowed_networks=_read_networks(networks))
    return await postback_keys.change(ask.db, company_id, postback_key_id, body)


async def rotate_postback_key(ask: Ask, company_id: Id, postback_key_id: Id, body: Rotation) -> PostbackKeyWithSecret:
    """Give a postback key a new secret, shown in this reply only; the old one works on for `grace_seconds`.

    At most two secrets work at a time: rotating again ends the oldest at once.
    """
    await _get(ask, company_id, postback_key_id)
    secret = new_secret("pk")
    await postback_keys.rotate(ask.db, company_id, postback_key_id, hash_secret(secret), grace_seconds=body.grace_seconds)
    return _show_secret(ask, await postback_keys.get(ask.db, company_id, postback_key_id), secret)


async def revoke_postback_key(ask: Ask, company_id: Id, postback_key_id: Id) -> None:
    """Revoke a postback key for ever, within a second; pausing it is the way that leads back. Its tags that wait still apply."""
    await _get(ask, company_id, postback_key_id)
    await postback_keys.revoke(ask.db, company_id, postback_key_id)


async def check_secret(ask: Ask, company_id: Id, postback_key_id: Id, secret: str) -> PostbackKey:
    """The postback key that this is a secret of; raises InvalidField for any other text. Brought keys count in any case."""
    key = await _get(ask, company_id, postback_key_id)
    for spelling in (secret, secret.lower()):
        if await postback_keys.is_secret_of(ask.db, company_id, postback_key_id, hash_secret(spelling)):
            return key
    raise InvalidField("This isn't a secret of this postback key.", field="key")


def _sight(actor: Actor) -> Sight:
    """Whose postback keys the actor has to do with: of publishers they act as, those for whom they may make some."""
    return actor.sight("create_postback_keys")


async def _get(ask: Ask, company_id: int, postback_key_id: int) -> PostbackKey:
    """The postback key; raises NotFound, also for one that the actor has nothing to do with. Whose a key is never changes."""
    key = await postback_keys.get(ask.db, company_id, postback_key_id)
    if not (ask.actor.is_manager or key.publisher_id in _sight(ask.actor).publisher_ids):
        raise NotFound
    return key


def _check_publisher(actor: Actor, publisher_id: int) -> None:
    """Raise NotFound for a publisher that the actor doesn't act as, NotPermitted for one they may make no postback keys for."""
    actor.sight().check_publisher(publisher_id)
    if not (actor.is_manager or publisher_id in _sight(actor).publisher_ids):
        raise NotPermitted


def _check_may_limit(actor: Actor, *, is_limited: bool) -> None:
    """Raise NotPermitted for a rate that a collaborator sets: how much is taken from a publisher is for managers to say."""
    if is_limited and not actor.is_manager:
        raise NotPermitted(field="rate_limit_per_second")


def _read_networks(spellings: list[str] | None) -> list[str] | None:
    """The networks as they are kept, each once; raises InvalidField for what isn't one."""
    if spellings is None:
        return None
    return list(dict.fromkeys(_read_network(spelling) for spelling in spellings))


def _read_network(spelling: str) -> str:
    try:
        network = ip_network(spelling, strict=False)
    except ValueError:
        raise InvalidField("Expected networks such as 203.0.113.0/24, 2001:db8::/32 or 203.0.113.9.", field=NETWORKS) from None
    if "%" in spelling or getattr(network.network_address, "ipv4_mapped", None):
        raise InvalidField("Write an IPv4 network as one, and none with a scope.", field=NETWORKS)
    if ip_interface(spelling).ip != network.network_address:
        raise InvalidField(f"This address isn't where its network begins; the whole network is {network}.", field=NETWORKS)
    return str(network)


def _show_secret(ask: Ask, key: PostbackKey, secret: str) -> PostbackKeyWithSecret:
    posting_url = f"{ask.ingest_public_url}/data_writing?key={secret}"
    return PostbackKeyWithSecret(**msgspec.structs.asdict(key), key=secret, posting_url=posting_url)
