"""Inspection → JSON, schema asgi-inspect/1. Exact both ways: bytes that are UTF-8 stand as text, others as base64."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from math import isfinite
from typing import Any

from ..exchange import Exchange, Response
from ..findings import Finding
from ..inspection import Inspection
from ..recording import FOLDED_HEAD, Folded, Step, fold
from ..span import Span
from .http2_json import connections_json, http2_json, over_http2_json
from .lines import Lines
from .plain_values import Opaque, has_made_values, plain_exchange, plain_value
from .websocket_json import websocket_json

SCHEMA = "asgi-inspect/1"
_OWN = ("number", "span", "provenance", "steps")  # what is each exchange's own, even of two that are alike


def as_json(inspection: Inspection, *, body_limit: int) -> str:
    """One document."""
    document = header(inspection)
    document["exchanges"] = [_exchange(exchange) for exchange in inspection.exchanges]
    document |= _ending(inspection.unread, inspection.findings)
    document |= connections_json(inspection.exchanges)
    if inspection.other is not None:
        other = inspection.other
        document["other"] = {
            "server": _server(other),
            "exchanges": [_exchange(exchange) for exchange in other.exchanges],
        }
    return _encoder(body_limit, indent=2)(document) + "\n"


def as_jsonl(parts: Iterable[Inspection], *, body_limit: int) -> Iterator[str]:
    """The header without exchanges and findings, a line for each exchange, and a last line with what the end tells.

    `parts` are those of one inspection: each is written before the next is asked for.
    """
    encode = _encoder(body_limit, separators=(",", ":"))
    lines = Lines(encode, _OWN)
    unread: list[tuple[int, Span]] = []
    findings: list[Finding] = []
    frames: dict[str, Any] = {}
    for number, part in enumerate(parts):
        if number == 0:
            yield encode(header(part)) + "\n"
        for exchange in part.exchanges:
            yield lines.line(_told(exchange)) + "\n"
        unread += part.unread
        findings += part.findings
        frames |= connections_json(part.exchanges)
    yield encode(_ending(unread, findings) | frames) + "\n"


def _encoder(limit: int, **layout: Any) -> Callable[[object], str]:
    """Writes plain values; of bytes beyond `limit` it tells the length, the hash and the beginning."""
    # What an application made is plain by now: nothing can hold itself.
    return json.JSONEncoder(default=partial(_special, limit), allow_nan=False, check_circular=False, **layout).encode


def header(inspection: Inspection) -> dict[str, Any]:
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
        "lifespan": _lifespan(inspection),
        "printed": inspection.printed,
    }


def _lifespan(inspection: Inspection) -> dict[str, Any] | None:
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
    return {"mode": report.mode, **phases, "state": _made(report.state)}


def _server(inspection: Inspection) -> dict[str, str]:
    server = inspection.server
    return {
        "name": server.name,
        "version": server.version,
        "parser": server.parser,
        "parser_version": server.parser_version,
    }


def _ending(unread: Sequence[tuple[int, Span]], findings: Iterable[Finding]) -> dict[str, Any]:
    spans = [{"connection": number, "span": span} for number, span in unread]
    return {
        "unread": spans[0] if len(spans) == 1 else spans or None,
        "findings": [_finding(finding) for finding in findings],
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    told = _told(exchange)
    told["provenance"] = exchange.provenance
    return told


def _told(exchange: Exchange) -> dict[str, Any]:
    """What is told of an exchange, its provenance still to be moved."""
    if has_made_values(exchange):
        return _written(plain_exchange(exchange), _keyed)
    return _written(exchange, lambda value: value)


def _written(exchange: Exchange, value: Callable[[Any], Any]) -> dict[str, Any]:
    """`value` makes sure that what an application sent or stored can be written."""
    return {
        "number": exchange.number,
        "connection": exchange.connection,
        "verdict": exchange.verdict.value,
        "span": exchange.span,
        "scope": value(exchange.scope),
        "provenance": exchange.placed,
        "receive": value(exchange.receive),
        "steps": [_step(step, value) for step in exchange.steps],
        "send": value(exchange.send),
        "response": _response(exchange.response),
        "outcome": exchange.outcome.value,
        "error": exchange.error,
        "traceback": exchange.traceback,
        **websocket_json(exchange, _made),
        **http2_json(exchange),
        **over_http2_json(exchange, _made),
    }


def _step(step: Step, value: Callable[[Any], Any]) -> dict[str, Any]:
    return {
        "call": step.call,
        "at": round(step.at, 3),
        "done": None if step.done is None else round(step.done, 3),
        "message": value(step.message),
        "wire": step.wire,
        "error": step.error,
        "source": step.source,
    }


def _response(response: Response | None) -> dict[str, Any] | None:
    if response is None:
        return None
    status, reason, headers = response.head()
    return {
        "status": status,
        "reason": reason,
        "headers": headers,
        "body": response.body,
        "wire": response.wire,
        "by": response.by.value,
    }


def _finding(finding: Finding) -> dict[str, Any]:
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


def _made(value: Any) -> Any:
    """Whatever an application made, as something JSON can hold."""
    return _keyed(plain_value(value))


def _keyed(value: Any) -> Any:
    """A plain value: JSON has no keys but text, and no infinity."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else _repr(key): _keyed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_keyed(item) for item in value]
    return {"repr": repr(value)} if isinstance(value, float) and not isfinite(value) else value


def _repr(value: object) -> str:
    return value.text if isinstance(value, Opaque) else repr(value)


def _special(limit: int, value: object) -> Any:
    """What JSON has no form for."""
    if type(value) is bytes:  # by far the most
        try:
            return value.decode() if len(value) <= limit else _special(limit, fold(value))
        except UnicodeDecodeError:
            return {"base64": b64encode(value).decode("ascii")}
    if isinstance(value, Folded):
        return {"length": value.length, "sha256": value.sha256, "head": _special(max(limit, FOLDED_HEAD), value.head)}
    if isinstance(value, Opaque):
        return {"repr": value.text}
    raise TypeError(f"{type(value).__name__} is no plain value")
