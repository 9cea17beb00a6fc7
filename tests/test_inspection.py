"""The whole pipeline from the Python side: any bytes, the same result twice, and errors for wrong arguments only."""

from __future__ import annotations

import asyncio
import gc
import mmap
import time
from email.utils import formatdate
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import asgi_inspect
from asgi_inspect import Inspection, Options, Severity, inspect, inspect_async
from asgi_inspect.captures.raw import read_raw
from asgi_inspect.inspection import inspect_capture, worst
from asgi_inspect.serving import http_date, versions
from tests.commands import HELLO, SAMPLES
from tests.request_table import REQUESTS, reads

DATE = "Sun, 22 Nov 2026 06:50:00 GMT"


def gist(inspection: Inspection) -> Any:
    """What decides: verdicts, scopes, messages, responses and findings of both parsers."""
    exchanges = [
        (one.verdict, one.span, one.scope, one.receive, one.send, one.response, one.outcome, one.words)
        for one in inspection.exchanges
    ]
    other = gist(inspection.other) if inspection.other else None
    return exchanges, inspection.findings, inspection.unread, inspection.capture, other


PARTS = (
    *(b"GET ", b"POST ", b"/", b"?", b" HTTP/1.1", b" HTTP/1.0", b"\r\n", b"\n", b"Host: x", b"Content-Length: 3"),
    *(b"Transfer-Encoding: chunked", b"3\r\nabc\r\n", b"0\r\n\r\n", b"\x00", b"\xff", b": ", b"Expect: 100-continue"),
)
LIKELY = st.lists(st.sampled_from(PARTS) | st.binary(max_size=5), max_size=20).map(b"".join)


@given(LIKELY | st.binary(max_size=200), st.sampled_from([None, "h11", "both"]), st.booleans(), st.integers(1, 99))
@settings(max_examples=500, deadline=None)
def test_any_bytes_give_an_inspection_twice_the_same(data: bytes, parser: str, strict: bool, size: int) -> None:
    options = Options(parser=parser, strict_bytes=strict, read_size=size, date=DATE)
    inspection = inspect(data, options)

    assert isinstance(inspection, Inspection)
    assert gist(inspection) == gist(inspect(data, options))


@pytest.mark.parametrize("data", [bytearray(HELLO), memoryview(HELLO)])
def test_what_holds_bytes_is_taken(data: bytes) -> None:
    assert inspect(data).exchanges[0].scope == inspect(HELLO).exchanges[0].scope


@pytest.mark.parametrize(
    ("arguments", "options", "error", "sentence"),
    [
        (("GET / HTTP/1.1",), {}, TypeError, "data must be bytes, not str"),
        ((None,), {}, TypeError, "data must be bytes, not NoneType"),
        ((HELLO,), {"from_": "smtp"}, ValueError, "unknown format 'smtp': known are auto, raw"),
        ((HELLO,), {"nonsense": 1}, TypeError, "nonsense"),
        ((HELLO,), {"parser": "x"}, ValueError, "parser must be one of httptools, h11, both, not 'x'"),
        ((HELLO, Options()), {"read_size": 0}, ValueError, "read_size must be a number of at least 1, not 0"),
        ((), {}, TypeError, "data"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: tuple[Any, ...], options: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error) as refused:
        inspect(*arguments, **options)
    assert sentence in str(refused.value)

    with pytest.raises(error) as refused:
        asyncio.run(inspect_async(*arguments, **options))
    assert sentence in str(refused.value)


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\x16\x03\x01\x00\xa5\x01", b"HTTP/1.1 200 OK\r\n\r\n", b'{"a": 1}'])
def test_what_is_no_request_is_a_finding_not_an_error(data: bytes) -> None:
    inspection = inspect(data)

    assert [finding.rule for finding in inspection.findings][:1] == ["not-a-request"]
    assert inspection.capture.connections[0].data == data


def test_options_can_be_kept_and_changed() -> None:
    options = Options(scheme="https", parser="h11")
    scope = inspect(HELLO, options, root_path="/api").exchanges[0].scope

    assert scope is not None
    assert (scope["scheme"], scope["root_path"]) == ("https", "/api")
    assert options.root_path == ""


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_inside_a_running_loop_it_is_the_same(path: Any) -> None:
    data = path.read_bytes()

    assert gist(asyncio.run(inspect_async(data, date=DATE))) == gist(inspect(data, date=DATE))


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """Answers every request alike."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_an_application_is_called_inside_a_running_loop_and_beside_one(parser: str) -> None:
    async def inside() -> list[Inspection]:
        return [await inspect_async(HELLO * 2, app=hello, parser=parser, date=DATE)]

    (within,), beside = asyncio.run(inside()), inspect(HELLO * 2, app=hello, parser=parser, date=DATE)

    assert gist(within) == gist(beside)
    wires = [exchange.response.wire for exchange in within.exchanges if exchange.response]
    assert len(wires) == 2
    assert all(isinstance(wire, bytes) and wire.endswith(b"\r\n\r\nhi") for wire in wires)


def test_a_named_parser_runs_alone_else_the_other_one_is_run_too() -> None:
    parsers: dict[str | None, tuple[str, str | None]] = {}
    for parser in (None, "httptools", "h11", "both"):
        inspection = inspect(HELLO, parser=parser)
        parsers[parser] = (inspection.server.parser, inspection.other.server.parser if inspection.other else None)

    assert parsers == {
        None: ("httptools", "h11"),
        "httptools": ("httptools", None),
        "h11": ("h11", None),
        "both": ("httptools", "h11"),
    }


def test_select_and_ignore_pick_findings() -> None:
    data = b"GET /a b HTTP/1.1\r\nX : y\r\n\r\n"
    every = [finding.rule for finding in inspect(data).findings]

    assert [finding.rule for finding in inspect(data, select=["host-"]).findings] == ["host-missing"]
    assert [finding.rule for finding in inspect(data, ignore=["host-"]).findings] == [
        rule for rule in every if rule != "host-missing"
    ]


def test_findings_rank() -> None:
    assert worst(inspect(HELLO).findings) is None
    assert worst(inspect(b"GET / HTTP/1.1\r\n\r\n").findings) is Severity.WARNING
    assert worst(inspect(b"get / HTTP/1.1\r\n\r\n").findings) is Severity.ERROR


@given(st.integers(0, 32_503_680_000))
def test_dates_are_those_of_http_whatever_the_locale(seconds: int) -> None:
    assert http_date(seconds + 0.25) == formatdate(seconds, usegmt=True)


def test_the_date_can_be_fixed_and_left_out() -> None:
    refused = [
        inspect(b"GET\r\n\r\n", **change).exchanges[0].response for change in ({"date": DATE}, {"date_header": False})
    ]
    fixed, without = refused

    assert fixed is not None
    assert without is not None
    assert dict(fixed.headers)[b"date"] == DATE.encode()
    assert b"date" not in dict(without.headers)


def test_versions_are_those_of_the_parts() -> None:
    import h11
    import httptools

    assert versions()["h11"] == h11.__version__  # type: ignore[attr-defined]
    assert versions()["httptools"] == httptools.__version__
    assert versions()["asgi-inspect"] == asgi_inspect.__version__


def test_nothing_is_printed(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        print("printed")
        await hello(scope, receive, send)

    inspection = inspect(HELLO, app=app, lifespan="off")

    assert inspection.printed == "printed\n"
    assert capfdbinary.readouterr() == (b"", b"")


def test_two_threads_at_once() -> None:
    """A library call keeps to itself: no state is shared between two inspections."""
    from concurrent.futures import ThreadPoolExecutor

    datas = [path.read_bytes() for path in SAMPLES] * 4
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda data: gist(inspect(data, date=DATE)), datas))

    assert together == [gist(inspect(data, date=DATE)) for data in datas]


def test_a_mapped_file_is_inspected_as_bytes_are(tmp_path: Path) -> None:
    """A large file is mapped, whatever it holds; a mapping lacks some of what bytes can do."""
    for name in REQUESTS:
        data = b"".join(reads(name)) + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        path = tmp_path / "request"
        path.write_bytes(data)
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            mapped_capture = read_raw(cast(bytes, mapped), "request", strict=True)
            seen = inspect_capture(mapped_capture, Options(date=DATE))
            expected = inspect_capture(read_raw(data, "request", strict=True), Options(date=DATE))

            assert seen.exchanges == expected.exchanges, name
            assert (seen.unread, seen.findings) == (expected.unread, expected.findings), name


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_runs_that_end_in_another_order_than_they_began() -> None:
    """The first to begin is the first to end; what each listened to is not heard twice afterwards."""

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.2)
        await hello(scope, receive, send)

    async def slower(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.5)
        await hello(scope, receive, send)

    async def forgets(scope: Any, receive: Any, send: Any) -> None:
        asyncio.sleep(0)  # type: ignore[unused-coroutine]
        await hello(scope, receive, send)

    async def both() -> None:
        first = asyncio.create_task(inspect_async(HELLO, app=slow, lifespan="off"))
        await asyncio.sleep(0.05)
        await asyncio.gather(first, inspect_async(HELLO, app=slower, lifespan="off"))

        assert asyncio.get_running_loop().get_task_factory() is None

    asyncio.run(both())

    findings = inspect(HELLO, app=forgets, lifespan="off").findings
    assert [finding.rule for finding in findings].count("coroutine-never-awaited") == 1


def test_runs_in_threads_leave_the_collector_as_it_was() -> None:
    """Whichever ends first."""
    before = gc.get_threshold()

    def run(seconds: float) -> None:
        async def slow(scope: Any, receive: Any, send: Any) -> None:
            await asyncio.sleep(seconds)
            await hello(scope, receive, send)

        inspect(HELLO, app=slow, lifespan="off")

    threads = [Thread(target=run, args=(seconds,)) for seconds in (0.2, 0.5)]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    for thread in threads:
        thread.join()

    assert gc.get_threshold() == before


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\r\n\n"])
@pytest.mark.parametrize("behind", [b"", b"\r\n", b"\n", b"\n\n", b"\r\n\r\n", b"GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_a_request_ends_with_its_first_empty_line(end: bytes, behind: bytes) -> None:
    """h11 takes lines that end with LF alone, and any mixture."""
    data = b"GET /1 HTTP/1.1\nHost: x" + end
    inspection = inspect(data + behind, parser="h11", from_="raw", strict_bytes=True)

    assert inspection.exchanges[0].span == (0, len(data))
    assert inspection.exchanges[0].verdict == "accepted"
