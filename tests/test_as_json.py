"""The JSON report: its schema as CONTRACT.md has it, exact both ways, valid for any bytes."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgi_inspect import Folded, Inspection, inspect
from asgi_inspect.render.as_json import as_json, as_jsonl
from tests.commands import HELLO, SAMPLES

LIMIT = 1 << 20
BODY = b"POST /p?q HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b"


def document(inspection: Inspection, limit: int = LIMIT) -> Any:
    """The report, read back."""
    return json.loads(as_json(inspection, body_limit=limit))


# The way back, as anyone would write it from CONTRACT.md


def as_bytes(value: Any) -> bytes:
    """A byte string: text where it is UTF-8, else base64."""
    if isinstance(value, str):
        return value.encode()
    assert list(value) == ["base64"]
    return base64.b64decode(value["base64"], validate=True)


def as_headers(value: Any) -> list[tuple[bytes, bytes]]:
    return [(as_bytes(name), as_bytes(content)) for name, content in value]


def as_scope(value: dict[str, Any]) -> dict[str, Any]:
    """The scope that the application is called with, types included."""
    scope = dict(value)
    scope["headers"] = as_headers(value["headers"])
    for key in ("raw_path", "query_string"):
        scope[key] = as_bytes(value[key])
    for key in ("client", "server"):
        scope[key] = tuple(value[key])
    return scope


def as_message(value: dict[str, Any]) -> dict[str, Any]:
    message = dict(value)
    if "body" in value:
        message["body"] = as_bytes(value["body"])
    if "headers" in value:
        message["headers"] = as_headers(value["headers"])
    return message


# The schema: what CONTRACT.md shows, and what has been added to it since

NONE = type(None)
DOCUMENT = {
    "schema": str,
    "tool": dict,
    "capture": dict,
    "server": dict,
    "lifespan": (NONE, dict),
    "exchanges": list,
    "unread": (NONE, dict, list),
    "findings": list,
}
CAPTURE = {"source": str, "format": str, "fidelity": str, "repairs": list, "connections": list}
REPAIR = {"rule": str, "message": str, "span": list}
CONNECTION = {"number": int, "length": int, "sha256": str, "segments": list}
SERVER = {"name": str, "version": str, "parser": str}
EXCHANGE = {
    "number": int,
    "connection": int,
    "verdict": str,
    "span": list,
    "scope": (NONE, dict),
    "provenance": dict,
    "receive": list,
    "steps": list,
    "send": list,
    "response": (NONE, dict),
    "outcome": str,
    "error": (NONE, str),
}
STEP = {"call": str, "at": (int, float), "done": (NONE, int, float), "message": (NONE, dict), "wire": (str, dict)}
RESPONSE = {
    "status": (NONE, int),
    "reason": str,
    "headers": list,
    "body": (str, dict),
    "wire": (str, dict),
    "by": str,
}
FINDING = {
    "rule": str,
    "severity": str,
    "message": str,
    "help": str,
    "spec": str,
    "exchange": (NONE, int),
    "step": (NONE, int),
    "span": (NONE, list),
    "line": (NONE, int),
    "column": (NONE, int),
    "source": (NONE, str),
}
ADDED = {
    "document": {"printed", "other"},
    "capture": {"why"},
    "server": {"parser_version"},
    "exchange": {"traceback", "messages", "websocket"},
    "step": {"error", "source"},
    "finding": {"label", "notes", "connection"},
}


def conforms(value: Any, shape: dict[str, Any], name: str = "") -> None:
    """Every key is there, of its type, and none that nobody knows of."""
    assert isinstance(value, dict)
    assert set(shape) <= set(value), name
    assert set(value) - set(shape) <= ADDED.get(name, set()), name
    for key, kind in shape.items():
        assert isinstance(value[key], kind), (name, key)


def conforms_to_the_contract(report: Any) -> None:
    conforms(report, DOCUMENT, "document")
    assert report["schema"] == "asgi-inspect/1"
    assert {"asgi-inspect", "h11", "httptools", "python"} <= set(report["tool"])
    conforms(report["capture"], CAPTURE, "capture")
    assert report["capture"]["fidelity"] in ("exact", "repaired", "reconstructed")
    for repair in report["capture"]["repairs"]:
        conforms(repair, REPAIR)
    for connection in report["capture"]["connections"]:
        conforms(connection, CONNECTION)
    conforms(report["server"], SERVER, "server")
    for number, exchange in enumerate(report["exchanges"], 1):
        conforms(exchange, EXCHANGE, "exchange")
        assert exchange["number"] == number
        assert exchange["verdict"] in ("accepted", "rejected", "incomplete")
        for step in exchange["steps"]:
            conforms(step, STEP, "step")
            assert step["call"] in ("receive", "send", "raise", "return", "server")
        if exchange["response"] is not None:
            conforms(exchange["response"], RESPONSE)
            assert exchange["response"]["by"] in ("app", "server", "stand-in")
    for finding in report["findings"]:
        conforms(finding, FINDING, "finding")
        assert finding["severity"] in ("error", "warning", "note")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_sample_has_the_schema(path: Any) -> None:
    for parser in (None, "h11", "both"):
        conforms_to_the_contract(document(inspect(path.read_bytes(), source=path.name, parser=parser)))


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the body that came; its lifespan leaves a state."""
    if scope["type"] == "lifespan":
        await receive()
        scope["state"]["key"] = b"\xff"
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    if scope["path"] == "/raise":
        raise RuntimeError("no")
    headers = [(b"content-length", b"%d" % len(body)), (b"x-raw", b"\xff")]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_a_dry_run_has_the_schema_and_comes_back_exactly(parser: str) -> None:
    body = bytes(range(256))
    inspection = inspect(BODY % (256, body) + BODY.replace(b"/p", b"/raise") % (1, b"x"), app=echo, parser=parser)
    report = document(inspection)

    conforms_to_the_contract(report)
    assert report["lifespan"]["startup"]["status"] == report["lifespan"]["shutdown"]["status"] == "complete"
    assert as_bytes(report["lifespan"]["state"]["key"]) == b"\xff"
    first, second = report["exchanges"]
    assert (first["outcome"], second["outcome"]) == ("completed", "raised")
    assert second["error"] == "RuntimeError: no"
    assert second["response"]["by"] == "server"
    assert [as_message(message) for message in first["send"]] == list(inspection.exchanges[0].send)
    assert [as_message(message) for message in first["receive"]] == list(inspection.exchanges[0].receive)
    assert as_bytes(first["response"]["body"]) == body
    response = inspection.exchanges[0].response
    assert response is not None
    assert as_bytes(first["response"]["wire"]) == response.wire
    assert as_headers(first["response"]["headers"]) == list(response.headers)
    sent = [step for step in first["steps"] if step["call"] == "send"]
    assert b"".join(as_bytes(step["wire"]) for step in sent) == response.wire
    times = [(step["at"], step["done"]) for step in first["steps"]]
    assert times == sorted(times)
    assert all(0 <= at <= done for at, done in times)


@pytest.mark.parametrize("parser", ["httptools", "h11"])
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_scope_comes_back_exactly(path: Any, parser: str) -> None:
    inspection = inspect(path.read_bytes(), parser=parser)
    for exchange, told in zip(inspection.exchanges, document(inspection)["exchanges"], strict=True):
        assert told["scope"] is exchange.scope is None or as_scope(told["scope"]) == exchange.scope
        assert [as_message(message) for message in told["receive"]] == list(exchange.receive)


@given(st.binary(max_size=40), st.binary(max_size=40), st.sampled_from(["httptools", "h11"]))
@settings(max_examples=80, deadline=None)
def test_any_accepted_bytes_come_back_exactly(value: bytes, body: bytes, parser: str) -> None:
    data = (BODY % (len(body), body)).replace(b"Host", b"X: " + value + b"\r\nHost", 1)
    inspection = inspect(data, parser=parser, strict_bytes=True)
    for exchange, told in zip(inspection.exchanges, document(inspection)["exchanges"], strict=True):
        assert told["scope"] is exchange.scope is None or as_scope(told["scope"]) == exchange.scope
        assert [as_message(message) for message in told["receive"]] == list(exchange.receive)


@given(st.binary(max_size=400))
@settings(max_examples=80, deadline=None)
def test_any_bytes_give_valid_json(data: bytes) -> None:
    inspection = inspect(data)

    conforms_to_the_contract(document(inspection))
    lines = list(as_jsonl([inspection], body_limit=LIMIT))
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert [json.loads(line) for line in lines]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_connections_and_spans_point_at_the_bytes(path: Any) -> None:
    inspection = inspect(path.read_bytes(), source=path.name)
    report = document(inspection)
    (told,), (connection,) = report["capture"]["connections"], inspection.capture.connections
    data = connection.data

    assert told["length"] == len(data) == sum(told["segments"])
    assert told["sha256"] == hashlib.sha256(data).hexdigest()
    spans = [exchange["span"] for exchange in report["exchanges"]]
    assert all(0 <= start < end <= len(data) for start, end in spans)
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]
    for finding in report["findings"]:
        start, end = finding["span"]
        assert 0 <= start <= end <= len(data)
        assert finding["line"] == data.count(b"\n", 0, start) + 1
        assert finding["column"] == start - (data.rfind(b"\n", 0, start) + 1) + 1
    for exchange in report["exchanges"]:
        if exchange["scope"] is None:
            assert exchange["provenance"] == {}
            continue
        # A WebSocket's scope has no method, so nothing points at it.
        assert ("method" in exchange["provenance"]) is ("method" in exchange["scope"])
        start, end = exchange["provenance"].get("method", (0, 0))
        assert data[start:end].decode() == exchange["scope"].get("method", "")
        start, end = exchange["provenance"]["query_string"] if exchange["scope"]["query_string"] else (0, 0)
        assert data[start:end] == as_bytes(exchange["scope"]["query_string"])
        for (name, value), (name_span, value_span) in zip(
            exchange["scope"]["headers"], exchange["provenance"]["headers"], strict=True
        ):
            assert data[slice(*name_span)].lower() == as_bytes(name)
            assert data[slice(*value_span)] == as_bytes(value)


def test_a_body_over_the_limit_is_told_by_length_hash_and_head() -> None:
    body = bytes(range(256)) * 8
    exchange = document(inspect(BODY % (len(body), body)), limit=100)["exchanges"][0]
    (message,) = exchange["receive"]
    told = message["body"]

    assert set(told) == {"length", "sha256", "head"}
    assert (told["length"], told["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert as_bytes(told["head"]) == body[:64]
    assert document(inspect(BODY % (64, body[:64])), limit=64)["exchanges"][0]["receive"][0]["body"] != told


def test_a_body_that_was_never_kept_is_told_the_same_way() -> None:
    body = b"0123456789" * 300_000
    inspection = inspect(BODY % (len(body), body), read_size=1 << 20)
    folded = [message["body"] for message in inspection.exchanges[0].receive if isinstance(message["body"], Folded)]
    told = [message["body"] for message in document(inspection)["exchanges"][0]["receive"]]

    assert folded
    lengths = [value["length"] if isinstance(value, dict) else len(value) for value in told]
    assert sum(lengths) == len(body)
    position = 0
    for value, length in zip(told, lengths, strict=True):
        if isinstance(value, dict):
            assert value["sha256"] == hashlib.sha256(body[position : position + length]).hexdigest()
            assert as_bytes(value["head"]) == body[position : position + 64]
        position += length


def test_jsonl_has_a_header_a_line_for_each_exchange_and_an_end() -> None:
    inspection = inspect(HELLO * 3 + b"GET / HTTP/1.1\r\nConnection: close\r\n\r\nrest")
    whole = document(inspection)
    header, *exchanges, end = (json.loads(line) for line in as_jsonl([inspection], body_limit=LIMIT))

    assert "exchanges" not in header
    assert "findings" not in header
    assert exchanges == whole["exchanges"]
    assert len(exchanges) == 4
    assert end == {"unread": whole["unread"], "findings": whole["findings"]}
    assert {**header, **end, "exchanges": exchanges, "other": whole["other"]} == whole


REPEATED = (
    b"GET /100%?q=%s HTTP/1.1\r\nHost: x\r\nX-%d: %(a)s 7\r\n\r\n",
    b"GET /caf%C3%A9 HTTP/1.1\r\nHost: x\r\nX: \xe9\r\n\r\n",
    b"POST /%% HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na%d\r\n0\r\nT: v\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n\xff%s\x00",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n" + b"%d" * 499 + b".",
)


@given(order=st.lists(st.sampled_from(REPEATED), max_size=12), parser=st.sampled_from(["httptools", "h11"]))
def test_requests_that_come_again_are_told_as_the_first_time(order: list[bytes], parser: str) -> None:
    inspection = inspect(b"".join(order), parser=parser, from_="raw", strict_bytes=True)
    _, *lines, _ = as_jsonl([inspection], body_limit=100)

    told = document(inspection, limit=100)["exchanges"]
    assert [json.loads(line) for line in lines] == told
    assert [list(json.loads(line)) for line in lines] == [list(exchange) for exchange in told]
    assert len(told) == len(order)


def test_answers_that_are_equal_but_not_the_same_are_told_apart() -> None:
    values = [True, True, 1, True, 1.0, 1, "1", True, 1, 1.0]
    left = iter(values)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "extra": next(left)})
        await send({"type": "http.response.body", "body": b"100%"})

    inspection = inspect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * len(values), app=app, lifespan="off")
    _, *lines, _ = as_jsonl([inspection], body_limit=LIMIT)

    told = [json.loads(line) for line in lines]
    assert told == document(inspection)["exchanges"]
    assert [repr(exchange["send"][0]["extra"]) for exchange in told] == [repr(value) for value in values]


def test_bytes_that_were_never_read_are_told() -> None:
    data = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    unread = document(inspect(data + b"rest"))["unread"]

    assert unread["span"] == [len(data), len(data) + 4]
    assert document(inspect(data))["unread"] is None


def test_what_no_json_can_hold_is_told_by_its_repr() -> None:
    class Database:
        def __repr__(self) -> str:
            return "<Database of 3 orders>"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            scope["state"].update({"database": Database(), "nan": float("nan"), 1: (2, {3}), "half": "\ud800"})
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    text = as_json(inspect(HELLO, app=app), body_limit=LIMIT)
    state = json.loads(text, parse_constant=pytest.fail)["exchanges"][0]["scope"]["state"]

    assert state == {
        "database": {"repr": "<Database of 3 orders>"},
        "nan": {"repr": "nan"},
        "1": [2, {"repr": "{3}"}],
        "half": "\ud800",
    }
