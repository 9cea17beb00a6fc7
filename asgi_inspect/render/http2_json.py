"""HTTP/2 for JSON: `http2` of an exchange tells of its stream, `http2` of the document of each connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..exchange import Exchange
from ..span import Span

if TYPE_CHECKING:
    from ..http2 import Http2Fault, Http2Frame

Value = Callable[[Any], Any]


def http2_json(exchange: Exchange) -> dict[str, Any]:
    """The key of an exchange."""
    stream = exchange.http2
    if stream is None:
        return {}
    from ..http2 import error_name

    reset = {"code": error_name(stream.reset or 0), "by": "client" if stream.reset_by_client else "server"}
    return {
        "http2": {
            "stream": stream.number,
            "fields": stream.fields,
            "trailers": stream.trailers,
            "reset": None if stream.reset is None else reset,
            "fault": _fault(stream.fault),
            "frames": [_frame(frame) for frame in stream.frames],
        }
    }


def over_http2_json(exchange: Exchange, value: Value) -> dict[str, Any]:
    """How a request of HTTP/1 would look over HTTP/2, if asked for; `value` writes what an application made."""
    over = exchange.over_http2
    if over is None:
        return {}
    changes = [
        {"key": one.key, "http1": value(one.before), "http2": value(one.after), "why": one.why} for one in over.changes
    ]
    return {
        "over_http2": {
            "fields": over.fields,
            "dropped": [{"name": name, "why": why} for name, why in over.dropped],
            "scope": value(over.scope),
            "changes": changes,
            "notes": list(over.notes),
            "message": over.words or None,
        }
    }


def connections_json(exchanges: Iterable[Exchange]) -> dict[str, Any]:
    """What belongs to no stream; no key where nothing came over HTTP/2."""
    listed = {exchange.connection: exchange.http2.connection for exchange in exchanges if exchange.http2 is not None}
    if not listed:
        return {}
    return {
        "http2": [
            {
                "connection": number,
                "wire": told.wire,
                "frames_left_out": told.left_out,
                "fault": _fault(told.fault),
                "incomplete": _span(told.rest),
                "frames": [_frame(frame) for frame in told.frames if not frame.stream],
            }
            for number, told in listed.items()
        ]
    }


def _frame(frame: Http2Frame) -> dict[str, Any]:
    told: dict[str, Any] = {
        "from": "client" if frame.by_client else "server",
        "type": frame.type,
        "flags": list(frame.flags),
        "stream": frame.stream,
        "length": frame.length,
        "span": _span(frame.span),
        "fault": frame.fault or None,
    }
    if frame.type == "HEADERS":
        told["fields"] = frame.fields
    elif frame.type == "DATA":
        told["data"] = frame.data
    elif frame.told:
        told["told"] = frame.told
    return told


def _fault(fault: Http2Fault | None) -> dict[str, Any] | None:
    if fault is None:
        return None
    from ..http2 import error_name

    return {
        "rule": fault.rule,
        "message": fault.words,
        "code": error_name(fault.code),
        "ends": "connection" if fault.whole else "stream",
        "span": _span(fault.span),
    }


def _span(span: Span | None) -> list[int] | None:
    return None if span is None else list(span)
