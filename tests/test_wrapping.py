"""What stands around a capture comes off, and it is told; anything doubtful stays on."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from asgi_inspect.captures.capture import CaptureError
from asgi_inspect.captures.wrapping import opened, peeled

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"


def zipped(*files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in files:
            archive.writestr(zipfile.ZipInfo(name), GET)  # without the time, which would be in the names of tests
    return out.getvalue()


LAYERS = [
    (GET, GET, ()),
    (gzip.compress(GET, mtime=0), GET, ("unpacked from gzip",)),
    (gzip.compress(GET[:9], mtime=0) + gzip.compress(GET[9:], mtime=0), GET, ("unpacked from gzip",)),
    (zipped("a.http"), GET, ("unpacked from zip",)),
    (gzip.compress(zipped("a.http"), mtime=0), GET, ("unpacked from gzip", "unpacked from zip")),
    (GET.decode().encode("utf-16"), GET, ("decoded from UTF-16",)),
    (b"\xfe\xff" + GET.decode().encode("utf-16-be"), GET, ("decoded from UTF-16",)),
    (b"\xef\xbb\xbf" + GET, GET, ("without the byte order mark",)),
    (
        b'Script started on 2026 [COMMAND="x"]\n\x1b[1m* a\x1b[0m\n> b\r\r\n\nScript done on 2026\n',
        b"* a\n> b\r\r\n",
        ("taken out of a script(1) record",),
    ),
    (
        b"Script started on 2026\n* a\r\n> b\r\r\n\r\nScript done on 2026\n",
        b"* a\n> b\r\n",
        ("taken out of a script(1) record",),
    ),
]


@pytest.mark.parametrize(("data", "inside", "notes"), LAYERS)
def test_layers_come_off(data: bytes, inside: bytes, notes: tuple[str, ...]) -> None:
    assert opened(data, "x") == (inside, notes)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (gzip.compress(GET, mtime=0)[:-9], "gzip data is cut"),
        (gzip.compress(GET, mtime=0)[:10] + b"\xff" * 20, "gzip data is damaged"),
        (zipped("a", "b"), "holds 2 files"),
        (zipped("a")[:-30], "zip archive cannot be read"),
        (b"\xff\xfeG\0E", "stops being it at byte"),
    ],
)
def test_damage_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(CaptureError, match=problem):
        opened(data, "x")


TALK = [
    (b"```http\n" + GET + b"```\n", GET, b"```\n"),
    (b"$ nc -l 8000\n" + GET, GET, b""),
    (b"Listening on 0.0.0.0 8000\nConnection received on localhost 5000\n" + POST, POST, b""),
    (
        b"listening on [any] 8000 ...\nconnect to [127.0.0.1] from x\n" + POST + b" sent 0, rcvd 49\n",
        POST,
        b" sent 0, rcvd 49\n",
    ),
    (
        b"Ncat: Version 7.93\nNcat: Listening on :::8000\n" + GET + POST + b"^C\nuser@host:~$ ",
        GET + POST,
        b"^C\nuser@host:~$ ",
    ),
]


@pytest.mark.parametrize(("data", "request_", "after"), TALK)
def test_talk_comes_off(data: bytes, request_: bytes, after: bytes) -> None:
    found = peeled(data)
    assert found is not None
    assert found.data == request_
    assert found.after == after
    assert found.before + found.data + found.after == data


@pytest.mark.parametrize(
    "data", [GET, b"\r\n" + GET, b"```\nno request\n```\n", b"Listening on x\n", b"prose\n" + GET, b"", b"\n" * 100_000]
)
def test_a_request_alone_and_other_text_stay_as_they_are(data: bytes) -> None:
    assert peeled(data) is None


def test_what_stands_behind_a_request_and_is_no_talk_stays() -> None:
    found = peeled(b"```\n" + POST + b"more")
    assert found is not None
    assert found.data == POST + b"more"


def test_a_long_tail_takes_no_time() -> None:
    for tail in (b"$" * 1999, b" " * 1999, b"$ " * 900 + b"x"):
        peeled(b"```\n" + POST + tail)
