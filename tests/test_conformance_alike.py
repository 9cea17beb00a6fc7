"""Calls that are judged once because they are alike: where one meets no rule, none of the others does."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from asgi_inspect import Exchange, inspect
from asgi_inspect.asgi import HTTP_DISCONNECT, HTTP_REQUEST, RESPONSE_BODY, RESPONSE_START
from asgi_inspect.conformance import RULES, judge
from asgi_inspect.conformance.alike import alike
from asgi_inspect.conformance.example import Example
from asgi_inspect.recording import Call, Outcome, Step, fold
from tests.conformance_runs import exchange_of, offered, run

pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PLAIN = [(b"content-type", b"text/html"), (b"etag", b'"7f"')]


def call(*messages: Any, waits: float = 0.5, **scope: Any) -> Exchange:
    """A call that received and sent these messages; each receive() took `waits`, and the next step came after 1."""
    steps = []
    for at, message in enumerate(messages):
        received = message["type"] in (HTTP_REQUEST, HTTP_DISCONNECT)
        kind, done = (Call.RECEIVE, at + waits) if received else (Call.SEND, at + 0.5)
        steps.append(Step(call=kind, at=at, done=done, message=message))
    steps.append(Step(call=Call.RETURN, at=len(messages), done=len(messages)))
    known = {"type": "http", "asgi": {"spec_version": "2.3"}, "http_version": "1.1", "method": "GET", "headers": []}
    return exchange_of({**known, **scope}, steps)


def start(headers: Any, status: Any = 200) -> dict[str, Any]:
    return {"type": RESPONSE_START, "status": status, "headers": headers}


def body(content: Any, **more: Any) -> dict[str, Any]:
    return {"type": RESPONSE_BODY, "body": content, **more}


def answer(content: bytes, *fields: tuple[bytes, bytes], length: bytes = b"") -> Exchange:
    """A whole answer with its length."""
    return call(start([*PLAIN, *fields, (b"content-length", length or b"%d" % len(content))]), body(content))


HELLO = answer(b"hello")


@pytest.mark.parametrize(
    "other",
    [
        answer(b"bye"),
        answer(b"x" * 5000),
        replace(answer(b"hello"), number=7, began=3.0),
        call(start([(b"content-type", b"text/plain"), (b"etag", b'"8"'), (b"content-length", b"05")]), body(b"other")),
        call(start([*PLAIN, (b"content-length", b"300")]), body(fold(b"x" * 300))),
        call(*(step.message for step in HELLO.steps[:2]), path="/other", headers=[(b"cookie", b"a=7")]),
    ],
    ids=range(6),
)
def test_what_no_rule_looks_at_makes_no_difference(other: Exchange) -> None:
    assert judge([HELLO]) == judge([other]) == []
    assert alike(HELLO) is not None
    assert alike(HELLO) == alike(other)


FIELD = (b"x-id", b"1")
DIFFERENT = [
    answer(b""),
    answer(b"hello", length=b"6"),
    answer(b"hello", length=b"4"),
    answer(b"hello", length=b"+5"),
    answer(b"hello", (b"content-length", b"5")),
    answer(b"hello", (b"transfer-encoding", b"chunked")),
    answer(b"hello", FIELD),
    answer(b"hello", (b"X-Id", b"1")),
    answer(b"hello", (b"x-id", b"1 ")),
    answer(b"hello", (b"x-id", b"\xe9")),
    answer(b"hello", (b"x-id", b"a\nb")),
    answer(b"hello", (b"set-cookie", b"a=1")),
    answer(b"hello", (b"set-cookie", b"a=1, b=2")),
    answer(b"hello", (b"trailer", b"x-sum")),
    call(start([*PLAIN, (b"content-length", b"5")], True), body(b"hello")),
    call(start([*PLAIN, (b"content-length", b"5")], 1), body(b"hello")),
    call(start([*PLAIN, (b"content-length", b"5")], 1.0), body(b"hello")),
    call(start((*PLAIN, (b"content-length", b"5"))), body(b"hello")),
    call(start([[*field] for field in PLAIN] + [[b"content-length", b"5"]]), body(b"hello")),
    call(start([*PLAIN, (b"content-length", b"5")]), body(b"hello", more_body=False)),
    call(start([*PLAIN, (b"content-length", b"5")]), body(b"hello", more_body=0)),
    call(start([*PLAIN, (b"content-length", b"5")]), body(b"hello"), method="HEAD"),
    call(start([*PLAIN, (b"content-length", b"5")]), body(b"hello"), http_version="2"),
    call(start([*PLAIN, (b"content-length", b"5")]), body(b"hello"), headers=[(b"TE", b"trailers")]),
    call(start([*PLAIN, (b"content-length", b"5")]), body(b"hello"), headers=[(b"content-length", b"0")]),
    call(start([*PLAIN, (b"content-length", b"5")]), body(b"hello"), headers=[(b"content-length", b"9")]),
    call(start([*PLAIN, (b"content-length", b"5")]), body(b"hello"), extensions={"http.response.trailers": {}}),
    call({"type": HTTP_REQUEST, "body": b"", "more_body": False}, start([*PLAIN]), body(b"hello")),
    call({"type": HTTP_REQUEST, "body": b"x", "more_body": False}, start([*PLAIN]), body(b"hello")),
    call({"type": HTTP_DISCONNECT}, start([*PLAIN]), body(b"hello")),
    call({"type": HTTP_DISCONNECT}, start([*PLAIN]), body(b"hello"), waits=1.5),
    call({"type": HTTP_DISCONNECT}, start([*PLAIN]), body(b"hello"), waits=9),
    HELLO,
    replace(HELLO, outcome=Outcome.TIMED_OUT),
]


def test_what_a_rule_may_look_at_makes_one() -> None:
    keys = [alike(exchange) for exchange in DIFFERENT]

    assert None not in keys
    assert len(set(keys)) == len(keys)


class Hostile:
    """Refuses to be compared."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    def __hash__(self) -> int:
        return hash("headers")


@pytest.mark.parametrize(
    "odd",
    [
        call({"type": RESPONSE_START, Hostile(): 1}, body(b"")),
        call({"type": RESPONSE_START, "status": Hostile()}, body(b"")),
        call(start([(b"a", bytearray(b"1"))]), body(b"")),
        call(start([(b"a", memoryview(b"1"))]), body(b"")),
        call(start([(b"a", b"1", b"2")]), body(b"")),
        call(start(["ab"]), body(b"")),
        call(start([b"ab"]), body(b"")),
        call(start(iter([(b"a", b"1")])), body(b"")),
        call(start([]), body(b""), extensions={"x": Hostile()}),
        replace(HELLO, error="ValueError"),
    ],
    ids=range(10),
)
def test_what_is_odd_is_looked_at_by_itself(odd: Exchange) -> None:
    assert alike(odd) is None
    judge([odd, odd])


NAMES = [b"content-type", b"content-length", b"x-id", b"X-Id", b"set-cookie", b"transfer-encoding", b"connection"]
NAMES += [b"date", b"x_y", b":status", b"trailer", b"bad name", b"te"]
VALUES = [
    b"text/plain",
    b"",
    b"5",
    b"0",
    b"05",
    b"7",
    b" x",
    b"a=1",
    b"a=1, b=2",
    b"\xe9",
    b"a\nb",
    b"chunked",
    b"a\tb",
]
CONTENT = [b"", b"x", b"hello", b"welcome", b"5\r\nhello\r\n0\r\n\r\n", fold(b"hello" * 20)]
STARTS = st.fixed_dictionaries(
    {"type": st.just(RESPONSE_START), "status": st.sampled_from([200, 404, 204, 205, 304, 200.0])},
    optional={"headers": st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=3)},
)
BODIES = st.fixed_dictionaries(
    {"type": st.just(RESPONSE_BODY), "body": st.sampled_from(CONTENT)}, optional={"more_body": st.booleans()}
)
REQUESTS = st.fixed_dictionaries(
    {"type": st.just(HTTP_REQUEST), "body": st.sampled_from([b"", b"x", b"yz"]), "more_body": st.booleans()}
)
MESSAGES = st.lists(st.one_of(REQUESTS, STARTS, BODIES, BODIES, st.just({"type": HTTP_DISCONNECT})), max_size=5)
IN_ORDER = st.tuples(STARTS, BODIES).map(list)


@st.composite
def two_calls(draw: st.DrawFn) -> tuple[Exchange, Exchange]:
    """The same messages twice, the second time with other values here and there."""
    messages = draw(st.one_of(MESSAGES, IN_ORDER))
    others: list[dict[str, Any]] = [dict(message) for message in messages]
    for other in others:
        if "body" in other and draw(st.booleans()):
            other["body"] = draw(st.sampled_from(CONTENT))
        if "headers" in other and draw(st.booleans()):
            other["headers"] = [(name, draw(st.sampled_from(VALUES))) for name, _ in other["headers"]]
    waits, method = draw(st.sampled_from([0.5, 1.5, 9])), draw(st.sampled_from(["GET", "HEAD", "POST"]))
    fields = [
        [(b"content-length", draw(st.sampled_from([b"0", b"1", b"22"])))] if method == "POST" else [] for _ in "ab"
    ]
    return tuple(
        call(*told, waits=waits, method=method, headers=sent)
        for told, sent in zip((messages, others), fields, strict=True)
    )  # type: ignore[return-value]  # two


@given(two_calls())
@settings(max_examples=500)
def test_calls_that_are_alike_are_both_faultless_or_neither(calls: tuple[Exchange, Exchange]) -> None:
    one, other = calls
    known = alike(one)
    assume(known is not None and known == alike(other))

    assert (judge([one]) == []) is (judge([other]) == [])


def of_example(example: Example, parser: str) -> tuple[Exchange, ...]:
    """Its calls; where it needs a server that no uvicorn is, under one that offers what it asks for."""
    if example.offers or example.spec_version or example.http_version != "1.1":
        return (offered(example),)
    return run(example, parser).exchanges


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_no_example_of_a_fault_is_alike_one_that_is_in_order(parser: str) -> None:
    examples = [one for rule in RULES if {"http", "websocket"} & {*rule.on} for one in (rule.wrong, rule.right)]
    exchanges = [exchange for example in examples for exchange in of_example(example, parser)]
    in_order = {alike(exchange) for exchange in exchanges if judge([exchange]) == []} - {None}
    faulty = {alike(exchange) for exchange in exchanges if judge([exchange])} - {None}

    assert len(in_order) > 20
    assert len(faulty) > 40
    assert in_order & faulty == set()


def test_many_answers_that_differ_are_judged_as_each_would_be() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        number = int(scope["query_string"])
        content = b"%d" % number * (number % 7)
        length = len(content) + (number == 59)
        fields = [(b"content-length", b"%d" % length), (b"x-id", b"%d" % number + b"\xe9" * (number == 44))]
        await send({"type": RESPONSE_START, "status": 200, "headers": [(b"content-type", b"text/plain"), *fields]})
        await send({"type": RESPONSE_BODY, "body": content})

    data = b"".join(b"GET /?%d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in range(33, 60))
    inspection = inspect(data, app=app, lifespan="off")
    told = judge(inspection.exchanges)

    assert told == [finding for exchange in inspection.exchanges for finding in judge([exchange])]
    assert {(finding.rule, finding.exchange) for finding in told} == {
        ("header-value-non-ascii", 12),
        ("content-length-short", 27),
    }
    keys = [alike(exchange) for exchange in inspection.exchanges if exchange.number not in (3, 10, 12, 17, 24, 27)]
    assert all(one == other for one, other in pairwise(keys))
