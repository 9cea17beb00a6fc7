"""Nothing that a client sent or an application wrote acts on a terminal, whatever the place and the format."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgi_inspect import Inspection, inspect
from asgi_inspect.cli import run
from asgi_inspect.exit_codes import ExitCode
from asgi_inspect.render.as_json import as_jsonl
from asgi_inspect.render.as_python import as_python
from asgi_inspect.render.as_text import as_text
from asgi_inspect.render.layout import DRAWN, Page
from asgi_inspect.report import FORMATS, rendered
from tests.commands import COLOUR, HELLO, ROOT, at_terminal, clean, spawn
from tests.hostile_corpus import HOSTILE, PLACES, unsafe

FORMS = sorted({*FORMATS.values(), "github"} - {"http"})  # the response alone is what goes over the wire, as it is
ANNOTATION = re.compile(r"::(?:error|warning|notice) [a-z]+=[^\n]*::[^\n]*")


_LINKS = ("href", "xlink:href", "src", "action", "formaction", "data")


class Acting(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        acting = [
            name
            for name, value in attrs
            if name.startswith("on") or (name in _LINKS and "javascript:" in (value or "").lower())
        ]
        self.found += acting + [tag] * (tag in ("img", "iframe", "object", "embed"))

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and "alert(1)" in data:
            self.found.append(data)


def reports(inspection: Inspection) -> Iterator[tuple[str, str]]:
    """Every text that the command can make of an inspection, by its format: the formats are those of its table."""
    both = inspection.other is not None
    text = as_text(inspection, Page(), both=both)
    painted = as_text(inspection, Page(colour=True), both=both)
    # Had one escape of theirs come through, or one markup of theirs been heard, it would differ.
    assert COLOUR.sub("", painted) == text
    yield "narrow text", as_text(inspection, Page(width=31, glyphs=DRAWN), show=("bytes", "scope", "findings"))
    for form in FORMS:
        yield form, rendered(inspection, form, "", both, None, "never", "report", ExitCode.OK).decode()
    yield "jsonl", "".join(as_jsonl([inspection], body_limit=100))


def check(inspection: Inspection) -> None:
    """Each format is safe, and still what it is."""
    for form, text in reports(inspection):
        assert unsafe(text) == set(), form
        if form in ("json", "sarif"):
            assert text.isascii()
            json.loads(text)
        elif form == "jsonl":
            assert text.isascii()
            assert [json.loads(line) for line in text.splitlines()]
        elif form == "python":
            exec(compile(text, "report.py", "exec"), {})
        elif form == "github":
            assert len(text.splitlines()) == len(inspection.findings)
            assert all(map(ANNOTATION.fullmatch, text.splitlines())), text
        elif form in ("html", "svg"):
            assert Acting(text).found == []
        if form == "svg":
            ElementTree.fromstring(text)


@pytest.mark.parametrize("place", PLACES)
def test_what_a_client_sent_never_acts(place: str) -> None:
    for name, hostile in HOSTILE.items():
        data = PLACES[place].replace(b"%b", hostile)
        check(inspect(data, source=name))
        check(inspect(data, source=name, parser="h11", strict_bytes=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_what_stands_in_a_report_can_be_read(name: str) -> None:
    """Escaped is not dropped: the bytes come back out of the report."""
    hostile = HOSTILE[name]
    inspection = inspect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(hostile) + hostile)
    namespace: dict[str, Any] = {}
    exec(as_python(inspection), namespace)

    assert namespace["receive"][0]["body"] == hostile


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_safe(data: bytes) -> None:
    check(inspect(data))


@given(st.lists(st.sampled_from([*HOSTILE.values(), b"\r\n", b" ", b": ", b"GET / HTTP/1.1\r\n", b"x"]), max_size=9))
@settings(max_examples=60, deadline=None)
def test_hostile_bytes_in_any_order_are_safe(parts: list[bytes]) -> None:
    check(inspect(b"GET / HTTP/1.1\r\n" + b"".join(parts)))


# What an application writes


class Evil:
    """An object that does what it can."""

    def __repr__(self) -> str:
        return "\x1b[31m" + "".join(hostile.decode("latin-1") for hostile in HOSTILE.values())


class Worse:
    """One whose repr fails."""

    def __repr__(self) -> str:
        raise RuntimeError("\x1b[31mno repr")


class EvilError(Exception):
    """An exception whose text fails."""

    def __str__(self) -> str:
        raise ValueError("\x1b[31mno text")


def application(text: str, how: str) -> Any:
    """An application that writes `text` wherever one can."""

    written = text.encode("utf-8", "replace")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            scope["state"].update(
                {text: text, "evil": Evil(), "worse": Worse(), "bytes": text.encode("utf-8", "replace")}
            )
            if how == "startup":
                await send({"type": "lifespan.startup.failed", "message": text})
                return
            await send({"type": "lifespan.startup.complete"})
            await receive()
            raise RuntimeError(text)
        print(text)
        if how == "raise":
            raise type(text.replace("\0", "") or "E", (Exception,), {})(text)
        if how == "unprintable":
            raise EvilError
        if how == "message":
            await send({"type": text, text: text, "body": text, "headers": [(text, Evil())], "status": Worse()})
        headers = [(b"x", written), (b"content-type", b"application/json")]
        if how == "body":
            headers = headers[1:]
        await send({"type": "http.response.start", "status": 200, "headers": headers, text: Worse()})
        await send({"type": "http.response.body", "body": written, "more_body": True})
        await send({"type": "http.response.body", "body": json.dumps({text: text}).encode()})

    return app


@pytest.mark.parametrize("how", ["headers", "body", "raise", "unprintable", "message", "startup"])
def test_what_an_application_writes_never_acts(how: str) -> None:
    for name, hostile in HOSTILE.items():
        text = hostile.decode("utf-8", "surrogateescape")
        inspection = inspect(HELLO, app=application(text, how), parser="h11", source=name, timeout=2)
        check(inspection)


HANDSHAKE = (
    b"GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%b\r\n"
)


def frame(opcode: int, payload: bytes) -> bytes:
    """A whole frame of a client; a mask of zeros changes nothing."""
    length = bytes([128 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return bytes([128 | opcode]) + length + bytes(4) + payload


@pytest.mark.parametrize("called", [False, True])
def test_what_goes_over_a_websocket_never_acts(called: bool) -> None:
    for name, hostile in HOSTILE.items():
        text = hostile.decode("utf-8", "replace")

        async def app(scope: Any, receive: Any, send: Any, text: str = text) -> None:
            if scope["type"] == "lifespan":
                raise NotImplementedError
            await receive()
            await send({"type": "websocket.accept", "headers": [(b"x", b"y")]})
            await send({"type": "websocket.send", "text": text})
            await send({"type": "websocket.send", "bytes": text.encode()})
            while (await receive())["type"] != "websocket.disconnect":
                pass
            raise RuntimeError(text)

        frames = frame(1, hostile) + frame(2, hostile) + frame(9, hostile[:100])
        for data in (
            HANDSHAKE % b"" + frames + frame(8, b"\x03\xe8" + hostile[:100]),
            HANDSHAKE % (b"Sec-WebSocket-Protocol: " + hostile + b"\r\n"),
            HANDSHAKE % b"" + hostile,
        ):
            check(inspect(data, app=app if called else None, source=name, timeout=2))


@pytest.mark.parametrize("shape", ["itself", "deep", "enum", "huge", "nan", "objects", "generator", "keys"])
def test_values_without_a_literal_are_no_obstacle(shape: str) -> None:
    itself: dict[Any, Any] = {}
    itself["itself"] = [itself]
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    from http import HTTPMethod, HTTPStatus

    value: Any = {
        "itself": itself,
        "deep": deep,
        "enum": [HTTPStatus.OK, HTTPMethod.GET, True],
        "huge": 10**5000,
        "nan": [float("nan"), float("inf"), -0.0],
        "objects": [Evil(), Worse(), bytearray(b"\x1b"), memoryview(b"\x1b"), {1, 2}, object],
        "generator": (number for number in range(3)),
        "keys": {1: "a", (1, 2): "b", None: "c", b"d": "d", HTTPStatus.OK: "e", frozenset({1}): "f"},
    }[shape]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            scope["state"]["value"] = value
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [], "extra": value})
        await send({"type": "http.response.body"})

    inspection = inspect(HELLO, app=app)

    assert inspection.exchanges[0].outcome == "completed"
    check(inspection)


# The command: names of files, modules and settings, and what goes to standard error


HOSTILE_NAME = "\x1b[31mred\u202e[bold]x"
OPTIONS = (
    *("--format", "--parser", "--from", "--show", "--color", "--fail-on", "--client", "--header", "--scheme"),
    *("--interface", "--lifespan", "--loop", "--timeout", "--read-size", f"--{HOSTILE_NAME}"),
)


def test_a_hostile_file_name_is_only_a_name(tmp_path: Path) -> None:
    (tmp_path / f"{HOSTILE_NAME}.http").write_bytes(HELLO)
    for form in ("text", "json", "jsonl", "python"):
        ran = spawn(tmp_path / f"{HOSTILE_NAME}.http", "-f", form)

        assert ran.code == 0
        assert unsafe(ran.text) == set()
        assert "red" in ran.text.replace("\n", "")  # a long path is wrapped, perhaps in the middle of it
    shown = at_terminal(f"{HOSTILE_NAME}.http", cwd=tmp_path, env=clean(TERM="xterm"))
    assert shown.code == 0
    assert unsafe(COLOUR.sub("", shown.text)) == set()
    assert "\\x1b[31mred\\u202e[bold]x" in shown.text


@pytest.mark.parametrize(
    "arguments",
    [
        (HOSTILE_NAME,),
        (f"Usage {HOSTILE_NAME}",),
        (f"{HOSTILE_NAME}/{HOSTILE_NAME}",),
        *(("samples/hello.http", option, HOSTILE_NAME) for option in OPTIONS),
        ("samples/hello.http", "--app", HOSTILE_NAME),
        ("samples/hello.http", "--app", f"{HOSTILE_NAME}:app"),
        ("samples/hello.http", "--app", f"samples.apps.plain:{HOSTILE_NAME}"),
        ("samples/hello.http", "--app", f"samples/{HOSTILE_NAME}.py:app"),
        ("samples/hello.http", "--app", "samples.apps.plain:app", "--env-file", HOSTILE_NAME),
        ("samples/hello.http", "-o", f"{HOSTILE_NAME}/x"),
        ("samples/hello.http", HOSTILE_NAME),
    ],
    ids=lambda arguments: " ".join(arguments).replace(HOSTILE_NAME, "…"),
)
def test_errors_on_standard_error_are_safe(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(ROOT)
    code = run(list(arguments))
    captured = capsysbinary.readouterr()

    assert (code, captured.out) == (2, b"")
    assert captured.err.startswith(b"asgi-inspect: ")
    assert unsafe(captured.err.decode()) == set()
    assert captured.err.count(b"\n") == 1


def test_a_hostile_project_file_is_safe(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.asgi-inspect]\n"\\u001b[31m" = 1\n')

    assert unsafe(spawn(stdin=HELLO, cwd=tmp_path).err) == set()


SHOUTING = """
import logging, sys
print("\\x1b[31mimported\\u202e")
async def app(scope, receive, send):
    print("\\x1b[31mprinted\\u202e\\r\\b", file=sys.stderr)
    logging.getLogger().warning("\\x1b[31mlogged\\u202e")
    raise RuntimeError("\\x1b[31mraised\\u202e")  # \x1b[31m\u202e
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_an_application_prints_is_safe_on_standard_error(tmp_path: Path, form: str) -> None:
    name = f"{HOSTILE_NAME}.py"
    (tmp_path / name).write_text(SHOUTING)
    ran = spawn(ROOT / "samples/hello.http", "--app", f"{name}:app", "-f", form, cwd=tmp_path)

    assert ran.code == 4
    for word in ("imported", "printed", "logged"):
        assert f"\\x1b[31m{word}\\u202e" in ran.err
    assert unsafe(ran.err) == set()
    assert unsafe(ran.text) == set()
    assert "raised" in ran.text


def test_a_module_that_fails_while_it_is_imported_is_safe(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("x = '\x1b[31m\u202e'; raise RuntimeError(x)  # \x1b[2J\n")
    (tmp_path / "bad.py").write_text("def f(:  # \x1b[2J\u202e\n")
    for module in ("shop", "bad"):
        ran = spawn(ROOT / "samples/hello.http", "--app", f"{module}:app", cwd=tmp_path)

        assert ran.code == 2
        assert unsafe(ran.err) == set()


def test_the_corpus_is_hostile() -> None:
    """Each row would be found out if it came through, but for those that only markup or width make special."""
    harmless = {"markup", "emoji markup", "broken UTF-8", "surrogates", "overlong", "backslashes", "quotes", "C1 alone"}
    harmless |= {"markup for a browser", "attributes", "workflow commands", "a diagram"}

    assert {name for name, data in HOSTILE.items() if not unsafe(data.decode("utf-8", "replace"))} == harmless
    assert os.linesep == "\n"
