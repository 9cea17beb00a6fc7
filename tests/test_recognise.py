"""What is certainly no request is named, with what to do; whatever may be one goes to the parsers."""

from __future__ import annotations

import contextlib
import gzip
import random
import ssl
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgi_inspect.captures import CaptureError, Fidelity, known_formats, read_capture
from asgi_inspect.captures.recognise import not_a_request


def tls_hello() -> bytes:
    """What a TLS client sends first."""
    sent = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


# The bytes, what the sentence must call them, and a word of the advice.
REFUSED: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "is empty", "printf"),
    "blanks": (b" \t \n", "only white space", "printf"),
    "line ends": (b"\r\n\r\n", "only white space", "printf"),
    "TLS hello": (tls_hello(), "TLS ClientHello", "encryption"),
    "TLS alert": (b"\x15\x03\x03\x00\x02\x02\x28", "TLS alert", "encryption"),
    "TLS data": (b"\x17\x03\x03\x00\x40" + b"\xd1" * 64, "TLS records", "encryption"),
    "response": (b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", "HTTP response", "the request that was sent"),
    "response with blanks in front": (b"\n\nHTTP/1.0 404 Not Found\n\n", "HTTP response", "the request"),
    "response without a reason": (b"HTTP/2 204\r\n\r\n", "HTTP response", "the request"),
    "JSON object": (b'{"name": "GET / HTTP/1.1"}', "JSON", "body"),
    "JSON with a mark": (b'\xef\xbb\xbf{\n  "a": 1}', "JSON", "body"),
    "JSON list": (b'[{"a": 1}]\n', "JSON", "body"),
    "JSON numbers": (b"[1, 2]", "JSON", "body"),
    "JSON, empty": (b"{}\n", "JSON", "body"),
    "HTML": (b"<!DOCTYPE html>\n<html>", "HTML or XML", "body"),
    "HTML without a type": (b"<html><body>", "HTML or XML", "body"),
    "XML": (b'<?xml version="1.0"?><a/>', "HTML or XML", "body"),
    "shell script": (b"#!/bin/sh\ncurl http://x/\n", "a script", "run it"),
    "Python script": (b"#!/usr/bin/env python3\nimport os\n", "a script", "run it"),
    "Python import": (b"import os\n\nprint(os.getcwd())\n", "Python source", "--app"),
    "Python from": (b"from fastapi import FastAPI\n\napp = FastAPI()\n", "Python source", "--app"),
    "Python function": (b"async def app(scope, receive, send):\n    pass\n", "Python source", "--app"),
    "Python class": (b"class App:\n    pass\n", "Python source", "--app"),
    "Python docstring": (b'"""An app."""\nimport os\n', "Python source", "--app"),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG", "request"),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG", "request"),
    "GIF": (b"GIF89a\1\0\1\0", "GIF", "request"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "PDF", "request"),
    "ELF": (b"\x7fELF\2\1\1\0", "ELF", "--app"),
    "SSH": (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "SSH banner", "HTTP client"),
    "curl -v without a request": (
        b"*   Trying 127.0.0.1:1...\n* connect failed: Connection refused\n* Closing connection 0\n",
        "without a request",
        "try again",
    ),
    "URL": (b"http://localhost:8000/items?q=1\n", "URL", "printf"),
    "random bytes": (random.Random(1).randbytes(400), "binary data", "--strict-bytes"),
    "zeros": (bytes(64), "binary data", "--strict-bytes"),
    "prose": (b"Dear reader, this is a letter and no request.\nYours\n", "plain text", "printf"),
}


@pytest.mark.parametrize(("data", "what", "advice"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_request_is_named_in_one_sentence(data: bytes, what: str, advice: str) -> None:
    sentence = not_a_request(data, "some.file")

    assert sentence is not None
    assert what in sentence
    assert advice in sentence.split(": ", 1)[1]
    assert sentence.startswith("some.file ")
    assert sentence.isprintable()
    with pytest.raises(CaptureError) as caught:
        read_capture(data, "some.file")
    assert str(caught.value) == sentence or "this is a response only" in str(caught.value)


@pytest.mark.parametrize("name", [name for name in REFUSED if name != "empty"])
def test_what_the_user_insists_on_is_taken(name: str) -> None:
    data = REFUSED[name][0]

    strict = read_capture(data, "f", strict_bytes=True)
    assert strict.connections[0].data is data
    assert strict.fidelity is Fidelity.EXACT
    assert read_capture(data, "f", from_="raw").format == "raw"


@pytest.mark.parametrize("options", [{"strict_bytes": True}, {"from_": "raw"}, {"from_": "raw", "strict_bytes": True}])
def test_nothing_at_all_is_refused_always(options: dict[str, object]) -> None:
    with pytest.raises(CaptureError, match=r"^f is empty: "):
        read_capture(b"", "f", **options)  # type: ignore[arg-type]


TAKEN = {
    "request": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "typed": b"GET / HTTP/1.1\nHost: x",
    "mark in front": b"\xef\xbb\xbfGET / HTTP/1.1\n\n",
    "blank lines in front": b"\n\n  \nGET / HTTP/1.1\n\n",
    "blanks in front": b"   GET / HTTP/1.1\r\n\r\n",
    "lower case": b"get / http/1.1\r\n\r\n",
    "junk behind": b"GET / HTTP/1.1 junk\r\n\r\n",
    "no version": b"GET /\n",
    "no target": b"GET HTTP/1.1\r\n\r\n",
    "method alone": b"GET\r\n",
    "method and nothing": b"GET \r\n",
    "word as the target": b"GET index.html\r\n",
    "relative target in lower case": b"get /index.html\n",
    "unknown method": b"FROBNICATE / HTTP/1.1\r\n\r\n",
    "Python's words as a method": b"import / HTTP/1.1\r\n\r\n",
    "upper-case word as a method": b"IMPORT os\r\n",
    "CONNECT": b"CONNECT x:443\r\n",
    "version of none": b"GET / HTTP/x.y\r\n\r\n",
    "version glued on": b"GET /HTTP/1.1\r\n\r\n",
    "NUL in front": b"\x00GET / HTTP/1.1\r\n\r\n",
    "control bytes in front": b"\x01\x02\x03GET /\r\n\r\n",
    "escape in front": b"\x1b[31mGET / HTTP/1.1\r\n\r\n",
    "what looks like TLS in front": b"\x16\x03\x01GET / HTTP/1.1\r\n\r\n",
    "what looks like a UTF-16 mark in front": b"\xff\xfeGET / HTTP/1.1\r\n\r\n",
    "NULs in the target": b"GET /" + bytes(60) + b" HTTP/1.1\r\n\r\n",
    "binary method": b"\xff\x80\x81 / HTTP/1.1\r\n\r\n",
    "brace as the method": b'{"a": / HTTP/1.1\r\n\r\n',
    "bracket as the method": b"<html> / HTTP/1.1\r\n\r\n",
    "digits as the method": b"00000000 / HTTP/1.1\r\n\r\n",
    "hash as the method": b"#!/ / HTTP/1.1\r\n\r\n",
    "absolute target": b"GET http://x/ HTTP/1.1\r\n\r\n",
    "preface with HTTP/1.1": b"PRI * HTTP/1.1\r\n\r\n",
    "preface, hand-typed": b"PRI * HTTP/2.0\n\n",
    "response of no status": b"HTTP/1.1 / GET\r\n\r\n",
    "fields without a request line": b"Host: x\r\nAccept: */*\r\n\r\n",
    "one word": b"hello",
    "escapes spelled out": rb"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "netcat's words in front": b"Listening on 0.0.0.0 8000\nConnection received on localhost 5000\nGET / HTTP/1.1\n\n",
    "a fence in front": b"```http\nGET / HTTP/1.1\n\n```\n",
    "a prompt in front": b"$ GET / HTTP/1.1\n\n",
    "one quoted line": b"> GET / HTTP/1.1\n",
    "a body of JSON": b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
    "a body of zip": b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nPK\x03\x04" + bytes(5),
}


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN)
def test_what_may_be_a_request_goes_to_the_parsers(data: bytes) -> None:
    assert not_a_request(data, "f") is None
    assert read_capture(data, "f").format == "raw"


def test_the_name_of_the_file_reaches_no_terminal_as_it_is() -> None:
    sentence = not_a_request(b"\x7fELF", "a\x1b[31m\u202eb")

    assert sentence is not None
    assert sentence.isprintable()
    assert sentence.startswith("a\\x1b[31m\\u202eb ")


def test_an_unknown_format_is_answered_with_those_known() -> None:
    with pytest.raises(
        CaptureError, match=r"^unknown format 'pcapp' \(did you mean pcap\?\): known are auto, raw, pcap, pcapng, "
    ):
        read_capture(b"GET / HTTP/1.1\r\n\r\n", "f", from_="pcapp")
    assert known_formats()[:2] == ("auto", "raw")


DUMPS = {
    "curl-verbose": b"* Connected to x\n> GET / HTTP/1.1\n> Host: x\n>\n< HTTP/1.1 200 OK\n",
    "xxd": b"00000000: 4745 5420 2f20 4854 5450 2f31 2e31 0d0a  GET / HTTP/1.1..\n00000010: 0d0a  ..\n",
    "curl-command": b"curl http://127.0.0.1:8000/\n",
    "raw": b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("name", DUMPS)
def test_a_dump_is_read_in_its_format_without_being_told(name: str) -> None:
    capture = read_capture(DUMPS[name], "f")

    assert capture.format == name
    assert capture.connections[0].data.startswith(b"GET / HTTP/1.1\r\n")
    assert read_capture(gzip.compress(DUMPS[name]), "f").connections == capture.connections


WHY = [
    (b"GET / HTTP/1.1\r\n\r\n", "auto", False, "a request line comes first"),
    (b"\xef\xbb\xbf\nGET / HTTP/1.1\n", "auto", False, "a request line comes first"),
    (b"GET / HTTP/1.1\r\n\r\n", "auto", True, "a request line comes first"),
    (b"\x01GET /\r\n\r\n", "auto", False, "no other format was recognised"),
    (b"{}", "auto", True, "--strict-bytes takes any bytes"),
    (b"GET / HTTP/1.1\r\n\r\n", "raw", False, "--from raw"),
    (b"{}", "raw", True, "--from raw"),
]


@pytest.mark.parametrize(("data", "from_", "strict_bytes", "why"), WHY)
def test_a_capture_says_why_it_was_taken_for_its_format(data: bytes, from_: str, strict_bytes: bool, why: str) -> None:
    assert read_capture(data, "f", from_=from_, strict_bytes=strict_bytes).why == why


def test_typed_text_is_mended_unless_bytes_are_to_be_strict() -> None:
    typed = b"GET / HTTP/1.1\nHost: x\n\n"

    assert read_capture(typed, "f").connections[0].data == b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    assert read_capture(typed, "f", strict_bytes=True).connections[0].data is typed


@given(st.binary(max_size=80))
def test_any_bytes_are_judged_without_an_error(data: bytes) -> None:
    sentence = not_a_request(data, "f")

    assert sentence is None or (sentence.startswith("f ") and sentence.isprintable())


METHOD = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_!#$%&'*+.^`|~0123456789", min_size=1)
TARGET = st.text("/?=&%*:.-abcXYZ019[]{}\"'<>\\\x80\xff", min_size=1)


@given(METHOD, TARGET, st.sampled_from(["1.1", "1.0", "2", "3", "0.9"]), st.sampled_from(["\r\n", "\n"]))
def test_no_request_line_is_ever_refused(method: str, target: str, version: str, line_end: str) -> None:
    data = f"{method} {target} HTTP/{version}{line_end}Host: x{line_end * 2}".encode("latin-1")

    assert not_a_request(data, "f") is None


SLOW = [
    *(b" " * 10_000_000, b"Dear " + b"dear " * 3000 + b";", b'{"' + b"\\a" * 9000),
    *(b"* " * 9000, b"A " * 9000, b"<" * 9000, b"\n" * 9000, b"import " + b"a, " * 3000),
]


@pytest.mark.parametrize("data", SLOW, ids=range(len(SLOW)))
def test_judging_takes_no_time_worth_telling(data: bytes) -> None:
    began = time.perf_counter()

    not_a_request(data, "f")

    assert time.perf_counter() - began < 1
