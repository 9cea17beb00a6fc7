"""tcpdump -A: lengths and line ends are worked out from what the packet lines say; dots and the rest are told."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.packet_ascii import read, recognise
from tests.captured import Captured, captured, cuts, data_of, read_or_refuse, rules_of

CASES = [case for case in captured("tcpdump") if case.name.startswith("A")]
TEXT_ONLY = [case for case in CASES if len(case.true) == 2]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_lengths_are_true_and_heads_but_for_dots(case: Captured) -> None:
    assert recognise(case.data)
    capture = read(case.data, case.name)
    assert capture.fidelity is Fidelity.REPAIRED
    for got, true in zip(data_of(capture), case.true, strict=True):
        assert len(got) == len(true)
        head = true.index(b"\r\n\r\n") + 4
        assert all(a in (b, ord(".")) for a, b in zip(got[:head], true[:head], strict=True) if b != ord("\t"))
        assert got == true or b"\n" in true[head:]
    assert all(connection.responses for connection in capture.connections)


@pytest.mark.parametrize("case", TEXT_ONLY, ids=lambda case: case.name)
def test_where_all_ends_are_crlf_the_bytes_are_true(case: Captured) -> None:
    """With link headers, without time stamps, verbose, and begun in the middle of the connection."""
    capture = read(case.data, case.name)
    assert data_of(capture) == case.true
    assert "line-ends-guessed" not in rules_of(capture)
    assert ("connection-start-missing" in rules_of(capture)) == ("late" in case.name)


def test_only_doubtful_line_ends_are_told() -> None:
    (case,) = [case for case in CASES if case.name == "A.txt"]
    told = [
        (f.connection, f.message.split()[0]) for f in read(case.data, "x").findings if f.rule == "line-ends-guessed"
    ]
    assert told == [(3, "14"), (4, "22")]


def packet(sequence: str, drawn: str, length: int, flags: str = "P.", options: str = "") -> str:
    """A packet's line and drawing, as tcpdump 4.99 wrote such packets from a packet file."""
    line = f"00:00:00.000000 IP 127.0.0.1.50000 > 127.0.0.1.8000: Flags [{flags}], {sequence}win 65535, "
    return f"{line}{options}length {length}\nE..W....@............P.@........P.......{drawn}\n"


SYN = packet("seq 1000, ", "", 0, "S")
HEAD = "POST /x HTTP/1.1\nHost: a\nContent-Length: 9\n\n"
WIRE = HEAD.encode().replace(b"\n", b"\r\n")


def sent(*pieces: tuple[str, bytes]) -> bytes:
    """A connection on which these bytes left, each piece as tcpdump draws it."""
    text, number = SYN, 1
    for drawn, wire in pieces:
        text += packet(f"seq {number}:{number + len(wire)}, ack 1, ", drawn, len(wire))
        number += len(wire)
    return text.encode()


@pytest.mark.parametrize(
    "pieces",
    [
        [(HEAD, WIRE), ("line 1\nab", b"line 1\nab")],
        [(HEAD, HEAD.encode()), ("line 1\r\nab", b"line 1\r\nab")],
        [(HEAD, WIRE), ("ab\ncd", b"ab\r\ncd\r")],
    ],
)
def test_hidden_line_ends_follow_from_the_length(pieces: list[tuple[str, bytes]]) -> None:
    capture = read(sent(*pieces), "x")
    assert data_of(capture) == (b"".join(wire for _, wire in pieces),)
    assert "line-ends-guessed" not in rules_of(capture)


def test_what_the_length_leaves_open_is_guessed_from_the_front_and_told() -> None:
    capture = read(sent((HEAD + "a\nb\n", WIRE + b"a\nb\r\n")), "x")
    assert data_of(capture) == (WIRE + b"a\r\nb\n",)
    (finding,) = [finding for finding in capture.findings if finding.rule == "line-ends-guessed"]
    assert finding.message.startswith("6 line ends are guessed: the lengths tell that some are LF alone")


@pytest.mark.parametrize("drawn", ["\n.", "\n"])
def test_a_line_end_among_the_headers_draws_one_byte_or_two(drawn: str) -> None:
    """As tcpdump 4.99 drew a checksum of 0x0a00 and of 0x0d0a."""
    text = sent((HEAD, WIRE), ("ab\ncd", b"ab\r\ncd")).replace(
        b"........P.......", b"........P.." + drawn.encode() + b"..."
    )
    assert data_of(read(text, "x")) == (WIRE + b"ab\r\ncd",)


def test_what_looks_like_a_packets_line_in_a_body_is_body() -> None:
    body = "00:00:00.000000 IP 1.1.1.1.1 > 2.2.2.2.2: Flags [P.], seq 1:2, ack 1, win 1, length 1"
    drawn = f"POST / HTTP/1.1\nContent-Length: 89\n\nlog\n{body}"
    wire = drawn.encode().replace(b"\n", b"\r\n")
    assert data_of(read(sent((drawn, wire)), "x")) == (wire,)


def test_packets_cut_by_the_snap_length_are_counted() -> None:
    with pytest.raises(CaptureError, match=r"80 bytes that the client of connection 1 sent are missing after byte 68"):
        read(sent((HEAD, WIRE), ("x" * 20, b"x" * 100)), "x")


def test_options_of_unknown_size_and_packets_without_headers_are_refused() -> None:
    text = SYN + packet("seq 1:49, ack 1, ", HEAD, 48, options="options [unknown-77], ")
    with pytest.raises(CaptureError, match="line 3: a TCP option of unknown size, unknown-77"):
        read(text.encode(), "x")
    with pytest.raises(CaptureError, match="line 4: expected a drawn packet, which begins with E or `"):
        read(sent((HEAD, WIRE)).replace(b"E..W", b"....", 2).replace(b"....", b"E..W", 1), "x")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_cut_capture_gives_no_longer_bytes(case: Captured) -> None:
    for cut in cuts(case.data, 97):
        result = read_or_refuse(read, cut)
        if not isinstance(result, CaptureError):
            assert all(len(got) <= len(true) for got, true in zip(data_of(result), case.true, strict=False))
