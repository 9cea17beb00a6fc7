"""The text report, sample by sample, as someone reads it.

`ASGI_INSPECT_GOLDEN=write python -m pytest tests/test_as_text.py` writes tests/golden anew; read the difference.
"""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from asgi_inspect import Inspection, inspect
from asgi_inspect.cli import run
from asgi_inspect.render.as_text import as_text
from asgi_inspect.render.layout import DRAWN, Page, text_width
from tests.commands import HELLO, ROOT, SAMPLES

GOLDEN = Path(__file__).parent / "golden"
DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
MASKED = "Sun, 22 Nov 2026 06:50:00 GMT"

REPORTS: dict[str, tuple[int, tuple[str, ...]]] = {
    **{path.stem: (80, (str(path.relative_to(ROOT)),)) for path in SAMPLES},
    "upload-120": (120, ("samples/upload.http",)),
    "two-lengths-40": (40, ("samples/broken/two-lengths.http",)),
    "hello-bytes": (80, ("samples/hello.http", "--show", "bytes")),
    "bare-line-feed-both": (80, ("samples/broken/bare-line-feed.http", "--parser", "both")),
    "folded-header-h11": (80, ("samples/broken/folded-header.http", "--parser", "h11")),
    "typed-strict": (80, ("samples/typed.http", "--strict-bytes")),
    "order-plain": (80, ("samples/order.http", "--app", "samples.apps.plain:app")),
    "hello-raises": (80, ("samples/hello.http", "--app", "samples/apps/raises.py:app")),
    "pipelined-plain-40": (40, ("samples/pipelined.http", "--app", "samples.apps.plain:app")),
}


def masked(text: str) -> str:
    """Without what differs from run to run: the date, times, and the versions of parsers."""
    text = DATE.sub(MASKED, text)
    text = re.sub(r"(with (?:httptools|h11)) \d+\.\d+\.\d+", r"\1 X.Y.Z", text)
    text = re.sub(r"(complete in )\d+\.\d\d ms", r"\g<1>0.00 ms", text)
    # A time that takes the place of another with more digits moves nothing: the column is padded.
    text = re.sub(
        r"^( {13}| {3})(\d+\.\d\d ms)( +)", lambda m: m[1] + "0.00 ms".ljust(len(m[2] + m[3])), text, flags=re.M
    )
    # Steps within a hundredth of a millisecond of each other share one time.
    return re.sub(r"^( {13}| {3})0\.00 ms(?= +(?:server|app|\S))", r"\1       ", text, flags=re.M)


@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_as_they_were_read(
    name: str, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    width, arguments = REPORTS[name]
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    for variable in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    run(list(arguments))
    text = masked(capsysbinary.readouterr().out.decode())
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("ASGI_INSPECT_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")

    assert text == golden.read_text(encoding="utf-8")
    assert max(map(text_width, text.splitlines())) <= width


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(REPORTS)


def text_of(data: bytes, page: Page | None = None, **options: Any) -> str:
    """The report on `data`."""
    return as_text(inspect(data, **options), page or Page())


def blocks(text: str) -> list[str]:
    """The first line of each request's block."""
    return [line for line in text.splitlines() if re.match(r"\d+  \S", line)]


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (HELLO, "1  GET /hello?name=John HTTP/1.1" + " " * 40 + "accepted"),
        (b"get / HTTP/1.1\r\nHost: x\r\n\r\n", "1  get / HTTP/1.1" + " " * 55 + "rejected"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", "1  GET / HTTP/1.1" + " " * 53 + "incomplete"),
        (b"\x00\x01", "1  \\x00\\x01" + " " * 61 + "rejected"),
    ],
)
def test_the_first_line_of_a_request_gives_the_verdict(data: bytes, verdict: str) -> None:
    assert blocks(text_of(data, strict_bytes=True)) == [verdict]


def test_every_request_has_its_line() -> None:
    text = text_of(HELLO * 12 + b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", read_size=len(HELLO))
    lines = blocks(text)

    assert [line.split()[0] for line in lines] == [str(number) for number in range(1, 14)]
    assert [line.split()[-1] for line in lines] == ["accepted"] * 12 + ["rejected"]


async def answers(scope: Any, receive: Any, send: Any) -> None:
    """Answers as the target asks."""
    status = int(scope["query_string"] or 200)
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    if scope["path"] == "/raise":
        raise RuntimeError("no table\nby that name")
    body = {"/json": b'{"a": ["\xc3\xa9", 1]}', "/broken": b'{"a"', "/binary": bytes(range(64)), "/gzip": b"x"}
    await send({"type": "http.response.body", "body": body.get(scope["path"], b"")})


def get(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("target", "verdict"),
    [("/", "accepted, 200"), ("/?404", "accepted, 404"), ("/raise", "accepted, 200, raised")],
)
def test_with_an_application_the_status_stands_beside_the_verdict(target: str, verdict: str) -> None:
    (line,) = blocks(text_of(get(target), app=answers, lifespan="off"))

    assert line.endswith(f"  {verdict}")


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        ("/json", ["{\n             ", '  "a": [\n', '    "é",\n']),
        ("/broken", ['             {"a"\n']),
        (
            "/binary",
            [
                "             000000  00 01 02 03 04 05 06 07  ........\n",
                "             000038  38 39 3a 3b 3c 3d 3e 3f  89:;<=>?\n",
            ],
        ),
    ],
)
def test_a_body_is_made_readable(target: str, lines: list[str]) -> None:
    text = text_of(get(target), app=answers, lifespan="off")

    for line in lines:
        assert line in text


def test_startup_tells_what_it_left_in_the_state() -> None:
    """A short value as it is, anything else by the name of its type."""

    class Database:
        pass

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            return await answers(scope, receive, send)
        await receive()
        scope["state"].update({"db": Database(), "n": 3, "name": "x", "long": "y" * 99, "all": [1]})
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    text = re.sub(r"\s+", " ", text_of(get("/"), app=app))

    assert 'state {"db": <Database>, "n": 3, "name": "x", "long": <str>, "all": <list>}' in text
    assert 'state {"db": <Database>, "n": 3, "name": "x", "long": "yyy' in text, "in the scope it stands whole"


def test_an_exception_is_shown_with_the_applications_frames_only() -> None:
    text = text_of(get("/raise"), app=answers, lifespan="off")
    error = text.partition("   error     ")[2].partition("\n\n")[0]

    assert error.startswith("Traceback (most recent call last):\n")
    assert re.findall(r'File "(.*?)"', error.replace("\n             ", "")) == ["tests/test_as_text.py"]
    assert error.rstrip().endswith("by that name")


def test_signs_for_a_terminal_change_no_words() -> None:
    for path in SAMPLES:
        inspection: Inspection = inspect(path.read_bytes(), source=path.name)
        plain, drawn = as_text(inspection, Page()), as_text(inspection, Page(glyphs=DRAWN))
        back = {
            "│": "|",
            "───▶": "--->",
            "◀───": "<---",
            "·": "-",
            "…": "...",
            "␍": "\\r",
            "␊": "\\n",
            "␛": "\\x1b",
            "␉": "\\t",
        }
        for sign, word in back.items():
            drawn = drawn.replace(sign, word)

        # What is narrower folds later and moves what stands at the right.
        assert re.sub(r"[\s^|]", "", drawn) == re.sub(r"[\s^|]", "", plain)


def test_a_literal_escape_is_no_line_end_where_signs_are_drawn() -> None:
    text = text_of(b"GET / HTTP/1.1\r\nHost: x\r\nX: a\\r\\nb\r\n\r\n", Page(glyphs=DRAWN))

    assert "3 │ X: a\\r\\nb␍␊\n" in text


def test_findings_come_last_and_the_worst_of_them_last_of_all() -> None:
    text = text_of(b"GET /a HTTP/1.1\r\nX : y\r\n\r\n")
    heads = re.findall(r"^(note|warning|error)\[", text, re.M)

    assert len(heads) > 1
    assert heads == sorted(heads, key=["note", "warning", "error"].index)
    assert text.rindex("\n1  ") < text.index(f"{heads[0]}[")
    assert text.splitlines()[-1].startswith("1 error")
