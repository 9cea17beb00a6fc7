"""Whatever stands behind the preface: an inspection comes of it, in every format, and soon. No exception, no wait."""

from __future__ import annotations

import json
import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import asgi_inspect
from asgi_inspect import Exchange, Inspection
from asgi_inspect.events import PREFACE
from asgi_inspect.render.as_http import as_http
from asgi_inspect.render.as_json import as_json, as_jsonl
from asgi_inspect.render.as_python import as_python
from asgi_inspect.render.as_sarif import as_sarif
from asgi_inspect.render.as_text import as_text
from asgi_inspect.render.layout import Page
from asgi_inspect.servers.http2_frames import frame_bytes
from asgi_inspect.span import printable
from tests.apps.over_http2 import app
from tests.http2_cases import CASES, REQUESTS
from tests.http2_frames import GET, OPENING, POST, SETTINGS, data, headers
from tests.http2_frames import settings as settings_frame
from tests.oracle import Receive, Scope, Send

# A longer search: HTTP2_EXAMPLES=20000 pytest tests/test_http2_hostile.py -k any
EXAMPLES = int(os.environ.get("HTTP2_EXAMPLES", "60"))
UNHURRIED = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SMALL = [case for case in CASES.values() if len(case) < 1500]


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"1")]})
    await send({"type": "http.response.body", "body": b"ok"})


def everything(whole: bytes, **options: object) -> Inspection:
    """With and without an application, drawn in all ways."""
    for called in (None, answers):
        inspection = asgi_inspect.inspect(whole, app=called, lifespan="off", timeout=1, **options)
        for width in (20, 60, 80):
            text = as_text(inspection, Page(width=width))
            assert all(printable(line) == line for line in text.split("\n"))
        json.loads(as_json(inspection, body_limit=1000))
        assert [json.loads(line) for line in as_jsonl([inspection], body_limit=1000)]
        compile(as_python(inspection), "shown", "exec")
        json.loads(as_sarif(inspection))
        assert isinstance(as_http(inspection), bytes)
        _consistent(inspection)
    return inspection


def _consistent(inspection: Inspection) -> None:
    for exchange in inspection.exchanges:
        assert 0 <= exchange.span.start <= exchange.span.end <= len(exchange.data)
        _of_exchange(exchange)
    for finding in inspection.findings:
        if finding.span is not None:
            assert 0 <= finding.span.start <= finding.span.end <= len(inspection.exchanges[0].data)


def _of_exchange(exchange: Exchange) -> None:
    assert exchange.head.lines == []
    assert exchange.body.end is None
    assert isinstance(exchange.provenance, dict)
    if exchange.response is not None:
        assert exchange.response.reason == ""
        assert isinstance(exchange.response.headers, tuple)


@pytest.mark.parametrize("name", ["two bodies interleaved", "trailers", "continuation", "capitals", "padding"])
def test_a_capture_cut_at_any_octet(name: str) -> None:
    whole = OPENING + CASES[name]

    for end in range(len(PREFACE), len(whole)):
        inspection = asgi_inspect.inspect(whole[:end], app=app, lifespan="off", timeout=5)
        assert inspection.exchanges
        _consistent(inspection)


@pytest.mark.parametrize("name", REQUESTS)
def test_a_capture_cut_in_its_last_octets_is_drawn(name: str) -> None:
    whole = OPENING + REQUESTS[name]

    for end in (len(OPENING), len(OPENING) + 5, len(whole) - 1):
        everything(whole[:end])


@pytest.mark.parametrize("end", range(1, len(PREFACE)))
def test_a_preface_that_is_cut_is_no_http2_yet(end: int) -> None:
    inspection = asgi_inspect.inspect(PREFACE[:end])

    assert all(exchange.http2 is None for exchange in inspection.exchanges)


@UNHURRIED
@given(st.binary(max_size=300))
def test_any_octets_behind_the_preface(behind: bytes) -> None:
    everything(PREFACE + behind)
    everything(OPENING + behind)


@UNHURRIED
@given(st.sampled_from(SMALL), st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=5))
def test_any_mutation(case: bytes, changes: list[tuple[int, int]]) -> None:
    whole = bytearray(OPENING + case)
    for at, octet in changes:
        whole[len(PREFACE) + at % (len(whole) - len(PREFACE))] = octet

    everything(bytes(whole))


@UNHURRIED
@given(st.lists(st.sampled_from(SMALL), max_size=6), st.integers(1, 200))
def test_any_cases_in_any_reads(cases: list[bytes], read_size: int) -> None:
    everything(OPENING + b"".join(cases), read_size=read_size)


FLOODS = {
    "settings": SETTINGS * 20_000,
    "pings": frame_bytes(6, 0, 0, bytes(8)) * 20_000,
    "window updates": frame_bytes(8, 0, 0, b"\0\0\0\1") * 20_000,
    "frames of no type": frame_bytes(77, 0, 0, b"") * 50_000,
    "empty data": headers(POST, end=False) + data(b"", end=False) * 50_000,
    "windows that grow": headers(POST, end=False) + settings_frame((4, 1), (4, 2)) * 10_000,
    "requests": b"".join(headers(GET, stream=2 * n + 1) for n in range(2000)),
    "padding": headers(POST, end=False) + frame_bytes(0, 8, 1, b"\xff" + bytes(255)) * 5000,
    "table sizes": b"".join(frame_bytes(1, 5, 2 * n + 1, b"\x20" * 1000 + b"\x82") for n in range(100)),
    "a number without end": frame_bytes(1, 5, 1, b"\xff" * 16384),
    "many small fields": frame_bytes(1, 5, 1, b"\x82" * 16384),
    "cookies": headers([*GET, *[(b"cookie", b"a")] * 1500]),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_passes_in_seconds(name: str) -> None:
    begun = time.perf_counter()
    inspection = asgi_inspect.inspect(OPENING + FLOODS[name], lifespan="off", timeout=5)
    as_text(inspection, Page())
    as_json(inspection, body_limit=1000)

    assert inspection.exchanges
    assert time.perf_counter() - begun < 20


def test_escapes_never_reach_a_terminal() -> None:
    fields = [*GET[:2], (b":path", b"/\x1b[31m"), (b"a", b"\xc2\x9b31m"), (b"b", b"\xe2\x80\xae")]
    text = as_text(asgi_inspect.inspect(OPENING + headers(fields) + headers(GET[:3] + fields[3:], stream=3)), Page())

    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "\u202e" not in text
