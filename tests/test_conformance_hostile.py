"""What an application sends may be anything; no check of a rule fails at it, and the judge never does.

The judge goes on where a check raises, so that a report is made whatever was sent. Here nothing is caught: a
check that is broken shows.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from asgi_inspect.asgi import EXTENSIONS, MESSAGES
from asgi_inspect.conformance import RULES, judge
from asgi_inspect.conformance.call import Call
from asgi_inspect.conformance.example import HANDSHAKE, Example
from asgi_inspect.lifespan import Lifespan, LifespanReport
from tests.conformance_runs import check_all_calls, offered_to

Message = Any


class Boom(Exception):
    """What the application's own objects raise; nobody but them does."""


def _boom(*args: object) -> Any:
    raise Boom


_METHODS = (
    *("__len__", "__iter__", "__eq__", "__lt__", "__bool__", "__contains__", "__getitem__", "__int__", "__index__"),
    *("__str__", "__repr__", "__bytes__", "__format__", "__call__", "__next__", "__add__", "__hash__"),
)
Evil = type("Evil", (), dict.fromkeys(_METHODS, _boom))
EvilBytes = type("EvilBytes", (bytes,), dict.fromkeys(("__iter__", "__eq__", "__repr__"), _boom))
EvilText = type("EvilText", (str,), dict.fromkeys(("__len__", "__iter__", "__eq__", "__hash__", "encode"), _boom))
EvilList = type("EvilList", (list,), dict.fromkeys(("__len__", "__iter__", "__getitem__", "__repr__"), _boom))
EvilInt = type("EvilInt", (int,), dict.fromkeys(("__int__", "__lt__", "__ge__", "__repr__"), _boom))


def _endless() -> Iterator[bytes]:
    while True:
        yield b"x"


_NESTED: list[Any] = []
_NESTED.append(_NESTED)

VALUES: dict[str, Any] = {
    "nothing": None,
    "true": True,
    "number": 5,
    "less than nothing": -1,
    "large": 10**400,
    "float": 1.5,
    "not a number": float("nan"),
    "text": "text",
    "no text": "",
    "surrogate": "\ud800",
    "bytes": b"\xff\r\n\0",
    "buffer": bytearray(b"x"),
    "memory": memoryview(b"x"),
    "list": [],
    "nested": _NESTED,
    "odd list": [None, 1, "ab", b"ab", [], [b"a"], [b"a", b"b", b"c"], {b"a", b"b"}, {b"a": b"b"}, [[], []]],
    "odd pairs": [(None, None), (1, 2), ("a", "b"), (b"a", None), (b"", b""), (bytearray(b"A"), memoryview(b"\n"))],
    "numbers": [(b"content-length", b"9" * 5000), (b"content-length", b"-1"), (b"transfer-encoding", b"chunked")],
    "dict": {},
    "odd dict": {1: 2, None: b"", (1,): []},
    "set": {b"a"},
    "object": object(),
    "class": dict,
    "complex": 1j,
    "evil": Evil(),
    "evil bytes": EvilBytes(b"hello"),
    "evil text": EvilText("hello"),
    "evil list": EvilList([(b"a", b"b")]),
    "evil number": EvilInt(200),
    "evil in a list": [Evil(), (Evil(), Evil()), (EvilBytes(b"a"), EvilText("b"))],
}
WHOLE: dict[str, Message] = {
    **VALUES,
    "no type": {"status": 200},
    "key that is no text": {"type": "http.response.body", b"body": b"", 1: 2, None: None},
    "one-shot": {"type": "http.response.start", "status": 200, "headers": iter([(b"a", b"b")])},
    "endless": {"type": "http.response.start", "status": 200, "headers": _endless()},
}
BEFORE: dict[str, tuple[tuple[Message, ...], ...]] = {
    "http": (
        (),
        ({"type": "http.response.start", "status": 200, "headers": []},),
        (
            {"type": "http.response.start", "status": 200, "headers": [(b"trailer", b"x")], "trailers": True},
            {"type": "http.response.body", "body": b"a", "more_body": True},
        ),
        ({"type": "http.response.start", "status": 200}, {"type": "http.response.body"}),
    ),
    "websocket": (
        (),
        ({"type": "websocket.accept"},),
        ({"type": "websocket.http.response.start", "status": 401},),
        ({"type": "websocket.accept"}, {"type": "websocket.close"}),
    ),
}


def broken(protocol: str) -> Iterator[Message]:
    """Every message with each of its keys replaced by each value, and what is no message at all."""
    yield from WHOLE.values()
    yield from ({"type": value} for value in VALUES.values())
    for kind, keys in MESSAGES.items():
        if kind.startswith(protocol):
            yield {"type": kind}
            for key, value in itertools.product([*keys, "unknown"], VALUES.values()):
                yield {"type": kind, key: value}


def assert_no_check_fails(subject: str, recorded: Any, message: Message) -> None:
    """Nothing is raised but what the application's own objects raise."""
    for rule in RULES:
        if subject in rule.on:
            try:
                list(rule.check(recorded))
            except Boom:
                continue
            except Exception as error:
                raise AssertionError(f"{rule.id} fails at {_shown(message)}") from error


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("protocol", ["http", "websocket"])
def test_no_check_fails_at_what_was_sent(protocol: str, place: int) -> None:
    """A message that is broken in one way, at four places in a response; each rule is asked."""
    before = BEFORE[protocol][place]
    example = Example(code="", request=HANDSHAKE if protocol == "websocket" else b"", offers=tuple(EXTENSIONS.values()))

    def app_of(message: Message) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            for one in (*before, message):
                await send(one)

        return app

    for message in broken(protocol):
        exchange = asyncio.run(offered_to(app_of(message), example))
        assert_no_check_fails(protocol, Call.of(exchange), message)
        judge([exchange])


def test_no_check_fails_at_what_a_lifespan_sent() -> None:
    """In the place of the answer to startup, and of that to shutdown."""

    async def reports(message: Message, *, late: bool) -> LifespanReport:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            if late:
                await send({"type": "lifespan.startup.complete"})
                await receive()
            await send(message)

        lifespan = Lifespan(app, "auto", 1.0, "3.0")
        await lifespan.startup()
        await lifespan.shutdown()
        return lifespan.report()

    for message, late in itertools.product(broken("lifespan"), [False, True]):
        report = asyncio.run(reports(message, late=late))
        assert_no_check_fails("lifespan", Call.of_lifespan(report), message)
        judge([], report)


def test_what_cannot_be_looked_at_silences_the_rules_about_it_alone() -> None:
    """The list raises; that a key is misspelled is told all the same."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": EvilList([(b"a", b"b")]), "trailer": 1})
        await send({"type": "http.response.body"})

    exchange = asyncio.run(offered_to(app, Example(code="", request=b"")))

    with pytest.raises(Boom):
        check_all_calls(exchange)
    assert "event-unknown-key" in [finding.rule for finding in judge([exchange])]


def _shown(message: Message) -> str:
    try:
        return repr(message)
    except Boom:
        return "something evil: " + ", ".join(map(str, message)) if isinstance(message, dict) else "something evil"
