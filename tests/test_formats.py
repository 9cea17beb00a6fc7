"""Each capture goes to its own format and to no other; ordinary files go to none."""

from __future__ import annotations

import random
import sysconfig
import time
from pathlib import Path

import pytest

from asgi_inspect.captures.capture import Capture, CaptureError, ClientConnection
from asgi_inspect.captures.formats import FORMATS, HEAD, NAMES, read_known, recognised
from asgi_inspect.captures.wrapping import opened
from tests.captured import FOLDER, Captured, captured, data_of, read_or_refuse

# The folders whose captures are all of one format.
FOLDERS = {
    "curl-trace": "curl-trace",
    "curl-trace-ascii": "curl-trace-ascii",
    "curl-v": "curl-verbose",
    "curl-command": "curl-command",
    "har": "har",
    "strace": "strace",
    "http-client": "http-client",
    "warc": "warc",
    "wget": "wget-debug",
    "mitmproxy": "mitmproxy",
    "toolbelt": "requests-toolbelt",
    "telnet": "telnet",
    "cat-v": "cat-v",
    "fetch": "fetch",
    "powershell": "powershell",
    "copied-curl": "curl-command",
    "httpie-command": "httpie-command",
    "mitmdump": "mitmdump",
}
CASES = [(case, name) for folder, name in FOLDERS.items() for case in captured(folder)]


@pytest.mark.parametrize(("case", "name"), CASES, ids=[case.name for case, _ in CASES])
def test_a_capture_goes_to_its_format(case: Captured, name: str) -> None:
    capture = read_known(case.data, case.name)
    assert capture is not None
    assert capture.format == name
    assert capture.why


def test_names_are_told_and_unknown_ones_refused() -> None:
    assert len(set(NAMES)) == len(NAMES) == len(FORMATS)
    with pytest.raises(CaptureError, match="unknown format 'nonsense': known are pcap, pcapng, "):
        read_known(b"", "x", "nonsense")


def test_a_format_can_be_forced_and_says_where_it_does_not_fit() -> None:
    data = (FOLDER / "dumps" / "xxd.get.txt").read_bytes()
    forced = read_known(data, "x", "xxd")
    assert forced is not None
    assert forced.why == "--from xxd"
    for name in NAMES:
        if name not in ("xxd", "curl-verbose"):
            with pytest.raises(CaptureError, match="x"):
                read_known(data, "x", name)


def test_layers_are_told_in_why() -> None:
    (case,) = [case for case in captured("curl-v") if case.name == "curl8-utf16.txt"]
    capture = read_known(case.data, "x")
    assert capture is not None
    assert capture.why.endswith("; decoded from UTF-16")
    assert data_of(capture) == case.true


@pytest.mark.parametrize("data", [b"", b"\n", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100, b"hello\n", b"{}"])
def test_what_is_no_capture_is_left_to_the_raw_reader(data: bytes) -> None:
    assert read_known(data, "x") is None


@pytest.mark.parametrize("seed", range(300))
def test_any_damage_is_read_or_refused(seed: int) -> None:
    """Never a traceback, whatever happens to a capture and whichever format is asked for."""
    shake = random.Random(seed)
    files = sorted(path for path in FOLDER.rglob("*.*") if ".true-" not in path.name)
    data = bytearray(shake.choice(files).read_bytes())
    for _ in range(shake.randrange(1, 6)):
        start = shake.randrange(len(data) + 1)
        end = min(len(data), start + shake.randrange(60))
        put = shake.choice(
            [b"", b"\xff", b"\n", b"\r\n", b"> ", b"9" * 30, b"GET / HTTP/1.1\r\n", bytes(data[start:end]) * 2]
        )
        data[start:end] = put
    name = shake.choice([None, None, *NAMES])
    result = read_or_refuse(lambda given, source: read_known(given, source, name) or raw(given), bytes(data))
    assert not isinstance(result, Capture) or all(connection.data for connection in result.connections)


@pytest.mark.parametrize(
    "piece", [b" ", b"\n", b"\r", b"\t", b"a", b'"', b"# ", b"$ ", b"* a\n", b"GET / HTTP/1.1\r\n"]
)
def test_no_recogniser_takes_long(piece: bytes) -> None:
    begun = time.perf_counter()
    recognised((piece * HEAD)[:HEAD])
    assert time.perf_counter() - begun < 2


def raw(data: bytes) -> Capture:
    """What no format knows goes to the raw reader; any capture stands for it here."""
    return Capture(source="x", format="raw", connections=(ClientConnection(number=1, data=data or b"x"),))


def ordinary_files() -> list[Path]:
    """1,000 files of this Python and of the system's documentation, the same ones at each run."""
    roots = [Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib")), Path("/usr/share")]
    found = {
        path for root in roots if root.is_dir() for path in root.rglob("*") if path.is_file() and path.stat().st_size
    }
    return random.Random(4).sample(sorted(found), min(1000, len(found)))


def test_no_ordinary_file_is_taken_for_a_capture() -> None:
    files = ordinary_files()
    assert len(files) == 1000
    taken = []
    for path in files:
        data = path.read_bytes()
        try:
            data = opened(data, path.name).data
        except CaptureError:
            continue  # a zip of several files, which is refused with that
        if found := recognised(data[:HEAD]):
            taken.append((str(path), found[0].name))
    assert taken == []
