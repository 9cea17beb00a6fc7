"""Responses that a capture holds, beside those of a dry run: the same request, another answer?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .captures.capture import ClientConnection
from .exchange import By, Exchange
from .findings import Finding, Severity
from .recording import Folded


@dataclass(frozen=True, slots=True)
class Captured:
    """A response as h11 reads it: the final status, and the content without framing."""

    status: int
    body: bytes


def captured_wire(client: ClientConnection, exchanges: Iterable[Exchange], exchange: Exchange) -> bytes | None:
    """The bytes of the captured response to `exchange`, one of the connection's, if there are any."""
    numbers = [one.number for one in exchanges if one.connection == client.number]
    place = numbers.index(exchange.number)
    return client.responses[place] if place < len(client.responses) else None


def read_response(wire: bytes, method: bytes) -> Captured | None:
    """None where the response is not whole, or is none."""
    import h11

    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method=method or b"GET", target="/", headers=[("host", "x")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(wire)
    connection.receive_data(b"")
    status, body = 0, bytearray()
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif not isinstance(event, h11.InformationalResponse):
                return Captured(status, bytes(body)) if isinstance(event, h11.EndOfMessage) else None
    except h11.RemoteProtocolError:
        return None


def differences(client: ClientConnection, exchanges: Iterable[Exchange]) -> Iterator[Finding]:
    """What the application answers now, and did not when the capture was made."""
    exchanges = [exchange for exchange in exchanges if exchange.connection == client.number]
    for exchange in exchanges:
        wire = captured_wire(client, exchanges, exchange)
        response = exchange.response
        if wire is None or response is None or response.by is By.STAND_IN or exchange.request is None:
            continue
        before = read_response(wire, exchange.request.method)
        if before is None:
            continue
        body = response.body
        if before.status != response.status:
            yield _finding(exchange, f"the captured response was {before.status}, this one is {response.status}")
        elif not isinstance(body, Folded) and before.body != body:
            told = f"the captured response had another body: {len(before.body)} bytes, this one {len(body)}"
            yield _finding(exchange, told)


def _finding(exchange: Exchange, message: str) -> Finding:
    return Finding(
        rule="response-differs-from-capture",
        severity=Severity.NOTE,
        message=message,
        help="--show captured shows the captured one; another version of the application, or other data, may be why",
        connection=exchange.connection,
        exchange=exchange.number,
    )
