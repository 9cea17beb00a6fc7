"""Files in and out: what cannot be read or written is said in one sentence."""

from __future__ import annotations

import mmap
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import cast

_MAPPED = 8 * 1024 * 1024  # from this size on a file is mapped, so that a body of a gigabyte is never held whole


class SourceError(Exception):
    """The text says which file, why not, and what to do."""


def read_source(name: str) -> bytes:
    """The bytes of a file, or of standard input for "-". Raises SourceError."""
    if not name:
        raise SourceError("the name of the file is empty: name a file, or - for standard input")
    try:
        if name == "-":
            return sys.stdin.buffer.read()
        with open(name, "rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_size >= _MAPPED:
                # A mapping is sliced, searched and measured as bytes are.
                return cast(bytes, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            return file.read()
    except FileNotFoundError:
        raise SourceError(f"{name}: no such file{_near(name)}") from None
    except IsADirectoryError:
        raise SourceError(f"{name}: a directory; name a file in it that holds a request") from None
    except PermissionError:
        raise SourceError(f"{name}: you may not read this file; see its permissions") from None
    except (OSError, ValueError) as error:
        raise SourceError(f"{name}: cannot be read: {_why(error)}") from None


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _near(name: str) -> str:
    import difflib

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
