"""Files in and out, and one sentence where that fails."""

from __future__ import annotations

import io
import mmap
import os
import sys
import threading
from pathlib import Path

import pytest

from asgi_inspect.sources import SourceError, read_source, write_output


@pytest.mark.parametrize("data", [b"", b"\x00\xff\r\n\x1a\n", bytes(range(256)) * 100])
def test_a_file_is_read_as_it_is(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)

    assert read_source(str(tmp_path / "x")) == data


def test_standard_input_is_read_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\r\n\x00")))

    assert read_source("-") == b"\xff\r\n\x00"


def test_a_large_file_is_mapped_and_reads_the_same(tmp_path: Path) -> None:
    data = os.urandom(8 * 1024 * 1024)
    (tmp_path / "x").write_bytes(data)
    mapped = read_source(str(tmp_path / "x"))

    assert isinstance(mapped, mmap.mmap)
    assert (len(mapped), mapped[:99], mapped[-99:]) == (len(data), data[:99], data[-99:])


def test_a_named_pipe_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b"GET / HTTP/1.1\r\n\r\n",))
    writer.start()

    assert read_source(str(tmp_path / "pipe")) == b"GET / HTTP/1.1\r\n\r\n"
    writer.join()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("hello.htp", "{here}/hello.htp: no such file; did you mean {here}/hello.http?"),
        ("qqqqqqqqq", "{here}/qqqqqqqqq: no such file"),
        ("no/x", "{here}/no/x: no such file; there is no folder {here}/no either"),
        ("hello.http/x", "{here}/hello.http/x: cannot be read: Not a directory"),
        ("", "{here}/: a directory; name a file in it that holds a request"),
        ("a\0b", "{here}/a\0b: cannot be read: embedded null byte"),
        ("x" * 300, "{here}/" + "x" * 300 + ": cannot be read: File name too long"),
        ("loop", "{here}/loop: cannot be read: Too many levels of symbolic links"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "hello.http").write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(SourceError) as refused:
        read_source(f"{tmp_path}/{name}")

    assert str(refused.value) == sentence.replace("{here}", str(tmp_path))


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_bytes(b"x")
    (tmp_path / "x").chmod(0)
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    with pytest.raises(SourceError, match="x: you may not read this file; see its permissions"):
        read_source(str(tmp_path / "x"))


@pytest.mark.parametrize("old", [None, b"old and longer than what is new"])
def test_a_file_is_written_as_a_whole(tmp_path: Path, old: bytes | None) -> None:
    if old is not None:
        (tmp_path / "out").write_bytes(old)
    write_output(str(tmp_path / "out"), [b"new\r\n"])

    assert (tmp_path / "out").read_bytes() == b"new\r\n"
    assert os.listdir(tmp_path) == ["out"]


def test_a_report_keeps_the_permissions_of_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"old")
    (tmp_path / "out").chmod(0o600)
    write_output(str(tmp_path / "out"), [b"new"])

    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "out")
    write_output(str(tmp_path / "link"), [b"new"])

    assert (tmp_path / "real" / "out").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


def test_a_device_is_written_to_not_replaced(tmp_path: Path) -> None:
    write_output("/dev/null", [b"x"])
    assert Path("/dev/null").is_char_device()

    with pytest.raises(SourceError, match="/dev/full: cannot be written: No space left on device"):
        write_output("/dev/full", [b"x" * 100_000])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("no/out", "No such file or directory"),
        ("folder", "Is a directory"),
        ("file/out", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("a\0b", "embedded null byte"),
    ],
)
def test_what_cannot_be_written_is_told(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(SourceError) as refused:
        write_output(f"{tmp_path}/{name}", [b"new"])

    assert str(refused.value) == f"{tmp_path}/{name}: cannot be written: {why}"
    assert (tmp_path / "file").read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """Where writing fails in the middle, what was there before is still whole."""
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    (tmp_path / "out").write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(SourceError, match="cannot be written: File too large"):
            write_output(str(tmp_path / "out"), [b"x" * 5000])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)

    assert (tmp_path / "out").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out"]
