"""`--trace` gives the true bytes, `--trace-ascii` all but those behind a dot; both notice a lost row."""

from __future__ import annotations

import time

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.curl_trace import read, read_ascii, recognise, recognise_ascii
from tests.captured import Captured, captured, cuts, data_of, read_or_refuse, rules_of, segments_of

HEX = captured("curl-trace")
ASCII = captured("curl-trace-ascii")
# What strace saw leave in one call, for the captures where that is not simply each head alone.
WRITES = {
    "curl7-post.txt": ((166,),),
    "curl8-post.txt": ((166,),),
    "curl7-multipart.txt": ((192, 563),),
    "curl8-multipart.txt": ((779,),),
    "curl7-chunked.txt": ((204,),),
    "curl7-expect.txt": ((175, 5),),
    "curl8-expect.txt": ((175, 5),),
    "curl8-keepalive.txt": ((83, 156, 83),),
    "curl8-config-all.txt": ((83, 156, 83),),
}


def name(case: Captured) -> str:
    return case.name


@pytest.mark.parametrize("case", HEX, ids=name)
def test_hex_gives_the_true_bytes(case: Captured) -> None:
    assert recognise(case.data)
    assert not recognise_ascii(case.data)
    capture = read(case.data, case.name)
    assert data_of(capture) == case.true
    assert capture.format == "curl-trace"
    assert all(sum(connection.segments) == len(connection.data) for connection in capture.connections)
    guessed = case.name in ("curl7-two-at-once.txt", "curl8-two-at-once.txt")
    assert capture.fidelity is (Fidelity.REPAIRED if guessed else Fidelity.EXACT)
    assert rules_of(capture) == (["connection-guessed"] if guessed else [])


@pytest.mark.parametrize("file", sorted(WRITES))
def test_segments_are_the_writes(file: str) -> None:
    (case,) = [case for case in HEX if case.name == file]
    assert segments_of(read(case.data, file)) == WRITES[file]


@pytest.mark.parametrize("case", ASCII, ids=name)
def test_ascii_differs_only_at_dots(case: Captured) -> None:
    assert recognise_ascii(case.data)
    assert not recognise(case.data)
    capture = read_ascii(case.data, case.name)
    assert len(capture.connections) == len(case.true)
    for got, true in zip(data_of(capture), case.true, strict=True):
        assert len(got) == len(true)
        assert all(a == b or a == ord(".") for a, b in zip(got, true, strict=True))
    exact = data_of(capture) == case.true
    assert exact or "bytes-guessed" in rules_of(capture)
    assert (capture.fidelity is Fidelity.EXACT) == (not rules_of(capture))


def test_ascii_counts_the_dots_in_doubt() -> None:
    (case,) = [case for case in ASCII if case.name == "curl7-post.txt"]
    (finding,) = read_ascii(case.data, "x").findings
    assert finding.message.startswith("2 bytes are printed as '.'")  # the two of é


def test_a_body_that_looks_like_a_trace_is_no_request() -> None:
    (case,) = [case for case in HEX if case.name == "curl8-echo.txt"]
    assert b"=> Send header, 20 bytes" in case.data
    assert b"/fake" not in data_of(read(case.data, "x"))[0]


def test_responses_are_kept() -> None:
    (case,) = [case for case in HEX if case.name == "curl8-keepalive.txt"]
    (connection,) = read(case.data, "x").connections
    assert len(connection.responses) == 3
    assert connection.responses[1].startswith(b"HTTP/1.1 200 OK\r\n")
    assert connection.responses[1].endswith(b'\r\n\r\n{"ok": true}')


LOST = [
    (b"0010: ", b"0020: ", "line 6", 'expected row "0010: "'),
    (b"50 4f 53 54", b"50 4f 5x 54", "line 5", "do not hold"),
    (b"=> Send data, 29 bytes (0x1d)", b"=> Send data, 31 bytes (0x1f)", "line 15", "do not hold"),
    (b"=> Send data, 29 bytes (0x1d)", b"=> Sent data", "line 14", "expected a heading"),
]


@pytest.mark.parametrize(("old", "new", "line", "problem"), LOST)
def test_what_was_lost_is_told_with_its_line(old: bytes, new: bytes, line: str, problem: str) -> None:
    (case,) = [case for case in HEX if case.name == "curl8-post.txt"]
    with pytest.raises(CaptureError) as refusal:
        read(case.data.replace(old, new, 1), "trace.txt")
    assert str(refusal.value).startswith(f"trace.txt, {line}: ")
    assert problem in str(refusal.value)
    assert "curl --trace" in str(refusal.value)


@pytest.mark.parametrize("case", [*HEX, *ASCII], ids=name)
def test_a_cut_capture_never_gives_other_bytes(case: Captured) -> None:
    reader = read if recognise(case.data) else read_ascii
    for cut in cuts(case.data):
        result = read_or_refuse(reader, cut)
        if not isinstance(result, CaptureError) and reader is read:
            for got, true in zip(data_of(result), case.true, strict=False):
                assert true.startswith(got)


def test_http2_is_shown_as_http1_and_said_so() -> None:
    head = b"POST /p HTTP/2\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
    capture = read_ascii(as_ascii(b"=> Send header", head) + as_ascii(b"=> Send data", b"hi"), "x")
    assert data_of(capture) == (b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",)
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert rules_of(capture) == ["not-the-wire"]


def test_http2_without_a_length_gets_one() -> None:
    text = as_ascii(b"=> Send header", b"POST /p HTTP/2\r\nHost: a\r\n\r\n") + as_ascii(b"=> Send data", b"hi")
    assert data_of(read_ascii(text, "x")) == (b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",)


def as_ascii(heading: bytes, data: bytes) -> bytes:
    """The block that curl --trace-ascii prints for lines that fit in 64 columns."""
    rows, offset = [heading + b", %d bytes (0x%x)\n" % (len(data), len(data))], 0
    for line in data.split(b"\r\n")[: None if not data.endswith(b"\r\n") else -1]:
        rows.append(b"%04x: %b\n" % (offset, line))
        offset += len(line) + 2
    return b"".join(rows)


def as_hex(heading: bytes, data: bytes) -> bytes:
    """The block that curl --trace prints."""
    rows = [heading + b", %d bytes (0x%x)\n" % (len(data), len(data))]
    for offset in range(0, len(data), 16):
        row = data[offset : offset + 16]
        rows.append(b"%04x: %-48b%b\n" % (offset, b"".join(b"%02x " % byte for byte in row), b"." * len(row)))
    return b"".join(rows)


def test_a_long_trace_is_read_fast() -> None:
    """100 MiB at 20 MiB/s is asked for; a twentieth of it stands for the whole here."""
    body = bytes(range(256)) * 256
    blocks = 20
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (blocks * len(body))
    text = as_hex(b"=> Send header", head) + as_hex(b"=> Send data", body) * blocks
    begun = time.perf_counter()
    capture = read(text, "long")
    seconds = time.perf_counter() - begun
    assert data_of(capture) == (head + body * blocks,)
    assert len(text) / 2**20 / seconds > 20
