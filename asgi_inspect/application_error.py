"""What is raised where an application cannot be called at all: light, since whoever catches it may call none."""

from __future__ import annotations


class ApplicationError(Exception):
    """The application cannot be found or loaded: the text says whose fault it is and what to do.

    `traceback` is the application's own, where its code ran and failed; else None.
    """

    def __init__(self, text: str, traceback: str | None = None) -> None:
        super().__init__(text)
        self.traceback = traceback
