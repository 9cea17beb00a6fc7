"""An inspection in parts, for captures of any number of requests: what is told of is not kept.

Without an application each read of a connection is one part. What has to be seen as a whole (a dry
run, or a capture that holds responses too, or HTTP/2) is one part altogether.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest

from .assembling import Assembled, assemble
from .captures.capture import Capture, ClientConnection
from .events import PREFACE
from .exchange import By, Exchange
from .findings import Finding, selected
from .inspection import Inspection, collecting_less, inspect_capture
from .judging import judge_connection, judge_exchange
from .options import Options
from .servers import uvicorn
from .serving import first_parser, server_of, settings, versions
from .span import Span
from .stand_in import play_in_parts

_MAY_UPGRADE = re.compile(rb"(?i)upgrade:[ \t]*websocket")
_LOOKED_AT = 65536


def inspect_parts(capture: Capture, options: Options) -> Iterator[Inspection]:
    """What `inspect_capture` gives, one part after another; findings and unread bytes are told once.

    The exchanges are numbered through. `other` is not kept: what differs is in the findings.
    """
    in_frames = options.http2 or any(client.data[: len(PREFACE)] == PREFACE for client in capture.connections)
    if options.app is not None or in_frames or any(client.responses for client in capture.connections):
        yield inspect_capture(capture, options)
        return
    with collecting_less():
        yield from _in_parts(capture, options)


def _in_parts(capture: Capture, options: Options) -> Iterator[Inspection]:
    websocket = any(_MAY_UPGRADE.search(client.data[:_LOOKED_AT]) for client in capture.connections)
    parser, tool = first_parser(options), versions(websocket=websocket, http2=False)
    part = Inspection(tool=tool, capture=capture, server=server_of(parser, tool), exchanges=())
    yield replace(part, findings=_kept(capture.findings, options))
    told = 0
    for client in capture.connections:
        for exchanges, unread, findings in _parts(client, options, parser, told + 1):
            told += len(exchanges)
            unread_here = ((client.number, unread),) if unread else ()
            yield replace(part, exchanges=exchanges, unread=unread_here, findings=_kept(findings, options))


def _kept(findings: Iterable[Finding], options: Options) -> tuple[Finding, ...]:
    return tuple(one for one in findings if selected(one, tuple(options.select), tuple(options.ignore)))


def _parts(
    client: ClientConnection, options: Options, parser: str, number: int
) -> Iterator[tuple[tuple[Exchange, ...], Span | None, list[Finding]]]:
    """One connection; where no parser was named, beside what the other parser sees.

    Both get the same reads, and one may be ahead: an exchange waits until the other parser came by.
    """
    beside = options.parser in (None, "both")
    parsers = (parser, uvicorn.other_parser(parser) if beside else "")
    theirs = _assembled(client, options, parsers[1], number) if beside else iter(())
    waiting: deque[Exchange] = deque()
    seen: deque[Exchange] = deque()
    for here, there in zip_longest(_assembled(client, options, parser, number), theirs):
        findings: list[Finding] = []
        unread: Span | None = None
        if here is not None:
            waiting += here.exchanges
            unread = here.unread
            if not here.goes_on:
                findings += judge_connection(client, here.exchanges)
        seen += there.exchanges if there is not None else ()
        reached = there.position if there is not None and there.goes_on else len(client.data) + 1
        ready: list[Exchange] = []
        while waiting and waiting[0].span.start < reached:
            ready.append(waiting.popleft())
            findings += judge_exchange(client, ready[-1], _counterpart(seen, ready[-1]), parsers)
        yield tuple(ready), unread, findings


def _counterpart(seen: deque[Exchange], exchange: Exchange) -> Exchange | None:
    """The same request as the other parser sees it: the one that begins with the same byte."""
    while seen and seen[0].span.start < exchange.span.start:
        seen.popleft()
    return seen.popleft() if seen and seen[0].span.start == exchange.span.start else None


def _assembled(client: ClientConnection, options: Options, parser: str, number: int) -> Iterator[Assembled]:
    sizes = {"read_size": options.read_size, "limit": options.body_limit}
    position = 0
    for played in play_in_parts(client, parser, settings(options), script=options.script(), **sizes):
        assembled = assemble(client, played, number, by=By.STAND_IN, position=position)
        number += len(assembled.exchanges)
        position = assembled.position
        if not played.goes_on:
            played.forget()
        yield assembled
