"""Coroutines that were made and dropped: Python tells of them when they are collected, and so do we."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from .blame import calling_line, is_ours
from .observing import watching
from .recording import Sight

_given = getattr(warnings, "_warn_unawaited_coroutine", None)  # Python's own warning
_runs = 0  # that are under way: they may end in any order
_lock = Lock()


@contextmanager
def unawaited_noted() -> Iterator[None]:
    """Note each one for the call it belongs to; Python's own warning is given as before.

    A RuntimeWarning has the name only as text, and may be filtered. The function that Python calls to
    give it gets the coroutine itself.
    """
    _count(+1)
    try:
        yield
    finally:
        _count(-1)


def _count(runs: int) -> None:
    global _runs
    with _lock:
        _runs += runs
        warnings._warn_unawaited_coroutine = _told if _runs else _given  # type: ignore[attr-defined]


def _told(coroutine: Any) -> None:
    observer = watching.get()
    if observer is not None and not is_ours(coroutine.cr_code.co_filename):
        name = f"{coroutine.__qualname__}()"
        observer.note(Sight.COROUTINE_NOT_AWAITED, name, source=calling_line(sys._getframe(1)))
    if _given is not None:
        _given(coroutine)
