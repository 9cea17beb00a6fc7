"""Files that change, disks that are full, signals, poor terminals: the command ends cleanly and says what is wrong."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from asgi_inspect import sources
from asgi_inspect.render.layout import text_width
from asgi_inspect.sources import SourceError, read_source
from tests.commands import COLOUR, HELLO, ROOT, SAMPLES, at_terminal, clean, spawn

COMMAND = [sys.executable, "-m", "asgi_inspect"]


# Where the report goes


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_leaves_the_old_report_whole(tiny_disk: Path) -> None:
    (tiny_disk / "report.json").write_bytes(b"the old one")
    body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" + b"x" * 50_000
    ran = spawn("-", "-o", tiny_disk / "report.json", stdin=body)

    assert (ran.code, ran.out) == (2, b"")
    assert ran.err == f"asgi-inspect: {tiny_disk}/report.json: cannot be written: No space left on device\n"
    assert (tiny_disk / "report.json").read_bytes() == b"the old one"
    assert os.listdir(tiny_disk) == ["report.json"]


def test_a_limit_of_file_sizes_is_told(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(b"the old one")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    done = subprocess.run(
        [*COMMAND, "samples/hello.http", "-o", tmp_path / "report.json"],
        cwd=ROOT,
        env=clean(PYTHONDONTWRITEBYTECODE="1"),
        preexec_fn=limit,
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.endswith(b"report.json: cannot be written: File too large\n")
    assert (tmp_path / "report.json").read_bytes() == b"the old one"
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o555)
    code = (  # what the command needs is imported first: another user may not read this Python
        "import os, sys; from asgi_inspect import cli; import asgi_inspect.render.as_json as _; first = cli._inspect\n"
        "def as_nobody(*a, **k):\n    result = first(*a, **k); os.setuid(65534); return result\n"
        "cli._inspect = as_nobody if os.geteuid() == 0 else first; sys.exit(cli.run(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "-", "-o", folder / "report.json"],
        input=HELLO,
        cwd=ROOT,
        env=clean(),
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.endswith(b"report.json: cannot be written: Permission denied\n")


def test_a_pipe_that_closes_while_the_application_runs_is_no_fault() -> None:
    command = f"{' '.join(COMMAND)} samples/order.http --app samples.apps.never:app --timeout 1"
    line = f"{command} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, env=clean(), capture_output=True, timeout=60, check=False)

    assert (done.stdout, done.stderr) == (b"0\n", b"")


# What is read


def test_a_file_that_becomes_shorter_is_told(tmp_path: Path) -> None:
    """Touching the pages that are gone would end the process with SIGBUS."""
    path = tmp_path / "big.http"
    path.write_bytes(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n" + b"x" * 20_000_000)
    (tmp_path / "cuts.py").write_text(
        "import os\n"
        "async def app(scope, receive, send):\n"
        "    await receive()\n"
        f"    os.truncate({str(path)!r}, 100)\n"
        "    while True:\n        await receive()\n"
    )
    ran = spawn(path, "--app", "cuts:app", "--app-dir", tmp_path, "--lifespan", "off", timeout=60)

    assert (ran.code, ran.out) == (2, b"")
    assert ran.err == "asgi-inspect: the file became shorter while it was read: copy it first, and read the copy\n"


@pytest.mark.parametrize("size", [100, 9_000_000])
def test_a_file_that_grows_is_read_as_it_was(tmp_path: Path, size: int) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"x" * size)
    writer = subprocess.Popen(["bash", "-c", f"while true; do echo more >> {path}; done"])
    try:
        data = read_source(str(path))
        before = len(data)
        time.sleep(0.2)
        assert path.stat().st_size > before
        assert len(data) == len(data[:]) == before >= size
    finally:
        writer.kill()
        writer.wait()


def test_what_has_no_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_MOST", 8 << 20)
    with pytest.raises(SourceError, match=r"^/dev/zero: more than 0 GiB came, and no end: cut it"):
        read_source("/dev/zero")


def test_a_file_without_a_size_is_read() -> None:
    assert b"asgi" in read_source("/proc/self/status") or read_source("/proc/self/cmdline")


# Signals


APPLICATION = """
import asyncio, sys, threading, time
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    await receive()
    await send({"type": "http.response.start", "status": 202, "headers": []})
    print("here", file=sys.stderr, flush=True)
    while True:
        try:
            await asyncio.sleep(60)
        except BaseException:
            pass
"""


def running(tmp_path: Path, *arguments: str | Path) -> subprocess.Popen[bytes]:
    """The command with an application that waits and will not end."""
    (tmp_path / "stubborn.py").write_text(APPLICATION)
    process = subprocess.Popen(
        [*COMMAND, "samples/hello.http", "--app", "stubborn:app", "--app-dir", tmp_path, "--timeout", "50", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=clean(),
    )
    assert process.stderr is not None
    while b"here" not in process.stderr.readline():
        assert process.poll() is None
    return process


@pytest.mark.parametrize("form", ["text", "json"])
def test_sigterm_prints_what_was_recorded(tmp_path: Path, form: str) -> None:
    process = running(tmp_path, "-f", form)
    process.terminate()
    out, err = process.communicate(timeout=20)

    assert process.returncode == 143
    assert b"Traceback" not in err
    if form == "json":
        assert json.loads(out)["exchanges"][0]["send"][0]["status"] == 202
    else:
        assert b"Interrupted: above is what was recorded by then." in out


def test_sigterm_leaves_no_half_report(tmp_path: Path) -> None:
    process = running(tmp_path, "-o", tmp_path / "report.json")
    process.terminate()
    process.communicate(timeout=20)

    assert process.returncode == 143
    assert json.loads((tmp_path / "report.json").read_bytes())["exchanges"]
    assert [name for name in os.listdir(tmp_path) if name.endswith(".part")] == []


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.1, 0.3])
def test_ctrl_c_twice_ends_at_once(tmp_path: Path, pause: float) -> None:
    process = running(tmp_path)
    began = time.perf_counter()
    process.send_signal(signal.SIGINT)
    time.sleep(pause)
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert time.perf_counter() - began < 5
    assert b"Traceback" not in err


def test_sigterm_while_reading_standard_input() -> None:
    process = subprocess.Popen(
        [*COMMAND, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=clean()
    )
    time.sleep(1.5)
    process.terminate()

    assert process.communicate(timeout=20) == (b"", b"")
    assert process.returncode == 143


# Terminals


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.name))
def test_a_terminal_of_20_columns(path: Path) -> None:
    ran = at_terminal(path, width=20)

    assert ran.err == ""
    assert max(map(text_width, COLOUR.sub("", ran.text).splitlines())) <= 20


def test_a_dumb_terminal_gets_no_colours() -> None:
    ran = at_terminal("samples/broken/bad-chunk.http", env=clean(TERM="dumb"))

    assert ran.code == 3
    assert "\x1b" not in ran.text


def test_no_terminal_at_all(tmp_path: Path) -> None:
    """As cron and a CI run it: no controlling terminal, no TERM, no HOME, nothing on standard input."""
    done = subprocess.run(
        [*COMMAND, "samples/hello.http"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        start_new_session=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"GET /hello?name=John" in done.stdout


def test_a_terminal_that_hangs_up() -> None:
    """Whoever closes the window gets no traceback into a log."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "samples/order.http", "--app", "samples.apps.never:app", "--timeout", "1"],
        stdin=slave,
        stdout=slave,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=clean(TERM="xterm"),
    )
    os.close(slave)
    os.close(master)
    _, err = process.communicate(timeout=30)

    assert b"Traceback" not in err
    assert process.returncode in (2, 5, -signal.SIGHUP)


# Files that are not in UTF-8


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_recognised_and_said(tmp_path: Path, codec: str) -> None:
    mark = "" if codec == "utf-16" else "\ufeff"  # the first of the codecs writes its own
    (tmp_path / "x.http").write_bytes((mark + HELLO.decode()).encode(codec))
    ran = spawn(tmp_path / "x.http", "-f", "json")

    assert ran.code == 0
    assert json.loads(ran.out)["capture"]["why"].endswith("decoded from UTF-16")
    assert "decoded from UTF-16" in spawn(tmp_path / "x.http", env=clean(COLUMNS="120")).text


def test_windows_1252_is_recognised_and_said(tmp_path: Path) -> None:
    (tmp_path / "x.http").write_bytes("GET / HTTP/1.1\r\nHost: x\r\nX-Name: José “quoted”\r\n\r\n".encode("cp1252"))
    ran = spawn(tmp_path / "x.http", "-f", "json")
    (finding,) = json.loads(ran.out)["findings"]

    assert ran.code == 0
    assert (finding["rule"], finding["line"], finding["column"]) == ("windows-1252-text", 3, 12)
    assert finding["message"] == "the head is no UTF-8; as Windows-1252 this line reads `X-Name: José “quoted”`"


@pytest.mark.parametrize(
    "field", ["X: \xff\xfe\xfd", "X: a\x81b", "X: \xe9", "X: caf\xc3\xa9", "X: ab\x00\xe9", "Cookie: x=1\xa01"]
)
def test_what_nobody_typed_is_not_taken_for_it(field: str) -> None:
    ran = spawn("-", "-f", "json", stdin=f"GET / HTTP/1.1\r\nHost: x\r\n{field}\r\n\r\n".encode("latin-1"))

    assert [f for f in json.loads(ran.out)["findings"] if f["rule"] == "windows-1252-text"] == []
