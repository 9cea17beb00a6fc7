"""Runs the examples of the conformance rules: on our uvicorn, or under a server that offers more than it."""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import asgi_inspect
from asgi_inspect import Exchange, Finding, Inspection, Outcome, Span, Step, Verdict
from asgi_inspect.blame import calling_line
from asgi_inspect.conformance import RULES, judge
from asgi_inspect.conformance.call import Call as Called
from asgi_inspect.conformance.example import HANDSHAKE, Example
from asgi_inspect.copying import copy_message
from asgi_inspect.recording import Budget, Call
from asgi_inspect.shape import shape_of

FILE = str(Path("shop/views.py"))


def module_of(example: Example) -> ModuleType:
    """The example's code as a module."""
    module = ModuleType("views")
    exec(compile(example.code, FILE, "exec"), module.__dict__)
    return module


def run(example: Example, parser: str = "httptools") -> Inspection:
    """The example's application, called for its request as uvicorn calls it."""
    return asgi_inspect.inspect(
        example.request,
        parser=parser,
        app=module_of(example).app,
        loop="asyncio",
        lifespan="auto" if example.lifespan else "off",
        interface=example.interface,
        timeout=example.timeout,
        disconnect_after=example.disconnect_after,
    )


def findings(example: Example, on: tuple[str, ...], parser: str = "httptools") -> list[Finding]:
    """What the rules say about an example, however it has to be run."""
    if on == ("application",):
        shape = shape_of(module_of(example).app, "views:app")
        check_all("application", shape)
        return judge([], application=shape)
    if example.offers or example.spec_version or example.http_version != "1.1":
        exchange = offered(example)
        check_all_calls(exchange)
        return judge([exchange])
    inspection = run(example, parser)
    check_all_calls(*inspection.exchanges)
    if inspection.lifespan is not None and inspection.lifespan.steps:
        check_all("lifespan", Called.of_lifespan(inspection.lifespan))
    return judge(inspection.exchanges, inspection.lifespan if example.lifespan else None)


def check_all_calls(*exchanges: Exchange) -> None:
    """Run every check on these calls. The judge goes on where one raises: here it is heard."""
    for call in map(Called.of, exchanges):
        check_all(call.protocol, call)


def check_all(subject: str, recorded: Any) -> None:
    """Run every check of rules about `subject`."""
    for rule in RULES:
        if subject in rule.on:
            list(rule.check(recorded))


def offered(example: Example) -> Exchange:
    """The example's application under a server that offers `example.offers`, and takes whatever is sent."""
    return asyncio.run(offered_to(module_of(example).app, example))


async def offered_to(app: Any, example: Example) -> Exchange:
    """A call of `app` under that server."""
    clock = itertools.count()
    steps: list[Step] = []
    scope = _scope(example)
    told = [{"type": "http.request", "body": b""} if scope["type"] == "http" else {"type": "websocket.connect"}]

    async def receive() -> dict[str, Any]:
        message = told.pop(0) if told else {"type": f"{scope['type']}.disconnect"}
        steps.append(Step(call=Call.RECEIVE, at=next(clock), done=next(clock), message=message))
        return message

    async def send(message: Any) -> None:
        kept, types, _ = copy_message(message, Budget())
        line = calling_line(sys._getframe(1))
        at, done = next(clock), next(clock)
        steps.append(Step(call=Call.SEND, at=at, done=done, message=kept, source=line, types=types))

    await app(scope, receive, send)
    steps.append(Step(call=Call.RETURN, at=next(clock), done=next(clock)))
    return exchange_of(scope, steps)


def exchange_of(scope: dict[str, Any], steps: list[Step]) -> Exchange:
    """A call that came to its end."""
    return Exchange(
        number=1,
        connection=1,
        verdict=Verdict.ACCEPTED,
        span=Span(0, 0),
        data=b"",
        scope=scope,
        steps=tuple(steps),
        outcome=Outcome.COMPLETED,
    )


def _scope(example: Example) -> dict[str, Any]:
    scope: dict[str, Any] = {
        "type": "websocket" if example.request.startswith(HANDSHAKE) else "http",
        "asgi": {"version": "3.0", "spec_version": example.spec_version or "2.5"},
        "http_version": example.http_version,
        "headers": [(b"te", b"trailers")] if b"trailers" in example.request else [],
        "extensions": {name: {} for name in example.offers},
    }
    return scope | ({"method": "GET"} if scope["type"] == "http" else {"subprotocols": ["chat"]})
