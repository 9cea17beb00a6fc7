"""Dumps of hexdump, xxd and od give the true bytes; a lost row, a lost end and a `*` are noticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asgi_inspect.captures.capture import Capture, CaptureError, Fidelity
from asgi_inspect.captures.dump_rows import reader, recogniser
from tests.captured import FOLDER, cuts, data_of, read_or_refuse, rules_of

NAMES = ("hexdump-C", "xxd", "hexdump", "od")
FILES = sorted(
    path.name
    for path in (FOLDER / "dumps").glob("*.txt")
    if path.name.startswith(("hexdump", "xxd", "od")) and not path.name.startswith(("xxd-p", "xxd-i", "od-An"))
)


def dump(file: str) -> bytes:
    return (FOLDER / "dumps" / file).read_bytes()


def truth(file: str) -> bytes:
    return dump(file.split(".")[1] + ".bin")


def name_of(file: str) -> str:
    tool = file.split(".")[0]
    return {"hexdump-C": "hexdump-C", "hexdump-Cv": "hexdump-C"}.get(tool, tool.split("-")[0])


def read_as(name: str) -> Callable[[bytes, str], Capture]:
    return reader(name)


@pytest.mark.parametrize("file", FILES)
def test_the_true_bytes(file: str) -> None:
    known = [name for name in NAMES if recogniser(name)(dump(file))]
    assert known == [name_of(file)]
    capture = reader(known[0])(dump(file), file)
    assert data_of(capture) == (truth(file),)
    assert capture.fidelity is Fidelity.EXACT


@pytest.mark.parametrize("file", FILES)
def test_a_lost_row_is_told_with_its_line(file: str) -> None:
    lines = dump(file).splitlines(keepends=True)
    with pytest.raises(CaptureError, match=r"line 2: 0?\d+ bytes stand before this row|line 2: the offset after"):
        reader(name_of(file))(b"".join(lines[:1] + lines[2:]), "dump.txt")


@pytest.mark.parametrize("file", FILES)
def test_a_cut_dump_gives_a_beginning_and_says_so(file: str) -> None:
    for cut in cuts(dump(file), 13):
        result = read_or_refuse(read_as(name_of(file)), cut)
        if not isinstance(result, CaptureError):
            (data,) = data_of(result)
            assert truth(file).startswith(data.rstrip(b"\0 ")), cut[-80:]
            assert name_of(file) == "xxd" or data == truth(file) or rules_of(result) == ["dump-end-missing"]


def test_windows_line_ends_and_a_command_before_and_a_prompt_behind() -> None:
    text = b"$ hexdump -C get.bin\n" + dump("hexdump-C.binary.txt") + b"$ \n"
    assert data_of(reader("hexdump-C")(text.replace(b"\n", b"\r\n"), "x")) == (truth("x.binary.txt"),)


def test_a_response_is_refused() -> None:
    text = b"00000000  48 54 54 50 2f 31 2e 31  20 32 30 30 20 4f 4b 0d  |HTTP/1.1 200 OK.|\n00000010\n"
    with pytest.raises(CaptureError, match="a response only"):
        reader("hexdump-C")(text, "x")


def test_a_star_at_the_end_is_refused() -> None:
    text = dump("hexdump-C.zeros.txt")
    with pytest.raises(CaptureError, match=r"ends in \*"):
        reader("hexdump-C")(text[: text.index(b"*\n") + 2], "x")


@pytest.mark.parametrize(
    "text", [b"", b"0000000\n", b"00000000: x\n", b"0000010 50 4f\n0000012\n", b"12345678 90 12\n"]
)
def test_what_only_looks_alike_is_not_recognised(text: bytes) -> None:
    assert not any(recogniser(name)(text) for name in NAMES)
