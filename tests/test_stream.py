"""An inspection in parts tells what the whole one tells, whatever one read brings."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from asgi_inspect import Options
from asgi_inspect.captures import read_capture
from asgi_inspect.captures.capture import Capture, ClientConnection
from asgi_inspect.inspection import inspect_capture
from asgi_inspect.render.as_json import as_jsonl
from asgi_inspect.stream import inspect_parts
from tests.commands import SAMPLES
from tests.request_table import REQUESTS, reads

DATE = "Thu, 01 Jan 1970 00:00:00 GMT"
GET = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n"


def lines(parts: Any) -> list[Any]:
    """The lines of jsonl, the findings in an order of their own: a part tells those it has."""
    told = [json.loads(line) for line in as_jsonl(parts, body_limit=1000)]
    told[-1]["findings"].sort(key=json.dumps)
    told[0].pop("tool")  # of wsproto the whole knows whether it was needed
    return told


def check(capture: Capture, **changes: Any) -> None:
    """Compare both ways; the parts must be more than one where there is more than one read."""
    options = Options(date=DATE, **changes)

    assert lines(inspect_parts(capture, options)) == lines([inspect_capture(capture, options)])


@pytest.mark.parametrize("parser", [None, "h11", "httptools"])
@pytest.mark.parametrize("read_size", [1, 7, 64, 65536])
def test_the_samples(parser: str | None, read_size: int) -> None:
    for sample in SAMPLES:
        capture = read_capture(sample.read_bytes(), sample.name)
        check(capture, parser=parser, read_size=read_size)


@pytest.mark.parametrize("read_size", [48, 49, 65536])
def test_requests_of_the_table_behind_others(read_size: int) -> None:
    """A third of them at each size: two good ones in front and one behind, so that a refusal ends a long connection."""
    for name in list(REQUESTS)[read_size % 3 :: 3]:
        data = GET % 1 + GET % 2 + b"".join(reads(name)) + GET % 3
        client = ClientConnection(number=1, data=data)
        check(Capture(source=name, format="raw", connections=(client,)), read_size=read_size)


def test_several_connections_are_numbered_through() -> None:
    clients = tuple(ClientConnection(number=number, data=GET % number * 3) for number in (1, 2, 3))
    capture = Capture(source="x", format="raw", connections=clients)
    parts = list(inspect_parts(capture, Options(read_size=30)))

    assert [exchange.number for part in parts for exchange in part.exchanges] == list(range(1, 10))
    assert max(len(part.exchanges) for part in parts) < 3
    check(capture, read_size=30)


def test_the_collector_is_as_before_whether_all_parts_are_asked_for_or_not() -> None:
    before = gc.get_threshold()
    client = ClientConnection(number=1, data=GET % 1 * 50)
    parts = inspect_parts(Capture(source="x", format="raw", connections=(client,)), Options(read_size=30))

    next(parts)
    assert gc.get_threshold() > before
    del parts
    assert gc.get_threshold() == before
    check(Capture(source="x", format="raw", connections=(client,)), read_size=30)
    assert gc.get_threshold() == before


def test_an_application_makes_it_one_part() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    client = ClientConnection(number=1, data=GET % 1 * 5)
    (part,) = inspect_parts(Capture(source="x", format="raw", connections=(client,)), Options(app=app, lifespan="off"))

    assert [exchange.outcome for exchange in part.exchanges] == ["completed"] * 5


def test_lines_come_before_the_end_is_known(tmp_path: Path) -> None:
    """A reader that leaves after the first lines is not kept waiting for the last."""
    many = tmp_path / "many.http"
    many.write_bytes(GET % 1 * 200_000)
    command = [sys.executable, "-m", "asgi_inspect", str(many), "-f", "jsonl", "--parser", "httptools"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = [json.loads(process.stdout.readline()) for _ in range(3)]
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""

    assert [line.get("number") for line in first] == [None, 1, 2]
    assert process.returncode == 0


def test_the_exit_code_is_that_of_the_worst_part(tmp_path: Path) -> None:
    mixed = tmp_path / "mixed.http"
    mixed.write_bytes(GET % 1 * 3000 + b"GET / HTTP/1.1\r\nHost: x\r\nA\r\n\r\n")
    done = subprocess.run(
        [sys.executable, "-m", "asgi_inspect", str(mixed), "-f", "jsonl", "-o", str(tmp_path / "out.jsonl")],
        capture_output=True,
    )

    assert (done.returncode, done.stdout, done.stderr) == (3, b"", b"")
    *_, last, _ = (tmp_path / "out.jsonl").read_text().splitlines()
    assert json.loads(last)["verdict"] == "rejected"
