"""Coroutines that were made and dropped: Python tells of them when they are collected, and so do we."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

from .blame import calling_line, is_ours
from .observing import watching
from .recording import Sight
from .while_any import WhileAny

_given = getattr(warnings, "_warn_unawaited_coroutine", None)  # Python's own warning


def _listen() -> Callable[[], None]:
    def undo() -> None:
        warnings._warn_unawaited_coroutine = _given  # type: ignore[attr-defined]

    warnings._warn_unawaited_coroutine = _told  # type: ignore[attr-defined]
    return undo


def _told(coroutine: Any) -> None:
    """Note it for the call it belongs to; Python's own warning is given as before.

    A RuntimeWarning has the name only as text, and may be filtered. The function that Python calls to
    give it gets the coroutine itself.
    """
    observer = watching.get()
    if observer is not None and not is_ours(coroutine.cr_code.co_filename):
        name = f"{coroutine.__qualname__}()"
        observer.note(Sight.COROUTINE_NOT_AWAITED, name, source=calling_line(sys._getframe(1)))
    if _given is not None:
        _given(coroutine)


unawaited_noted = WhileAny(_listen)
