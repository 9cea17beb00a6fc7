"""Whose line it was: the application's frame behind a call, and tracebacks without frames of ours."""

from __future__ import annotations

import os
import sys
import sysconfig
import traceback
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

_OURS = str(Path(__file__).parent) + os.sep
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")} | {"<frozen "})
_RECURSION_SHOWN = 60
_folder = "/"


@lru_cache(maxsize=4096)
def _rank(filename: str) -> int:
    """0 our own file, 1 a library's, 2 the application's."""
    if filename.startswith(_OURS):
        return 0
    return 1 if filename.startswith(_LIBRARIES) or "site-packages" in filename else 2


def calling_line(frame: FrameType | None) -> str | None:
    """ "file.py:12" of the innermost frame that is the application's own, else of a library's."""
    best: str | None = None
    while frame is not None:
        rank = _rank(frame.f_code.co_filename)
        if rank == 2:
            return place_of(frame.f_code.co_filename, frame.f_lineno)
        if rank == 1 and best is None:
            best = place_of(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return best


def is_ours(filename: str) -> bool:
    """Whether code of that file is this tool's own."""
    return _rank(filename) == 0


def waiting_line(coroutine: Any) -> str | None:
    """The application's innermost line that a suspended coroutine waits at."""
    best: str | None = None
    own: str | None = None
    for _ in range(_RECURSION_SHOWN):
        frame = getattr(coroutine, "cr_frame", None)
        if frame is None:
            break
        rank = _rank(frame.f_code.co_filename)
        if rank:
            place = place_of(frame.f_code.co_filename, frame.f_lineno)
            own, best = (place, best) if rank == 2 else (own, place)
        coroutine = coroutine.cr_await
    return own or best


@lru_cache(maxsize=4096)
def place_of(filename: str, line: int) -> str:
    """ "file.py:12"."""
    return f"{_short(filename)}:{line}"


def show_paths_from(folder: str) -> None:
    """Tell files in `folder` by their path from there, wherever the application itself changes to."""
    global _folder
    if folder != _folder:
        _folder = folder
        _short.cache_clear()
        place_of.cache_clear()


@lru_cache(maxsize=4096)
def _short(filename: str) -> str:
    """Relative to that folder, or as a library's file is imported."""
    for root in sorted(_LIBRARIES, key=len, reverse=True):
        if filename.startswith(f"{root}/"):
            return filename[len(root) + 1 :]
    try:
        return str(Path(filename).relative_to(_folder))
    except ValueError:
        return filename


def stuck_line(thread: int | None) -> str | None:
    """Where a thread is at this moment."""
    return calling_line(sys._current_frames().get(thread or 0))


def traceback_text(error: BaseException) -> str:
    """The traceback, its causes and contexts too, with the application's and its libraries' frames only."""
    report = traceback.TracebackException.from_exception(error, limit=-_RECURSION_SHOWN)
    _without_ours(report, set())
    return "".join(report.format())


def _without_ours(report: traceback.TracebackException, seen: set[int]) -> None:
    if id(report) in seen:
        return
    seen.add(id(report))
    kept = [frame for frame in report.stack if _rank(frame.filename) > 0]
    for frame in kept:
        frame.filename = _short(frame.filename)  # its source line has been read by now
    report.stack = traceback.StackSummary.from_list(kept)
    for other in (report.__cause__, report.__context__, *(getattr(report, "exceptions", None) or ())):
        if other is not None:
            _without_ours(other, seen)


def raising_line(error: BaseException) -> str | None:
    """The application's innermost line that the error came through."""
    best: str | None = None
    trace = error.__traceback__
    own: str | None = None
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        rank = _rank(filename)
        if rank == 2:
            own = place_of(filename, trace.tb_lineno)
        elif rank == 1:
            best = place_of(filename, trace.tb_lineno)
        trace = trace.tb_next
    return own or best


def error_text(error: BaseException) -> str:
    """ "ValueError: no such table"; whatever an exception's own __str__ does."""
    try:
        text = str(error)
    except Exception:
        text = "(its __str__ raised)"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def returned_text(result: object) -> str | None:
    """What to say of the value that an application returned, None where it returned nothing."""
    return None if result is None else f"returned {type(result).__name__}, not None"
