"""What is wrong with the bytes of a connection, request by request; the application is judged elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .captures.capture import ClientConnection
from .disagreements import disagreements, lost_answers
from .exchange import Exchange, Verdict
from .faults import Reading, Request, find_faults, nothing_odd
from .findings import Finding

_NOT_HELD = "the capture does not hold the body: --body FILE fills it in"


def judge_connection(client: ClientConnection, exchanges: Sequence[Exchange]) -> Iterator[Finding]:
    """What only shows where all requests of a connection are looked at together."""
    if exchanges and exchanges[0].http2 is not None:
        from .http2_findings import http2_findings

        yield from http2_findings(exchanges)
        return
    yield from lost_answers(exchanges)
    if client.responses:
        from .captured import differences

        yield from differences(client, exchanges)


def judge_exchange(
    client: ClientConnection, exchange: Exchange, other: Exchange | None, parsers: tuple[str, str]
) -> Iterator[Finding]:
    """Faults in the bytes of one request; `other` is the same one as the second of `parsers` sees it, if it was run."""
    if exchange.http2 is not None:
        return
    start, end = exchange.span
    if exchange.websocket is None and _accepted(exchange, other) and nothing_odd(client.data, start, end):
        if other:
            yield from disagreements(exchange, other, parsers, ())
        return
    request = Request(
        data=client.data,
        start=start,
        end=end,
        content_length=None if exchange.request is None else exchange.content_length,
        connection=client.number,
        exchange=exchange.number,
        chosen=_reading(exchange, parsers[0]),
        other=_reading(other, parsers[1]) if other else None,
    )
    found = find_faults(request)
    if client.missing is not None:  # the capture's loss, and not the client's fault
        found = [replace(one, help=_NOT_HELD) if one.rule == "body-incomplete" else one for one in found]
    if exchange.websocket is not None:
        from .websocket_findings import websocket_findings

        found += websocket_findings(exchange)
    yield from found
    if other:
        yield from disagreements(exchange, other, parsers, found)


def _accepted(exchange: Exchange, other: Exchange | None) -> bool:
    return exchange.verdict is Verdict.ACCEPTED and (other is None or other.verdict is Verdict.ACCEPTED)


def _reading(exchange: Exchange, parser: str) -> Reading:
    return Reading(
        parser=parser,
        # What refuses a handshake is not the parser: websocket_findings.py tells of it.
        verdict=exchange.verdict if exchange.websocket is None else Verdict.ACCEPTED,
        words=exchange.words if exchange.websocket is None else "",
        head_done=exchange.scope is not None,
    )
