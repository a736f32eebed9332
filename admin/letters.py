"""What the letters say. Names hold no control characters (schemas/admin/fields.py), so none begins a line or a header of its own."""

from datetime import datetime

from msgspec import Struct

from admin.store.mails import InviteWanted, ResetWanted


class Letter(Struct, frozen=True, kw_only=True):
    """A letter to somebody, with the link that it is about."""

    mail_id: int
    name: str
    email: str
    subject: str
    text: str
    link: str
    at: datetime


def write_invite(invite: InviteWanted, mail_id: int, link: str) -> Letter:
    """To somebody who is to become a collaborator."""
    return Letter(
        mail_id=mail_id,
        name=invite.name,
        email=invite.email,
        subject=f"{invite.company_name} invites you to Callstamp",
        text=f"""Hello {invite.name},

{invite.company_name} invites you to see your calls in Callstamp. To accept, open

{link}

This works once, until {_show(invite.expires_at)}, and for you alone: please don't pass it on.
If you don't know what this is about, do nothing.
""",
        link=link,
        at=invite.at,
    )


def write_password_reset(reset: ResetWanted, mail_id: int, link: str) -> Letter:
    """To somebody who asked for a new password, or for whom somebody else did."""
    return Letter(
        mail_id=mail_id,
        name=reset.name,
        email=reset.email,
        subject="A new password for Callstamp",
        text=f"""Hello {reset.name},

somebody, probably you, asked for a new password for {reset.email}. To choose one, open

{link}

This works once, within an hour. If it wasn't you, do nothing: your password stays as it is.
""",
        link=link,
        at=reset.at,
    )


def _show(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
