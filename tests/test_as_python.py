"""The Python report runs as it stands, and what it holds equals what the application saw, types included."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgi_inspect import Inspection, inspect
from asgi_inspect.render.as_python import as_python
from tests.commands import HELLO, SAMPLES


def names(inspection: Inspection) -> dict[str, Any]:
    """What the report defines."""
    namespace: dict[str, Any] = {}
    exec(compile(as_python(inspection), "report.py", "exec"), namespace)
    del namespace["__builtins__"]
    return namespace


def same(left: Any, right: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def is_what_was_seen(inspection: Inspection) -> None:
    """Every literal of the report, beside what the inspection holds."""
    defined = names(inspection)
    for exchange in inspection.exchanges:
        suffix = "" if len(inspection.exchanges) == 1 else f"_{exchange.number}"
        assert same(defined.pop(f"scope{suffix}"), exchange.scope)
        assert same(defined.pop(f"receive{suffix}"), list(exchange.receive))
        assert same(defined.pop(f"send{suffix}"), list(exchange.send))
    assert defined == {}


@pytest.mark.parametrize("parser", ["httptools", "h11"])
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_sample_runs_as_it_stands(path: Any, parser: str) -> None:
    is_what_was_seen(inspect(path.read_bytes(), source=path.name, parser=parser))


@given(
    st.binary(max_size=60).map(lambda value: b"/" + value),
    st.binary(max_size=60),
    st.binary(max_size=60),
    st.sampled_from(["httptools", "h11"]),
)
@settings(max_examples=100, deadline=None)
def test_any_request_runs_as_it_stands(target: bytes, value: bytes, body: bytes, parser: str) -> None:
    head = b"POST %b HTTP/1.1\r\nHost: x\r\nX: %b\r\nContent-Length: %d\r\n\r\n" % (target, value, len(body))
    is_what_was_seen(inspect(head + body, parser=parser))


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_run_as_they_stand(data: bytes) -> None:
    is_what_was_seen(inspect(data, source=data.decode("latin-1")))


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_what_an_application_sends_runs_as_it_stands(value: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [], "value": value})
        await send({"type": "http.response.body", "body": b"x"})

    is_what_was_seen(inspect(HELLO, app=app, lifespan="off"))


def test_what_has_no_literal_stands_as_a_string() -> None:
    from http import HTTPStatus

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": HTTPStatus.CREATED, "headers": [], "x": [object(), {1}]})
        await send({"type": "http.response.body", "body": b"x", "nan": float("nan"), "inf": float("-inf")})

    start, body = names(inspect(HELLO, app=app, lifespan="off"))["send"]

    assert start == {"type": "http.response.start", "status": 201, "headers": [], "x": ["<object>", "<set>"]}
    assert type(start["status"]) is int
    assert (body["nan"] != body["nan"], body["inf"]) == (True, float("-inf"))


def test_several_requests_are_numbered_and_a_rejected_one_has_no_scope() -> None:
    defined = names(inspect(HELLO + b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"))

    assert sorted(defined) == ["receive_1", "receive_2", "scope_1", "scope_2", "send_1", "send_2"]
    assert (defined["scope_1"]["path"], defined["scope_2"]) == ("/hello", None)


def test_lines_are_not_longer_than_they_must_be() -> None:
    longest = max(map(len, as_python(inspect(SAMPLES[0].read_bytes())).splitlines()))

    assert longest <= 120


def test_a_body_too_long_to_keep_is_told_in_a_comment() -> None:
    body = b"0123456789" * 300_000
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + body
    inspection = inspect(request, read_size=1 << 22)
    text = as_python(inspection)
    (message,) = names(inspection)["receive"]

    assert message["body"] == body[:64]
    assert "# and more: 3000000 bytes in all, sha256 " in text
