"""Coroutines that were made and dropped: Python tells of them when they are collected, and so do we."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .blame import calling_line, is_ours
from .observing import watching
from .recording import Sight


@contextmanager
def unawaited_noted() -> Iterator[None]:
    """Note each one for the call it belongs to; Python's own warning is given as before.

    A RuntimeWarning has the name only as text, and may be filtered. The function that Python calls to
    give it gets the coroutine itself.
    """
    before = getattr(warnings, "_warn_unawaited_coroutine", None)

    def told(coroutine: Any) -> None:
        observer = watching.get()
        if observer is not None and not is_ours(coroutine.cr_code.co_filename):
            name = f"{coroutine.__qualname__}()"
            observer.note(Sight.COROUTINE_NOT_AWAITED, name, source=calling_line(sys._getframe(1)))
        if before is not None:
            before(coroutine)

    warnings._warn_unawaited_coroutine = told  # type: ignore[attr-defined]
    try:
        yield
    finally:
        warnings._warn_unawaited_coroutine = before  # type: ignore[attr-defined]
