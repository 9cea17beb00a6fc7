"""An application that misbehaves: nothing is lost, nothing hangs, and the outcome says what happened."""

import asyncio
import gc
import inspect as reflection
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.lifespan.on import LifespanOn

import asgi_inspect
from asgi_inspect import inspect_async
from asgi_inspect.conformance import RULES
from asgi_inspect.exchange import By, Exchange, Response
from asgi_inspect.exit_codes import exit_code
from asgi_inspect.findings import Finding
from asgi_inspect.inspection import Inspection
from asgi_inspect.recording import Call, Folded, Outcome
from tests.apps import hostile
from tests.commands import ROOT, clean
from tests.comparison import inspected, of_exchanges, theirs
from tests.oracle import BEHAVIOURS, PARSERS, App, Message, Parser, Receive, Scope, Send, body, observe, start
from tests.request_table import get, sized

REQUEST = sized(b"hello")
HEAD = "http.response.start"
PART = "http.response.body"
CONFORMANCE = {rule.id for rule in RULES} - {"task-left-running"}


@pytest.fixture(scope="module", autouse=True)
def _let_threads_end() -> Iterator[None]:
    yield
    hostile.OVER.set()


def run(app: App, data: bytes = REQUEST, **options: Any) -> Inspection:
    defaults: dict[str, Any] = {"parser": "httptools", "loop": "asyncio", "lifespan": "off", "timeout": 20}
    return inspected(data, app=app, **{**defaults, **options})


def response(exchange: Exchange) -> Response:
    assert exchange.response is not None
    return exchange.response


def rules(inspection: Inspection) -> list[str]:
    """What the run itself tells; what conformance has to say of such applications has tests of its own."""
    return [finding.rule for finding in inspection.findings if finding.rule not in CONFORMANCE]


def finding(inspection: Inspection, rule: str) -> Finding:
    [found] = [finding for finding in inspection.findings if finding.rule == rule]
    return found


# The table


@dataclass(frozen=True, kw_only=True)
class Expected:
    """How one call ends. `sent` are the messages recorded, of an endless stream the first; `told` is in the finding."""

    outcome: Outcome
    sent: tuple[str, ...] = ()
    error: str | None = None
    status: int | None = None
    by: By = By.APP
    rule: str | None = None
    told: str = ""


TIMED_OUT, RAISED, COMPLETED = Outcome.TIMED_OUT, Outcome.RAISED, Outcome.COMPLETED
OK = Expected(outcome=COMPLETED, sent=(HEAD, PART), status=200)


def timed_out(*sent: str, rule: str | None = None, told: str = "") -> Expected:
    return Expected(outcome=TIMED_OUT, sent=sent, status=200 if sent else None, rule=rule, told=told)


def answered_500(error: str) -> Expected:
    return Expected(outcome=RAISED, error=error, status=500, by=By.SERVER)


def completed(rule: str, told: str) -> Expected:
    return Expected(outcome=COMPLETED, sent=(HEAD, PART), status=200, rule=rule, told=told)


HOSTILE: dict[App, Expected] = {
    hostile.spins: timed_out(HEAD, rule="loop-blocked", told="blocked the event loop"),
    hostile.sleeps_in_c: timed_out(HEAD, rule="loop-blocked"),
    hostile.spins_when_cancelled: timed_out(rule="loop-blocked"),
    hostile.spins_after_the_response: completed("loop-blocked", "blocked the event loop"),
    hostile.streams_for_ever: timed_out(HEAD, PART, PART),
    hostile.streams_for_ever_and_yields: timed_out(HEAD, PART, PART),
    hostile.streams_whatever_is_raised: timed_out(HEAD, PART, PART, rule="task-left-running", told="cancelled"),
    hostile.never_answers: timed_out(),
    hostile.polls: timed_out(),
    hostile.swallows_cancellation: timed_out(rule="task-left-running", told="does not end when it is cancelled"),
    hostile.swallows_everything: timed_out(rule="task-left-running", told="does not end when it is cancelled"),
    hostile.answers_when_the_client_left: Expected(outcome=TIMED_OUT, sent=(HEAD, PART)),
    hostile.goes_on_after_the_response: completed("task-left-running", "the call for request 1, after its response"),
    hostile.waits_for_a_thread: timed_out(rule="thread-left-running"),
    hostile.exits: answered_500("SystemExit: 3"),
    hostile.interrupts: answered_500("KeyboardInterrupt"),
    hostile.exits_in_a_task: Expected(
        outcome=RAISED, sent=(HEAD,), error="SystemExit: 3", status=200, rule="server-ended", told="SystemExit: 3"
    ),
    hostile.exits_in_a_forgotten_task: Expected(
        outcome=RAISED, sent=(HEAD,), error="CancelledError", status=200, rule="server-ended", told="SystemExit: 3"
    ),
    hostile.stops_the_loop: Expected(
        outcome=RAISED, error="CancelledError", status=500, by=By.SERVER, rule="server-ended", told="loop stopped"
    ),
    hostile.recurses: answered_500("RecursionError: maximum recursion depth exceeded"),
    hostile.runs_out_of_memory: answered_500("MemoryError"),
    hostile.raises_what_cannot_be_told: answered_500("Mute: (its __str__ raised)"),
    hostile.sends_what_cannot_be_told: Expected(
        outcome=RAISED, sent=("",), error="TypeError: 'Mute' object is not subscriptable", status=500, by=By.SERVER
    ),
    hostile.raises_a_group: answered_500("ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)"),
    hostile.sends_text: Expected(
        outcome=RAISED,
        sent=(HEAD, PART),
        error="TypeError: data argument must be a bytes-like object, not 'str'",
        status=200,
    ),
    hostile.sends_itself: OK,
    hostile.sends_with_what_cannot_be_told: OK,
    hostile.leaves_a_thread: completed("thread-left-running", "worker-7"),
    hostile.leaves_a_daemon: OK,
    hostile.leaves_a_task: completed("task-left-running", "background-poll (sleep)"),
    hostile.leaves_a_stubborn_task: completed("task-left-running", "stubborn"),
    hostile.leaves_a_generator: completed("task-left-running", "async_generator"),
    hostile.changes_the_scope: OK,
    hostile.changes_messages_later: OK,
    hostile.changes_the_process: OK,
    hostile.changes_the_interpreter: OK,
    hostile.closes_the_streams: OK,
}
# Those with a test of their own below.
ALONE = {hostile.writes_below_python, hostile.with_context, hostile.adds_to_context, hostile.tiny_sends}
EXIT_CODES = {TIMED_OUT: 5, RAISED: 4, COMPLETED: 0}


def test_the_table_is_complete() -> None:
    named = (value for name, value in vars(hostile).items() if reflection.iscoroutinefunction(value) and name[0] != "_")
    theirs_and_ours = {value for value in named if value.__module__ == hostile.__name__}

    assert theirs_and_ours - {hostile.answer} == {*HOSTILE, *ALONE}


@pytest.mark.parametrize("app", HOSTILE, ids=lambda app: str(app.__name__))
def test_what_is_told_of_a_hostile_application(app: App) -> None:
    """The outcome, the recording up to the fault, what the client got, and a finding where there is more to say."""
    expected = HOSTILE[app]
    waits = expected.outcome is TIMED_OUT or app in (
        hostile.spins_after_the_response,
        hostile.goes_on_after_the_response,
    )
    limit = 0.3 if waits else 20.0
    began = time.perf_counter()

    inspection = run(app, timeout=limit)

    assert time.perf_counter() - began < limit + 6
    [exchange] = inspection.exchanges
    assert exchange.outcome is expected.outcome
    assert exchange.receive[0] == {"type": "http.request", "body": b"hello", "more_body": False}
    sent = [step for step in exchange.steps if step.call is Call.SEND]
    kinds = tuple(str((step.message or {}).get("type", "")) for step in sent[: len(expected.sent) + 1])
    assert kinds[: len(expected.sent)] == expected.sent
    assert len(kinds) == len(expected.sent) or expected.sent[-1:] == (PART,), "an endless stream has more"
    assert exchange.error == expected.error
    assert (exchange.response.status if exchange.response else None) == expected.status
    assert exchange.response is None or exchange.response.by is expected.by
    assert set(rules(inspection)) == ({expected.rule} if expected.rule else set())
    assert exit_code(inspection, "never") == (5 if expected.rule == "loop-blocked" else EXIT_CODES[expected.outcome])
    if expected.rule:
        assert expected.told in finding(inspection, expected.rule).message


def test_the_line_that_blocks_is_told() -> None:
    """`source` of the finding is the application's line, not one of asyncio's or ours."""
    lines = hostile.__file__
    with open(lines) as file:
        text = file.read().splitlines()
    source = finding(run(hostile.sleeps_in_c, timeout=0.2), "loop-blocked").source

    assert source is not None
    name, _, number = source.rpartition(":")
    assert name.endswith("hostile.py")
    assert text[int(number) - 1].strip() == "time.sleep(60)"


def test_200000_sends_are_counted_and_not_all_kept() -> None:
    """Memory stays bounded; the first and the last steps are there, and the count of the others."""
    [exchange] = run(hostile.tiny_sends, timeout=120).exchanges

    assert exchange.outcome is COMPLETED
    assert len(exchange.steps) == 11_000
    assert len(exchange.steps) + exchange.steps_left_out == 1 + 200_002 + 1
    assert exchange.steps[-1].call is Call.RETURN
    assert exchange.steps[0].call is Call.RECEIVE
    assert response(exchange).body == b"x" * 200_000
    assert len(response(exchange).wire) > 1_200_000


def test_what_was_sent_before_the_loop_was_blocked_is_on_the_wire() -> None:
    """The response head went out, and is shown though the call never came back."""
    [exchange] = run(hostile.spins, timeout=0.2).exchanges

    assert response(exchange).wire == (
        b"HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\nserver: uvicorn\r\n"
        b"transfer-encoding: chunked\r\n\r\n"
    )


def test_requests_before_the_blocked_one_are_kept() -> None:
    """The first of two is answered and complete; only the second ran out of time."""

    async def blocks_the_second(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/2":
            await hostile.spins(scope, receive, send)
        await hostile.answer(send)

    first, second = run(blocks_the_second, get(b"/1") + get(b"/2"), timeout=0.3).exchanges

    assert (first.outcome, second.outcome) == (COMPLETED, TIMED_OUT)
    assert response(first).body == b"ok"


def test_a_traceback_has_the_applications_frames_alone() -> None:
    """With the parts of a group; never ours; of a deep recursion not all."""
    [exchange] = run(hostile.raises_a_group).exchanges
    assert exchange.traceback is not None
    assert "ValueError: part 1" in exchange.traceback
    assert "ValueError: part 2" in exchange.traceback
    assert "hostile.py" in exchange.traceback

    [deep] = run(hostile.recurses).exchanges
    assert deep.traceback is not None
    assert deep.traceback.count("\n") < 200
    for shown in (exchange.traceback, deep.traceback):
        assert "asgi_inspect" not in shown


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("unfinished_body", Outcome.INCOMPLETE),
        ("unfinished_body_with_length", Outcome.INCOMPLETE),
        ("return_after_start", Outcome.INCOMPLETE),
        ("return_without_answer", Outcome.NO_RESPONSE),
        ("returns_at_once", Outcome.NO_RESPONSE),
        ("returns_value_only", Outcome.NO_RESPONSE),
        ("returns_value_after_answer", Outcome.COMPLETED),
        ("length_short", Outcome.RAISED),
        ("raise_after_end", Outcome.RAISED),
        ("echo", Outcome.COMPLETED),
    ],
)
def test_how_a_call_ended(name: str, outcome: Outcome) -> None:
    """What is missing is told as such, and not as a client that left."""
    [exchange] = run(BEHAVIOURS[name]).exchanges

    assert exchange.outcome is outcome


def test_a_client_that_left_is_told_as_such() -> None:
    """Half a body, then the end: the application hears of it and gives up; it is at no fault."""
    [exchange] = run(BEHAVIOURS["echo"], REQUEST[:-2]).exchanges

    assert exchange.outcome is Outcome.DISCONNECTED
    assert exchange.receive[-1] == {"type": "http.disconnect"}


def test_the_client_leaves_after_n_messages() -> None:
    """--disconnect-after: what comes later goes nowhere, and receive() says so."""
    heard: list[Message] = []

    async def listens(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(start())
        for part in (b"one", b"two", b"three"):
            await send(body(part, True))
            await asyncio.sleep(0.01)
        heard.append(await receive())

    [exchange] = run(listens, disconnect_after=2).exchanges

    assert heard == [{"type": "http.disconnect"}]
    assert exchange.outcome is Outcome.DISCONNECTED
    wire = response(exchange).wire
    assert isinstance(wire, bytes)
    assert b"one" in wire
    assert b"two" not in wire


# What the recording keeps


def test_the_scope_is_shown_as_the_application_was_called_with_it() -> None:
    """Whatever it does to it, and to what is in it."""
    [exchange] = run(hostile.changes_the_scope).exchanges

    assert exchange.scope is not None
    assert exchange.scope["path"] == "/post"
    assert exchange.scope["asgi"] == {"version": "3.0", "spec_version": "2.3"}
    assert exchange.scope["headers"] == [(b"host", b"example.com"), (b"content-length", b"5")]
    assert exchange.scope["state"] == {}


def test_messages_are_shown_as_they_were_when_they_passed() -> None:
    """Changed later, in the dict, in its headers, in one pair, in a bytearray: the record stays."""
    [exchange] = run(hostile.changes_messages_later).exchanges

    assert exchange.receive == ({"type": "http.request", "body": b"hello", "more_body": False},)
    assert exchange.send == (
        {"type": HEAD, "status": 200, "headers": [[b"x-pair", b"1"], (b"content-length", b"2")]},
        {"type": PART, "body": b"ok", "more_body": False},
    )
    assert [step.message for step in exchange.steps if step.call is Call.SEND] == list(exchange.send)


def test_a_body_over_the_limit_is_folded() -> None:
    """Its length, hash and beginning are told; what went over the wire is counted in full."""
    [exchange] = run(BEHAVIOURS["large"], body_limit=10_000).exchanges

    shown = response(exchange)
    assert isinstance(shown.body, Folded)
    assert (shown.body.length, shown.body.head[:3]) == (200_000, b"xxx")
    assert shown.status == 200


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_context_variables_go_into_tasks_and_threads(loop: str) -> None:
    """As on a server: asyncio's threads and anyio's too."""
    [exchange] = run(hostile.with_context, get(b"/1"), loop=loop).exchanges

    assert response(exchange).body == b"; ".join([b"nothing, /1"] * 4)


@pytest.mark.parametrize("parser", PARSERS)
def test_context_variables_go_into_the_pipelined_request_behind(parser: Parser) -> None:
    """uvicorn starts it inside the send() that ends the first; one that comes in a read of its own sees nothing."""
    data = get(b"/1") + get(b"/2")

    for size, seen in ((len(data), b"nothing, /1, /2"), (len(data) // 2, b"nothing, /2")):
        shown = run(hostile.adds_to_context, data, parser=parser, read_size=size)
        pieces = [data[at : at + size] for at in range(0, len(data), size)]

        assert response(shown.exchanges[1]).body == seen
        assert of_exchanges(shown.exchanges) == theirs(observe(parser, pieces, hostile.adds_to_context))


# Lifespan


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """The requests of the lifespan applications."""
    await hostile.answer(send, repr(scope["state"]).encode())


def lifespan_app(lifespan: App) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (lifespan if scope["type"] == "lifespan" else serve)(scope, receive, send)

    return app


def says(*messages: str | Exception, after: str | Exception = "lifespan.shutdown.complete") -> App:
    """Takes startup, sends or raises the first; takes shutdown, sends or raises `after`."""

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        for message in messages:
            await _say(send, message)
        await receive()
        await _say(send, after)

    return lifespan_app(lifespan)


async def _say(send: Send, message: str | Exception) -> None:
    if isinstance(message, Exception):
        raise message
    await send({"type": message, "message": "no database"} if message.endswith("failed") else {"type": message})


def plainly(step: Callable[[Scope, Receive, Send], Any]) -> App:
    """A lifespan made of one function."""

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        result = step(scope, receive, send)
        if result is not None:
            await result

    return lifespan_app(lifespan)


def _raises(scope: Scope, receive: Receive, send: Send) -> None:
    raise KeyError("lifespan is not known here")


async def _fills_state(scope: Scope, receive: Receive, send: Send) -> None:
    scope["state"]["items"] = []
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _returns_after_startup(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})


async def _never_answers(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.Event().wait()


async def _never_stops(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await asyncio.Event().wait()


async def _exits_in_a_task(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await asyncio.ensure_future(hostile._exit())


COMPLETE = "lifespan.startup.complete"
LIFESPANS: dict[str, tuple[App, str, str, bool, bool]] = {
    # name: application, startup, shutdown, and whether it serves with lifespan "auto" and "on"
    "complete": (says(COMPLETE), "complete", "complete", True, True),
    "fills the state": (plainly(_fills_state), "complete", "complete", True, True),
    "unsupported, raises": (plainly(_raises), "unsupported", "skipped", True, False),
    "unsupported, returns": (plainly(lambda scope, receive, send: None), "unsupported", "skipped", True, True),
    "startup failed": (says("lifespan.startup.failed"), "failed", "skipped", False, False),
    "startup crashed": (says(RuntimeError("no database")), "crashed", "skipped", True, False),
    "startup said twice": (says(COMPLETE, COMPLETE), "crashed", "skipped", True, False),
    "startup says nonsense": (says("http.response.start"), "crashed", "skipped", True, False),
    "startup shuts down": (says("lifespan.shutdown.complete"), "crashed", "skipped", True, False),
    "returns after startup": (plainly(_returns_after_startup), "complete", "skipped", True, True),
    "shutdown failed": (says(COMPLETE, after="lifespan.shutdown.failed"), "complete", "failed", True, True),
    "shutdown crashed": (says(COMPLETE, after=RuntimeError("cannot close")), "complete", "crashed", True, True),
    "startup never answers": (plainly(_never_answers), "timed-out", "skipped", False, False),
    "shutdown never answers": (plainly(_never_stops), "complete", "timed-out", True, True),
    "exits in a task": (plainly(_exits_in_a_task), "crashed", "skipped", False, False),
}


@pytest.mark.parametrize("mode", ["auto", "on"])
@pytest.mark.parametrize("name", LIFESPANS)
def test_how_startup_and_shutdown_went(name: str, mode: str) -> None:
    """Told apart, a crash from no support; requests are served where uvicorn would serve them."""
    app, startup, shutdown, serves_auto, serves_on = LIFESPANS[name]
    serves = serves_auto if mode == "auto" else serves_on

    inspection = run(app, lifespan=mode, timeout=0.3 if "never" in name else 20)

    report = inspection.lifespan
    assert report is not None
    assert (report.mode, report.startup.status) == (mode, startup)
    assert report.shutdown.status == (shutdown if serves else "skipped")
    assert [exchange.outcome for exchange in inspection.exchanges] == ([COMPLETED] if serves else [])
    crashed = report.startup if report.startup.status == "crashed" else report.shutdown
    assert (crashed.traceback is not None) == ("crashed" in (report.startup.status, report.shutdown.status))
    if "failed" in name and report.startup.status == "failed":
        assert report.startup.message == "no database"


@pytest.mark.parametrize("mode", ["auto", "on"])
@pytest.mark.parametrize("name", [name for name in LIFESPANS if "never" not in name and "exits" not in name])
def test_uvicorn_serves_after_the_same_startups(name: str, mode: str) -> None:
    """uvicorn's own LifespanOn beside ours."""
    app, _, _, serves_auto, serves_on = LIFESPANS[name]

    async def start_uvicorn() -> tuple[bool, dict[str, Any]]:
        config = Config(app, lifespan=mode, log_config=None)  # type: ignore[arg-type]
        config.load()
        lifespan = LifespanOn(config)
        await lifespan.startup()
        goes_on = not lifespan.should_exit
        if goes_on:
            await lifespan.shutdown()
        return goes_on, lifespan.state

    goes_on, state = asyncio.run(start_uvicorn())

    assert goes_on == (serves_auto if mode == "auto" else serves_on)
    report = run(app, lifespan=mode).lifespan
    assert report is not None
    assert report.state == state


def test_each_request_gets_a_shallow_copy_of_the_state() -> None:
    """What a request puts into it stays its own; what startup put there is shared."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _fills_state(scope, receive, send)
            return
        scope["state"]["items"].append(scope["path"])
        scope["state"]["own"] = scope["path"]
        await hostile.answer(send, repr(sorted(scope["state"])).encode() + repr(scope["state"]["items"]).encode())

    inspection = run(app, get(b"/1") + get(b"/2"), lifespan="on")

    assert [response(exchange).body for exchange in inspection.exchanges] == [
        b"['items', 'own']['/1']",
        b"['items', 'own']['/1', '/2']",
    ]
    assert inspection.lifespan is not None
    assert inspection.lifespan.state == {"items": ["/1", "/2"]}


def test_without_lifespan_nothing_is_asked() -> None:
    """--lifespan off: the application never sees a lifespan scope."""
    kinds: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        kinds.append(scope["type"])
        await hostile.answer(send)

    inspection = run(app, lifespan="off")

    assert inspection.lifespan is None
    assert kinds == ["http"]


# One run after another


def test_two_runs_do_not_see_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams, sys.path, environment, working directory and the filters of warnings are as they were."""
    monkeypatch.setenv("HOME", "/home/somebody")

    def surroundings() -> list[Any]:
        return [sys.stdout, sys.stderr, list(sys.path), dict(os.environ), os.getcwd(), list(warnings.filters)]

    before = surroundings()
    first = run(hostile.changes_the_process)
    after = surroundings()
    second = run(hostile.changes_the_process)

    assert after == before
    assert first.printed == second.printed == "printed by /post\n"


@pytest.mark.parametrize("running_loop", [False, True])
def test_the_interpreter_is_as_it_was(running_loop: bool) -> None:
    """Hooks, the limit of recursion, the collector, the loops' policy, the handlers of signals."""

    def state() -> list[Any]:
        hooks = [sys.excepthook, sys.unraisablehook, threading.excepthook]
        signals = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)]
        return [hooks, sys.getrecursionlimit(), gc.isenabled(), asyncio.get_event_loop_policy(), signals]

    before = state()
    if running_loop:
        asyncio.run(inspect_async(REQUEST, app=hostile.changes_the_interpreter))
    else:
        run(hostile.changes_the_interpreter)

    assert state() == before


def test_a_log_handler_of_one_run_writes_to_the_next(tmp_path: Path) -> None:
    """It holds on to the stream that it was made with; in a process of its own, since pytest has handlers too."""
    (tmp_path / "twice.py").write_text(
        "from asgi_inspect import inspect\nfrom tests.apps import hostile\n"
        f"runs = [inspect({REQUEST!r}, app=hostile.changes_the_interpreter) for _ in range(2)]\n"
        "print([run.printed for run in runs])\n"
    )
    done = subprocess.run(
        [sys.executable, tmp_path / "twice.py"], env=clean(), cwd=ROOT, capture_output=True, check=True
    )

    assert (done.stdout, done.stderr) == (b"['logged /post\\n', 'logged /post\\n']\n", b"")


@pytest.mark.parametrize("app", [hostile.spins, hostile.sleeps_in_c, hostile.changes_the_process])
def test_a_run_that_was_cut_leaves_nothing_to_the_next(app: App) -> None:
    """The thread that is still stuck does not reach the streams or the record of a later run."""
    out, err = sys.stdout, sys.stderr
    run(app, timeout=0.2)
    assert (sys.stdout, sys.stderr) == (out, err)

    [exchange] = run(BEHAVIOURS["echo"]).exchanges

    assert (exchange.outcome, response(exchange).body) == (COMPLETED, b"hello")


def test_runs_in_threads_of_their_own_do_not_mix() -> None:
    """Four at a time give what one gives."""
    bodies: list[bytes | Folded] = []

    def one(number: int) -> None:
        [exchange] = run(BEHAVIOURS["echo"], sized(b"%d" % number)).exchanges
        bodies.append(response(exchange).body)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    streams = (sys.stdout, sys.stderr)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (sys.stdout, sys.stderr) == streams
    assert sorted(map(bytes, bodies)) == [b"0", b"1", b"2", b"3"]  # type: ignore[arg-type]


@pytest.mark.parametrize("parser", PARSERS)
def test_inspect_async_uses_the_running_loop(parser: str) -> None:
    """What belongs to the caller's loop can be used by the application."""

    async def main() -> Inspection:
        loop = asyncio.get_running_loop()
        turn = asyncio.Event()
        loop.call_later(0.01, turn.set)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await turn.wait()
            assert asyncio.get_running_loop() is loop
            await hostile.answer(send)

        return await asgi_inspect.inspect_async(REQUEST, app=app, parser=parser, lifespan="off", strict_bytes=True)

    [exchange] = asyncio.run(main()).exchanges

    assert (exchange.outcome, response(exchange).body) == (COMPLETED, b"ok")


@pytest.mark.parametrize("name", ["task-left", "never", "state"])
def test_inspect_async_comes_to_the_same_end(name: str) -> None:
    """Tasks left running are named and ended, time runs out, lifespan and state are there."""
    app = {
        "task-left": hostile.leaves_a_task,
        "never": hostile.never_answers,
        "state": LIFESPANS["fills the state"][0],
    }[name]
    options: dict[str, Any] = {"parser": "httptools", "strict_bytes": True, "timeout": 0.3}
    options["lifespan"] = "on" if name == "state" else "off"

    async def main() -> Inspection:
        inspection = await asgi_inspect.inspect_async(REQUEST, app=app, **options)
        assert len(asyncio.all_tasks()) == 1, "nothing of the run is left in the loop"
        return inspection

    there = asyncio.run(main())
    here = asgi_inspect.inspect(REQUEST, app=app, **options)

    assert rules(there) == rules(here)
    assert [exchange.outcome for exchange in there.exchanges] == [exchange.outcome for exchange in here.exchanges]
    assert [exchange.send for exchange in there.exchanges] == [exchange.send for exchange in here.exchanges]
    assert (there.lifespan and there.lifespan.state) == (here.lifespan and here.lifespan.state)


def test_inspect_async_does_not_end_the_callers_own_tasks() -> None:
    """Only what the application started is cancelled behind the run."""

    async def main() -> bool:
        own = asyncio.create_task(asyncio.sleep(3600))
        await asgi_inspect.inspect_async(REQUEST, app=hostile.leaves_a_task, lifespan="off", strict_bytes=True)
        await asyncio.sleep(0)
        kept = not own.done()
        own.cancel()
        return kept

    assert asyncio.run(main())


def test_two_inspections_in_one_loop_do_not_end_each_other() -> None:
    """The one that is over first cancels its own tasks, not those of the other."""

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.create_task(asyncio.sleep(0.2))
        await hostile.answer(send)

    async def main() -> list[Inspection]:
        apps = (slow, hostile.leaves_a_task, slow)
        runs = [asgi_inspect.inspect_async(REQUEST, app=app, lifespan="off", strict_bytes=True) for app in apps]
        return list(await asyncio.gather(*runs))

    inspections = asyncio.run(main())

    assert [inspection.exchanges[0].outcome for inspection in inspections] == [COMPLETED] * 3
    assert [rules(inspection) for inspection in inspections] == [[], ["task-left-running"], []]


@pytest.mark.parametrize("name", ["streams_whatever_is_raised", "swallows_everything", "spins", "exits_in_a_task"])
def test_what_cannot_be_ended_holds_nothing_up_later(name: str) -> None:
    """Not the garbage collector, which closes coroutines, and not the interpreter's exit."""
    code = f"""
import gc, asgi_inspect
from tests.apps import hostile
asgi_inspect.inspect({REQUEST!r}, app=hostile.{name}, lifespan="off", loop="asyncio", timeout=0.2)
gc.collect()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


# The command


def command(*arguments: str, data: bytes = REQUEST) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "asgi_inspect", "-", *arguments],
        input=data,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_standard_output_stays_clean_below_python_too() -> None:
    """os.write(1, …) and print() reach standard error; standard output is the response alone, byte for byte."""
    done = command(
        *("--app", "tests.apps.hostile:writes_below_python", "--format", "http", "--strict-bytes"),
        *("--no-date-header", "--lifespan", "off"),
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == b"HTTP/1.1 200 OK\r\nserver: uvicorn\r\ncontent-length: 2\r\n\r\nok"
    assert b"below\n" in done.stderr
    assert b"above" in done.stderr


CODES = {
    "spins": 5,
    "sends_itself": 0,
    "sends_with_what_cannot_be_told": 0,
    "sends_what_cannot_be_told": 4,
    "raises_what_cannot_be_told": 4,
    "exits_in_a_task": 4,
}


@pytest.mark.parametrize(
    ("name", "format_"),
    [(name, format_) for name in CODES for format_ in ("text", "json")]
    + [("sends_with_what_cannot_be_told", format_) for format_ in ("jsonl", "python", "http")],
)
def test_the_command_tells_of_it_in_every_format(name: str, format_: str) -> None:
    """No traceback of its own, and the exit code is the outcome's, though a thread is stuck."""
    done = command(
        *("--app", f"tests.apps.hostile:{name}", "--format", format_, "--strict-bytes"),
        *("--lifespan", "off", "--timeout", "0.5"),
    )

    assert done.returncode == CODES[name], done.stderr
    assert b"asgi_inspect/" not in done.stdout + done.stderr
    assert done.stdout
