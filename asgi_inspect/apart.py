"""Keep what the application writes apart from the report, and secrets out of both where that is asked for."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from .captures.capture import Capture
from .inspection import Inspection, inspect_capture, redaction
from .options import Options


def inspect_apart(capture: Capture, options: Options, beyond: TextIO | None) -> Inspection:
    """Run with the real standard output out of the application's reach; what it prints goes to `beyond`.

    What it writes below Python (`os.write(1, …)`) goes to standard error.
    """
    if options.app is not None and options.hides_secrets:
        return _inspect_redacted(capture, options, beyond)
    with _descriptors_at(2, (1,) if options.app is not None else ()):
        inspection = inspect_capture(capture, options, beyond=beyond)
    return redaction(inspection, options).hide(inspection) if options.hides_secrets else inspection


def _inspect_redacted(capture: Capture, options: Options, beyond: TextIO | None) -> Inspection:
    """What is printed is held back until its secrets are known; what is written below Python is dropped."""
    held = io.StringIO()
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        with _descriptors_at(null, (1, 2)):
            inspection = inspect_capture(capture, options, beyond=held)
    except BaseException:
        _pass_on(beyond, _hidden(held.getvalue(), options))
        raise
    finally:
        os.close(null)
    hiding = redaction(inspection, options)
    _pass_on(beyond, hiding.hide_text(held.getvalue()))
    return hiding.hide(inspection)


def _pass_on(beyond: TextIO | None, text: str) -> None:
    if beyond is not None:
        beyond.write(text)
        beyond.flush()


@contextmanager
def _descriptors_at(place: int, descriptors: tuple[int, ...]) -> Iterator[None]:
    """These file descriptors write to `place` until the block ends."""
    for stream in (sys.stdout, sys.stderr) if descriptors else ():
        stream.flush()
    kept = {descriptor: os.dup(descriptor) for descriptor in descriptors}
    for descriptor in descriptors:
        os.dup2(place, descriptor)
    try:
        yield
    finally:
        for descriptor, copy in kept.items():
            os.dup2(copy, descriptor)
            os.close(copy)


@contextmanager
def refusals_redacted(options: Options) -> Iterator[None]:
    """What cannot be read or called is told with a quotation of it, and with the application's traceback."""
    try:
        yield
    except Exception as error:
        if options.hides_secrets:
            error.args = (_hidden(str(error), options),)
            if isinstance(traceback := getattr(error, "traceback", None), str):
                error.traceback = _hidden(traceback, options)  # type: ignore[attr-defined]  # it was there
        raise


def _hidden(text: str, options: Options) -> str:
    from .redaction import hidden_text  # loaded only where it is asked for

    return hidden_text(text, options.redact_field)
