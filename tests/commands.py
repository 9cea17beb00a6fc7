"""The real command, run as a person or a script runs it: piped, or at a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "samples").glob("**/*.http"))
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
HELLO = b"GET /hello?name=John HTTP/1.1\r\nHost: x\r\n\r\n"


class Ran(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode()


def clean(**changes: str) -> dict[str, str]:
    """This process's environment without what decides about colours and width, and with `changes`."""
    decides = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "LC_ALL", "PYTHONIOENCODING", "PYTHONUTF8")
    kept = {name: value for name, value in os.environ.items() if name not in decides}
    # The folder of the tests is on the path of a test run, and must not be on that of the command.
    return {**kept, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **changes}


def spawn(
    *arguments: str | Path, stdin: bytes = b"", cwd: Path = ROOT, env: dict[str, str] | None = None, timeout: float = 30
) -> Ran:
    """`python -m asgi_inspect …` with everything piped."""
    done = subprocess.run(
        [sys.executable, "-m", "asgi_inspect", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=env if env is not None else clean(),
        timeout=timeout,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode())


def at_terminal(*arguments: str | Path, width: int = 80, cwd: Path = ROOT, env: dict[str, str] | None = None) -> Ran:
    """The same at a terminal of `width` columns: standard input and output are it, standard error is piped."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "asgi_inspect", *map(str, arguments)],
        stdin=slave,
        stdout=slave,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=env if env is not None else clean(TERM="xterm-256color"),
    )
    os.close(slave)
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # how Linux says that nobody has the other side open any more
            break
        if not part:
            break
        parts.append(part)
    os.close(master)
    assert process.stderr is not None
    with process.stderr:
        told = process.stderr.read().decode()
    return Ran(process.wait(30), b"".join(parts).replace(b"\r\n", b"\n"), told)
