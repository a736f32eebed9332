"""One's own login: name, password, sessions, codes, companies."""

import re

import segno

from admin.handlers import people, sessions
from admin.pages.page import Context, Done, Form, Page, Shown
from admin.pages.said import Said
from admin.route import Ask, Visit
from admin.sign_in import get_user_id
from admin.store import people as people_store
from admin.totp import make_otpauth_url
from schemas.admin.fields import PageQuery
from schemas.admin.people import MeChange, PasswordChange, PasswordProof, TotpCode, TotpProof, TotpSecret
from shared.errors import InvalidField

_MOST_SESSIONS = 200
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


async def show_me(ask: Ask) -> Context:
    page = await sessions.list_sessions(ask, PageQuery(limit=_MOST_SESSIONS))
    mine = [(one, name_browser(one.user_agent or "")) for one in reversed(page.items)]
    return {"me": await people.show_me(ask), "sessions": sorted(mine, key=lambda pair: not pair[0].is_current)}


async def change_name(ask: Ask, said: Said) -> Done:
    await people.change_me(ask, said.read(MeChange))
    return Done("/me", "Your name is changed.")


async def change_password(ask: Visit, said: Said) -> Done:
    await people.change_password(ask, said.read(PasswordChange))
    return Done("/me", "Your password is changed. Wherever else you were signed in, you are signed out.")


async def end_session(ask: Ask, said: Said) -> Done:
    """Sign another browser out; what isn't the id of one of their sessions is none."""
    session_id = said.text("session_id")
    if not re.fullmatch(r"[1-9][0-9]{0,17}", session_id):
        return Done("/me")
    await sessions.end_session(ask, int(session_id))
    return Done("/me", "That browser is signed out.")


async def end_other_sessions(ask: Ask, said: Said) -> Done:
    page = await sessions.list_sessions(ask, PageQuery(limit=_MOST_SESSIONS))
    for one in page.items:
        if not one.is_current:
            await sessions.end_session(ask, one.id)
    return Done("/me", "You are signed in here alone.")


async def prepare_totp(ask: Visit, said: Said) -> Shown:
    return _show_secret(await people.prepare_totp(ask, said.read(PasswordProof)))


async def confirm_totp(ask: Visit, said: Said) -> Shown:
    """With the first code, show the recovery codes; with a wrong one, the secret again."""
    try:
        made = await people.confirm_totp(ask, said.read(TotpCode))
    except InvalidField as refusal:
        async with ask.database.of_nobody() as db:
            person = await people_store.get(db, get_user_id(ask.actor))
        if person.totp_secret is None:
            raise
        secret = TotpSecret(secret=person.totp_secret, otpauth_url=make_otpauth_url(person.totp_secret, person.email))
        return _show_secret(secret, {refusal.field or "": refusal.detail}, refusal.status)
    return Shown("recovery_codes.html", {"codes": made.recovery_codes})


async def switch_off_totp(ask: Visit, said: Said) -> Done:
    await people.switch_off_totp(ask, said.read(TotpProof))
    return Done("/me", "No codes are asked for any more.")


def _show_secret(secret: TotpSecret, errors: dict[str, str] | None = None, status: int = 200) -> Shown:
    picture = segno.make(secret.otpauth_url, micro=False).svg_data_uri(scale=5, border=3, light="white", dark="black")
    return Shown("totp.html", {"secret": secret, "picture": picture, "errors": errors or {}}, status)


def name_browser(user_agent: str) -> str:
    """The browser and the system, as its owner calls them; `A browser` for what isn't known."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "A browser")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), None)
    return f"{browser} on {system}" if system else browser


PAGES = (
    Page(
        "/me",
        "me.html",
        show_me,
        "see_self",
        forms=(
            Form("name", change_name, "see_self"),
            Form("password", change_password, "see_self"),
            Form("end-session", end_session, "see_self"),
            Form("end-others", end_other_sessions, "see_self"),
            Form("prepare-totp", prepare_totp, "see_self"),
            Form("confirm-totp", confirm_totp, "see_self"),
            Form("switch-off-totp", switch_off_totp, "see_self"),
        ),
    ),
)
