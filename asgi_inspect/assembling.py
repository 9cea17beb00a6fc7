"""Exchanges, put together from what a played connection left behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import attrgetter, itemgetter

from .arrival import Played, Taken
from .captures.capture import ClientConnection
from .exchange import By, Exchange, OpenExchange, Response, Verdict, closed
from .recording import Outcome
from .servers.called import Called
from .servers.provenance import map_body, map_head, skip_blank
from .span import Span

_NUMBER = attrgetter("cycle.number")
_NAME = itemgetter(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The exchanges of one connection, and the bytes behind them that reach no application.

    `position` is the offset up to which the bytes are told of; more may come where it `goes_on`.
    """

    exchanges: tuple[Exchange, ...]
    unread: Span | None
    position: int
    goes_on: bool = False


def assemble(client: ClientConnection, played: Played, first_number: int, *, by: By, position: int = 0) -> Assembled:
    """Walk the connection's bytes from `position` on along the requests that the server took from them."""
    data = client.data
    connection = played.connection
    dropped = {cycle.number: span for cycle, span in connection.dropped}
    malformed, root_path = connection.malformed, connection.settings.root_path
    all_read = connection.received >= len(data)
    exchanges: list[Exchange] = []
    for number, taken in enumerate(_in_wire_order(played), first_number):
        cycle = taken.cycle
        start = skip_blank(data, position)
        lost = dropped.get(cycle.number)
        ended = cycle.request_ended or lost is not None
        end = lost.end if lost else message_end(data, start, cycle) if ended else len(data)
        refused = malformed is not None and malformed.head_done and cycle is connection.cycle
        verdict = Verdict.REJECTED if refused else Verdict.INCOMPLETE if not ended and all_read else Verdict.ACCEPTED
        position = min(end, len(data))
        span = Span(start, position)
        began = played.reads.since_first(taken.began)
        exchange = closed(
            OpenExchange(
                number=number,
                connection=client.number,
                verdict=verdict,
                span=span,
                data=data,
                request=cycle.head,
                content_length=cycle.body_length,
                scope=taken.scope,
                root_path=root_path,
                receive=tuple(taken.receive),
                send=tuple(taken.send),
                steps=taken.steps.kept(),
                steps_left_out=taken.steps.left_out,
                observed=taken.observed,
                response=_response(taken, connection.refusal if refused else b"", by),
                outcome=taken.outcome,
                error=taken.error,
                traceback=taken.traceback,
                words=malformed.words if refused and malformed else "",
                keep_alive=_kept_alive(played, taken),
                began=began,
                arrived=played.reads.of(span, began),
            )
        )
        exchanges.append(exchange)
    if played.goes_on:
        return Assembled(exchanges=tuple(exchanges), unread=None, position=position, goes_on=True)
    if connection.websocket is not None:
        assembled = _upgraded(client, played, exchanges, position, first_number + len(exchanges))
    else:
        assembled = _finish(client, played, exchanges, position, first_number + len(exchanges))
    *before, last = assembled.exchanges or (None,)
    if last is None:
        return assembled
    # Its bytes may be more than those of the call: frames, or what was refused.
    return replace(assembled, exchanges=(*before, replace(last, arrived=played.reads.of(last.span, last.began))))


def _upgraded(
    client: ClientConnection, played: Played, exchanges: list[Exchange], position: int, number: int
) -> Assembled:
    """The connection became a WebSocket, or asked for it in vain: nothing behind is read as a request."""
    websocket = played.connection.websocket
    assert websocket is not None
    talk = websocket.conversation()
    read = Span(min(played.connection.received, len(client.data)), len(client.data))
    if websocket.started and exchanges and exchanges[-1].request is websocket.head:
        handshake = exchanges.pop()
    else:
        # Refused, or its turn never came.
        verdict = Verdict.ACCEPTED if websocket.started else Verdict.REJECTED
        response = refusal_response(talk.refusal) if talk.refusal else None
        start = skip_blank(client.data, position)
        handshake = _without_call(number, client, verdict, Span(start, read.start), response, talk.words)
        handshake = replace(handshake, request=websocket.head)
    span = Span(handshake.span.start, read.start)
    exchanges.append(replace(handshake, span=span, websocket=talk, keep_alive=False))
    return Assembled(exchanges=tuple(exchanges), unread=read if read.start < read.end else None, position=read.end)


def message_end(data: bytes, start: int, cycle: Called) -> int:
    """The offset behind a request that the parser took whole."""
    if b"transfer-encoding" in map(_NAME, cycle.head.headers):
        end = map_body(data, map_head(data, start), cycle.body_length).end
        return len(data) if end is None else end
    # The first empty line, whether its lines end with CRLF or LF.
    blank = data.find(b"\n\r\n", start)
    bare = data.find(b"\n\n", start) if blank < 0 else data.find(b"\n\n", start, blank + 1)
    if bare >= 0:
        return bare + 2 + cycle.body_length
    return len(data) if blank < 0 else blank + 3 + cycle.body_length


def _kept_alive(played: Played, taken: Taken) -> bool:
    """Only the last call can have had the connection closed, by the server or by a client that gave up."""
    if played.goes_on or taken is not played.taken[-1]:
        return True
    return not played.closed_by_server and taken.outcome in (Outcome.NOT_RUN, Outcome.COMPLETED)


def _in_wire_order(played: Played) -> Iterator[Taken]:
    return iter(sorted(played.taken, key=_NUMBER))


def _finish(
    client: ClientConnection, played: Played, exchanges: list[Exchange], position: int, number: int
) -> Assembled:
    """What follows the last call: a request that was refused, one that is not complete, or bytes never read."""
    data, connection = client.data, played.connection
    malformed = connection.malformed
    start = skip_blank(data, position)
    called = bool(exchanges) and played.taken[-1].cycle is connection.cycle
    if malformed is not None and not (malformed.head_done and called):
        passed = start
        for cycle in _never_called(played):
            start = skip_blank(data, message_end(data, start, cycle))
        start = position if start >= len(data) else start
        behind_head = connection.cycle if malformed.head_done else None
        end = _fault_end(data, start) if behind_head is None and start == passed else len(data)
        response = refusal_response(connection.refusal) if connection.refusal else None
        refused = _without_call(number, client, Verdict.REJECTED, Span(start, end), response, malformed.words)
        if behind_head is not None:
            refused = replace(refused, request=behind_head.head, content_length=behind_head.body_length)
        exchanges.append(refused)
        unread = Span(passed, start) if start > passed else Span(end, len(data))
    elif start < len(data) and not played.closed_by_server and _waits_for_more(played):
        exchanges.append(_without_call(number, client, Verdict.INCOMPLETE, Span(start, len(data)), None, ""))
        unread = Span(len(data), len(data))
    else:
        unread = Span(position, len(data))
    rest = skip_blank(data, unread.start) < unread.end
    return Assembled(exchanges=tuple(exchanges), unread=unread if rest else None, position=len(data))


def _never_called(played: Played) -> list[Called]:
    """Whole requests that waited for their turn when a fault behind them closed the connection."""
    return [cycle for cycle in played.connection.cycles[len(played.taken) :] if cycle.request_ended]


def _fault_end(data: bytes, start: int) -> int:
    head = map_head(data, start)
    return head.span.end if head.complete else len(data)


def _waits_for_more(played: Played) -> bool:
    return not played.connection.transport.reading_paused and played.connection.websocket is None


def _without_call(
    number: int,
    client: ClientConnection,
    verdict: Verdict,
    span: Span,
    response: Response | None,
    words: str,
) -> Exchange:
    return Exchange(
        number=number,
        connection=client.number,
        verdict=verdict,
        span=span,
        data=client.data,
        response=response,
        words=words,
        keep_alive=False,
    )


def _response(taken: Taken, refusal: bytes, by: By) -> Response | None:
    wire = taken.wire
    if refusal:
        wire.write(refusal)
    if not wire.length:
        return None
    whole = wire.value()
    answered_by = By.SERVER if _server_answered(taken.cycle, refusal) else by
    body = taken.content.value()
    if refusal and not taken.cycle.response_started:
        body = _behind_head(refusal)
    return Response(body=body, wire=whole, by=answered_by)


def _server_answered(cycle: Called, refusal: bytes) -> bool:
    return cycle.failed or (bool(refusal) and not cycle.response_started)


def refusal_response(wire: bytes) -> Response:
    """The server's own answer to bytes that it could not parse."""
    return Response(body=_behind_head(wire), wire=wire, by=By.SERVER)


def _behind_head(wire: bytes) -> bytes:
    """The content of uvicorn's 400, which h11 may have sent as one chunk."""
    head, _, body = wire.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        size, _, rest = body.partition(b"\r\n")
        body = rest[: int(size or b"0", 16)]  # h11 sends no body, and no chunk, in answer to HEAD
    return body
