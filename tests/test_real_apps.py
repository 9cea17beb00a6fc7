"""Real applications of real frameworks run as on a server, and answer the same bytes.

Each through the public interface; then beside uvicorn's own protocol classes, where no thread of the application's
decides when things happen; then beside a uvicorn process that runs them all.
"""

import gzip
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

import asgi_inspect
from asgi_inspect import Exchange, Inspection, Outcome, Severity
from tests import real_apps
from tests.comparison import DATE, Seen, inspected, of_exchanges, same, theirs
from tests.oracle import PARSERS, App, Parser, Receive, Scope, Send, observe
from tests.test_real_server import Server, expected_of, served

TIMEOUT = 30.0


def get(target: str, *headers: str) -> bytes:
    return request("GET", target, *headers)


def post(target: str, body: bytes, kind: str = "application/json") -> bytes:
    return request("POST", target, f"Content-Type: {kind}", f"Content-Length: {len(body)}") + body


def request(method: str, target: str, *headers: str) -> bytes:
    """HOST stands for the application's name."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: HOST", *headers, "", ""]).encode()


@dataclass(frozen=True)
class Case:
    """An application, a request, and the whole answer; `headers` are those of the application, in order."""

    app: str
    what: str
    data: bytes
    status: int
    headers: list[str]
    body: bytes
    threads: bool = False
    """The answer is made in a thread: the oracle, which waits for no thread, has the client leave before it."""
    lifespan: bool = False
    """The answer is another without a lifespan."""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def request(self) -> bytes:
        return self.data.replace(b"HOST", self.app.replace("_", "-").encode())

    def made(self) -> Any:
        """A new application."""
        return getattr(real_apps, self.app)()


JSON = "content-type: application/json"
TEXT = "content-type: text/plain; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
TEA = b'{"name": "tea", "price": 3}'
LONG = b"all work and no play " * 100
INVALID_ORDER = (
    b'{"detail":[{"type":"string_too_short","loc":["body","item"],"msg":"String should have at least 1 character",'
    b'"input":"","ctx":{"min_length":1}},'
    b'{"type":"greater_than","loc":["body","quantity"],"msg":"Input should be greater than 0",'
    b'"input":0,"ctx":{"gt":0}}]}'
)
INVALID_ITEM = (
    b'{"status_code":400,"detail":"Validation failed for POST /items",'
    b'"extra":[{"message":"Expected `str`, got `int`","key":"name","source":"body"}]}'
)
WSGI = {"interface": "wsgi"}

CASES = [
    Case(
        "fastapi_app",
        "json",
        get("/hello?name=Ada"),
        200,
        ["content-length: 23", JSON],
        b'{"message":"Hello Ada"}',
    ),
    Case(
        "fastapi_app",
        "created",
        post("/orders", b'{"item": "tea", "quantity": 2}'),
        201,
        ["content-length: 25", JSON],
        b'{"number":1,"item":"tea"}',
        lifespan=True,
    ),
    Case(
        "fastapi_app",
        "invalid",
        post("/orders", b'{"item": "", "quantity": 0}'),
        422,
        [f"content-length: {len(INVALID_ORDER)}", JSON],
        INVALID_ORDER,
    ),
    Case(
        "fastapi_app",
        "thread pool",
        get("/thread"),
        200,
        ["content-length: 21", JSON],
        b'"AnyIO worker thread"',
        threads=True,
    ),
    Case(
        "fastapi_app",
        "form",
        post("/form", b"item=black+tea&quantity=3", FORM),
        200,
        ["content-length: 15", JSON],
        b'["black tea",3]',
    ),
    Case(
        "fastapi_app",
        "no such method",
        post("/hello", b"{}"),
        405,
        ["allow: GET", "content-length: 31", JSON],
        b'{"detail":"Method Not Allowed"}',
    ),
    Case("starlette_app", "stream", get("/stream"), 200, [TEXT], b"part 0\npart 1\npart 2\n"),
    Case("starlette_app", "stream to HEAD", request("HEAD", "/stream"), 200, [TEXT], b""),
    Case(
        "starlette_app",
        "upload",
        post("/upload", b"x" * 60_000, "text/plain"),
        200,
        ["content-length: 14", JSON],
        b'{"size":60000}',
    ),
    Case(
        "starlette_app",
        "exception handler",
        get("/forbidden"),
        403,
        ["x-why: because", "content-length: 11", TEXT],
        b"not for you",
    ),
    Case(
        "starlette_app",
        "background tasks",
        post("/background", b""),
        202,
        ["content-length: 8", TEXT],
        b"accepted",
        threads=True,
    ),
    Case("starlette_app", "no route", get("/nowhere"), 404, ["content-length: 9", TEXT], b"Not Found"),
    Case(
        "starlette_middleware_app",
        "gzip",
        get("/long", "Accept-Encoding: gzip"),
        200,
        ["content-length: 60", TEXT, "vary: Accept-Encoding", "content-encoding: gzip", "x-stamp: GET"],
        gzip.compress(LONG, mtime=0),
    ),
    Case(
        "starlette_middleware_app",
        "no gzip",
        get("/long"),
        200,
        ["content-length: 2100", TEXT, "vary: Accept-Encoding", "x-stamp: GET"],
        LONG,
    ),
    Case(
        "starlette_middleware_app",
        "mount",
        get("/sub/where"),
        200,
        ["content-length: 65", JSON, "x-stamp: GET"],
        b'["/sub","/sub/where","http://starlette-middleware-app/sub/where"]',
    ),
    Case(
        "starlette_middleware_app",
        "mount below a root path",
        get("/sub/where"),
        200,
        ["content-length: 77", JSON, "x-stamp: GET"],
        b'["/api/sub","/api/sub/where","http://starlette-middleware-app/api/sub/where"]',
        options={"root_path": "/api"},
    ),
    Case(
        "django_app",
        "async view",
        get("/hello/?name=Ada"),
        200,
        [JSON, "content-length: 16"],
        b'{"hello": "Ada"}',
        threads=True,
    ),
    Case(
        "django_app",
        "sync view",
        post("/upper/", b"abc", "text/plain"),
        200,
        ["content-type: text/plain", "content-length: 3", "set-cookie: seen=yes; HttpOnly; Path=/"],
        b"ABC",
        threads=True,
    ),
    Case("django_app", "stream", get("/stream/"), 200, ["content-type: text/plain"], b"one,two", threads=True),
    Case(
        "django_app",
        "slash appended",
        get("/hello"),
        301,
        ["content-type: text/html; charset=utf-8", "location: /hello/"],
        b"",
        threads=True,
    ),
    Case(
        "litestar_app",
        "json",
        get("/hello?name=Ada"),
        200,
        [JSON, "content-length: 33"],
        b'{"hello":"Ada","started":["yes"]}',
        lifespan=True,
    ),
    Case(
        "litestar_app", "created", post("/items", TEA), 201, [JSON, "content-length: 24"], b'{"name":"Tea","price":3}'
    ),
    Case(
        "litestar_app",
        "invalid",
        post("/items", b'{"name": 1}'),
        400,
        [JSON, f"content-length: {len(INVALID_ITEM)}"],
        INVALID_ITEM,
    ),
    Case("litestar_app", "stream", get("/stream"), 200, [TEXT], b"one,two"),
    Case(
        "quart_app",
        "json",
        get("/hello?name=Ada"),
        200,
        [JSON, "content-length: 34"],
        b'{"hello":"Ada","started":["yes"]}\n',
        lifespan=True,
    ),
    Case(
        "quart_app",
        "echo",
        post("/echo", b"\x00\x01", "application/octet-stream"),
        201,
        ["content-type: application/octet-stream", "content-length: 2"],
        b"\x00\x01",
    ),
    Case(
        "falcon_app",
        "json",
        get("/hello?name=Ada"),
        200,
        ["x-falcon: 1", JSON, "content-length: 16"],
        b'{"hello": "Ada"}',
    ),
    Case("falcon_app", "created", post("/hello", TEA), 201, [JSON, f"content-length: {len(TEA)}"], TEA),
    Case("falcon_app", "stream", get("/events"), 200, ["content-type: text/plain"], b"one,two"),
    Case(
        "blacksheep_app",
        "text",
        get("/hello/Ada"),
        200,
        ["x-sheep: black", "content-type: text/plain", "content-length: 9"],
        b"Hello Ada",
    ),
    Case(
        "blacksheep_app",
        "created",
        post("/items", TEA),
        201,
        ["content-type: text/plain", "content-length: 3"],
        b"tea",
    ),
    Case(
        "flask_app",
        "json",
        get("/hello?name=Ada"),
        200,
        [JSON, "content-length: 27"],
        b'{"below":"","hello":"Ada"}\n',
        threads=True,
        options=WSGI,
    ),
    Case(
        "flask_app",
        "below a root path",
        get("/hello"),
        200,
        [JSON, "content-length: 34"],
        b'{"below":"/shop","hello":"world"}\n',
        threads=True,
        options={**WSGI, "root_path": "/shop"},
    ),
    Case(
        "flask_app",
        "form",
        post("/form", b"a=1&b=2", FORM),
        201,
        ["content-type: text/html; charset=utf-8", "content-length: 7"],
        b"a=1,b=2",
        threads=True,
        options=WSGI,
    ),
    Case("flask_app", "stream", get("/stream"), 200, [TEXT], b"one,two", threads=True, options=WSGI),
    Case("asgi2_app", "body", post("/", b"abc", "text/plain"), 200, ["content-length: 7"], b"3 bytes"),
]

# What the startup of each comes to; whoever starts up also shuts down.
KNOWS_LIFESPAN = {
    "fastapi_app",
    "starlette_app",
    "starlette_middleware_app",
    "litestar_app",
    "quart_app",
    "falcon_app",
    "blacksheep_app",
}

each_parser = pytest.mark.parametrize("parser", PARSERS)


def cases(chosen: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", chosen, ids=[f"{case.app}: {case.what}" for case in chosen])


@pytest.fixture(autouse=True)
def _django(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Django keeps its settings for the process; here they last for one test."""
    from django.conf import empty, settings  # type: ignore[import-untyped]

    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", real_apps.__name__)
    before, settings._wrapped = settings._wrapped, empty
    yield
    settings._wrapped = before


def run(app: Any, data: bytes, **options: Any) -> Inspection:
    return asgi_inspect.inspect(data, app=app, **{"loop": "asyncio", "timeout": TIMEOUT, "date": DATE, **options})


def own_headers(exchange: Exchange, parser: str) -> list[str]:
    """The fields on the wire without those that the server adds, which come where its parser puts them."""
    assert exchange.response is not None
    lines = [f"{name.decode().lower()}: {value.decode()}" for name, value in exchange.response.headers]
    assert lines[:2] == [f"date: {DATE}", "server: uvicorn"]
    chunked = [line for line in lines if line == "transfer-encoding: chunked"]
    has_length = any(line.startswith("content-length: ") for line in lines)
    bare_head = parser == "httptools" and exchange.scope is not None and exchange.scope["method"] == "HEAD"
    assert len(chunked) == (0 if has_length or bare_head else 1)
    return [line for line in lines[2:] if line not in chunked]


@each_parser
@cases(CASES)
def test_the_answer(parser: Parser, case: Case) -> None:
    """Outcome, status, every header and the body; startup and shutdown where the framework has them."""
    inspection = run(case.made(), case.request, parser=parser, **case.options)

    (exchange,) = inspection.exchanges
    assert exchange.response is not None
    assert (exchange.outcome, exchange.error) == (Outcome.COMPLETED, None)
    assert (exchange.response.status, exchange.response.body) == (case.status, case.body)
    assert own_headers(exchange, parser) == case.headers
    assert exchange.keep_alive
    assert inspection.lifespan is not None
    phases = (inspection.lifespan.startup.status, inspection.lifespan.shutdown.status)
    assert phases == (("complete", "complete") if case.app in KNOWS_LIFESPAN else ("unsupported", "skipped"))
    # What is a matter of taste is found out elsewhere; uvicorn warns of the two old interfaces.
    assert not [finding for finding in inspection.findings if finding.severity is Severity.ERROR]
    warned = any(finding.rule == "uvicorn-warns" for finding in inspection.findings)
    assert warned == (case.app in ("flask_app", "asgi2_app"))


# Beside uvicorn


def as_served(inspection: Inspection) -> Seen:
    """The calls, the wire and who closed, as the oracle tells them."""
    assert all(exchange.outcome is Outcome.COMPLETED for exchange in inspection.exchanges)
    return of_exchanges(inspection.exchanges)


def apart(app: Any) -> App:
    """The application with a scope and state of its own: what frameworks put there cannot be copied."""

    async def on_a_copy(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": dict(scope["state"])}, receive, send)

    return on_a_copy


ALONE = [case for case in CASES if not case.threads and not case.lifespan and case.app != "asgi2_app"]


@each_parser
@cases(ALONE)
def test_the_run_is_that_of_uvicorns_protocol_classes(parser: Parser, case: Case) -> None:
    """Scope, messages received and sent, bytes on the wire, and the fate of the connection."""
    ours = inspected(
        case.request,
        app=case.made(),
        parser=parser,
        lifespan="off",
        loop="asyncio",
        timeout=TIMEOUT,
        **case.options,
    )
    observed = observe(parser, [case.request], apart(case.made()), **case.options)

    same("real applications", as_served(ours), theirs(observed), parser, case.app, case.what)
    assert observed.wire.startswith(f"HTTP/1.1 {case.status} ".encode())


@each_parser
@pytest.mark.parametrize("app", ["starlette_app", "fastapi_app", "litestar_app", "quart_app", "falcon_app"])
def test_several_requests_on_one_connection(parser: Parser, app: str) -> None:
    """All of an application's requests, one behind the other in one read."""
    data = b"".join(case.request for case in ALONE if case.app == app)

    made = getattr(real_apps, app)

    ours = inspected(data, app=made(), parser=parser, lifespan="off", loop="asyncio", timeout=TIMEOUT)

    observed = observe(parser, [data], apart(made()))
    same("real applications", as_served(ours), theirs(observed), parser, app)
    assert [exchange.response and exchange.response.status for exchange in ours.exchanges] == [
        case.status for case in ALONE if case.app == app
    ]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Parser, Server]]:
    """One process for each parser, in which the Host field names the application."""
    folder = tmp_path_factory.mktemp("uvicorn")
    module = real_apps.__name__
    with ExitStack() as stack:
        yield {
            parser: stack.enter_context(
                Server(
                    parser,
                    folder / f"{parser}.log",
                    f"{module}:by_host",
                    "--factory",
                    DJANGO_SETTINGS_MODULE=module,
                )
            )
            for parser in PARSERS
        }


SERVED = [case for case in CASES if not case.lifespan and "root_path" not in case.options]
LAST_REQUEST = b"GET /nowhere HTTP/1.1\r\nHost: starlette-app\r\nConnection: close\r\n\r\n"
LAST_ANSWER = re.compile(rb"HTTP/1\.1 404 Not Found\r\n(?:[^\r]+\r\n){5}\r\nNot Found\Z")


@each_parser
@cases(SERVED)
def test_the_wire_is_that_of_a_running_server(servers: dict[Parser, Server], parser: Parser, case: Case) -> None:
    """Threads and all: every byte but the date."""
    shown = inspected(
        case.request,
        app=case.made(),
        parser=parser,
        lifespan="off",
        loop="asyncio",
        timeout=TIMEOUT,
        **case.options,
    )
    ours, _ = expected_of(shown.exchanges)

    real = served(servers[parser], [case.request], ours, last=(LAST_REQUEST, LAST_ANSWER))

    same("real applications on a socket", ours, real, parser, case.app, case.what)
    assert real.wire.startswith(f"HTTP/1.1 {case.status} ".encode())


# What one request and its answer do not show


@each_parser
def test_a_lifespan_opens_a_database_for_all_requests(parser: Parser) -> None:
    """One inserts, the next reads what it inserted, in a thread; shutdown closes it."""
    orders = [post("/orders", b'{"item": "%s", "quantity": %d}' % order) for order in ((b"tea", 2), (b"milk", 1))]

    inspection = run(real_apps.fastapi_app(), b"".join(orders) + get("/orders"), parser=parser)

    answers = [exchange.response and exchange.response.body for exchange in inspection.exchanges]
    assert answers == [
        b'{"number":1,"item":"tea"}',
        b'{"number":2,"item":"milk"}',
        b'{"orders":[["tea",2],["milk",1]]}',
    ]
    assert inspection.lifespan is not None
    assert list(inspection.lifespan.state) == ["database"]
    with pytest.raises(Exception, match="closed database"):
        inspection.lifespan.state["database"].execute("SELECT 1")


@each_parser
def test_background_tasks_run_behind_the_answer(parser: Parser) -> None:
    """Both of them, in order, before the call is over; the answer is sent before."""
    app = real_apps.starlette_app()

    (exchange,) = run(app, post("/background", b""), parser=parser).exchanges

    assert app.state.done == ["first", "second, in a thread"]
    sent = [step for step in exchange.steps if step.call == "send"][-1]
    returned = exchange.steps[-1]
    assert returned.call == "return"
    assert sent.done is not None
    assert returned.at - sent.done > 9  # milliseconds; the first sleeps for ten


@each_parser
def test_an_unhandled_exception_is_starlettes_500_and_ours_to_show(parser: Parser) -> None:
    """FastAPI answers, then raises on: uvicorn logs it, and the run has raised."""
    data = get("/fails")

    exchanges = run(real_apps.fastapi_app(), data, parser=parser, lifespan="off").exchanges

    (exchange,) = exchanges
    observed = observe(parser, [data], apart(real_apps.fastapi_app()))
    same("real applications", of_exchanges(exchanges), theirs(observed), parser, "fails")
    assert exchange.outcome is Outcome.RAISED
    assert exchange.error == "LookupError: no such thing"
    assert exchange.traceback is not None
    assert 'raise LookupError("no such thing")' in exchange.traceback
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (500, b"Internal Server Error")


@each_parser
@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [([], 200, slice(None)), (["Range: bytes=10-19"], 206, slice(10, 20)), (["Range: bytes=-5"], 206, slice(-5, None))],
    ids=["whole", "range", "end"],
)
def test_a_file_response(
    servers: dict[Parser, Server], parser: Parser, asked: list[str], status: int, part: slice
) -> None:
    """A file read in threads, whole and in part; the same bytes on a socket."""
    content = real_apps.FILE.read_bytes()
    data = get("/file", *asked).replace(b"HOST", b"starlette-app")

    inspection = run(real_apps.starlette_app(), data, parser=parser, lifespan="off")

    (exchange,) = inspection.exchanges
    assert exchange.response is not None
    headers = own_headers(exchange, parser)
    assert (exchange.outcome, exchange.response.status) == (Outcome.COMPLETED, status)
    assert exchange.response.body == content[part]
    assert f"content-length: {len(content[part])}" in headers
    assert 'content-disposition: attachment; filename="apps.py"' in headers
    ours, _ = expected_of(inspection.exchanges)
    real = served(servers[parser], [data], ours, last=(LAST_REQUEST, LAST_ANSWER))
    same("real applications on a socket", ours, real, parser, "file", *asked)


@each_parser
def test_a_session_lives_in_a_cookie(parser: Parser) -> None:
    """The second run brings the cookie that the first one was given."""
    cookies: list[str] = []
    for visits in (1, 2, 3):
        (exchange,) = run(real_apps.starlette_middleware_app(), get("/count", *cookies), parser=parser).exchanges

        assert exchange.response is not None
        assert exchange.response.body == b'{"visits":%d}' % visits
        set_cookie = dict(exchange.response.headers)[b"set-cookie"].decode()
        assert set_cookie.endswith("; path=/; Max-Age=1209600; httponly; samesite=lax")
        cookies = [f"Cookie: {set_cookie.split(';')[0]}"]


@each_parser
def test_an_application_named_as_for_uvicorn(parser: Parser) -> None:
    """A factory in a module, imported by the run."""
    inspection = run(f"{real_apps.__name__}:fastapi_app", get("/hello"), parser=parser, factory=True)

    assert [exchange.response and exchange.response.body for exchange in inspection.exchanges] == [
        b'{"message":"Hello world"}'
    ]


@each_parser
@pytest.mark.parametrize(("loop", "module"), [("asyncio", b"asyncio"), ("uvloop", b"uvloop")])
def test_the_loop_asked_for(parser: Parser, loop: str, module: bytes) -> None:
    """An application finds itself on it."""
    (exchange,) = run(real_apps.loop_app(), get("/"), parser=parser, loop=loop).exchanges

    assert exchange.outcome is Outcome.COMPLETED
    assert exchange.response is not None
    assert exchange.response.body == module


@each_parser
@cases([case for case in CASES if "root_path" not in case.options][::3])
def test_uvloop_answers_the_same(parser: Parser, case: Case) -> None:
    """Whatever the loop, the bytes are the same."""
    one, other = (
        run(case.made(), case.request, parser=parser, **{**case.options, "loop": loop}).exchanges[0].response
        for loop in ("asyncio", "uvloop")
    )

    assert one is not None
    assert one == other
