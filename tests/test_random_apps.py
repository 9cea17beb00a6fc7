"""Applications that no person would write, on bytes that none would send, in any reads: always as uvicorn has it.

An application is drawn as a program: a list of things to do, right or wrong at each step. It runs in our dry run and in
uvicorn's own protocol classes (oracle.py), and both must tell the same.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import asgi_inspect
from asgi_inspect import Inspection
from tests.comparison import DATE, dry_run, inspected, same, theirs
from tests.generated_requests import connections, in_pieces
from tests.oracle import PARSERS, App, Parser, Receive, Scope, Send, body, length, observe, start

Action = tuple[str, Any]

_HEADERS = st.lists(
    st.sampled_from(
        [
            *(length(0), length(2), length(5), (b"content-length", b"abc"), (b"transfer-encoding", b"chunked")),
            *(
                (b"connection", b"close"),
                (b"x", b"y"),
                (b"X-Case", b" padded "),
                (b"bad name", b"1"),
                (b"x", b"a\r\nb"),
            ),
            *((b"date", b"never"), (b"server", b"mine"), (b"", b""), ("text", "text"), (b"x",), None),
        ]
    ),
    max_size=3,
)
_STATUS = st.sampled_from([200, 200, 200, 204, 304, 404, 100, 103, 99, 600, 1000, "200", None])
_DATA = st.sampled_from([b"", b"ok", b"hello", b"x" * 70_000, "text", None, bytearray(b"ok"), memoryview(b"ok")])
_SENT = st.one_of(
    st.builds(lambda status, headers: start(status, *headers), _STATUS, _HEADERS),
    st.builds(body, _DATA, st.booleans()),
    st.sampled_from([{}, {"type": "http.response.start"}, {"type": "http.response.body"}, {"type": "x"}, None, "text"]),
    st.sampled_from([{"type": "http.response.start", "status": 200}, {"type": "http.disconnect"}]),
)
_ACTION: st.SearchStrategy[Action] = st.one_of(
    st.tuples(st.just("send"), _SENT),
    st.tuples(st.just("send whatever is raised"), _SENT),
    st.tuples(st.just("read"), st.integers(1, 4)),
    st.tuples(st.just("yield"), st.integers(1, 3)),
    st.tuples(
        st.just("raise"), st.sampled_from([ValueError("x"), KeyError(), asyncio.CancelledError(), OSError(5, "x")])
    ),
    st.tuples(st.just("return"), st.sampled_from([None, 0, "value", b"ok", [1]])),
)
# One that means to be right comes as often as one that does not.
_RIGHT: st.SearchStrategy[list[Action]] = st.sampled_from(
    [
        [("read", 99), ("send", start(200, length(2))), ("send", body(b"ok"))],
        [("send", start()), ("read", 99), ("send", body(b"a", True)), ("yield", 2), ("send", body(b"b"))],
    ]
)
PROGRAMS = st.one_of(
    _RIGHT, st.lists(_ACTION, max_size=6), st.builds(list.__add__, _RIGHT, st.lists(_ACTION, max_size=2))
)


def application(program: list[Action]) -> App:
    """The program as an application; it never waits for a client that has nothing more to say."""

    async def app(scope: Scope, receive: Receive, send: Send) -> Any:
        more = True
        for kind, what in program:
            if kind == "send":
                await send(what)
            elif kind == "send whatever is raised":
                with suppress(Exception):
                    await send(what)
            elif kind == "yield":
                for _ in range(what):
                    await asyncio.sleep(0)
            elif kind == "raise":
                raise what
            elif kind == "return":
                return what
            for _ in range(what if kind == "read" else 0):
                message = await receive() if more else {}
                more = more and bool(message.get("more_body"))
        return None

    return app


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=400, deadline=None, suppress_health_check=SLOW)
@given(connections(), PROGRAMS, st.sampled_from(PARSERS), st.integers(0, 1 << 30))
@example(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", [("return", "value")], "h11", 0)
@example(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", [("send", start(1000)), ("send", body())], "httptools", 0)
def test_any_application_is_shown_as_uvicorn_has_it(
    data: bytes, program: list[Action], parser: Parser, seed: int
) -> None:
    reads = in_pieces(data, random.Random(seed))
    app = application(program)

    same(
        "random applications", dry_run(parser, reads, app), theirs(observe(parser, reads, app)), parser, program, reads
    )


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(st.one_of(connections(), st.binary(max_size=200)), PROGRAMS, st.sampled_from([1, 7, 65536]))
def test_an_inspection_always(data: bytes, program: list[Action], size: int) -> None:
    """The whole of it, with findings and the other parser beside it; twice the same but for the times."""

    def told() -> Inspection:
        return asgi_inspect.inspect(
            data, app=application(program), read_size=size, date=DATE, lifespan="off", timeout=2
        )

    first, second = told(), told()

    assert isinstance(first, Inspection)
    assert [(f.rule, f.span, f.exchange) for f in first.findings] == [
        (f.rule, f.span, f.exchange) for f in second.findings
    ]
    for one, other in zip(first.exchanges, second.exchanges, strict=True):
        assert (one.verdict, one.outcome, one.response, one.scope) == (
            other.verdict,
            other.outcome,
            other.response,
            other.scope,
        )
        assert repr(one.receive) == repr(other.receive)
    assert inspected(data).capture == inspected(data).capture
