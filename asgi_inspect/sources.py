"""Files in and out: what cannot be read or written is said in one sentence."""

from __future__ import annotations

import mmap
import os
import re
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, cast

_MOST = 2 << 30  # of what tells no length before: /dev/zero has no end
_PART = 1 << 20
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9:/?#\[\]@&()*+,;=._~%-]+")  # nothing that a shell would change in quotes
_MAPPED = 8 * 1024 * 1024  # from this size on a file is mapped, so that a body of a gigabyte is never held whole


class SourceError(Exception):
    """The text says which file, why not, and what to do."""


def read_source(name: str) -> bytes:
    """The bytes of a file, or of standard input for "-". Raises SourceError."""
    if not name:
        raise SourceError("the name of the file is empty: name a file, or - for standard input")
    try:
        if name == "-":
            return _to_the_end(sys.stdin.buffer, "standard input")
        with open(name, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or not status.st_size:  # those of /proc tell no size
                return _to_the_end(file, name)
            if status.st_size >= _MAPPED:
                # A mapping is sliced, searched and measured as bytes are.
                return cast(bytes, _Mapping(file.fileno(), 0, access=mmap.ACCESS_READ))
            return file.read(status.st_size)  # a log that grows meanwhile is read as it was
    except FileNotFoundError:
        raise SourceError(f"{name}: no such file{_near(name)}") from None
    except IsADirectoryError:
        raise SourceError(f"{name}: a directory; name a file in it that holds a request") from None
    except PermissionError:
        raise SourceError(f"{name}: you may not read this file; see its permissions") from None
    except (OSError, ValueError) as error:
        raise SourceError(f"{name}: cannot be read: {_why(error)}") from None


class _Mapping(mmap.mmap):
    """A mapped file; another process may cut it."""

    def still_whole(self) -> None:
        """Raises SourceError where the file is shorter now: touching what is gone would kill this process (SIGBUS)."""
        if self.size() < len(self):
            raise SourceError("the file became shorter while it was read: copy it first, and read the copy")


def _to_the_end(stream: IO[bytes], name: str) -> bytes:
    parts: list[bytes] = []
    while not parts or len(parts[-1]) == _PART:  # a shorter one is the last: a terminal would be asked again
        parts.append(stream.read(_PART))
        if len(parts) * _PART > _MOST:
            raise SourceError(f"{name}: more than {_MOST >> 30} GiB came, and no end: cut it, or put it into a file")
    return b"".join(parts)


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _near(name: str) -> str:
    import difflib

    if "://" in name:
        address = name if _PLAIN_ADDRESS.fullmatch(name) else "URL"
        return f"; nothing is sent from here: echo \"curl '{address}'\" | asgi-inspect shows what curl would send"
    path = Path(name)
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"; there is no folder {path.parent} either"
    close = difflib.get_close_matches(path.name, names, 1)
    return f"; did you mean {path.parent / close[0]}?" if close else ""


def write_output(name: str, data: Iterable[bytes]) -> None:
    """Replace the file as a whole, by `data` in parts: a full disk leaves the old one as it was. Raises SourceError."""
    try:
        path = Path(os.path.realpath(name))  # the file behind a link is replaced, not the link
        if path.exists() and not path.is_file():
            _write(path, data)  # a device or a pipe is written to, not replaced
        else:
            _replace(path, data)
    except (OSError, ValueError) as error:
        raise SourceError(f"{name}: cannot be written: {_why(error)}") from None


def _write(path: Path, data: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(data)


def _replace(path: Path, data: Iterable[bytes]) -> None:
    beside = path.with_name(f".asgi-inspect.{os.getpid()}.part")
    try:
        _write(beside, data)
        if path.exists():
            beside.chmod(stat.S_IMODE(path.stat().st_mode))  # a report that only its owner may read stays so
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
