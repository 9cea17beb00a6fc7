"""Requests that ask the server for more than an answer: Expect (RFC 9110 §10.1.1) and Upgrade (§7.8)."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Severity
from ..servers.provenance import Field
from ..span import Span
from .rule import Fault, Place, count, shown
from .wire import Wire

_CONTINUE = b"100-continue"


@Fault(
    id="expect-unknown",
    summary="an Expect field that is not 100-continue",
    spec="RFC 9110 §10.1.1",
    help="100-continue is the only expectation there is; no 417 is sent for others",
)
def expect_unknown(wire: Wire) -> Iterator[Place]:
    """In a list h11 finds it, httptools compares the whole value."""
    for field in wire.named(b"expect"):
        value = field.value.of(wire.data)
        if value.lower() == _CONTINUE or b"\n" in value:
            continue
        listed = _CONTINUE in [item.strip() for item in value.lower().split(b",")]
        sent = "100 Continue is sent when the app asks for the body"
        silent = "no 100 Continue is sent, the app is called all the same"
        taken = {"h11": sent if listed and _is_http11(wire) else silent, "httptools": silent}
        message = f"Expect says {shown(value)}, not 100-continue"
        yield Place(span=field.value, message=message, label="unknown expectation", taken=taken)


@Fault(
    id="expect-trailing-space",
    summary="white space behind Expect: 100-continue",
    spec="RFC 9110 §5.5",
    help="end the line right behind the value",
    taken={
        "h11": "100 Continue is sent when the app asks for the body",
        "httptools": "it keeps the white space, so no 100 Continue is sent: a client that waits for it, waits",
    },
)
def expect_trailing_space(wire: Wire) -> Iterator[Place]:
    """White space around a value is no part of it; httptools leaves it there."""
    for field in wire.named(b"expect"):
        end = field.value.end
        rest = wire.data[end : wire.data.find(b"\n", end)].rstrip(b"\r")
        if rest and field.value.of(wire.data).lower() == _CONTINUE and _is_http11(wire):
            span = Span(end, end + len(rest))
            yield Place(span=span, message="white space follows Expect: 100-continue", label="kept by httptools")


@Fault(
    id="expect-in-http10",
    summary="Expect: 100-continue in an HTTP/1.0 request",
    spec="RFC 9110 §10.1.1",
    help="send HTTP/1.1, or leave Expect out",
    taken={
        "h11": "Expect is ignored",
        "httptools": "100 Continue is sent when the app asks for the body, and an old client takes it for the answer",
    },
)
def expect_in_http10(wire: Wire) -> Iterator[Place]:
    """A server MUST ignore it."""
    for field in wire.named(b"expect"):
        if field.value.of(wire.data).lower() == _CONTINUE and wire.version == b"HTTP/1.0":
            span = Span(field.name.start, field.value.end)
            message = "HTTP/1.0 has no 100 Continue to expect"
            yield Place(span=span, message=message, label="unknown in this version")


@Fault(
    id="upgrade-with-body",
    summary="a request with a body that asks to upgrade",
    spec="RFC 9110 §7.8",
    help="ask for the upgrade without a body, or leave Upgrade out (curl: --http1.1)",
    taken={
        "h11": "Upgrade is ignored, the app gets the body",
        "httptools": "what shares a read with the head is thrown away: the app gets the headers, and no body",
    },
    risk="bytes that one server reads as body, and the other never reads, change where the next request begins",
    smuggling=True,
)
def upgrade_with_body(wire: Wire) -> Iterator[Place]:
    """uvicorn does not look at what llhttp hands back behind an Upgrade."""
    upgrade = _other_upgrade(wire)
    if upgrade and _has_body(wire):
        span = Span(upgrade.name.start, upgrade.value.end)
        message = f"a request with a body asks to upgrade to {shown(upgrade.value.of(wire.data))}"
        yield Place(span=span, message=message, label="uvicorn upgrades to websocket only")


@Fault(
    id="bytes-behind-upgrade",
    summary="bytes behind a request that asks to upgrade",
    spec="RFC 9110 §7.8",
    help="wait for the answer before sending more, or leave Upgrade out (curl: --http1.1)",
    taken={
        "h11": "Upgrade is ignored, and these bytes are read as the next request",
        "httptools": "what shares a read with the head is thrown away",
    },
    risk="bytes that one server reads as a request, and the other never reads",
    smuggling=True,
)
def bytes_behind_upgrade(wire: Wire) -> Iterator[Place]:
    """A pipelined request is lost with uvicorn and httptools."""
    start, length = wire.head.span.end, len(wire.data)
    upgrade = _other_upgrade(wire)
    if upgrade and not _has_body(wire) and wire.head.complete and start < length:
        line_end = wire.data.find(b"\n", start) + 1 or length
        message = f"{count(length - start, 'byte')} follow a request to upgrade to {shown(upgrade.value.of(wire.data))}"
        yield Place(span=Span(start, line_end), message=message, label="sent before the answer to the upgrade")


@Fault(
    id="upgrade-to-h2c",
    summary="a request that asks to go on with HTTP/2",
    spec="RFC 9113 §3.1: the upgrade to h2c is no longer used",
    help="begin with HTTP/2 (curl --http2-prior-knowledge), and start uvicorn with --http zttp --http2",
    taken={
        "h11": "Upgrade is ignored, and the answer is HTTP/1.1; so it is with zttp, --http2 or not",
        "httptools": "Upgrade is ignored, and the answer is HTTP/1.1; a body in the same read would be lost",
    },
    otherwise=Severity.NOTE,
)
def upgrade_to_h2c(wire: Wire) -> Iterator[Place]:
    """uvicorn speaks HTTP/2 only where it comes first, or TLS agreed to it."""
    upgrade = _other_upgrade(wire)
    alone = not _has_body(wire) and wire.head.span.end >= len(wire.data)
    if upgrade and alone and upgrade.value.of(wire.data).lower() == b"h2c":
        span = Span(upgrade.name.start, upgrade.value.end)
        yield Place(
            span=span, message="the request asks to upgrade to HTTP/2", label="uvicorn upgrades to websocket only"
        )


def _other_upgrade(wire: Wire) -> Field | None:
    """The Upgrade field, where it counts and does not ask for what uvicorn can do."""
    upgrade = wire.named(b"upgrade")
    values = [field.value.of(wire.data).lower() for field in wire.named(b"connection")]
    asked = b"upgrade" in [token.strip() for value in values for token in value.split(b",")]
    return upgrade[-1] if asked and upgrade and upgrade[-1].value.of(wire.data).lower() != b"websocket" else None


def _has_body(wire: Wire) -> bool:
    return any(field.value.of(wire.data).strip(b"0") for field in wire.named(b"content-length", b"transfer-encoding"))


def _is_http11(wire: Wire) -> bool:
    return wire.version not in (b"HTTP/1.0", b"HTTP/0.9")


RULES = (
    expect_unknown,
    expect_trailing_space,
    expect_in_http10,
    upgrade_with_body,
    bytes_behind_upgrade,
    upgrade_to_h2c,
)
