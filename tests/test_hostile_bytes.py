"""Nothing that a client sent or an application wrote acts on a terminal, whatever the place and the format."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgi_inspect import Inspection, inspect
from asgi_inspect.cli import run
from asgi_inspect.render.as_json import as_json, as_jsonl
from asgi_inspect.render.as_python import as_python
from asgi_inspect.render.as_text import as_text
from asgi_inspect.render.layout import DRAWN, Page
from tests.commands import COLOUR, HELLO, ROOT, at_terminal, clean, spawn

HOSTILE: dict[str, bytes] = {
    "colour": b"\x1b[31mred\x1b[0m",
    "clear the screen": b"\x1b[2J\x1b[H",
    "title": b"\x1b]0;owned\x07",
    "link": b"\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "device query": b"\x1b[6n\x1bP+q544e\x1b\\",
    "C0": bytes(set(range(1, 32)) - set(b"\r\n")),
    "backspaces": b"secret\x08\x08\x08\x08\x08\x08",
    "DEL": b"\x7f",
    "C1 in UTF-8": "\x9b31m\x85\x90\x9d".encode(),
    "C1 alone": b"\x9b31m\x90\x9d",
    "bidi": "user\u202e\u2066txt.exe\u2069\u202c".encode(),
    "bidi marks": "\u200e\u200f\u061c".encode(),
    "zero width": "a\u200bb\u200cc\u200dd\u2060e\ufeff".encode(),
    "line separators": "a\u2028b\u2029c\x85d".encode(),
    "tags and selectors": "a\U000e0041\U000e007f\ufe0f\U000e0100".encode(),
    "markup": b"[bold red]loud[/] [link=http://evil.example]x[/link] [/] [blink]",
    "emoji markup": b":smiley: :bomb:",
    "NUL": b"a\x00b",
    "broken UTF-8": b"\xc3\x28\xa0\xff\xfe\xe2\x82",
    "surrogates": b"\xed\xa0\x80\xed\xbf\xbf",
    "overlong": b"\xc0\xaf\xe0\x80\x9b",
    "byte order mark": b"\xef\xbb\xbf",
    "wide": "漢字カナ한글 😀🏴‍☠️ é é".encode(),
    "private use": "\ue000\uf8ff\U000f0000\U0010fffd".encode(),
    "long": b"\x1b[7m" + b"a" * 3000,
    "carriage return": b"safe\revil",
    "backslashes": b"\\x1b[31m\\r\\n\\",
    "quotes": b"'\"'''\"\"\"{}%s",
}

PLACES = {
    "method": b"GE%bT / HTTP/1.1\r\nHost: x\r\n\r\n",
    "target": b"GET /%b?%b HTTP/1.1\r\nHost: x\r\n\r\n",
    "version": b"GET / HTTP/1.1%b\r\nHost: x\r\n\r\n",
    "host": b"GET / HTTP/1.1\r\nHost: %b\r\n\r\n",
    "header name": b"GET / HTTP/1.1\r\nHost: x\r\nX%b: y\r\n\r\n",
    "header value": b"GET / HTTP/1.1\r\nHost: x\r\nX: %b\r\n\r\n",
    "framing": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %b\r\nTransfer-Encoding: %b\r\n\r\nbody",
    "body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n%b",
    "chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n%b\r\n0\r\n\r\n",
    "chunk size": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%b\r\nabc\r\n0\r\n\r\n",
    "chunk extension": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x=%b\r\nabc\r\n0\r\n\r\n",
    "trailer": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: %b\r\n\r\n",
    "left over": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n%b",
    "everything": b"%b",
}


def unsafe(text: str) -> set[str]:
    """The characters of `text` that a terminal could act on, or that hide or reorder others."""
    return {
        character
        for character in set(text) - {"\n"}
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        or "VARIATION SELECTOR" in unicodedata.name(character, "")
    }


def reports(inspection: Inspection) -> Iterator[tuple[str, str]]:
    """Every text that the command can make of an inspection, by its format."""
    both = inspection.other is not None
    text = as_text(inspection, Page(), both=both)
    painted = as_text(inspection, Page(colour=True), both=both)
    # Had one escape of theirs come through, or one markup of theirs been heard, it would differ.
    assert COLOUR.sub("", painted) == text
    yield "text", text
    yield "narrow text", as_text(inspection, Page(width=31, glyphs=DRAWN), show=("bytes", "scope", "findings"))
    yield "json", as_json(inspection, body_limit=1 << 20)
    yield "jsonl", "".join(as_jsonl([inspection], body_limit=100))
    yield "python", as_python(inspection)


def check(inspection: Inspection) -> None:
    """Each format is safe, and still what it is."""
    for form, text in reports(inspection):
        assert unsafe(text) == set(), form
        if form == "json":
            assert text.isascii()
            json.loads(text)
        elif form == "jsonl":
            assert text.isascii()
            assert [json.loads(line) for line in text.splitlines()]
        elif form == "python":
            exec(compile(text, "report.py", "exec"), {})


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
        assert "red" in ran.text
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

    assert {name for name, data in HOSTILE.items() if not unsafe(data.decode("utf-8", "replace"))} == harmless
    assert os.linesep == "\n"
