"""Pages call the API's handlers themselves, so a page asks for what the handler's own route asks for: read from the code of each."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from admin.pages.console import PAGES
from admin.permissions import COLLABORATORS_NEED
from admin.routes import ROUTES

ACTION_OF = {route.handler: route.action for route in ROUTES}


def calls_of(function: Callable[..., Any], seen: set[Any] | None = None) -> Iterator[tuple[Callable[..., Any], bool]]:
    """The API's handlers that a function of a page calls, itself or through others; and whether that one asks `may` by itself."""
    seen = seen if seen is not None else set()
    if function in seen:
        return
    seen.add(function)
    module = sys.modules[function.__module__]
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Name, ast.Attribute)):
            continue
        called = resolve(module, node)
        if inspect.isfunction(called) and called in ACTION_OF:
            yield called, asks_itself(function)
        elif inspect.isfunction(called) and called.__module__.startswith("admin.pages"):
            yield from calls_of(called, seen)


def resolve(module: ModuleType, node: ast.Name | ast.Attribute) -> Any:
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None)
    if isinstance(node.value, ast.Name):
        return getattr(getattr(module, node.value.id, None), node.attr, None)
    return None


def asks_itself(function: Callable[..., Any]) -> bool:
    source = inspect.getsource(function)
    return "may(" in source or "check_may" in source


def is_enough(asked: str | None, needed: str | None) -> bool:
    """Whether who may do what the page asks for may do what the handler's route asks for."""
    if needed == asked or needed is None:
        return True
    if needed == "see_self":
        return asked is not None
    if asked is None or asked == "see_self":
        return False
    if asked not in COLLABORATORS_NEED:
        return True  # managers alone, who may all
    return COLLABORATORS_NEED.get(needed) == ()


def find_weaker() -> list[str]:
    weaker = []
    for page in PAGES:
        places = [(page.path, page.show, page.action)]
        places += [(f"{page.path}?do={form.name}", form.handler, form.action) for form in page.forms.values()]
        for name, function, action in places:
            for handler, asks in calls_of(function):
                if not asks and not is_enough(action, ACTION_OF[handler]):
                    weaker.append(f"{name} asks for {action}, {handler.__name__} for {ACTION_OF[handler]}")
    return weaker


def test_no_page_asks_for_less_than_the_route_of_what_it_calls() -> None:
    assert find_weaker() == []


def test_the_check_sees_a_form_that_asks_for_less() -> None:
    form = next(form for page in PAGES for form in page.forms.values() if form.action == "change_setup")
    asked, form.action = form.action, "see_setup"
    try:
        assert find_weaker() != []
    finally:
        form.action = asked
