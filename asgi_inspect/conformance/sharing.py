"""The scope belongs to the server, and what stands in it may be shared with other requests."""

from __future__ import annotations

from collections.abc import Iterator

from ..recording import Sight
from .call import Call
from .example import Example, app, body, responds, start
from .rule import ERROR, NOTE, WARNING, Met, rule

GOOD = responds()
ON = ("http", "websocket")
_ANSWER = start() + body()
_COPIED = app('scope = {**scope, "path": "/shop"}\n' + _ANSWER)


def _with_state(code: str) -> Example:
    lines = (start() + body()).splitlines()
    return Example(
        code="async def app(scope, receive, send):\n"
        '    if scope["type"] == "lifespan":\n'
        "        await receive()\n"
        '        scope["state"]["seen"] = []\n'
        '        await send({"type": "lifespan.startup.complete"})\n'
        "        await receive()\n"
        '        await send({"type": "lifespan.shutdown.complete"})\n'
        "        return\n" + "".join(f"    {line}\n" for line in [code, *lines]),
        lifespan=True,
    )


@rule(
    "scope-mutated",
    NOTE,
    spec="specs/asgi.rst, Middleware: “it should make a copy of the `scope` object before mutating it”",
    help="a middleware passes a copy on: {**scope, …}",
    seen="all: ok",
    wrong=app('scope["path"] = "/shop"\n' + _ANSWER),
    right=_COPIED,
    on=ON,
)
def scope_mutated(call: Call) -> Iterator[Met]:
    """What an inner layer writes, the outer ones read. A key of its own that an application adds is not told."""
    for one in call.seen(Sight.SCOPE_CHANGED):
        yield Met(message=f"the application changed scope[{one.detail!r}]")


@rule(
    "scope-key-removed",
    ERROR,
    spec="specs/asgi.rst, Middleware: “it should make a copy of the `scope` object before mutating it”",
    help="work on a copy: {**scope, …}",
    seen=(
        "uvicorn/h11, uvicorn/zttp: KeyError, no reply | uvicorn/httptools, hypercorn: KeyError@2, cut | "
        "daphne, granian: ok"
    ),
    wrong=app('del scope["server"]\n' + _ANSWER),
    right=_COPIED,
    on=ON,
)
def scope_key_removed(call: Call) -> Iterator[Met]:
    """Servers look at the method and the version again while they send. (Measured with scope.clear().)"""
    for one in call.seen(Sight.SCOPE_REMOVED):
        yield Met(message=f"the application removed scope[{one.detail!r}], or put another type in its place")


@rule(
    "scope-headers-mutated",
    WARNING,
    spec="specs/asgi.rst, Middleware: “changes may leak upstream otherwise”",
    help="make a new list in a copied scope",
    seen="all: ok",
    wrong=app('scope["headers"].append((b"x-user", b"7"))\n' + _ANSWER),
    right=app('scope = {**scope, "headers": [*scope["headers"], (b"x-user", b"7")]}\n' + _ANSWER),
    on=ON,
)
def scope_headers_mutated(call: Call) -> Iterator[Met]:
    """The outer layers see fields that the client did not send."""
    for _ in call.seen(Sight.SCOPE_HEADERS_CHANGED):
        yield Met(message="the application changed the list scope['headers'] in place")


@rule(
    "scope-shared-dict-mutated",
    ERROR,
    spec="specs/asgi.rst, Middleware: “changes may leak upstream otherwise”",
    help="make a new dict in a copied scope",
    seen="granian: every later request of the worker sees it | uvicorn, hypercorn, daphne: ok",
    wrong=app('scope.setdefault("extensions", {})["shop"] = {}\n' + _ANSWER),
    right=app('scope = {**scope, "extensions": {**(scope.get("extensions") or {}), "shop": {}}}\n' + _ANSWER),
    on=ON,
)
def scope_shared_dict_mutated(call: Call) -> Iterator[Met]:
    """One server hands out the same object for all requests."""
    for one in call.seen(Sight.SCOPE_SHARED_CHANGED):
        yield Met(message=f"the application changed scope[{one.detail!r}]")


@rule(
    "scope-state-shared-mutation",
    NOTE,
    spec="specs/lifespan.rst, Lifespan State: “*shallow copy* of the namespace is passed into each subsequent”",
    help="fine for a cache or a pool; not for what belongs to one request",
    seen="all: ok",
    wrong=_with_state('scope["state"]["seen"].append(scope["path"])'),
    right=_with_state('scope["state"]["seen"] = [scope["path"]]'),
    on=ON,
)
def scope_state_shared_mutation(call: Call) -> Iterator[Met]:
    """Each request gets a copy of the namespace, and the very objects in it."""
    for one in call.seen(Sight.STATE_CHANGED):
        yield Met(message=f"the application changed scope['state'][{one.detail!r}], which all requests share")
