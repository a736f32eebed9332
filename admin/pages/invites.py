"""The page that an invite's link leads to. Opening it changes nothing: scanners of mail open links, too."""

from admin.handlers import invites
from admin.pages.page import Context, Done, Form, Page
from admin.pages.said import Said
from admin.route import Ask, Visit
from schemas.admin.invites import InviteAcceptance
from schemas.admin.people import LinkSecret


async def show_invite(ask: Ask, token: LinkSecret) -> Context:
    return {"invite": await invites.show_invite(ask, token)}


async def accept_invite(ask: Visit, said: Said, token: LinkSecret) -> Done:
    accepted = await invites.accept_invite(ask, token, said.read(InviteAcceptance))
    return Done(f"/companies/{accepted.company_id}", f"Welcome to {accepted.company_name}.")


PAGES = (Page("/invites/{token}", "invite.html", show_invite, None, forms=(Form("accept", accept_invite, None),)),)
