"""How every request is answered: past the router where that is known beforehand, and whatever goes wrong as one problem+json."""

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from shared.door import Door
from shared.errors import BadRequest, BodyTooLarge, MethodNotAllowed, NotFound, Refusal, RequestTimeout
from shared.http import DRAINING, HOT_ROUTES, Handler, InternalError, refuse
from shared.overload import Load, shed_reply

log = structlog.get_logger()

RequestHandlerFunction = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def answering_refusals(app: web.Application, load: Load, handle: RequestHandlerFunction) -> RequestHandlerFunction:
    """Turn whatever goes wrong in `handle` into one problem+json, one counter and, where it is our own fault, one log line.

    It stands around the whole app rather than in it as a middleware, which would cost every request another 3 microseconds.
    """
    draining = app[DRAINING]

    async def answer_late(request: web.BaseRequest, door: Door) -> web.StreamResponse:
        """Once the client has read what it was sent before; not at all if there is too much to do."""
        await door.wait_for_reader()
        if (kind := door.take_shed()) is not None:
            return shed_reply(kind)
        return await handle(request)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        door: Door = request.protocol  # type: ignore[assignment] # every connection here is one
        try:
            if door.shed_next is None and not door.writing_paused:
                response = await handle(request)
            else:
                response = await answer_late(request, door)
        except Refusal as refusal:
            response = refuse(refusal)
            _let_go_of_frames(refusal)
        except web.HTTPException as error:
            response = refuse(_translate(error))
            _let_go_of_frames(error)
        except TimeoutError:
            response = refuse(RequestTimeout())
        except ConnectionError:
            raise  # the other side is gone, there is nobody to answer
        except Exception:
            log.exception("unhandled_error", method=request.method, route=_route_of(request))
            response = refuse(InternalError())
        finally:
            if door.unanswered:
                door.unanswered -= 1
                load.in_flight -= 1
                if load.waiting:
                    load.admit()
        if draining:
            response.force_close()
        return response

    return answer


def knowing_hot_routes(app: web.Application, handle: RequestHandlerFunction) -> RequestHandlerFunction:
    """Let the app's hot routes pass by its router."""
    if HOT_ROUTES not in app:
        return handle
    hot: dict[str, tuple[Handler, web.UrlMappingMatchInfo]] = {}
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if route.method == "GET" and path in app[HOT_ROUTES]:
            match = web.UrlMappingMatchInfo({}, route)
            match.add_app(app)
            match.freeze()
            hot[path] = (app[HOT_ROUTES][path], match)

    def find_and_handle(request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        assert isinstance(request, web.Request)
        found = hot.get(request.path) if request.method == "GET" else None
        if found is None:
            return handle(request)
        handler, request._match_info = found  # noqa: SLF001 - what the router would have set
        return handler(request)

    return find_and_handle


def _let_go_of_frames(error: BaseException | None) -> None:
    """Forget where it was raised, and what led to it.

    A frame that holds the exception it raises would be freed by the garbage collector alone, with the whole request: a flood of refusals
    would stop the worker for tens of milliseconds now and then.
    """
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def _translate(error: web.HTTPException) -> Refusal:
    match error:
        case web.HTTPMethodNotAllowed():
            return MethodNotAllowed(tuple(sorted(error.allowed_methods)))
        case web.HTTPRequestEntityTooLarge():
            return BodyTooLarge()
        case web.HTTPNotFound():
            return NotFound()
        case _:
            return BadRequest()


def _route_of(request: web.BaseRequest) -> str:
    """The route's pattern, never the path itself, which may hold a key."""
    resource = request.match_info.route.resource if isinstance(request, web.Request) else None
    return resource.canonical if resource else "none"
