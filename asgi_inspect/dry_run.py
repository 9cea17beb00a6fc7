"""Load the application, run it over a capture, and give back what there is to tell, whatever happened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import TextIO

from .application import Found, Loaded, find, prepare
from .application_error import ApplicationError
from .arrival import Played
from .blame import error_text, raising_line, show_paths_from
from .captures.capture import Capture, ClientConnection
from .exchange import Exchange
from .findings import Finding, Severity
from .idle import IdleSelector
from .lifespan import LifespanReport
from .options import Options
from .printed import printing_kept
from .recording import Sight
from .runner import Progress, own_tasks, run
from .servers.uvicorn_scope import Settings
from .shape import Shape
from .surroundings import surroundings_kept, working_directory
from .unawaited import unawaited_noted
from .watch import Cut, Ended, run_watched

_LONGEST_IMPORT = 60.0  # seconds; a module that runs a server at its top would never come back


@dataclass(slots=True, kw_only=True)
class DryRun:
    """The played connections, how the lifespan went, what the application printed, how the run ended."""

    played: list[tuple[ClientConnection, Played]] = field(default_factory=list)
    lifespan: LifespanReport | None = None
    printed: str = ""
    printed_length: int = 0
    ended: Ended = field(default_factory=Ended)
    left_tasks: tuple[str, ...] = ()
    loaded: Loaded | None = None

    @property
    def shape(self) -> Shape | None:
        """How the application is called, once it is loaded."""
        return self.loaded.shape if self.loaded else None


def dry_run(capture: Capture, options: Options, parser: str, settings: Settings, beyond: TextIO | None) -> DryRun:
    """Call the application for every request of the capture.

    Raises ApplicationError where it cannot be found or imported. What it prints goes to `beyond` too.
    """
    show_paths_from(working_directory())
    progress = Progress(deadline=time.perf_counter() + max(_LONGEST_IMPORT, options.timeout))
    found: list[Found] = []
    loaded: list[Loaded] = []
    surroundings = ExitStack()

    def import_it() -> str:
        found.append(_find(options))
        return loop_kind(options.loop)

    async def start(selector: IdleSelector | None) -> None:
        # As uvicorn: imported before the loop runs, called as a factory inside of it.
        app = prepare(found[0], factory=options.factory, interface=options.interface)
        loaded.append(app)
        surroundings.enter_context(surroundings_kept())
        served = with_interface(settings, app)
        await run(app.app, capture.connections, parser, served, options, progress, selector)

    with surroundings, printing_kept(beyond) as printed, unawaited_noted():
        ended = run_watched(start, import_it, progress)
    for app in loaded:
        app.close()
    if isinstance(ended.error, ApplicationError) or (ended.error is not None and not _ends_server(ended.error)):
        raise ended.error
    if ended.blocked and not loaded:
        where = f" It is stuck at {ended.blocked_at}." if ended.blocked_at else ""
        raise ApplicationError(f"{options.app} was not loaded within {_LONGEST_IMPORT:g} s.{where}")
    if ended.error is not None and not ended.blocked and not ended.interrupted:
        progress.ended_by(ended.error)
    return gather(progress, ended, printed.text, printed.length, loaded[0] if loaded else None)


def _ends_server(error: BaseException) -> bool:
    """Whether an application can end the event loop with it: asyncio lets the first two out of any task.

    The RuntimeError is asyncio's own after loop.stop(); Cut is what ends a thread that was given up.
    """
    stopped = isinstance(error, RuntimeError) and "stopped before Future completed" in str(error)
    return stopped or isinstance(error, SystemExit | KeyboardInterrupt | Cut)


async def dry_run_async(capture: Capture, options: Options, parser: str, settings: Settings) -> DryRun:
    """The same in the running loop: a loop that the application blocks cannot be cut here."""
    show_paths_from(working_directory())
    progress = Progress()
    with printing_kept(None) as printed, unawaited_noted():
        loaded = prepare(_find(options), factory=options.factory, interface=options.interface)
        with closing(loaded), surroundings_kept(), own_tasks() as started:
            served = with_interface(settings, loaded)
            await run(loaded.app, capture.connections, parser, served, options, progress, None, started)
    return gather(progress, Ended(), printed.text, printed.length, loaded)


def gather(progress: Progress, ended: Ended, printed: str, length: int, loaded: Loaded | None) -> DryRun:
    """Everything that was recorded, the connection that was cut in the middle included."""
    return DryRun(
        played=list(progress.finished_connections()),
        lifespan=progress.lifespan_report(),
        printed=printed,
        printed_length=length,
        ended=ended,
        left_tasks=progress.left_tasks,
        loaded=loaded,
    )


def _find(options: Options) -> Found:
    return find(options.app, app_dir=options.app_dir, factory=options.factory, env_file=options.env_file)


def with_interface(settings: Settings, loaded: Loaded | None) -> Settings:
    """uvicorn tells the application the ASGI version of its interface, and gives WSGI no WebSockets."""
    if loaded is None:
        return settings
    websockets = settings.websockets and loaded.interface != "wsgi"
    return replace(settings, asgi_version=loaded.asgi_version, websockets=websockets)


def loop_kind(name: str) -> str:
    """ "auto" is uvloop where it is installed, as uvicorn takes it."""
    if name == "asyncio":
        return name
    try:
        import uvloop  # noqa: F401
    except ImportError:
        if name == "uvloop":
            raise ApplicationError("--loop uvloop: uvloop is not installed here; pip install uvloop") from None
        return "asyncio"
    return "uvloop"


def run_findings(dry: DryRun, exchanges: tuple[Exchange, ...]) -> Iterator[Finding]:
    """What the run itself shows: a blocked loop, tasks and threads that were left behind, uvicorn's warnings.

    A task that a call left behind is told of that call, and not again.
    """
    told = {one.detail for exchange in exchanges for one in exchange.observed if one.sight is Sight.TASK_LEFT}
    if dry.ended.blocked:
        yield Finding(
            rule="loop-blocked",
            severity=Severity.ERROR,
            message="the application blocked the event loop until time ran out",
            notes=("on a server every other request waits with it, and no timeout of asyncio can end it",),
            help="await asyncio.sleep() and async clients, or put blocking work into asyncio.to_thread()",
            source=dry.ended.blocked_at or None,
        )
    elif dry.ended.error is not None and not dry.ended.interrupted:
        yield Finding(
            rule="server-ended",
            severity=Severity.ERROR,
            message=f"the application ended the server: {error_text(dry.ended.error)}",
            notes=("asyncio lets SystemExit and KeyboardInterrupt out of every task, and uvicorn ends with its loop",),
            help="raise an exception that the framework answers, and leave the event loop alone",
            source=None if isinstance(dry.ended.error, RuntimeError) else raising_line(dry.ended.error),
        )
    for name in dry.left_tasks:
        if name in told:
            continue
        yield _left("task", name, "await it, or cancel it in the lifespan's shutdown")
    for name in dry.ended.left_threads:
        yield _left("thread", name, "end it in the lifespan's shutdown, or make it a daemon thread")
    for text in dry.loaded.warnings if dry.loaded else ():
        yield Finding(rule="uvicorn-warns", severity=Severity.NOTE, message=text)


def _left(kind: str, name: str, advice: str) -> Finding:
    return Finding(
        rule=f"{kind}-left-running",
        severity=Severity.WARNING,
        message=f"a {kind} was still running when everything was over: {name}",
        help=advice,
    )
