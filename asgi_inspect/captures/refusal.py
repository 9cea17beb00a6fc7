"""How a reader says that a capture does not keep what its first lines promised."""

from __future__ import annotations

from ..span import visible
from .capture import CaptureError

LONGEST = 60  # of a line, as shown in an error


def refuse(source: str, data: bytes, offset: int, problem: str, todo: str) -> CaptureError:
    """An error that names the line of `offset`, what is wrong there, what stands there, what to do."""
    return CaptureError(f"{source}, line {line_of(data, offset)}: {problem}; {seen(data, offset)}. {todo}")


def line_of(data: bytes, offset: int) -> int:
    """The number of the line that holds `offset`, from 1."""
    return data.count(b"\n", 0, offset) + 1


def seen(data: bytes, offset: int) -> str:
    """The line at `offset` in words, shortened and safe to print."""
    start = data.rfind(b"\n", 0, offset) + 1
    line = data[start : start + LONGEST + 1].split(b"\n")[0].rstrip(b"\r")
    if not line:
        return "the capture ends there" if start >= len(data) else "that line is empty"
    shown = visible(line[:LONGEST])
    return f'that line is "{shown}{"…" if len(line) > LONGEST else ""}"'


def response_only(source: str) -> CaptureError:
    """The capture holds what a server sent, and no request."""
    return CaptureError(
        f"{source}: this holds a response only, the server's side. "
        "Capture the request: curl --trace FILE URL, nc -l 8000 > FILE, or tcpdump -w FILE"
    )
