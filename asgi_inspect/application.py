"""Find an application and make of it what uvicorn makes of it: something to call with scope, receive, send.

uvicorn calls whatever it found without arguments before anything else. What comes back is the
application; a TypeError means that the object was one already (or, with --factory, an error).
Then it looks at the object to tell ASGI 3 from ASGI 2; WSGI only if it is told.
"""

from __future__ import annotations

import inspect
import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

from .application_error import ApplicationError
from .asgi import Application, Receive, Scope, Send
from .candidates import is_coroutine_function, kind_of, takes
from .env_file import EnvFileError, read_env_file
from .import_faults import lines_of, own_traceback, said, shown
from .importing import import_target, parse_target, search_path
from .shape import Shape, shape_of

__all__ = ["ApplicationError", "Found", "Loaded", "find", "load", "prepare", "search_path"]

Interface = Literal["asgi3", "asgi2", "wsgi"]

# With how many arguments an application of each kind is called.
_ARGUMENTS: dict[Interface, int] = {"asgi3": 3, "asgi2": 1, "wsgi": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object that was named with --app, not called yet. `undo` takes back what finding it changed."""

    object: Any
    target: str
    undo: ExitStack = field(default_factory=ExitStack, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """An application, ready to be called as ASGI 3, and what uvicorn would tell it and say about it.

    sys.path and os.environ stay as loading changed them, since an application may import and look
    up more while it runs; `close()` takes these changes back. Its modules stay imported.
    """

    app: Application
    interface: Interface
    asgi_version: Literal["3.0", "2.0"]
    target: str
    warnings: tuple[str, ...] = ()
    shape: Shape | None = None
    undo: ExitStack = field(default_factory=ExitStack, repr=False)

    def close(self) -> None:
        """Take back what loading changed in sys.path and os.environ; a second time does nothing."""
        self.undo.close()


def load(target: object, *, app_dir: str, factory: bool, interface: str, env_file: str | None) -> Loaded:
    """Find the application and prepare it. Raises ApplicationError, and then leaves nothing changed."""
    found = find(target, app_dir=app_dir, factory=factory, env_file=env_file)
    return prepare(found, factory=factory, interface=interface)


def find(target: object, *, app_dir: str, factory: bool, env_file: str | None) -> Found:
    """Import what `target` names; an object that is no string is taken as it is."""
    with ExitStack() as undo:
        if env_file is not None:
            _set_variables(env_file, undo)
        if isinstance(target, str):
            name, found = import_target(parse_target(target, app_dir), undo, factory=factory)
        else:
            name, found = _name_of(target), target
        return Found(object=found, target=name, undo=undo.pop_all())


def prepare(found: Found, *, factory: bool, interface: str) -> Loaded:
    """Call it as a factory, tell its interface, wrap it. uvicorn does this inside its running event loop."""
    with found.undo:
        app, warnings, hidden = _called(found, factory)
        kind, reasons = _interface(app, found.target, interface, hidden)
        wrapped, notes = _as_asgi3(app, kind)
        return Loaded(
            app=wrapped,
            interface=kind,
            asgi_version="2.0" if kind == "asgi2" else "3.0",
            target=found.target,
            warnings=(*warnings, *reasons, *notes),
            shape=shape_of(app, found.target) if kind != "wsgi" else None,
            undo=found.undo.pop_all(),
        )


def _set_variables(path: str, undo: ExitStack) -> None:
    try:
        values = read_env_file(path)
    except EnvFileError as error:
        raise ApplicationError(str(error)) from None
    for name, value in values.items():
        if name not in os.environ:
            os.environ[name] = value
            undo.callback(os.environ.pop, name, None)


def _name_of(target: object) -> str:
    if inspect.isfunction(target) or inspect.isclass(target):
        return f"{target.__module__}:{target.__qualname__}"
    return kind_of(target)


def _called(found: Found, factory: bool) -> tuple[Any, list[str], TypeError | None]:
    """The application, what to say about how it was got, and a TypeError from inside that uvicorn hides."""
    if not callable(found.object):
        raise _not_callable(found)
    try:
        app = found.object()
    except TypeError as error:
        if factory:
            raise _factory_failed(found, error) from None
        return found.object, [], error if lines_of(error) else None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise _raised(found, error, factory) from None
    if not callable(app):
        raise _gave_no_app(found, app)
    if factory:
        return app, [], None
    return app, [_factory_detected(found, app)], None


def _factory_detected(found: Found, app: Any) -> str:
    return (
        f"uvicorn calls {found.target} without arguments first; that worked, so what came back "
        f"({kind_of(app)}) is the application. uvicorn warns about it: give --factory if it is meant."
    )


def _not_callable(found: Found) -> ApplicationError:
    text = f"--app {found.target}: it is {kind_of(found.object)}, and an application is something to call."
    if inspect.ismodule(found.object):
        name = found.object.__name__
        app = next((key for key in ("app", "application", "asgi") if callable(vars(found.object).get(key))), None)
        return ApplicationError(f"{text} {f'Did you mean {name}:{app}?' if app else 'Name the application in it.'}")
    if isinstance(found.object, str):
        return ApplicationError(f"{text} Its value is {found.object[:80]!r}: is that the target to give?")
    return ApplicationError(f"{text} Name the application itself.")


def _gave_no_app(found: Found, app: Any) -> ApplicationError:
    if inspect.iscoroutine(app):
        app.close()
        return ApplicationError(
            f"--app {found.target}: it is async and can be called without arguments, so uvicorn takes the coroutine "
            "that comes back for the application and answers 500 to everything. An application takes scope, receive "
            "and send; a factory is a plain `def`."
        )
    made = "an object of that class" if inspect.isclass(found.object) else kind_of(app)
    cure = "Is a `return` missing?" if app is None else "It must be something to call."
    return ApplicationError(
        f"--app {found.target}: uvicorn calls it without arguments and got {made}, which is no application. {cure}"
    )


def _factory_failed(found: Found, error: TypeError) -> ApplicationError:
    if lines_of(error):
        return _raised(found, error, True)
    if takes(found.object, 3) or takes(found.object, 1):
        cure = "It looks like the application itself: leave --factory out."
    else:
        cure = "Give its parameters default values."
    return ApplicationError(
        f"--app {found.target}: with --factory it is called without arguments, and that raised {said(error)}. {cure}"
    )


def _raised(found: Found, error: BaseException, factory: bool) -> ApplicationError:
    file, line = lines_of(error)[-1] if lines_of(error) else ("", 0)
    where = f"{shown(file, line)} raised " if file else "it raised "
    why = "" if factory else " (uvicorn calls what it finds without arguments, to see whether it is a factory)"
    text = f"your application failed while {found.target}() was called{why}: {where}{said(error)}"
    return ApplicationError(text, own_traceback(error))


def _interface(app: Any, target: str, wanted: str, hidden: TypeError | None) -> tuple[Interface, list[str]]:
    """The interface, and why uvicorn says so where a person would not expect it."""
    told = next((interface for interface in _ARGUMENTS if interface == wanted), None)
    interface = told or ("asgi3" if _is_asgi3(app) else "asgi2")
    reasons = []
    if told is None and interface == "asgi2":
        _refuse_wsgi(app, target)
        reasons.append(_taken_for_asgi2(app, target))
    if hidden is not None:
        _refuse_failed_factory(app, target, hidden)
        reasons.append(f"{target}() raised {said(hidden)}, which uvicorn takes to mean that it is no factory")
    return interface, reasons


def _is_asgi3(app: Any) -> bool:
    if inspect.isclass(app):
        return hasattr(app, "__await__")
    return is_coroutine_function(app if inspect.isfunction(app) else app.__call__)


def _refuse_wsgi(app: Any, target: str) -> None:
    if takes(app, 2) and not takes(app, 1):
        raise ApplicationError(
            f"--app {target}: it takes two arguments (environ, start_response), so it is a WSGI application, which "
            "uvicorn would take for ASGI 2 and answer 500 to everything. Give --interface wsgi"
        )


def _refuse_failed_factory(app: Any, target: str, hidden: TypeError) -> None:
    """Nothing that takes neither one, two nor three arguments is an application of any kind."""
    if not any(takes(app, count) for count in _ARGUMENTS.values()):
        raise ApplicationError(
            f"your application failed while its factory {target}() was called: {said(hidden)}. uvicorn takes a "
            "TypeError to mean that it is no factory, hides it and answers 500 to everything: give --factory to see it",
            own_traceback(hidden),
        )


def _taken_for_asgi2(app: Any, target: str) -> str:
    text = f"uvicorn takes {target} for an ASGI 2 application, because it is {kind_of(app)} and its call is not async"
    if takes(app, 3) and not takes(app, 1):
        return f"{text}. It takes three arguments, so it will fail: make it `async def`, or give --interface asgi3"
    return f"{text}: it is called with the scope alone"


def _as_asgi3(app: Any, interface: Interface) -> tuple[Application, list[str]]:
    if interface == "wsgi":
        from .wsgi import wrapped  # asyncio and its threads, for those who need them

        adapter, note = wrapped(app)
        return adapter, [note]
    return (ASGI2(app) if interface == "asgi2" else app), []


class ASGI2:
    """The double callable of ASGI 2, called as ASGI 3."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Each step as uvicorn takes it, so that what fails fails in the same way."""
        await self.app(scope)(receive, send)
