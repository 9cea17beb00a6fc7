"""What the catalogue says uvicorn does with a broken application is what our own run of it shows."""

from __future__ import annotations

import pytest

from asgi_inspect import By, Exchange, Outcome
from asgi_inspect.conformance import (
    RULES,
    Rule,
    body,
    channels,
    content_length,
    event_keys,
    events,
    framing,
    header_list,
    header_names,
    header_values,
    no_content,
    order,
    status,
    websocket_accept,
    websocket_close,
    websocket_denial,
    websocket_ends,
    websocket_handshake,
    websocket_messages,
)
from asgi_inspect.conformance.reactions import Reaction, reactions
from asgi_inspect.recording import Call
from tests.conformance_runs import run

FAMILIES = (
    *(events, event_keys, channels, order, status, header_list, header_names, header_values),
    *(content_length, framing, no_content, body),
    *(websocket_handshake, websocket_accept, websocket_messages, websocket_ends, websocket_close, websocket_denial),
)
MEASURED = [
    rule
    for rule in RULES
    if any(rule in vars(family).values() for family in FAMILIES)
    and rule.wrong.http_version == "1.1"
    and not rule.wrong.spec_version  # met where a server is behind uvicorn's
]

pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.parametrize("parser", ["httptools", "h11"])
@pytest.mark.parametrize("rule", MEASURED, ids=[rule.id for rule in MEASURED])
def test_uvicorn_does_what_the_catalogue_says(rule: Rule, parser: str) -> None:
    """Which send() raised what, and what the client saw."""
    told = next(one for one in reactions(rule.seen) if f"uvicorn/{parser}" in one.servers)

    (exchange,) = run(rule.wrong, parser).exchanges

    assert reaction_of(exchange, told) == (told.error, told.nth, told.client)


def reaction_of(exchange: Exchange, told: Reaction) -> tuple[str, int, str]:
    """An exchange in the catalogue's words."""
    sends = [step for step in exchange.steps if step.call is Call.SEND]
    raised = [(number, step.error) for number, step in enumerate(sends, 1) if step.error]
    nth, error = (raised[0][0], str(raised[0][1]).partition(":")[0]) if raised else (1, "")
    return error, nth, client_of(exchange, told)


def client_of(exchange: Exchange, told: Reaction) -> str:
    """What a lenient client makes of the bytes: it goes by the first framing header it finds."""
    response = exchange.response
    if exchange.outcome is Outcome.TIMED_OUT and _disconnects(exchange) == 2:
        return websocket_ends.ONE_MORE
    if response is None:
        return "silence" if exchange.outcome in (Outcome.TIMED_OUT, Outcome.DISCONNECTED) else "no reply"
    if response.by is By.SERVER:
        return str(response.status)
    assert isinstance(response.wire, bytes)
    if exchange.websocket is not None and exchange.websocket.accepted:
        return end_of(exchange, told)
    head, _, rest = response.wire.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    if status < 200:
        return f"interim [{status}] + stray bytes"
    method = (exchange.scope or {}).get("method")
    content = _content(head.lower(), rest, bodiless=status in (204, 304) or method == "HEAD")
    if content is None:
        return "cut"
    seen = "ok" if status == 200 else str(status)
    seen += f" with {content!r}" if " with " in told.client else ""
    closed = not exchange.keep_alive and b"\r\nconnection: close" not in head.lower()
    return f"{seen} + closed" if closed else seen


def _disconnects(exchange: Exchange) -> int:
    return sum(message["type"] == "websocket.disconnect" for message in exchange.receive)


def end_of(exchange: Exchange, told: Reaction) -> str:
    """How a WebSocket ended for the client, and the messages before that where the catalogue speaks of them."""
    frames = [frame for frame in exchange.messages if not frame.by_client]
    closes = [frame for frame in frames if frame.opcode == "close"]
    if not closes:
        return "socket cut"
    asked = next((message.get("code", 1000) for message in exchange.send if message["type"] == "websocket.close"), None)
    ending = "closes" if closes[0].code == asked else f"close {closes[0].code}"
    messages = [f"{frame.opcode}[{frame.length}]" for frame in frames if frame.opcode in ("text", "binary")]
    return f"{ending} with {', '.join(messages) or 'no message'}" if " with " in told.client else ending


def _content(head: bytes, rest: bytes, *, bodiless: bool) -> bytes | None:
    """The content behind a head; None where something is missing."""
    if bodiless:
        return b""
    if b"\r\ntransfer-encoding: chunked" in head:
        return _unchunked(rest)
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    return rest[:length] if len(rest) >= length else None


def _unchunked(rest: bytes) -> bytes | None:
    content = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        if size == b"0":
            return content
        content, rest = content + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return None
