"""The response as it goes over the wire, who wrote which line of it, its body made readable, and what comes then."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress

from ..asgi import RESPONSE_START
from ..exchange import By, Exchange, Response, Verdict
from ..recording import Folded, Outcome
from ..span import printable, visible
from .bytes_text import hex_lines, is_text
from .layout import Line, Page, Role, cut, size, text_width, words
from .websocket_text import how_it_ended

_WRITTEN_BY = {By.APP: Role.APP, By.SERVER: Role.SERVER, By.STAND_IN: Role.QUIET}


def response_lines(exchange: Exchange, defaults: Sequence[tuple[bytes, bytes]], page: Page) -> Iterator[Line]:
    """Head and body; nothing where no application was called and the server had nothing to say."""
    response = exchange.response
    if response is None:
        if exchange.scope is not None and exchange.outcome is not Outcome.NOT_RUN:
            yield from _told("nothing went to the client", Role.WARNING, page)
        elif exchange.verdict is Verdict.REJECTED:
            yield from _told("nothing: the connection is closed without a word", Role.WARNING, page)
        return
    if response.by is By.STAND_IN:
        return
    wire = response.wire.head if isinstance(response.wire, Folded) else response.wire
    given = app_headers(exchange)
    for head in heads(wire) if exchange.http2 is None else blocks(response):
        yield from _head_lines(head, defaults, given, response.by, page)
    yield from _body_lines(response, page)
    for name, value in getattr(response, "trailers", ()):
        yield from ([(part, Role.PLAIN)] for part in cut(visible(name + b": " + value), page.width))
    if exchange.verdict is Verdict.REJECTED and exchange.scope is not None and response.by is By.APP:
        told = "The 400 follows in the middle of the application's response: the client sees one broken message."
        yield from _told(told, Role.ERROR, page)


def _told(text: str, role: Role, page: Page) -> Iterator[Line]:
    return ([(line, role)] for line in words(text, page.width))


def captured_lines(wire: bytes, page: Page) -> Iterator[Line]:
    """The response that the capture holds: its head, and how much follows."""
    head, _, rest = wire.partition(b"\r\n\r\n")
    for line in f"{visible(head)}".replace("\\r\\n", "\n").splitlines():
        yield from ([(part, Role.QUIET)] for part in cut(line, page.width))
    yield [(f"{page.glyphs.ellipsis} and {size(len(rest))} behind the head", Role.QUIET)]


def heads(wire: bytes) -> Iterator[bytes]:
    """The interim response, if one went out, and the final one, each with its empty line."""
    position = 0
    while wire.startswith(b"HTTP/1.1 ", position):
        end = wire.find(b"\r\n\r\n", position)
        if end < 0:
            return
        yield wire[position : end + 4]
        interim = wire.startswith(b"HTTP/1.1 100 Continue\r\n\r\n", position)
        position = end + 4
        if not interim:
            return


def blocks(response: Response) -> Iterator[bytes]:
    """The heads of a response over HTTP/2, written as curl writes them."""
    for fields in getattr(response, "blocks", ()):
        status = dict(fields).get(b":status")
        if status is not None:
            lines = (name + b": " + value for name, value in fields if not name.startswith(b":"))
            yield b"\r\n".join((b"HTTP/2 " + status, *lines, b"", b""))


def app_headers(exchange: Exchange) -> list[tuple[bytes, bytes]]:
    """The fields that the application gave its response, names in lower case."""
    start = next((message for message in exchange.send if message.get("type") == RESPONSE_START), None)
    headers = start.get("headers", ()) if start is not None else ()
    pairs: list[tuple[bytes, bytes]] = []
    for header in headers if isinstance(headers, list | tuple) else ():
        if isinstance(header, list | tuple) and len(header) == 2:
            name, value = (part.encode("latin-1", "replace") if isinstance(part, str) else part for part in header)
            if isinstance(name, bytes) and isinstance(value, bytes):
                pairs.append((name.lower(), value))
    return pairs


def _head_lines(
    head: bytes,
    defaults: Sequence[tuple[bytes, bytes]],
    given: list[tuple[bytes, bytes]],
    by: By,
    page: Page,
) -> Iterator[Line]:
    """Each line with its end marked; behind it who wrote it, where application and server both did."""
    for number, (line, writer) in enumerate(written_by(head, defaults, given, by)):
        # HTTP/2 has no lines, and no line ends to show.
        drawn = visible(line if head.startswith(b"HTTP/2") else line + b"\r\n", page.glyphs.marks)
        role = Role.HEADING if number == 0 else Role.PLAIN
        mark = f"<- {writer}" if writer else ""
        if mark and text_width(drawn) + 2 + len(mark) <= page.width:
            gap = max(2, min(46, page.width - len(mark)) - text_width(drawn))
            yield [(drawn, role), (" " * gap + mark, _WRITTEN_BY[By(writer)])]
            continue
        for part in cut(drawn, page.width):
            yield [(part, role)]
        if mark:
            yield [("  " + mark, _WRITTEN_BY[By(writer)])]


def written_by(
    head: bytes, defaults: Sequence[tuple[bytes, bytes]], given: list[tuple[bytes, bytes]], by: By
) -> Iterator[tuple[bytes, str]]:
    """Each line of a head without its end; "app" or "server" where both wrote fields, else ""."""
    own = list(defaults)
    for number, line in enumerate(head.split(b"\r\n")[:-1]):
        name, _, value = line.partition(b": ")
        writer = ""
        if number and line and by is By.APP:
            header = (name.lower(), value)
            writer = "server"
            if header in own:
                own.remove(header)
            elif header in given:
                writer = "app"
        yield line, writer


def _body_lines(response: Response, page: Page) -> Iterator[Line]:
    body = response.body
    if isinstance(body, Folded):
        yield from _content_lines(body.head[: page.body_limit], response, page)
        told = f"{page.glyphs.ellipsis} {size(body.length)} in all, sha256 {body.sha256[:16]}; --body-limit shows more"
        yield from _told(told, Role.QUIET, page)
        return
    encoding = header_of(response, b"content-encoding").lower()
    if encoding and body:
        decoded = decoded_content(body, encoding)
        yield from _encoding_line(encoding, body, decoded, page)
        body = body if decoded is None else decoded
    yield from _content_lines(body, response, page)


def _encoding_line(encoding: str, body: bytes, decoded: bytes | None, page: Page) -> Iterator[Line]:
    shown = f"decoded here to {size(len(decoded))}" if decoded is not None else "not decoded here"
    yield from _told(f"{printable(encoding)}, {size(len(body))} on the wire, {shown}:", Role.QUIET, page)


def decoded_content(body: bytes, encoding: str) -> bytes | None:
    """For the eye only; at most 1 MiB, so that a bomb stays one."""
    windows = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
    for bits in windows.get(encoding.strip(), ()):
        try:
            return zlib.decompressobj(bits).decompress(body, 1 << 20)
        except zlib.error:
            continue
    if encoding.strip() == "br":
        try:
            import brotli  # type: ignore[import-not-found]  # decoded where it is installed, named where not
        except ImportError:
            return None
        try:
            return bytes(brotli.decompress(body))
        except brotli.error:
            return None
    return None


def _content_lines(body: bytes, response: Response, page: Page) -> Iterator[Line]:
    """JSON indented, text as lines, anything else as hex; what is beyond the limit is counted."""
    body = indented(body, response)
    shown = body[: page.body_limit]
    if is_text(shown):
        for line in shown.splitlines():
            for part in cut(visible(line), page.width):
                yield [(part, Role.PLAIN)]
    else:
        yield from hex_lines(shown, page)
    if len(body) > len(shown):
        told = f"{page.glyphs.ellipsis} {size(len(body) - len(shown))} more; --body-limit shows more"
        yield from _told(told, Role.QUIET, page)


def indented(body: bytes, response: Response) -> bytes:
    """JSON with a line for each item; anything else as it is."""
    if "json" in header_of(response, b"content-type") and len(body) <= 1 << 20:
        with suppress(ValueError, RecursionError):  # not what its type says: shown as it is
            return json.dumps(json.loads(body), indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return body


def header_of(response: Response, name: bytes) -> str:
    """The value of a field of the response, "" where it has none."""
    return next((value.decode("latin-1") for key, value in response.headers if key.lower() == name), "")


def then_lines(exchange: Exchange, data: bytes, page: Page) -> Iterator[Line]:
    """The connection's fate after this exchange, and why."""
    if exchange.outcome is Outcome.NOT_RUN and exchange.verdict is not Verdict.REJECTED:
        return
    told = "kept alive: the next request can come"
    if exchange.http2 is not None and exchange.keep_alive:
        told = "kept open: other streams go on, and the next request can come"
    told = told if exchange.keep_alive else f"closed: {why_closed(exchange, data)}"
    yield from _told(told, Role.PLAIN, page)


def why_closed(exchange: Exchange, data: bytes) -> str:
    """What ended the connection of this exchange, in a few words."""
    if exchange.websocket is not None and exchange.outcome is not Outcome.TIMED_OUT and not exchange.websocket.refusal:
        return how_it_ended(exchange)
    if exchange.verdict is Verdict.REJECTED:
        return "uvicorn does not go on after a request that it refused"
    if exchange.outcome is Outcome.TIMED_OUT:
        return "the client has waited long enough, and left"
    if exchange.outcome is Outcome.DISCONNECTED or exchange.verdict is Verdict.INCOMPLETE:
        return "the client left"
    if exchange.outcome in (Outcome.RAISED, Outcome.NO_RESPONSE):
        return "the application failed"
    if exchange.outcome is Outcome.INCOMPLETE:
        return "the response was not finished; only so can the client know"
    if exchange.steps and exchange.steps[-1].error:
        return "the application returned a value, which ASGI does not allow"
    if exchange.http2 is not None:
        return "uvicorn ended the connection; every stream on it is over"
    fields = {(f.name.of(data).lower(), f.value.of(data).lower()) for f in exchange.head.fields}
    if any(name == b"connection" and b"close" in value for name, value in fields):
        return "the client asked for it with Connection: close"
    if any(name == b"connection" and b"close" in value.lower() for name, value in app_headers(exchange)):
        return "the application asked for it with connection: close"
    if not data[exchange.head.version.start : exchange.head.version.end].endswith(b"/1.1"):
        return "uvicorn keeps no connection of HTTP/1.0 alive"
    return "uvicorn keeps it no longer"
