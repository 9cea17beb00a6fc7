"""Inspection → JSON, schema asgi-inspect/1. Exact both ways: bytes that are UTF-8 stand as text, others as base64."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from math import isfinite
from typing import Any

from ..exchange import Exchange, Response
from ..findings import Finding
from ..inspection import Inspection
from ..recording import Folded, Step, fold
from .http2_json import connections_json, http2_json, over_http2_json
from .plain_values import Opaque, plain_exchange, plain_value
from .websocket_json import websocket_json

SCHEMA = "asgi-inspect/1"


def as_json(inspection: Inspection, *, body_limit: int) -> str:
    """One document."""
    document = header(inspection, body_limit)
    document["exchanges"] = [_exchange(exchange, body_limit) for exchange in inspection.exchanges]
    document |= _ending(inspection, body_limit)
    if inspection.other is not None:
        other = inspection.other
        document["other"] = {
            "server": _server(other),
            "exchanges": [_exchange(exchange, body_limit) for exchange in other.exchanges],
        }
    return json.dumps(document, ensure_ascii=True, indent=2) + "\n"


def as_jsonl(inspection: Inspection, *, body_limit: int) -> Iterator[str]:
    """The header without exchanges and findings, a line for each exchange, and a last line with what the end tells."""
    yield _line(header(inspection, body_limit))
    for exchange in inspection.exchanges:
        yield _line(_exchange(exchange, body_limit))
    yield _line(_ending(inspection, body_limit))


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n"


def header(inspection: Inspection, body_limit: int) -> dict[str, Any]:
    """What is known of the run as a whole."""
    capture = inspection.capture
    return {
        "schema": SCHEMA,
        "tool": inspection.tool,
        "capture": {
            "source": capture.source,
            "format": capture.format,
            "why": capture.why,
            "fidelity": capture.fidelity,
            "repairs": [
                {"rule": repair.rule, "message": repair.message, "span": list(repair.span)}
                for repair in capture.repairs
            ],
            "connections": [
                {
                    "number": client.number,
                    "length": len(client.data),
                    "sha256": client.sha256(),
                    "segments": list(client.pieces()),
                }
                for client in capture.connections
            ],
        },
        "server": _server(inspection),
        "lifespan": _lifespan(inspection, body_limit),
        "printed": inspection.printed,
    }


def _lifespan(inspection: Inspection, limit: int) -> dict[str, Any] | None:
    report = inspection.lifespan
    if report is None:
        return None
    phases = {
        name: {
            "status": phase.status,
            "milliseconds": round(phase.milliseconds, 3),
            "message": phase.message,
            "traceback": phase.traceback,
        }
        for name, phase in (("startup", report.startup), ("shutdown", report.shutdown))
    }
    return {"mode": report.mode, **phases, "state": _value(plain_value(report.state), limit)}


def _server(inspection: Inspection) -> dict[str, str]:
    server = inspection.server
    return {
        "name": server.name,
        "version": server.version,
        "parser": server.parser,
        "parser_version": server.parser_version,
    }


def _ending(inspection: Inspection, limit: int) -> dict[str, Any]:
    unread = [{"connection": number, "span": list(span)} for number, span in inspection.unread]
    return {
        "unread": unread[0] if len(unread) == 1 else unread or None,
        "findings": [_finding(inspection, finding) for finding in inspection.findings],
        **connections_json(inspection.exchanges, lambda value: _value(value, limit)),
    }


def _exchange(exchange: Exchange, limit: int) -> dict[str, Any]:
    exchange = plain_exchange(exchange)
    return {
        "number": exchange.number,
        "connection": exchange.connection,
        "verdict": exchange.verdict,
        "span": list(exchange.span),
        "scope": _value(exchange.scope, limit),
        "provenance": _value(exchange.provenance, limit),
        "receive": _value(exchange.receive, limit),
        "steps": [_step(step, limit) for step in exchange.steps],
        "send": _value(exchange.send, limit),
        "response": _response(exchange.response, limit),
        "outcome": exchange.outcome,
        "error": exchange.error,
        "traceback": exchange.traceback,
        **websocket_json(exchange, lambda value: _value(plain_value(value), limit)),
        **http2_json(exchange, lambda value: _value(value, limit)),
        **over_http2_json(exchange, lambda value: _value(plain_value(value), limit)),
    }


def _step(step: Step, limit: int) -> dict[str, Any]:
    return {
        "call": step.call,
        "at": round(step.at, 3),
        "done": None if step.done is None else round(step.done, 3),
        "message": _value(step.message, limit),
        "wire": _value(step.wire, limit),
        "error": step.error,
        "source": step.source,
    }


def _response(response: Response | None, limit: int) -> dict[str, Any] | None:
    if response is None:
        return None
    return {
        "status": response.status,
        "reason": response.reason,
        "headers": _value(response.headers, limit),
        "body": _value(response.body, limit),
        "wire": _value(response.wire, limit),
        "by": response.by,
    }


def _finding(inspection: Inspection, finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "label": finding.label,
        "notes": list(finding.notes),
        "help": finding.help,
        "spec": finding.spec,
        "connection": finding.connection,
        "exchange": finding.exchange,
        "step": finding.step,
        "span": None if finding.span is None else list(finding.span),
        "line": finding.line,
        "column": finding.column,
        "source": finding.source,
    }


def _value(value: Any, limit: int) -> Any:
    """A plain value as something JSON can hold."""
    if isinstance(value, bytes):
        return _bytes(value, limit)
    if isinstance(value, Folded):
        return {"length": value.length, "sha256": value.sha256, "head": _bytes(value.head, limit)}
    if isinstance(value, float):
        return value if isfinite(value) else {"repr": repr(value)}
    if isinstance(value, dict):
        return {key if isinstance(key, str) else _repr(key): _value(item, limit) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_value(item, limit) for item in value]
    return {"repr": value.text} if isinstance(value, Opaque) else value


def _repr(value: object) -> str:
    return value.text if isinstance(value, Opaque) else repr(value)


def _bytes(data: bytes, limit: int) -> Any:
    if len(data) > limit:
        return _value(fold(data), limit=max(limit, len(fold(data).head)))
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode("ascii")}
