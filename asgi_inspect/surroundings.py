"""What an application may change in this process: taken back, so that the next run does not see it.

What importing the application changed stays, for its module stays imported.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def surroundings_kept() -> Iterator[None]:
    """Everything below as it is now, once the block has ended."""
    with _environment_kept(), _hooks_kept(), _signals_kept(), warnings.catch_warnings():
        yield


@contextmanager
def _environment_kept() -> Iterator[None]:
    folder, environment, path = working_directory(), dict(os.environ), list(sys.path)
    try:
        yield
    finally:
        with suppress(OSError):
            os.chdir(folder)
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        os.environ.update(environment)
        sys.path[:] = path


@contextmanager
def _hooks_kept() -> Iterator[None]:
    """Of the interpreter: who is told of an exception, the limit of recursion, the collector, the loops' policy."""
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
    limit, collecting, policy = sys.getrecursionlimit(), gc.isenabled(), asyncio.get_event_loop_policy()
    try:
        yield
    finally:
        sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
        asyncio.set_event_loop_policy(policy)
        with suppress(RecursionError):
            sys.setrecursionlimit(limit)
        (gc.enable if collecting else gc.disable)()


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Handlers can be set in the main thread alone, where only `inspect_async` runs an application."""
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                if handler is not None and signal.getsignal(number) is not handler:
                    signal.signal(number, handler)


def working_directory() -> str:
    """The folder this process is in; "" where it was deleted."""
    try:
        return os.getcwd()
    except OSError:
        return ""
