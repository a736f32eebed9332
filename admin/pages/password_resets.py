"""A new password for who has lost the old one: asking for a letter, and the page that its link leads to."""

from admin.errors import PasswordResetNotFound
from admin.handlers import password_resets
from admin.pages.page import Context, Done, Form, Page, Shown
from admin.pages.said import Said
from admin.route import Ask, Visit
from schemas.admin.people import LinkSecret, PasswordReset, PasswordResetWish


async def show_forgot_password(ask: Ask) -> Context:
    return {}


async def ask_for_letter(ask: Visit, said: Said) -> Done:
    await password_resets.ask_for_password_reset(ask, said.read(PasswordResetWish))
    return Done(
        "/sign-in", "If this address has a login, a letter with a link is on its way. The link works once, within an hour."
    )


async def show_password_reset(ask: Ask, token: LinkSecret) -> Context:
    """The form alone: whether the link still works is found out by using it."""
    return {}


async def reset_password(ask: Visit, said: Said, token: LinkSecret) -> Done | Shown:
    try:
        await password_resets.reset_password(ask, token, said.read(PasswordReset))
    except PasswordResetNotFound as refusal:
        return Shown("problem.html", {"problem": refusal}, refusal.status)
    return Done("/sign-in", "Your new password holds, and wherever you were signed in, you are signed out. Sign in with it.")


PAGES = (
    Page("/forgot-password", "forgot_password.html", show_forgot_password, None, forms=(Form("ask", ask_for_letter, None),)),
    Page(
        "/password-resets/{token}",
        "password_reset.html",
        show_password_reset,
        None,
        forms=(Form("reset", reset_password, None),),
    ),
)
