"""The application itself: what a server sees of the callable before it calls it.

What is not callable at all never comes here: it cannot be loaded, which is told with exit code 2.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..shape import Shape
from .example import app, body, module, start
from .rule import ERROR, WARNING, Met, rule

GOOD = app(start() + body())
ON = ("application",)
_NAMES = ("scope", "receive", "send")
_WSGI = ("environ", "start_response")


@rule(
    "app-not-detected-async",
    WARNING,
    spec="specs/asgi.rst, Legacy Applications: “detect legacy applications and convert them”",
    help="wrap it: async def app(scope, receive, send): await that(scope, receive, send)",
    seen="uvicorn, hypercorn, daphne: 500 | granian: ok",
    wrong=module(
        "def app(scope, receive, send):\n    return answer(scope, receive, send)\n\n\n"
        "async def answer(scope, receive, send):\n    ..."
    ),
    right=GOOD,
    on=ON,
)
def app_not_detected_async(shape: Shape) -> Iterator[Met]:
    """Servers tell ASGI 3 from what was before by looking whether the call is async."""
    if shape.takes_three and shape.makes == "something else" and not shape.looks_async and not shape.takes_one:
        message = f"{shape.target} takes scope, receive and send, but its call is not async def"
        yield _met(shape, f"{message}: uvicorn and daphne take it for ASGI 2, hypercorn for WSGI")


@rule(
    "app-asgi2",
    WARNING,
    spec=(
        "specs/asgi.rst, Legacy Applications: "
        "“Servers are encouraged to support both types as of ASGI 3.0 and gradually drop support”"
    ),
    help="wrap it in asgiref.compatibility.guarantee_single_callable",
    seen="uvicorn, daphne: ok | hypercorn, granian: 500",
    wrong=module("def app(scope):\n    async def asgi(receive, send): ...\n\n    return asgi"),
    right=GOOD,
    on=ON,
)
def app_asgi2(shape: Shape) -> Iterator[Met]:
    """The form of before 2019, which two of four servers do not take any more."""
    if shape.takes_one and not shape.takes_three and shape.makes == "something else":
        yield _met(shape, f"{shape.target} takes the scope alone, as ASGI 2 had it")


@rule(
    "app-wrong-arity",
    ERROR,
    spec="specs/asgi.rst, Applications: “coroutine application(scope, receive, send)”",
    help="take exactly scope, receive and send",
    seen="all: 500",
    wrong=module("async def app(scope, receive, send, settings): ..."),
    right=module("async def app(scope, receive, send, settings=None): ..."),
    on=ON,
)
def app_wrong_arity(shape: Shape) -> Iterator[Met]:
    """Every server calls it with three arguments."""
    asgi2 = shape.takes_one and shape.makes == "something else"
    if not shape.takes_three and not asgi2 and not _is_wsgi(shape):
        names = ", ".join(shape.names) or "none"
        yield _met(shape, f"{shape.target} takes {shape.required} required arguments ({names}), not three")


@rule(
    "app-param-names",
    WARNING,
    spec="specs/asgi.rst, Applications: “coroutine application(scope, receive, send)”",
    help="name them scope, receive and send",
    seen="uvicorn, hypercorn, granian: ok | daphne: 500",
    wrong=module("async def app(s, r, w): ..."),
    right=GOOD,
    on=ON,
)
def app_param_names(shape: Shape) -> Iterator[Met]:
    """daphne calls it with keywords."""
    if shape.takes_three and not shape.by_name and shape.makes == "coroutine":
        yield _met(shape, f"{shape.target} cannot be called as (scope=…, receive=…, send=…), only by position")


@rule(
    "app-param-order",
    ERROR,
    spec="specs/asgi.rst, Applications: “coroutine application(scope, receive, send)”",
    help="declare scope, receive, send",
    seen="uvicorn, hypercorn, granian: 500 | daphne: ok",
    wrong=module("async def app(scope, send, receive): ..."),
    right=GOOD,
    on=ON,
)
def app_param_order(shape: Shape) -> Iterator[Met]:
    """Works on daphne alone, which calls it with keywords."""
    if set(shape.names[:3]) == set(_NAMES) and shape.names[:3] != _NAMES:
        yield _met(shape, f"{shape.target} declares ({', '.join(shape.names[:3])})")


@rule(
    "app-async-generator",
    ERROR,
    spec="specs/asgi.rst, Applications: “ASGI applications should be a single async callable”",
    help="take the yield out, and send with await send(…)",
    seen="all: 500",
    wrong=module('async def app(scope, receive, send):\n    yield b"hello"'),
    right=GOOD,
    on=ON,
)
def app_async_generator(shape: Shape) -> Iterator[Met]:
    """What it gives back cannot be awaited."""
    if shape.makes == "async generator":
        yield _met(shape, f"{shape.target} has a yield in it, which makes it an async generator")


@rule(
    "app-looks-like-wsgi",
    ERROR,
    spec="specs/www.rst, WSGI Compatibility: “WSGI applications, being synchronous, must be run in a threadpool”",
    help="wrap it in a2wsgi.WSGIMiddleware, or run it with --interface wsgi",
    seen="uvicorn, daphne, granian: 500 | hypercorn: ok",
    wrong=module('def app(environ, start_response):\n    start_response("200 OK", [])\n    return [b"hello"]'),
    right=GOOD,
    on=ON,
)
def app_looks_like_wsgi(shape: Shape) -> Iterator[Met]:
    """hypercorn serves it as WSGI without a word."""
    if _is_wsgi(shape):
        yield _met(shape, f"{shape.target} takes {' and '.join(shape.names[:2])}, as WSGI applications do")


def _is_wsgi(shape: Shape) -> bool:
    return shape.names[:2] == _WSGI or (shape.required == 2 and "start_response" in shape.names)


def _met(shape: Shape, message: str) -> Met:
    return Met(message=message, source=shape.source)
