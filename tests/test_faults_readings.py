"""What the real parsers say of bytes, as the rules are given it; and the lists the rules keep of their ways."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from asgi_inspect.arrival import Played, play
from asgi_inspect.captures.capture import ClientConnection
from asgi_inspect.faults import Reading, Request, find_faults
from asgi_inspect.faults.grammar import METHODS
from asgi_inspect.findings import Finding
from asgi_inspect.servers.provenance import Body, HeadMap, map_body, map_head, skip_blank
from asgi_inspect.servers.uvicorn import PARSERS, other_parser
from asgi_inspect.servers.uvicorn_scope import Settings


@dataclass(frozen=True)
class Seen:
    """One request of a connection as one parser saw it."""

    head: HeadMap
    body: Body
    end: int
    reading: Reading


def played(data: bytes, parser: str, segments: tuple[int, ...] = ()) -> Played:
    """`data` as uvicorn with `parser` takes it, the stand-in answering."""
    client = ClientConnection(number=1, data=data, segments=segments)
    return play(client, parser, Settings(), read_size=65536, limit=1048576)


def seen(data: bytes, parser: str, segments: tuple[int, ...] = ()) -> list[Seen]:
    """Each request on the connection, the last one refused or incomplete where it was."""
    run = played(data, parser, segments)
    connection, malformed = run.connection, run.connection.malformed
    dropped = {cycle.number: span for cycle, span in connection.dropped}
    requests: list[Seen] = []
    position = 0
    for cycle in connection.cycles:
        head = map_head(data, skip_blank(data, position))
        body = map_body(data, head, cycle.body_length)
        lost = dropped.get(cycle.number)
        ended = cycle.request_ended or lost is not None
        refused = malformed is not None and malformed.head_done and cycle is connection.cycle
        verdict = "rejected" if refused else "accepted" if ended or connection.received < len(data) else "incomplete"
        words = malformed.words if refused and malformed else ""
        position = min(lost.end if lost else body.end if ended and body.end is not None else len(data), len(data))
        reading = Reading(parser=parser, verdict=verdict, words=words, head_done=True)
        requests.append(Seen(head, body, position, reading))
    start = skip_blank(data, position)
    if malformed is not None and not malformed.head_done:
        head = map_head(data, position if start >= len(data) else start)
        reading = Reading(parser=parser, verdict="rejected", words=malformed.words)
        requests.append(Seen(head, Body(end=None), head.span.end if head.complete else len(data), reading))
    elif start < len(data) and not run.closed_by_server and not connection.transport.reading_paused:
        reading = Reading(parser=parser, verdict="incomplete")
        if connection.websocket is None:
            requests.append(Seen(map_head(data, start), Body(end=None), len(data), reading))
    return requests


def requests(data: bytes, parser: str, segments: tuple[int, ...] = (), *, alone: bool = False) -> list[Request]:
    """The requests for find_faults; `alone` leaves the other parser's readings out."""
    others = {} if alone else {s.head.span.start: s.reading for s in seen(data, other_parser(parser), segments)}
    return [
        Request(
            data=data,
            head=s.head,
            body=s.body,
            end=s.end,
            connection=1,
            exchange=number,
            chosen=s.reading,
            other=others.get(s.head.span.start),
        )
        for number, s in enumerate(seen(data, parser, segments), 1)
    ]


def faults(data: bytes, parser: str, segments: tuple[int, ...] = (), *, alone: bool = False) -> list[Finding]:
    """All findings over a connection's requests."""
    return [finding for request in requests(data, parser, segments, alone=alone) for finding in find_faults(request)]


@pytest.mark.parametrize("method", sorted(METHODS))
def test_httptools_knows_the_methods_of_the_list(method: bytes) -> None:
    target = b"/" if method != b"CONNECT" else b"/x"

    (request,) = seen(method + b" " + target + b" HTTP/1.1\r\nHost: e\r\n\r\n", "httptools")

    assert request.reading.verdict == "accepted"


@pytest.mark.parametrize("method", [b"PRI", b"DESCRIBE", b"ANNOUNCE", b"FLUSH", b"BASELINE-CONTROL", b"UPDATE", b"G"])
def test_httptools_knows_no_others(method: bytes) -> None:
    (request,) = seen(method + b" / HTTP/1.1\r\nHost: e\r\n\r\n", "httptools")

    assert request.reading.verdict == "rejected"


@pytest.mark.parametrize("parser", PARSERS)
def test_a_request_without_faults_reads_the_same_from_both(parser: str) -> None:
    (request,) = requests(b"GET / HTTP/1.1\r\nHost: e\r\n\r\n", parser)

    assert [reading.verdict for reading in request.readings] == ["accepted", "accepted"]
