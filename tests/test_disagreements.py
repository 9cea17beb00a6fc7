"""What the two parsers see differently is told where no named fault explains it already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from asgi_inspect import Finding, Severity, Verdict, inspect
from asgi_inspect.disagreements import disagreements, lost_answers
from asgi_inspect.recording import fold
from tests.commands import HELLO
from tests.request_table import REQUESTS, reads
from tests.websocket_cases import handshake

BOTH = ("httptools", "h11")


def pair(data: bytes) -> tuple[Any, Any]:
    """The first request as each parser sees it."""
    return inspect(data, parser="httptools").exchanges[0], inspect(data, parser="h11").exchanges[0]


def asgi2_app(scope: Any) -> Any:
    async def answer(receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    return answer


def wsgi_app(environ: Any, start_response: Any) -> list[bytes]:
    start_response("204 No Content", [])
    return []


def told(chosen: Any, other: Any, found: tuple[Finding, ...] = ()) -> list[Finding]:
    return list(disagreements(chosen, other, BOTH, found))


def test_equal_exchanges_disagree_in_nothing() -> None:
    assert told(*pair(HELLO)) == []


def test_verdicts_that_differ() -> None:
    (finding,) = told(*pair(b"GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"))

    assert (finding.rule, finding.severity) == ("parsers-disagree", Severity.WARNING)
    assert finding.message.startswith("httptools refuses it (")
    assert finding.message.endswith(" and h11 accepts this request")
    assert finding.span == (0, 14)


def test_a_named_fault_explains_it() -> None:
    found = Finding(rule="bare-lf", severity=Severity.ERROR, message="")

    assert told(*pair(b"GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"), (found,)) == []


def test_scopes_that_differ_are_shown_key_by_key() -> None:
    (finding,) = told(*pair(b"GET http://o/p HTTP/1.1\r\nHost: x\r\n\r\n"))

    assert finding.rule == "parsers-build-different-scopes"
    assert finding.message == "the two parsers give the application a different path, raw_path"
    assert finding.notes == (
        "httptools: path = '/p'",
        "h11: path = 'http://o/p'",
        "httptools: raw_path = b'/p'",
        "h11: raw_path = b'http://o/p'",
    )


def test_the_state_is_no_difference() -> None:
    chosen, other = pair(HELLO)

    assert told(replace(chosen, scope={**chosen.scope, "state": {"database": object()}}), other) == []


@pytest.mark.parametrize("folded", [False, True])
def test_bodies_that_differ(folded: bool) -> None:
    chosen, other = pair(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
    body = fold(b"x" * 100) if folded else b"abd"
    message = {"type": "http.request", "body": body, "more_body": False}

    assert [finding.rule for finding in told(replace(chosen, receive=(message,)), other)] == [
        "parsers-read-different-bodies"
    ]
    parts = ({"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.request", "body": b"bc"})
    assert told(replace(chosen, receive=parts), other) == [], "cut otherwise, and the same"


@pytest.mark.parametrize("asked", [0, 1, 2, 9])
def test_an_application_that_does_not_read_is_no_disagreement(asked: int) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for _ in range(asked):
            if not (await receive()).get("more_body"):
                break
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    inspection = inspect(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabcdefghi", app=app, lifespan="off", read_size=50
    )

    assert not [f for f in inspection.findings if f.rule.startswith("parsers-")]


def test_what_a_refusal_takes_with_it() -> None:
    inspection = inspect(HELLO + b"GET / HTTP/1.1\r\nHost : x\r\n\r\n")
    lost = [finding for finding in inspection.findings if finding.rule == "answer-lost"]

    assert [finding.exchange for finding in lost] == [1]
    assert lost[0].message == "the application is called for request 1, but its answer never leaves"
    assert lost[0].notes[0].startswith("request 2 came in the same read and is refused")


def test_nothing_is_lost_where_the_refusal_comes_later_or_not_at_all() -> None:
    assert list(lost_answers(inspect(HELLO * 2).exchanges)) == []
    later = inspect(HELLO + b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", read_size=len(HELLO))
    assert [exchange.verdict for exchange in later.exchanges] == [Verdict.ACCEPTED, Verdict.REJECTED]
    assert list(lost_answers(later.exchanges)) == []


def test_every_disagreement_of_the_table_is_told() -> None:
    """Whatever the two see differently, some finding says so; and where they see the same, none says they differ."""
    silent, wrong = [], []
    for name in REQUESTS:
        inspection = inspect(b"".join(reads(name)), strict_bytes=True)
        other = inspection.other
        if name.startswith("method-pri-preface"):  # read as HTTP/2, which no second parser sees
            continue
        assert other is not None
        beside = {one.span.start: one for one in other.exchanges}
        for exchange in inspection.exchanges:
            counterpart = beside.get(exchange.span.start)
            rules = [finding.rule for finding in inspection.findings if finding.exchange == exchange.number]
            if counterpart is None:
                continue
            same = exchange.verdict is counterpart.verdict and exchange.scope == counterpart.scope
            if not same and not inspection.findings:
                silent.append(name)
            if same and any(rule in ("parsers-disagree", "parsers-build-different-scopes") for rule in rules):
                wrong.append(name)

    assert silent == []
    assert wrong == []


def test_an_application_of_asgi_2_is_told_its_version_by_both_parsers() -> None:
    inspection = inspect(HELLO, app=asgi2_app)

    assert (inspection.exchanges[0].scope or {})["asgi"]["version"] == "2.0"
    assert [finding.rule for finding in inspection.findings if finding.rule.startswith("parsers-")] == []


def test_a_handshake_reaches_a_wsgi_application_as_a_request_with_both_parsers() -> None:
    """uvicorn gives WSGI no WebSockets, whatever parses."""
    inspection = inspect(handshake(), app=wsgi_app, interface="wsgi", lifespan="off")

    assert (inspection.exchanges[0].scope or {})["type"] == "http"
    assert [finding.rule for finding in inspection.findings if finding.rule.startswith("parsers-")] == []
