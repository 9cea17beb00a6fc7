"""What the application writes to standard output and error, kept apart from the report."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from .span import printable

KEPT = 64 * 1024


class Printed(io.TextIOBase):
    """Stands in for sys.stdout and sys.stderr while the application runs.

    The first 64 KiB are kept in `text`; `length` counts all characters. What is written is passed
    on to `beyond`, where that is given. A logging handler may hold on to it after the run: then it
    writes to the run that is under way, or to the stream that it stood in for.
    """

    def __init__(self, instead_of: TextIO, beyond: TextIO | None) -> None:
        self._instead_of = instead_of
        self._beyond = beyond
        self._parts: list[str] = []
        self.length = 0
        self.running = True

    @property
    def text(self) -> str:
        """What is kept, as one string."""
        return "".join(self._parts)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if not self.running:
            return (_streams.newest() or self._instead_of).write(text)
        room = KEPT - self.length
        if room > 0:
            self._parts.append(text[:room])
        self.length += len(text)
        if self._beyond is not None:
            self._beyond.write(text)
        return len(text)

    def flush(self) -> None:
        stream = self._beyond if self.running else self._instead_of
        if stream is not None:
            stream.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._instead_of.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"


class Escaped(io.TextIOBase):
    """A stream for what the application prints on which nothing acts on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write("\n".join(map(printable, text.split("\n"))))

    def flush(self) -> None:
        self._stream.flush()


class _Streams:
    """The process's own streams while runs stand in for them: the first run takes them, the last gives them back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[Printed] = []
        self._out, self._err = sys.stdout, sys.stderr

    def take(self, beyond: TextIO | None) -> Printed:
        with self._lock:
            if not self._running:
                self._out, self._err = sys.stdout, sys.stderr
            kept = Printed(self._err or io.StringIO(), beyond)
            self._running.append(kept)
            sys.stdout = sys.stderr = kept
            return kept

    def newest(self) -> Printed | None:
        """The run that began last of those under way."""
        with self._lock:
            return self._running[-1] if self._running else None

    def give_back(self, kept: Printed) -> None:
        """Whatever stands there now: the application may have put something else into their place."""
        with self._lock:
            kept.running = False
            self._running.remove(kept)
            if self._running:
                sys.stdout = sys.stderr = self._running[-1]
            else:
                sys.stdout, sys.stderr = self._out, self._err


_streams = _Streams()


@contextmanager
def printing_kept(beyond: TextIO | None) -> Iterator[Printed]:
    """Take the place of both streams until the block ends; `beyond` gets a copy as it comes."""
    kept = _streams.take(beyond)
    try:
        yield kept
    finally:
        _streams.give_back(kept)
