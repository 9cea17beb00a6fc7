"""The namespace that startup fills and every request gets a copy of."""

from __future__ import annotations

from collections.abc import Iterator

from ..recording import Sight
from .call import Call
from .example import lifespan
from .phases import ON, STARTED, STOPPED
from .rule import ERROR, WARNING, Met, kind, rule, shown


@rule(
    "lifespan-state-replaced",
    ERROR,
    spec="specs/lifespan.rst, Lifespan State: “The namespace is controlled completely by the ASGI application”",
    help="fill the one that is there: scope['state'].update(…)",
    seen="uvicorn, hypercorn, granian: requests see an empty state",
    wrong=lifespan('scope["state"] = {"db": 1}\n' + STARTED + STOPPED),
    right=lifespan('scope["state"].update({"db": 1})\n' + STARTED + STOPPED),
    on=ON,
)
def lifespan_state_replaced(call: Call) -> Iterator[Met]:
    """The server keeps its own object, and every request sees that one: empty."""
    for _ in call.seen(Sight.STATE_REPLACED):
        yield Met(message="scope['state'] is another object than the server's; requests will not see what is in it")


@rule(
    "lifespan-state-late",
    WARNING,
    spec="specs/lifespan.rst, Lifespan State: “Applications often want to persist data from the lifespan cycle”",
    help="fill it before lifespan.startup.complete",
    seen="uvicorn, hypercorn, granian: requests may or may not see it",
    wrong=lifespan(STARTED + 'scope["state"]["db"] = 1\n' + STOPPED),
    right=lifespan('scope["state"]["db"] = 1\n' + STARTED + STOPPED),
    on=ON,
)
def lifespan_state_late(call: Call) -> Iterator[Met]:
    """Requests may have begun by then."""
    for one in call.seen(Sight.STATE_LATE):
        yield Met(message=f"scope['state'][{one.detail!r}] came after lifespan.startup.complete")


@rule(
    "lifespan-state-key",
    ERROR,
    spec="specs/lifespan.rst, Scope: “`state` Optional(*dict[Unicode string, Any]*)”",
    help="use text for the key",
    seen="uvicorn: serves",
    wrong=lifespan('scope["state"][1] = "db"\n' + STARTED + STOPPED),
    right=lifespan('scope["state"]["db"] = 1\n' + STARTED + STOPPED),
    on=ON,
)
def lifespan_state_key(call: Call) -> Iterator[Met]:
    """The keys of a namespace are names."""
    for key in call.scope.get("state", {}):
        if not isinstance(key, str):
            yield Met(message=f"scope['state'] has the key {shown(key)}, which is {kind(key)}, not str")
