"""The whole pipeline on one page: bytes, capture, connections, exchanges, findings."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TextIO

from .arrival import Played
from .assembling import Assembled, assemble
from .captures import known_formats, picked, read_capture
from .captures.capture import Capture, CaptureError, ClientConnection
from .exchange import By, Exchange
from .findings import Finding, Severity, selected
from .judging import judge_connection, judge_exchange
from .options import Options
from .servers import uvicorn
from .servers.uvicorn_scope import Settings
from .serving import Server, first_parser, server_of, settings, versions
from .span import Span
from .stand_in import play
from .while_any import WhileAny

if TYPE_CHECKING:  # an inspection without an application loads no event loop
    from .dry_run import DryRun
    from .lifespan import LifespanReport
    from .redaction import Redaction

_COLLECTED = 50_000  # new objects from which on the garbage collector looks for cycles


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Everything that is known after a run; renderers turn it into text, JSON and the like.

    `unread` are (connection number, span) pairs: bytes that reach no application. `other` is
    the same capture as uvicorn with the other parser sees it, where that one was run too.
    """

    tool: dict[str, str]
    capture: Capture
    server: Server
    exchanges: tuple[Exchange, ...]
    unread: tuple[tuple[int, Span], ...] = ()
    findings: tuple[Finding, ...] = ()
    lifespan: LifespanReport | None = None
    printed: str = ""
    interrupted: bool = False
    blocked: bool = False
    left_running: bool = False
    default_headers: tuple[tuple[bytes, bytes], ...] = ()
    other: Inspection | None = None


def inspect(data: bytes, options: Options | None = None, /, **changes: Any) -> Inspection:
    """Show what uvicorn makes of `data`, the bytes of one or more requests or a capture of them.

    Every field of Options is a keyword. Never raises for what the bytes or the application do: input
    that is no request is given to the parsers as it is. Raises ValueError or TypeError for a wrong
    option, ApplicationError for an application that cannot be loaded, KeyboardInterrupt when interrupted.
    """
    options = _options(options, changes)
    inspection = inspect_capture(_read(data, options), options)
    if inspection.interrupted:
        raise KeyboardInterrupt
    return _told(inspection, options)


async def inspect_async(data: bytes, options: Options | None = None, /, **changes: Any) -> Inspection:
    """`inspect` inside a running event loop, on that loop: what belongs to it can be used by the application.

    An application that blocks the loop cannot be cut here.
    """
    options = _options(options, changes)
    capture = _read(data, options)
    if options.app is None:
        return _told(inspect_capture(capture, options), options)
    from .dry_run import dry_run_async, with_interface

    first = first_parser(options)
    with_settings = settings(options)
    dry = await dry_run_async(capture, options, first, with_settings)
    served = with_interface(settings(options), dry.loaded)
    return _told(_with_findings(_ran(capture, dry, first, with_settings), options, served), options)


def _told(inspection: Inspection, options: Options) -> Inspection:
    return redaction(inspection, options).hide(inspection) if options.hides_secrets else inspection


def redaction(inspection: Inspection, options: Options) -> Redaction:
    """What hides the secrets of this inspection; it is asked for, and loaded, only then."""
    from .redaction import Redaction

    exchanges = [*inspection.exchanges, *(inspection.other.exchanges if inspection.other else ())]
    return Redaction(inspection, inspection.capture, exchanges, options.redact_field)


def _options(options: Options | None, changes: dict[str, Any]) -> Options:
    if options is None:
        return Options(**changes)
    return replace(options, **changes) if changes else options


def _read(data: bytes, options: Options) -> Capture:
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"data must be bytes, not {type(data).__name__}")
    data = bytes(data)
    try:
        capture = read_capture(data, options.source, from_=options.from_, strict_bytes=options.strict_bytes)
    except CaptureError as error:
        if options.from_ not in known_formats():
            raise ValueError(str(error)) from None
        finding = Finding(rule="not-a-request", severity=Severity.ERROR, message=str(error))
        client = ClientConnection(number=1, data=data)
        return Capture(source=options.source, format="raw", connections=(client,), findings=(finding,))
    try:
        return picked(capture, connection=options.connection, body=options.body, scheme=options.scheme)
    except CaptureError as error:
        raise ValueError(str(error)) from None


def inspect_capture(capture: Capture, options: Options, *, beyond: TextIO | None = None) -> Inspection:
    """Inspect what a capture was read into; what the application prints is passed on to `beyond`.

    An interrupt ends the run and is told as `interrupted`: what was recorded by then is kept.
    """
    first = first_parser(options)
    with collecting_less():
        if options.app is None:
            return _with_findings(_played(capture, options, first, settings(options)), options, settings(options))
        from .dry_run import dry_run, with_interface

        with_settings = settings(options)
        dry = dry_run(capture, options, first, with_settings, beyond)
        served = with_interface(settings(options), dry.loaded)
        return _with_findings(_ran(capture, dry, first, with_settings), options, served)


def _collect_less() -> Callable[[], None]:
    """What is recorded stays and is no garbage: looking through it again and again took a third of the time."""
    thresholds = gc.get_threshold()
    gc.set_threshold(max(thresholds[0], _COLLECTED), *thresholds[1:])
    return lambda: gc.set_threshold(*thresholds)


collecting_less = WhileAny(_collect_less)


def _with_findings(inspection: Inspection, options: Options, served: Settings) -> Inspection:
    """Judge it; where no parser was named, or both, beside what the other parser sees with the settings `served`."""
    capture = inspection.capture
    other = None
    if options.parser in (None, "both") and inspection.server.parser != uvicorn.HTTP2_PARSER:
        other = _played(capture, options, uvicorn.other_parser(inspection.server.parser), served)
    findings = [*capture.findings, *_judge(inspection, other), *inspection.findings]
    kept = tuple(finding for finding in findings if selected(finding, tuple(options.select), tuple(options.ignore)))
    return replace(inspection, findings=kept, other=other)


def _played(capture: Capture, options: Options, parser: str, with_settings: Settings) -> Inspection:
    """The capture's connections one after another, the stand-in answering."""
    script = options.script()
    sizes = {"read_size": options.read_size, "limit": options.body_limit}
    played = ((client, play(client, parser, with_settings, script=script, **sizes)) for client in capture.connections)
    return _assembled(capture, played, parser, with_settings, By.STAND_IN)


def _ran(capture: Capture, dry: DryRun, parser: str, with_settings: Settings) -> Inspection:
    """What a dry run left, put together; requests that the application never came to are shown all the same."""
    from .conformance import judge
    from .dry_run import run_findings

    inspection = _assembled(capture, dry.played, parser, with_settings, By.APP)
    return replace(
        inspection,
        lifespan=dry.lifespan,
        printed=dry.printed,
        interrupted=dry.ended.interrupted,
        blocked=dry.ended.blocked,
        left_running=dry.ended.blocked or dry.ended.interrupted or bool(dry.ended.left_threads or dry.left_tasks),
        findings=(*judge(inspection.exchanges, dry.lifespan, dry.shape), *run_findings(dry, inspection.exchanges)),
    )


def _assembled(
    capture: Capture,
    played: Iterable[tuple[ClientConnection, Played]],
    parser: str,
    with_settings: Settings,
    by: By,
) -> Inspection:
    exchanges: list[Exchange] = []
    unread: list[tuple[int, Span]] = []
    for client, one in played:
        assembled = _exchanges_of(client, one, len(exchanges) + 1, by)
        one.forget()
        exchanges += assembled.exchanges
        if assembled.unread:
            unread.append((client.number, assembled.unread))
    in_frames = {exchange.http2 is not None for exchange in exchanges}
    if with_settings.show_http2:
        from .over_http2 import over_http2

        exchanges = [replace(exchange, over_http2=over_http2(exchange, with_settings)) for exchange in exchanges]
    websocket = any(exchange.websocket is not None for exchange in exchanges)
    tool = versions(websocket=websocket, http2=any(in_frames) or with_settings.show_http2)
    server = server_of(parser, tool)
    if in_frames == {True}:
        server = replace(server, parser=uvicorn.HTTP2_PARSER, parser_version=uvicorn.HTTP2_PARSER_VERSION)
    return Inspection(
        tool=tool,
        capture=capture,
        server=server,
        exchanges=tuple(exchanges),
        unread=tuple(unread),
        default_headers=with_settings.default_headers,
    )


def _exchanges_of(client: ClientConnection, played: Played, first: int, by: By) -> Assembled:
    if played.connection.parser != uvicorn.HTTP2_PARSER:
        return assemble(client, played, first, by=by)
    from .http2_exchange import assemble_http2

    return assemble_http2(client, played, first, by)


def _judge(inspection: Inspection, other: Inspection | None) -> Iterator[Finding]:
    """Faults in the bytes, request by request, and what the two parsers see differently."""
    beside = {(e.connection, e.span.start): e for e in other.exchanges} if other else {}
    parsers = (inspection.server.parser, other.server.parser if other else "")
    for client in inspection.capture.connections:
        exchanges = [exchange for exchange in inspection.exchanges if exchange.connection == client.number]
        yield from judge_connection(client, exchanges)
        for exchange in exchanges:
            yield from judge_exchange(client, exchange, beside.get((exchange.connection, exchange.span.start)), parsers)


def worst(findings: tuple[Finding, ...]) -> Severity | None:
    """The highest severity among `findings`."""
    return max((finding.severity for finding in findings), key=lambda severity: severity.rank, default=None)
