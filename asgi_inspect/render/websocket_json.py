"""A WebSocket's conversation for JSON: `websocket` tells of the handshake, `messages` of each frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..exchange import Exchange
from ..span import Span

if TYPE_CHECKING:
    from ..conversation import FrameRecord


def websocket_json(exchange: Exchange, value: Callable[[Any], Any]) -> dict[str, Any]:
    """The two keys of an exchange; `value` writes what an application or a client may have sent."""
    talk = exchange.websocket
    if talk is None:
        return {}
    return {
        "websocket": {
            "accepted": talk.accepted,
            "subprotocol": value(talk.subprotocol),
            "extension": talk.extension or None,
            "refused": talk.words or None,
            "closed_before_accept": value(talk.refused_with),
            "lost": _span(talk.lost),
            "fault": talk.fault
            and {"code": talk.fault.code, "reason": talk.fault.words, "span": _span(talk.fault.span)},
            "messages_left_out": talk.left_out,
        },
        "messages": [_frame(record, value) for record in exchange.messages],
    }


def _frame(record: FrameRecord, value: Callable[[Any], Any]) -> dict[str, Any]:
    told = {
        "from": "client" if record.by_client else "server",
        "opcode": record.opcode,
        "length": record.length,
        "span": _span(record.span),
        "final": record.final,
        "compressed": record.compressed,
        "sent": record.sent,
        "data": value(record.data),
        "fault": record.fault or None,
    }
    if record.opcode == "close":
        told |= {"code": record.code, "reason": record.reason}
    return told


def _span(span: Span | None) -> list[int] | None:
    return None if span is None else list(span)
