"""Templates to pages. Everything that comes from elsewhere is escaped; what a page may load is its own site's."""

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from aiohttp import hdrs, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from admin.pages.static_files import STAMP
from admin.route import Visit
from admin.toggles import DEFAULTS

TEMPLATES = Path(__file__).parents[1] / "templates"
NOTICE = "callstamp_notice"
"""The cookie that carries what a form did to the page that it leads to."""

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NOTHING = Markup("\N{EN DASH}")
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def render(
    request: web.Request,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    notice: str = "",
    retry_after_seconds: int | None = None,
) -> web.Response:
    """The page of this template."""
    body = ENVIRONMENT.get_template(template).render(context, notice=notice, path=request.path, query=dict(request.query))
    headers = {"Content-Security-Policy": CONTENT_POLICY, hdrs.CACHE_CONTROL: "no-store"}
    if retry_after_seconds is not None:
        headers[hdrs.RETRY_AFTER] = str(retry_after_seconds)
    return web.Response(text=body, status=status, content_type="text/html", charset="utf-8", headers=headers)


def take_notice(request: web.Request, visit: Visit) -> str:
    """What the form that led here did, said once."""
    said = request.cookies.get(NOTICE)
    if said is None:
        return ""
    visit.cookies[NOTICE] = None
    return unquote(said)[:300]


def show_time(time: datetime | str | None) -> Markup:
    """A time, in UTC until the reader's browser writes it as the reader does (static/localize.js)."""
    if time is None:
        return NOTHING
    moment = datetime.fromisoformat(time) if isinstance(time, str) else time
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), moment.strftime("%Y-%m-%d %H:%M:%S UTC"))


def show_number(number: float | None) -> Markup:
    if number is None:
        return NOTHING
    return Markup('<data class="number" value="{}">{}</data>').format(number, f"{number:,}")


def show_money(cents: int | None) -> Markup:
    """Money as it is kept, in hundredths; of which currency, the company knows."""
    if cents is None:
        return NOTHING
    return Markup('<data class="money" value="{}">{}</data>').format(cents, f"{cents / 100:,.2f}")


def show_share(share: float | None) -> Markup:
    if share is None:
        return NOTHING
    return Markup('<data class="share" value="{}">{}</data>').format(share, f"{share * 100:.1f} %")


def show_seconds(seconds: int | None) -> str:
    """A duration in its largest whole units: `2 days`, `1 hour 30 minutes`, `0 seconds`."""
    if seconds is None:
        return str(NOTHING)
    parts, left = [], seconds
    for size, name in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count:,} {name}{'s' if count != 1 else ''}")
    return " ".join(parts) or "0 seconds"


def show_clock(seconds: int | None) -> str:
    """A duration as in a column: `1:05`, `2:00:09`."""
    if seconds is None:
        return str(NOTHING)
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def show_offset(seconds: float) -> str:
    """How long after or before something: `+12.5 s`, `+2 minutes 3 seconds`."""
    if abs(seconds) < 0.05:
        return "at once"
    sign = "+" if seconds >= 0 else "\N{MINUS SIGN}"
    return f"{sign}{abs(seconds):.1f} s" if abs(seconds) < 60 else f"{sign}{show_seconds(round(abs(seconds)))}"


def in_unit(seconds: int) -> tuple[int, str]:
    """A duration as a number and the largest unit that it is a whole number of, for a form."""
    return next((seconds // size, name + "s") for size, name in _UNITS if seconds % size == 0)


def in_words(name: str) -> str:
    """`stored_for_call` as `stored for call`."""
    return name.replace("_", " ")


def with_query(query: dict[str, str], **changed: object) -> str:
    """The query with these changed, for links to this list's next page or other order; None takes one away."""
    return "?" + urlencode({name: str(value) for name, value in (query | changed).items() if value not in (None, "")})


def mark(text: str) -> Markup:
    """Text in which words can break anywhere, for what has no spaces."""
    return Markup('<span class="breaks">{}</span>').format(escape(text))


def _make_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "time": show_time,
        "number": show_number,
        "money": show_money,
        "share": show_share,
        "seconds": show_seconds,
        "clock": show_clock,
        "offset": show_offset,
        "in_unit": in_unit,
        "in_words": in_words,
        "breaks": mark,
        "path": lambda text: quote(str(text), safe=""),
    }
    environment.globals |= {"with_query": with_query, "STAMP": STAMP, "DEFAULTS": DEFAULTS}
    return environment


ENVIRONMENT = _make_environment()
