"""Nothing is written but what was asked for, nothing listened on, nothing contacted: seen from outside by strace."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import ROOT, clean

APP = ("--app", "samples.apps.plain:app")
RUNS: dict[str, tuple[str, ...]] = {
    "text": ("samples/hello.http",),
    "json": ("samples/upload.http", "-f", "json"),
    "sarif": ("samples/broken/bad-chunk.http", "-f", "sarif"),
    "pcap": ("tests/captures/pcap/tcpdump-lo.pcap",),
    "curl": ("tests/captures/curl-command/url-user.sh",),
    "asyncio": ("samples/hello.http", *APP, "--loop", "asyncio"),
    "uvloop": ("samples/hello.http", *APP, "--loop", "uvloop"),
    "framework": ("samples/hello.http", "--app", "samples.apps.streaming:app"),
    "websocket": ("samples/chat.http", "--app", "samples.apps.chat:app", "--ws-text", "hello"),
    "redacted": ("samples/form.http", *APP, "--redact"),
    "report": ("samples/hello.http", "-o", "{folder}/report.json"),
    "refused": ("samples/nothing.http",),
    "rules": ("--rules",),
}
# Paths that every program on this system may open, and that hold no data: devices, and what tells of the process.
HARMLESS = re.compile(r"/dev/(?:null|tty|urandom|pts/\d+)|/proc/self/.*")
CALL = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\((.*)")
WRITES = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND")
TRACED = (
    "trace=network,open,openat,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat,symlink,execve"
)


@pytest.fixture(scope="module")
def strace() -> str:
    found = shutil.which("strace")
    if found is None or subprocess.run([found, "-o", "/dev/null", "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace is not there, or may not trace here")
    return found


def calls(strace: str, folder: Path, arguments: tuple[str, ...]) -> list[tuple[str, str]]:
    """The system calls of the whole command with what was given to them, those that failed left out."""
    log = folder / "strace.log"
    given = [argument.format(folder=folder) for argument in arguments]
    subprocess.run(
        [strace, "-f", "-qq", "-o", log, "-e", TRACED, sys.executable, "-m", "asgi_inspect", *given],
        cwd=ROOT,
        env=clean(PYTHONDONTWRITEBYTECODE="1"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    lines = (line for line in log.read_text(errors="replace").splitlines() if " = -1 " not in line)
    return [(match[1], match[2]) for match in map(CALL.match, lines) if match]


def quoted(given: str) -> str:
    """The first path that a call was given."""
    path = re.search(r'"([^"]*)"', given)
    return path[1] if path else ""


@pytest.mark.parametrize("name", RUNS)
def test_nothing_else_is_done(strace: str, tmp_path: Path, name: str) -> None:
    seen = calls(strace, tmp_path, RUNS[name])
    assert len(seen) > 50, "else nothing was traced"
    network = [(call, given) for call, given in seen if call in ("bind", "listen", "connect", "accept", "accept4")]
    sockets = [given for call, given in seen if call == "socket" and "AF_UNIX" not in given]
    opened = [
        quoted(given) for call, given in seen if call in ("open", "openat", "creat") and any(f in given for f in WRITES)
    ]
    changed = [
        (call, given) for call, given in seen if call.startswith(("rename", "unlink", "mkdir", "link", "symlink"))
    ]
    started = [given for call, given in seen if call == "execve"][1:]

    assert network == []
    assert sockets == []
    assert started == []
    if name == "report":
        (part,) = {path for path in opened if not HARMLESS.fullmatch(path)}
        assert Path(part).parent == tmp_path
        assert [call for call, _ in changed] == ["rename"]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json", "strace.log"]
    else:
        assert [path for path in opened if not HARMLESS.fullmatch(path)] == []
        assert changed == []


def test_this_would_be_seen(strace: str, tmp_path: Path) -> None:
    """Else the test above could not fail: an application that does all of it."""
    (tmp_path / "busy.py").write_text(
        "import os, socket\n"
        "async def app(scope, receive, send):\n"
        "    open(os.path.join(os.path.dirname(__file__), 'written'), 'w').close()\n"
        "    listening = socket.create_server(('127.0.0.1', 0))\n"
        "    socket.create_connection(listening.getsockname())\n"
        "    os.system('true')\n"
    )
    seen = calls(strace, tmp_path, ("samples/hello.http", "--app", "{folder}/busy.py:app"))

    assert {"bind", "listen", "connect"} <= {call for call, _ in seen}
    assert any(call == "openat" and "written" in given and "O_CREAT" in given for call, given in seen)
    assert len([given for call, given in seen if call == "execve"]) > 1
