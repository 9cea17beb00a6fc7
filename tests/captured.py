"""Real captures beside the bytes that a tee on the server's socket took at the same time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from asgi_inspect.captures.capture import Capture, CaptureError

FOLDER = Path(__file__).parent / "captures"
Read = Callable[[bytes, str], Capture]


class Captured(NamedTuple):
    """One capture file, and what each client connection really sent, in the order of accept()."""

    name: str
    data: bytes
    true: tuple[bytes, ...]


def captured(folder: str) -> list[Captured]:
    """The captures of one tool."""
    paths = sorted(path for path in (FOLDER / folder).iterdir() if ".true-" not in path.name)
    assert paths, f"no captures in {folder}"
    return [one(path) for path in paths]


def one(path: Path) -> Captured:
    """A capture with its truth."""
    true = sorted(path.parent.glob(path.name + ".true-*"))
    return Captured(path.name, path.read_bytes(), tuple(file.read_bytes() for file in true))


def data_of(capture: Capture) -> tuple[bytes, ...]:
    """The bytes of each client connection."""
    return tuple(connection.data for connection in capture.connections)


def segments_of(capture: Capture) -> tuple[tuple[int, ...], ...]:
    """The lengths of what left in one write, for each connection."""
    return tuple(connection.segments for connection in capture.connections)


def difference(capture: Capture, case: Captured) -> set[bytes]:
    """What stands in the capture's bytes where the true ones differ; the lengths must be the same."""
    found: set[bytes] = set()
    for got, true in zip(data_of(capture), case.true, strict=True):
        assert len(got) == len(true)
        found |= {got[place : place + 1] for place in range(len(got)) if got[place] != true[place]}
    return found


def rules_of(capture: Capture) -> list[str]:
    """The rules of its findings."""
    return [finding.rule for finding in capture.findings]


def read_or_refuse(read: Read, data: bytes) -> Capture | CaptureError:
    """What a reader makes of any bytes: a capture or a refusal, and nothing else can happen."""
    try:
        return read(data, "cut")
    except CaptureError as refusal:
        return refusal


def cuts(data: bytes, step: int = 7) -> list[bytes]:
    """`data` cut off in many places."""
    return [data[:end] for end in range(0, len(data), step)]
