"""What is wrong with a WebSocket's handshake and with the client's frames: named rules, at the byte.

The server judged already (servers/uvicorn_websocket.py); here its words get a name, a place and the
clause of the specification. What the application did wrong is told by conformance/websocket_*.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .conversation import Conversation, FrameFault
from .exchange import Exchange
from .findings import Finding, Severity
from .span import Span, printable

# A field that is wrong: (rule where it is missing, rule where it is there), clause, what to do.
_FIELDS = {
    "Sec-WebSocket-Key": (
        ("websocket-key-missing", "websocket-key-invalid"),
        "RFC 6455 §4.1: 16 random bytes in base64",
        "send Sec-WebSocket-Key once, with 24 characters of base64",
    ),
    "Sec-WebSocket-Version": (
        ("websocket-version-missing", "websocket-version-unsupported"),
        "RFC 6455 §4.1: the version must be 13",
        "send Sec-WebSocket-Version: 13",
    ),
    "Connection": (
        ("websocket-connection-invalid", "websocket-connection-invalid"),
        "RFC 6455 §4.1: Connection must list Upgrade",
        "send Connection: Upgrade; a proxy in between has to pass it on",
    ),
    "Upgrade": (
        ("websocket-upgrade-invalid", "websocket-upgrade-invalid"),
        "RFC 6455 §4.1: Upgrade must name websocket",
        "send Upgrade: websocket, and no other protocol beside it",
    ),
    "Origin": (
        ("websocket-origin-repeated", "websocket-origin-repeated"),
        "RFC 6454 §7.3: not more than one Origin",
        "send Origin once",
    ),
    "Sec-WebSocket-Extensions": (
        ("websocket-extensions-malformed", "websocket-extensions-malformed"),
        "RFC 6455 §9.1",
        "list extensions as name; parameter=value, with commas between them",
    ),
    "Sec-WebSocket-Protocol": (
        ("websocket-subprotocol-malformed", "websocket-subprotocol-malformed"),
        "RFC 6455 §4.1: tokens, with commas between them",
        "leave the field out where no subprotocol is meant",
    ),
}
_METHOD = ("websocket-method-not-get", "RFC 6455 §4.1: the method must be GET", "open a WebSocket with GET")

# What the server says of a frame, and the rule, the clause, and what to do about it.
_FRAMES = (
    ("incorrect masking", "unmasked", "§5.1: a client masks every frame", "mask the payload, and set the mask bit"),
    ("invalid opcode", "opcode-unknown", "§5.2: opcodes 3 to 7 and 11 to 15 are reserved", "is this a frame at all?"),
    (
        "reserved bits",
        "reserved-bits",
        "§5.2: reserved bits are 0 unless an extension was agreed",
        "compress only where the 101 agreed to permessage-deflate",
    ),
    (
        "RSV1 bit set",
        "reserved-bits",
        "RFC 7692 §6.1: only the first frame of a message is marked as compressed",
        "clear RSV1 in continuation frames",
    ),
    (
        "control frame too long",
        "control-too-long",
        "§5.5: a control frame has 125 bytes at most",
        "shorten its payload",
    ),
    ("fragmented control", "control-fragmented", "§5.5: control frames are not fragmented", "send it in one frame"),
    ("unexpected continuation", "continuation-of-nothing", "§5.4", "begin a message with a text or binary frame"),
    ("expected a continuation", "message-unfinished", "§5.4: messages do not interleave", "end the message first"),
    ("incomplete fragmented", "message-unfinished", "§5.4", "end the message, then close"),
    ("exceeds limit", "message-too-big", "§7.4.1: 1009", "send less at once; uvicorn's --ws-max-size is 16 MiB"),
    ("decompression failed", "deflate-broken", "RFC 7692 §7.2.2", "is the window kept, where none was agreed?"),
    ("close frame too short", "close-malformed", "§5.5.1: a code has two bytes", "send a code, or no payload at all"),
    (
        "invalid status code",
        "close-malformed",
        "§7.4: this code may not stand in a frame",
        "1000 to 1003, 3000 to 4999",
    ),
)


def websocket_findings(exchange: Exchange) -> Iterator[Finding]:
    """Every finding of one connection that asked to become a WebSocket."""
    talk = exchange.websocket
    if talk is None:
        return
    blank = Finding(
        rule="", severity=Severity.WARNING, message="", connection=exchange.connection, exchange=exchange.number
    )
    if talk.unanswered:
        yield _unanswered(exchange, talk, blank)
    elif talk.refusal:
        yield _refused(exchange, talk, blank)
    elif exchange.request is not None and exchange.request.http_version == "1.0":
        yield _http10(exchange, blank)
    if talk.lost is not None:
        yield _lost(talk.lost, blank)
    if talk.fault is not None:
        yield _frame_fault(talk.fault, talk, blank)
    if talk.rest is not None:
        number = talk.rest.end - talk.rest.start
        yield replace(
            blank,
            rule="websocket-frame-incomplete",
            message=f"the capture ends inside a frame: {number} bytes of it came",
            label="begins here",
            spec="RFC 6455 §5.2",
            notes=("uvicorn waits for the rest, and the application gets nothing of it",),
            span=Span(talk.rest.start, min(talk.rest.end, talk.rest.start + 2)),
        )


def _refused(exchange: Exchange, talk: Conversation, blank: Finding) -> Finding:
    status = exchange.response.status if exchange.response is not None else None
    missing = talk.words.startswith("missing ")
    if talk.header in _FIELDS:
        rules, spec, advice = _FIELDS[talk.header]
        rule = rules[0 if missing else 1]
        span = _field(exchange, talk.header)
        message = f"the handshake is refused: {printable(talk.words)}"
    else:
        rule, spec, advice = _METHOD
        span, message = exchange.head.method, f"the handshake is refused: {printable(talk.words)}"
    return replace(
        blank,
        rule=rule,
        severity=Severity.ERROR,
        message=message,
        label="missing" if missing else "refused for this",
        notes=(f"uvicorn answers {status}, and never calls the application",),
        spec=spec,
        help=advice,
        span=span,
    )


def _field(exchange: Exchange, name: str) -> Span:
    """The last field of that name; the request line where there is none."""
    wanted = name.lower().encode()
    found = [field for field in exchange.head.fields if field.name.of(exchange.data).lower() == wanted]
    return Span(found[-1].name.start, found[-1].value.end) if found else exchange.head.lines[0]


def _unanswered(exchange: Exchange, talk: Conversation, blank: Finding) -> Finding:
    lines = exchange.head.lines
    if "request body" in talk.words:
        span = _field(exchange, "Content-Length")
    elif "transfer" in talk.words:
        span = _field(exchange, "Transfer-Encoding")
    elif "header value" in talk.words:
        span = lines[0]
    elif "headers" in talk.words:
        span = lines[min(129, len(lines) - 1)]
    else:
        span = max(lines, key=lambda line: line.end - line.start)
    return replace(
        blank,
        rule="websocket-handshake-unanswered",
        severity=Severity.ERROR,
        message=f"nobody answers this handshake: {printable(talk.words)}",
        label="too much for the websockets package" if "expected no more" in talk.words else "not taken",
        notes=(
            "the websockets package has an answer (431, say), but uvicorn 0.54 never writes it: "
            "the client waits, on an open connection, until it gives up",
        ),
        spec="RFC 6455 §4.2.2: a server answers the handshake",
        help="keep fields under 8190 bytes and 128 in number, and send no body",
        span=span,
    )


def _http10(exchange: Exchange, blank: Finding) -> Finding:
    return replace(
        blank,
        rule="websocket-http10",
        message="an HTTP/1.0 request opens a WebSocket",
        label="taken for HTTP/1.1",
        notes=('uvicorn writes the request anew as HTTP/1.1, so the scope says http_version "1.1"',),
        spec="RFC 6455 §4.1: HTTP/1.1 or higher",
        help="send HTTP/1.1: other servers refuse",
        span=exchange.head.version,
    )


def _lost(lost: Span, blank: Finding) -> Finding:
    number = lost.end - lost.start
    return replace(
        blank,
        rule="websocket-frames-lost",
        message=f"{number} bytes came in the read of the handshake, and are lost",
        label="never read",
        notes=("uvicorn hands on the handshake alone: what shares its read is thrown away, without a word",),
        spec="RFC 6455 §4.1: a client sends frames after the server's handshake",
        help="wait for the 101 before the first frame",
        span=Span(lost.start, min(lost.end, lost.start + 2)),
    )


def _frame_fault(fault: FrameFault, talk: Conversation, blank: Finding) -> Finding:
    rule, spec, advice = _rule_of(fault, talk)
    told = f"uvicorn closes with {fault.code} and stops reading"
    if not fault.told:
        told = "no close frame goes out for it: uvicorn cuts the connection"
    notes = [told]
    if fault.lost:
        plural = "message" if fault.lost == 1 else "messages"
        notes.append(f"{fault.lost} {plural} before it in the same read: the application never gets them")
    return replace(
        blank,
        rule=f"websocket-{rule}",
        severity=Severity.ERROR,
        message=f"a frame that ends the connection: {printable(fault.words)}",
        label="in this frame",
        notes=tuple(notes),
        spec=spec if spec.startswith("RFC") else f"RFC 6455 {spec}",
        help=advice,
        span=None if fault.span is None else Span(fault.span.start, min(fault.span.end, fault.span.start + 2)),
    )


def _rule_of(fault: FrameFault, talk: Conversation) -> tuple[str, str, str]:
    for words, rule, spec, advice in _FRAMES:
        if words in fault.words:
            return (rule if rule.startswith(("message", "deflate", "close")) else f"frame-{rule}"), spec, advice
    closing = any(frame.fault and frame.opcode == "close" for frame in talk.frames)
    if closing:
        return "close-reason-not-utf8", "§5.5.1: the reason is UTF-8", "encode the reason as UTF-8"
    if "unexpected end of data" in fault.words:
        return "text-cut", "§8.1: a text message ends with a whole character", "split text between characters"
    return "text-not-utf8", "§8.1: text is UTF-8", "send other bytes as a binary message"
