"""The OpenAPI 3.1 document, made of the route table and of the very shapes that decode requests and encode replies.

`python -m admin.openapi` prints it as it is committed in docs/openapi/admin.json.
"""

import inspect
import re
from typing import Any

import msgspec

from admin.auth import COOKIE
from admin.errors import CrossSite, InvalidApiToken, NotPermitted, ReadOnly, UnknownField
from admin.route import Route
from admin.routes import ROUTES
from schemas.admin.fields import Problem
from shared.errors import (
    BadRequest,
    BodyTooLarge,
    IdempotencyMismatch,
    InvalidBody,
    InvalidField,
    NotFound,
    Refusal,
    Unavailable,
    UnsupportedMediaType,
)
from shared.idempotency import IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_SHAPE

ABOUT = (
    "Publishers, buyers, campaigns, tracking numbers, keys, the call log and the postback log of a company. "
    "Lists are read page by page: pass `next_cursor` back as `cursor`. Times are RFC 3339 in UTC, money is in integer cents. "
    "What isn't yours doesn't exist: another company's id is 404."
)
_ONCE = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "description": "A repeat under it within 24 hours makes nothing, and gets the first reply without its secrets.",
    "schema": {"type": "string", "pattern": f"^{IDEMPOTENCY_KEY_SHAPE}$"},
}
_REF = "#/components/schemas/{name}"


def make_document() -> dict[str, Any]:
    """The whole document."""
    shapes = [shape for route in ROUTES for shape in (route.body, route.query, route.reply)]
    kinds = [Problem, *(shape for shape in shapes if shape not in (None, type(None)))]
    refs, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    for schema in components.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])  # before Python 3.13 it is indented
    ref_of = dict(zip(kinds, refs, strict=True))
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _describe(route, ref_of, components)
    queries = {route.query.__name__ for route in ROUTES if route.query}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Callstamp admin API", "version": "1", "description": ABOUT},
        "security": [{"api_token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in sorted(components.items()) if name not in queries},
            "responses": _problems(ref_of[Problem]),
            "securitySchemes": {
                "api_token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def _describe(route: Route, ref_of: dict[Any, Any], components: dict[str, Any]) -> dict[str, Any]:
    summary, _, more = (inspect.getdoc(route.handler) or "").partition("\n")
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": summary.rstrip("."),
        "tags": [route.handler.__module__.rpartition(".")[2].replace("_", "-")],
        "parameters": _parameters(route, components),
        "responses": _responses(route, ref_of),
    }
    if route.action is None:
        operation["security"] = []
    if more.strip():
        operation["description"] = " ".join(more.split())
    if route.body:
        needed = bool(components[route.body.__name__].get("required"))
        operation["requestBody"] = {"required": needed, "content": {"application/json": {"schema": ref_of[route.body]}}}
    return operation


def _parameters(route: Route, components: dict[str, Any]) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": msgspec.json.schema(route.ids[name])}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    asked = components[route.query.__name__]["properties"] if route.query else {}
    in_query = [{"name": name, "in": "query", "schema": schema} for name, schema in asked.items()]
    return in_path + in_query + ([_ONCE] if route.takes_idempotency_key else [])


def _responses(route: Route, ref_of: dict[Any, Any]) -> dict[str, Any]:
    if route.reply is type(None):
        responses: dict[str, Any] = {str(route.status): {"description": "Done."}}
    else:
        done: dict[str, Any] = {"description": "Made." if route.location else "Here it is."}
        done["content"] = {"application/json": {"schema": ref_of[route.reply]}}
        if route.query and "format" in route.query.__struct_fields__:
            done["content"]["text/csv"] = {"schema": {"type": "string"}}
        if route.location:
            done["headers"] = {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}
        responses = {str(route.status): done}
    for status, refusals in _by_status(route).items():
        responses[str(status)] = {"$ref": f"#/components/responses/{_name_of(refusals)}"}
    return responses


def _problems(problem: Any) -> dict[str, Any]:
    """Each set of refusals that some route answers with one status, described once."""
    problems = {}
    for refusals in (refusals for route in ROUTES for refusals in _by_status(route).values()):
        described = " ".join(f"`{refusal.code}`: {inspect.getdoc(refusal)}" for refusal in refusals)
        problems[_name_of(refusals)] = {"description": described, "content": {"application/problem+json": {"schema": problem}}}
    return dict(sorted(problems.items()))


def _name_of(refusals: list[type[Refusal]]) -> str:
    return "_or_".join(refusal.code for refusal in refusals)


def _by_status(route: Route) -> dict[int, list[type[Refusal]]]:
    by_status: dict[int, list[type[Refusal]]] = {}
    for refusal in sorted(_refusals(route), key=lambda refusal: refusal.status):
        by_status.setdefault(refusal.status, []).append(refusal)
    return by_status


def _refusals(route: Route) -> list[type[Refusal]]:
    """Every refusal that a route may give."""
    refusals: list[type[Refusal]] = [Unavailable]
    if route.action is not None:
        refusals += [InvalidApiToken, NotPermitted]
    if route.method != "GET":
        refusals += [CrossSite] if route.action is None else [ReadOnly, CrossSite]
    if route.ids or route.query:
        refusals.append(NotFound)
    if route.body:
        refusals += [InvalidBody, BodyTooLarge, UnsupportedMediaType]
    if route.body or route.query:
        refusals += [UnknownField, InvalidField]
    if route.takes_idempotency_key:
        refusals += [BadRequest, IdempotencyMismatch]
    return [*refusals, *route.errors]


if __name__ == "__main__":
    print(msgspec.json.format(msgspec.json.encode(make_document()), indent=2).decode())  # noqa: T201 - the command's answer
