"""A change to the process that holds while any of several runs is under way; they may end in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


class WhileAny:
    """`begin` makes the change when the first of several blocks begins, and gives back what undoes it
    when the last one ends: each putting back what it found would leave another's behind."""

    def __init__(self, begin: Callable[[], Callable[[], None]]) -> None:
        self._begin = begin
        self._undo: Callable[[], None] = lambda: None
        self._blocks = 0
        self._lock = Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if self._blocks == 0:
                self._undo = self._begin()
            self._blocks += 1
        try:
            yield
        finally:
            with self._lock:
                self._blocks -= 1
                if self._blocks == 0:
                    self._undo()
