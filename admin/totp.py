"""Codes of authenticators (RFC 6238): a secret, the step of time that a code belongs to, and recovery codes. Nothing here is kept."""

import re
import secrets

import pyotp

ISSUER = "Callstamp"
STEP_SECONDS = 30
STEPS_ASIDE = 1
"""A clock may be off by so many steps, and a person that slow."""

HOW_MANY_RECOVERY_CODES = 10


def new_totp_secret() -> str:
    return pyotp.random_base32()


def make_otpauth_url(secret: str, email: str) -> str:
    """What an authenticator reads as a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def find_step(secret: str, code: str, now: float) -> int | None:
    """The step that the code belongs to, of those that are near; None for a wrong code."""
    current = int(now) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    steps = range(current - STEPS_ASIDE, current + STEPS_ASIDE + 1)
    return next((step for step in steps if secrets.compare_digest(totp.generate_otp(step), code)), None)


def new_recovery_codes() -> list[str]:
    """Each of 80 random bits, so that a plain hash will do."""
    return ["-".join(re.findall("....", pyotp.random_base32(32).lower()[:16])) for _ in range(HOW_MANY_RECOVERY_CODES)]


def plain_code(code: str) -> str:
    """A code without what people put between its parts."""
    return re.sub(r"[\s-]", "", code).lower()


def is_totp_code(plain: str) -> bool:
    """Whether it looks like an authenticator's code rather than a recovery code."""
    return len(plain) == 6 and plain.isascii() and plain.isdigit()
