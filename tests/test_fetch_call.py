"""A copied fetch() becomes the request that it describes; what browsers really copy is in test_browsers."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.fetch_call import read, recognise
from asgi_inspect.captures.messages import head_end
from tests.captured import FOLDER, cuts, data_of, read_or_refuse, rules_of

NODE = (FOLDER / "fetch" / "chromium-node.js").read_bytes()

CALLS = [
    ('fetch("http://a/p?q=1#f");', b"GET /p?q=1 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ('await fetch("https://a:8443/", {"method": "delete"})', b"DELETE / HTTP/1.1\r\nHost: a:8443\r\n\r\n"),
    ('fetch("http://a/", {"method": "patch"})', b"patch / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ('fetch("http://a/", {"method": "POST"})', b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
    (
        'fetch("http://a/", {"method": "POST", "body": "x\\u00e9", "headers": {"b": " 1 "}})',
        b"POST / HTTP/1.1\r\nHost: a\r\nb: 1\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: 3\r\n\r\n"
        b"x\xc3\xa9",
    ),
    (
        'fetch("http://a/x", {"referrer": "http://a/y?z#f"})',
        b"GET /x HTTP/1.1\r\nHost: a\r\nReferer: http://a/y?z\r\n\r\n",
    ),
    (
        'fetch("http://a/x", {"referrer": "http://b/y?z"})',
        b"GET /x HTTP/1.1\r\nHost: a\r\nReferer: http://b/\r\n\r\n",
    ),
    (
        'fetch("http://a/x", {"referrer": "http://a/y", "referrerPolicy": "no-referrer"})',
        b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
]


@pytest.mark.parametrize(("call", "request_"), CALLS)
def test_a_call_is_its_request(call: str, request_: bytes) -> None:
    assert recognise(call.encode())
    capture = read(call.encode(), "x")
    assert data_of(capture) == (request_,)
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert rules_of(capture)[-2:] == ["not-the-wire", "fields-left-out"]


def test_cookies_that_the_browser_sent_are_named_as_lost() -> None:
    kept = read(b'fetch("http://a/", {"credentials": "omit"})', "x").findings[-1].message
    lost = read(b'fetch("http://a/", {"credentials": "include"})', "x").findings[-1].message
    assert "Cookie, which this browser sent" in lost
    assert "Cookie" not in kept


BROKEN = [
    (b"await fetch('/api/items')", r"x, line 1: expected fetch\(\"…\", \{…\}\) with a URL in double quotes"),
    (b'fetch("/api/items", {})', r"x: expected a URL with a host"),
    (b"fetch('http://a/', {method: 'POST'})", r"x, line 1: expected fetch\(\"…\", \{…\}\) with a URL in double quotes"),
    (b'fetch("http://a/", {\n  method: "POST"\n})', r"x, line 2: expected what a browser copies, which is JSON"),
    (b'fetch("http://a/", {"body": 1})', r"x: expected a URL with a host, and headers and body as text"),
    (b'fetch("http://a/", {"headers": [["a", "b"]]})', r"x: expected a URL with a host, and headers and body as text"),
    (b'fetch("http://a/", {}).then(print)\n', r"x, line 1: expected fetch"),
    (b'fetch("http://a/", {};\n', r"x, line 1: expected \) at the end of the call"),
    (b'fetch("http://a/", {"\xff": 1})', r"x, line 1: expected text in UTF-8"),
    (b'fetch("http://a/", ' + b'{"a":' * 100_000, r"x, line 1: expected what a browser copies, not braces without end"),
]


@pytest.mark.parametrize(("call", "problem"), BROKEN)
def test_what_no_browser_copies_is_refused_with_its_line(call: bytes, problem: str) -> None:
    with pytest.raises(CaptureError, match=problem):
        read(call, "x")
    assert recognise(call)


def test_a_cut_copy_is_refused_or_ends_with_a_whole_call() -> None:
    whole = data_of(read(NODE, "x"))
    for cut in cuts(NODE, 37):
        result = read_or_refuse(read, cut)
        assert isinstance(result, CaptureError) or data_of(result) == whole[: len(result.connections)]


async def what_node_sends(calls: bytes, folder: Path) -> list[bytes]:
    """The requests that Node makes of the calls, taken from its sockets."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
        head = head.replace(b"127.0.0.1:%d" % port, b"127.0.0.1:8000")
        heard.append(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    script = calls.replace(b"127.0.0.1:8000", b"127.0.0.1:%d" % port).replace(b"fetch(", b"await fetch(")
    (folder / "calls.mjs").write_bytes(script)
    process = await asyncio.create_subprocess_exec("node", str(folder / "calls.mjs"), stderr=subprocess.PIPE)
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    server.close()
    assert process.returncode == 0, errors
    return heard


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_node_sends_the_same(tmp_path: Path) -> None:
    """The method, the target, the body, and every field but those that Node adds."""
    calls = NODE[: NODE.index(b'fetch("ws:')]
    sent = asyncio.run(what_node_sends(calls, tmp_path))
    read_as = data_of(read(calls, "x"))
    assert len(sent) == len(read_as) == 9
    for theirs, ours in zip(sent, read_as, strict=True):
        assert theirs.partition(b"\r\n")[0] == ours.partition(b"\r\n")[0]
        assert theirs[head_end(theirs) :] == ours[head_end(ours) :]
        fields = [{line.lower() for line in one[: head_end(one)].split(b"\r\n")[2:]} for one in (theirs, ours)]
        assert fields[1] - fields[0] == set()
