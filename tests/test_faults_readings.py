"""What the real parsers say of bytes, as the rules are given it; and the lists the rules keep of their ways."""

from __future__ import annotations

import pytest

from asgi_inspect.arrival import Played
from asgi_inspect.assembling import assemble
from asgi_inspect.captures.capture import ClientConnection
from asgi_inspect.exchange import By, Exchange
from asgi_inspect.faults import Reading, Request, find_faults
from asgi_inspect.faults.grammar import METHODS
from asgi_inspect.findings import Finding
from asgi_inspect.servers.uvicorn import PARSERS, other_parser
from asgi_inspect.servers.uvicorn_scope import Settings
from asgi_inspect.stand_in import play


def played(data: bytes, parser: str, segments: tuple[int, ...] = ()) -> Played:
    """`data` as uvicorn with `parser` takes it, the stand-in answering."""
    client = ClientConnection(number=1, data=data, segments=segments)
    return play(client, parser, Settings(), read_size=65536, limit=1048576)


def seen(data: bytes, parser: str, segments: tuple[int, ...] = ()) -> tuple[Exchange, ...]:
    """Each request on the connection, the last one refused or incomplete where it was."""
    client = ClientConnection(number=1, data=data, segments=segments)
    return assemble(client, played(data, parser, segments), 1, by=By.STAND_IN).exchanges


def reading(exchange: Exchange, parser: str) -> Reading:
    """What the parser made of it, as the rules are told."""
    called = exchange.scope is not None
    return Reading(parser=parser, verdict=exchange.verdict, words=exchange.words, head_done=called)


def requests(data: bytes, parser: str, segments: tuple[int, ...] = (), *, alone: bool = False) -> list[Request]:
    """The requests for find_faults; `alone` leaves the other parser's readings out."""
    second = other_parser(parser)
    others = {} if alone else {other.span.start: reading(other, second) for other in seen(data, second, segments)}
    return [
        Request(
            data=data,
            start=exchange.span.start,
            end=exchange.span.end,
            content_length=None if exchange.request is None else exchange.content_length,
            exchange=exchange.number,
            chosen=reading(exchange, parser),
            other=others.get(exchange.span.start),
        )
        for exchange in seen(data, parser, segments)
    ]


def faults(data: bytes, parser: str, segments: tuple[int, ...] = (), *, alone: bool = False) -> list[Finding]:
    """All findings over a connection's requests."""
    return [finding for request in requests(data, parser, segments, alone=alone) for finding in find_faults(request)]


@pytest.mark.parametrize("method", sorted(METHODS))
def test_httptools_knows_the_methods_of_the_list(method: bytes) -> None:
    target = b"/" if method != b"CONNECT" else b"/x"

    (request,) = seen(method + b" " + target + b" HTTP/1.1\r\nHost: e\r\n\r\n", "httptools")

    assert request.verdict == "accepted"


@pytest.mark.parametrize("method", [b"PRI", b"DESCRIBE", b"ANNOUNCE", b"FLUSH", b"BASELINE-CONTROL", b"UPDATE", b"G"])
def test_httptools_knows_no_others(method: bytes) -> None:
    (request,) = seen(method + b" / HTTP/1.1\r\nHost: e\r\n\r\n", "httptools")

    assert request.verdict == "rejected"


@pytest.mark.parametrize("parser", PARSERS)
def test_a_request_without_faults_reads_the_same_from_both(parser: str) -> None:
    (request,) = requests(b"GET / HTTP/1.1\r\nHost: e\r\n\r\n", parser)

    assert [reading.verdict for reading in request.readings] == ["accepted", "accepted"]
