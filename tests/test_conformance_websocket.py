"""WebSocket rules beside their examples: values on both sides of each line, and how a call can end."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from asgi_inspect import Finding, Inspection, Outcome, Severity
from asgi_inspect.conformance import judge
from asgi_inspect.conformance.call import Call
from asgi_inspect.conformance.example import CLOSE, LEAVES, Example, accept, event, say, socket
from tests.conformance_runs import findings, offered, run

ON = ("websocket",)
BUSY = "import asyncio"
TIMING = "event-loop-blocked"  # the machine may be busy


def rules(example: Example) -> list[str]:
    return [rule for rule, _ in found(example)]


def found(example: Example) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity.value) for finding in findings(example, ON) if finding.rule != TIMING]


def closing(keys: str) -> Example:
    return socket(accept() + event("websocket.close", keys))


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        *((code, "ws-close-code") for code in (-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65536, 10**30)),
        *((code, "ws-close-code-portable") for code in (1001, 1002, 1003, 1007, 1011, 1012, 1014)),
        *((code, None) for code in (1000, 3000, 4000, 4999)),
        *((code, "ws-close-code-type") for code in ("None", "True", "1000.0", "b'1000'", "[]")),
    ],
)
def test_close_codes(code: object, rule: str | None) -> None:
    """RFC 6455 §7.4, and what daphne takes of it."""
    assert rules(closing(f'"code": {code}')) == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ('"é" * 61', []),
        ('"é" * 62', ["ws-close-reason-length"]),
        ("None", []),
        ("5", ["ws-close-reason-type"]),
    ],
)
def test_reasons_are_counted_in_bytes(reason: str, expected: list[str]) -> None:
    assert rules(closing(f'"reason": {reason}')) == expected


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ('{b"a": b"b"}', "is not a list of pairs"),
        ("5", "is not a list of pairs"),
        ('[(b"a",)]', "is not a pair"),
        ('[b"ab"]', "is not a pair"),
        ('[("a", b"b")]', "is not bytes and bytes"),
        ('[(b"a b", b"c")]', "is no name for a header"),
        ('[(b"", b"c")]', "is no name for a header"),
        ('[(b"a", b"b\\r\\nc: d")]', "a line break or NUL"),
        ('[(b"a", b"b\\0")]', "a line break or NUL"),
    ],
)
def test_headers_of_an_accept(headers: str, words: str) -> None:
    """Each slip has its words, and one finding: the rules about responses leave it alone."""
    example = socket(accept(f'"headers": {headers}') + CLOSE)
    [finding] = [one for one in findings(example, ON) if one.rule != TIMING]

    assert finding.rule == "ws-accept-headers"
    assert words in finding.message


@pytest.mark.parametrize("headers", ["[]", '[[b"X-Room", b"7"]]', '((b"set-cookie", b"a=1; Path=/"),)'])
def test_headers_that_an_accept_may_have(headers: str) -> None:
    assert rules(socket(accept(f'"headers": {headers}') + CLOSE)) == []


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ('"text": None, "bytes": None', ["ws-send-neither"]),
        ('"text": "", "bytes": b""', ["ws-send-both"]),
        ('"text": 5', ["ws-send-text-type"]),
        ('"bytes": bytearray(b"a")', ["ws-send-bytes-type"]),
        ('"bytes": memoryview(b"a")', ["ws-send-bytes-type"]),
        ('"bytes": b""', ["ws-send-empty"]),
        ('"bytes": b"a" * 3_000_000', []),
        ('"text": "a" * 3_000_000', []),
        ('"text": "\\ud83d\\ude00"', ["ws-send-surrogate"]),
        ('"text": "a", "bytes": None', []),
    ],
)
def test_messages(keys: str, expected: list[str]) -> None:
    assert rules(socket(accept() + say(keys) + CLOSE)) == expected


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [('"chat"', []), ("None", []), ('"Chat"', ["ws-subprotocol-not-offered"]), ('""', ["ws-subprotocol-not-offered"])],
)
def test_subprotocols(chosen: str, expected: list[str]) -> None:
    """The client offers chat."""
    assert rules(socket(accept(f'"subprotocol": {chosen}') + CLOSE)) == expected


def denial(status: int, *bodies: str, keys: str = ', "headers": []') -> Example:
    lines = (event("websocket.http.response.body", body) for body in bodies)
    start = event("websocket.http.response.start", f'"status": {status}{keys}')
    return socket("await receive()\n" + start + "".join(lines))


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        (denial(400, '"body": b""'), []),
        (denial(511, '"body": b""'), []),
        (denial(101, '"body": b""'), [("ws-denial-status", "error")]),
        (denial(302, '"body": b""'), [("ws-denial-status", "warning")]),
        (denial(401, '"body": b""', keys=""), [("ws-denial-portable", "note")]),
        (denial(401, '"body": b"a", "more_body": True', '"body": b"b"'), [("ws-denial-portable", "note")]),
        (
            denial(401, '"body": b"a", "more_body": True'),
            [("ws-denial-portable", "note"), ("ws-denial-incomplete", "error")],
        ),
        (denial(401, '"body": b"a"', '"body": b"b"'), [("ws-denial-then-ws-event", "error")]),
    ],
)
def test_denials(example: Example, expected: list[tuple[str, str]]) -> None:
    assert found(example) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (CLOSE + "raise ValueError", [("ws-raised-after-accept", "warning")]),
        ("await receive()\nraise ValueError", [("ws-raised-after-accept", "warning")]),
        ("await receive()\nraise SystemExit(3)", [("app-raised-base-exception", "error")]),
        ("await receive()\n" + CLOSE, [("ws-close-duplicate", "note")]),
        ("while True:\n    await receive()\n    break", []),
    ],
)
def test_ends(code: str, expected: list[tuple[str, str]]) -> None:
    """Behind its own close, or the client's, an exception costs nobody anything."""
    assert found(socket(accept() + code, frames=LEAVES)) == expected


@pytest.mark.parametrize(
    ("code", "severity"),
    [("raise NotImplementedError", "note"), ("await receive()\nraise NotImplementedError", "error")],
)
def test_an_application_may_know_no_websockets(code: str, severity: str) -> None:
    """It says so at once; one that took the connect has to answer it."""
    assert found(socket(code)) == [("ws-raised-before-accept", severity)]


def test_what_send_raises_because_the_client_left_is_a_normal_end() -> None:
    """An application that only sends learns of it in no other way."""
    code = accept() + "while True:\n    " + say() + "    await asyncio.sleep(0)\n"
    inspection = run(socket(code, before=BUSY, disconnect_after=3))

    assert inspection.exchanges[0].steps[-1].error == "ClientDisconnected"
    assert inspection.findings == ()


LISTENS = """
async def app(scope, receive, send):
    async def listen():
        while (await receive())["type"] != "websocket.disconnect":
            pass

    await receive()
    listening = asyncio.create_task(listen())
    await asyncio.sleep(0.05)
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close"})
    listening.cancel()
"""


def test_a_task_may_listen_while_another_one_accepts() -> None:
    """As Quart does; the client waits for its answer, and does not leave because somebody listens."""
    example = replace(socket(""), code=f"{BUSY}\n\n{LISTENS}")
    inspection = run(example)

    assert inspection.exchanges[0].outcome is Outcome.COMPLETED
    assert [finding for finding in inspection.findings if finding.rule.startswith("ws-")] == []


def slowed(inspection: Inspection, number: int, milliseconds: float) -> list[Finding]:
    """What is said of the same run, with one step and all behind it later."""
    [exchange] = inspection.exchanges
    steps = [
        step._replace(at=step.at + milliseconds, done=None if step.done is None else step.done + milliseconds)
        if index >= number
        else step
        for index, step in enumerate(exchange.steps, 1)
    ]
    return judge([replace(exchange, steps=tuple(steps))])


def test_a_late_answer_is_told_with_its_time() -> None:
    inspection = run(socket(accept() + CLOSE))

    assert slowed(inspection, 2, 4000) == []
    [finding] = slowed(inspection, 2, 6000)
    assert (finding.rule, finding.step) == ("ws-answer-late", 2)
    assert "after 6.0 s" in finding.message


def test_one_slow_call_among_many_alike_is_looked_at() -> None:
    """Calls that sent the same are judged once, but not where one took its time."""
    [quick] = run(socket(accept() + CLOSE)).exchanges
    steps = tuple(step._replace(at=step.at + 9000, done=(step.done or 0) + 9000) for step in quick.steps)
    slow = replace(quick, number=2, steps=steps)

    assert [(finding.rule, finding.exchange) for finding in judge([quick, slow])] == [("ws-answer-late", 2)]


@pytest.mark.parametrize(
    ("example", "rule"),
    [
        (socket(accept() + "await send(None)"), "event-none"),
        (denial(600, '"body": b""'), "status-out-of-range"),
    ],
)
def test_reactions_are_told_where_they_were_measured(example: Example, rule: str) -> None:
    """What servers do with a response is not what they do with a WebSocket."""
    finding = next(one for one in findings(example, ON) if one.rule == rule)

    assert finding.notes == ()


def test_a_rule_of_websockets_tells_its_reactions() -> None:
    notes: Any = findings(closing('"code": 1005'), ON)[0].notes

    assert notes == (
        "uvicorn: the second send() raises ProtocolError; the connection is cut without a close frame",
        "hypercorn: the client gets close 1000",
        "daphne: the second send() raises Exception; the client gets close 1011",
        "granian: the code goes out as it is",
    )


MESSAGES = {
    "accept": event("websocket.accept"),
    "send": say(),
    "close": CLOSE,
    "deny": event("websocket.http.response.start", '"status": 401, "headers": []'),
    "part": event("websocket.http.response.body", '"body": b"a", "more_body": True'),
    "body": event("websocket.http.response.body", '"body": b"a"'),
}


@pytest.mark.parametrize("first", MESSAGES)
def test_a_message_out_of_order_is_told_at_its_step(first: str) -> None:
    """Three messages in every order, under a server that takes all of them."""
    for names in itertools.product([first], MESSAGES, MESSAGES):
        code = "await receive()\n" + "".join(MESSAGES[name] for name in names)
        exchange = offered(socket(code, offers=("websocket.http.response",)))
        out_of_order = {sent.number for sent in Call.of(exchange).sent if not sent.in_order}

        told = [finding.step for finding in judge([exchange]) if finding.severity is not Severity.NOTE]

        assert out_of_order <= set(told), names
