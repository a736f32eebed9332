"""`python -m tests.browser.take_pictures FOLDER [DATA_FOLDER]`: the main screens with the demo company's data, to be looked at.

Of the Callstamp that runs on that data folder (`var`), or of one that is started for it. Those of docs/pictures are `--docs`.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.desk import NARROW, WIDE, Desk
from tests.e2e.conftest import Running, memory_folder

COMPANY = "/companies/{company_id}"
SCREENS = {
    "dashboard": COMPANY + "?within=week",
    "calls": COMPANY + "/calls",
    "call": COMPANY + "/calls?tag_name=agent_note > main tbody a",
    "postback-log": COMPANY + "/postback-log",
    "postback": COMPANY + "/postback-log?outcome=applied > main tbody a",
    "reports": COMPANY + "/reports",
    "callers": COMPANY + "/callers",
    "publishers": COMPANY + "/publishers",
    "publisher": COMPANY + "/publishers/2",
    "postback-keys": COMPANY + "/publishers/2/postback-keys",
    "new-key": COMPANY + "/publishers/2/postback-keys/new",
    "campaigns-of-a-publisher": COMPANY + "/publishers/2/campaigns",
    "numbers-of-a-publisher": COMPANY + "/publishers/2/numbers",
    "permissions-of-a-publisher": COMPANY + "/publishers/2/permissions",
    "buyers": COMPANY + "/buyers",
    "numbers": COMPANY + "/numbers",
    "collaborators": COMPANY + "/collaborators",
    "collaborator": COMPANY + "/collaborators > main tbody tr:nth-child(2) a",
    "settings": COMPANY + "/settings",
    "permissions": COMPANY + "/permissions",
    "audit-log": COMPANY + "/audit-log",
    "me": "/me",
}
IN_DOCS = (
    ("dashboard", WIDE, "light"),
    ("call", WIDE, "dark"),
    ("numbers-of-a-publisher", WIDE, "light"),
    ("dashboard", NARROW, "light"),
)
HEIGHTS = {WIDE: 900, NARROW: 760}


def take(desk: Desk, ready: dict[str, Any], name: str, file: Path, *, whole: bool) -> None:
    """One picture; `address > link` is the page that the first such link there leads to."""
    address, _, link = SCREENS[name].format(**ready).partition(" > ")
    desk.go(address)
    if link:
        desk.go(str(desk.page.locator(link).first.get_attribute("href")))
    desk.page.screenshot(path=file, full_page=whole)


@contextmanager
def callstamp_at(data: str | None) -> Iterator[dict[str, Any]]:
    """What ready.json says: of the one that runs there, or of a new one."""
    if data:
        yield json.loads((Path(data) / "ready.json").read_text())
        return
    with memory_folder() as folder, closing(Running(folder / "var")) as running:
        yield running.wait_until_ready(running.start())


def main(folder: str, data: str | None = None, *, docs: bool) -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    looks = (
        IN_DOCS if docs else [(name, *look) for look in ((WIDE, "light"), (WIDE, "dark"), (NARROW, "light")) for name in SCREENS]
    )
    with callstamp_at(data) as ready, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for width, scheme in dict.fromkeys((width, scheme) for _, width, scheme in looks):
            with closing(Desk(browser, ready["admin_url"], width=width, scheme=scheme)) as desk:
                desk.take_session(ready["owner_email"], ready["owner_password"])
                desk.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
                for name in (name for name, *look in looks if look == [width, scheme]):
                    take(desk, ready, name, Path(folder) / f"{name}-{width}-{scheme}.png", whole=not docs or name == "call")
                print(*desk.complaints, sep="\n")
        browser.close()


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--docs"]
    main(*words[:2], docs="--docs" in sys.argv)
