"""The command as people and scripts use it: what it reads, writes, says and exits with."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from asgi_inspect.cli import run
from asgi_inspect.render.layout import text_width
from tests.commands import COLOUR, HELLO, ROOT, SAMPLES, Ran, at_terminal, clean, spawn

Cli = Callable[..., Ran]
PLAIN_APP = "samples/apps/plain.py:app"


@pytest.fixture
def cli(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command in this process, its standard input a pipe."""
    monkeypatch.chdir(ROOT)
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run(list(map(str, arguments)))
        captured = capsysbinary.readouterr()
        return Ran(int(code), captured.out, captured.err.decode())

    return call


# What is read


FORMATS = "json, jsonl, python, http, text, sarif, html, svg, mermaid, github"


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_standard_input_is_read_as_bytes(cli: Cli, arguments: tuple[str, ...]) -> None:
    ran = cli(*arguments, "-f", "json", stdin=b"GET / HTTP/1.1\r\nHost: x\r\nX: \xfe\r\n\r\n")

    document = json.loads(ran.out)
    assert ran.code == 0
    assert document["capture"]["source"] == "standard input"
    assert document["exchanges"][0]["scope"]["headers"][1] == ["x", {"base64": "/g=="}]


def test_a_terminal_without_a_file_gets_a_short_help_and_never_waits() -> None:
    began = time.perf_counter()
    ran = at_terminal()

    assert ran.code == 2
    assert ran.out == b""
    assert ran.err.startswith("Usage: asgi-inspect [FILE] [OPTIONS]\n")
    assert len(ran.err.splitlines()) < 10
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize("name", [path.name for path in SAMPLES])
def test_every_sample_is_shown(cli: Cli, name: str) -> None:
    path = next(path for path in SAMPLES if path.name == name)
    ran = cli(path.relative_to(ROOT))

    assert ran.err == ""
    assert ran.text.startswith(f"{path.relative_to(ROOT)} - ")
    assert ran.code == (0 if path.parent.name == "samples" or name == "host-missing.http" else 3)


def test_a_file_that_cannot_be_read_is_told_in_one_sentence(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty.http").write_bytes(b"")
    (tmp_path / "a.http").write_bytes(HELLO)
    here = str(tmp_path)
    told = {
        f"{here}/empty.http": f"{here}/empty.http is empty: give the bytes of a request",
        "/dev/null": "/dev/null is empty: give the bytes of a request",
        here: f"{here}: a directory; name a file in it",
        f"{here}/a.htp": f"{here}/a.htp: no such file; did you mean {here}/a.http?",
        f"{here}/zzzzzz": f"{here}/zzzzzz: no such file",
        f"{here}/no/a.http": f"{here}/no/a.http: no such file; there is no folder {here}/no either",
        f"{here}/a.http/b": f"{here}/a.http/b: cannot be read: Not a directory",
        f"{here}/{'x' * 300}": f"{here}/{'x' * 300}: cannot be read: File name too long",
        "": "the name of the file is empty",
        "http://x:8000/a?b=1&c": "http://x:8000/a?b=1&c: no such file; nothing is sent from here: "
        "echo \"curl 'http://x:8000/a?b=1&c'\" | asgi-inspect shows what curl would send",
        "http://x/$(id)": "http://x/$(id): no such file; nothing is sent from here: echo \"curl 'URL'\" | asgi-inspect",
    }
    for name, sentence in told.items():
        ran = cli(name)
        assert ran == Ran(2, b"", ran.err)
        assert ran.err.startswith(f"asgi-inspect: {sentence}"), ran.err
        assert ran.err.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(HELLO)
    (tmp_path / "mine").chmod(0)

    assert cli(tmp_path / "mine").err.endswith("mine: you may not read this file; see its permissions\n")


def test_a_name_like_our_own_words_is_no_help_text(cli: Cli) -> None:
    """The short help goes out as it stands; nothing else may pass for it, escapes in it least of all."""
    ran = cli("Usage\x1b[31m")

    assert ran.err == "asgi-inspect: Usage\\x1b[31m: no such file\n"


# Options


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--format", "xml"), f"--format takes {FORMATS}; not 'xml'"),
        (("--color", "blue"), "--color takes auto, always, never; not 'blue'"),
        (("--fail-on", "note"), "--fail-on takes error, warning, never; not 'note'"),
        (("--show", "bytes,nothing"), "--show takes bytes, scope, receive, lifespan, timeline, "),
        (("--parser", "llhttp"), "--parser must be one of httptools, h11, both, not 'llhttp'"),
        (("--http", "auto"), "--parser must be one of httptools, h11, both, not 'auto'"),
        (("--from", "smtp"), "unknown format 'smtp': known are auto, raw"),
        (("--from", "pcapg"), "unknown format 'pcapg' (did you mean pcapng?): known are auto, raw"),
        (("--read-size", "0"), "--read-size must be a number of at least 1, not 0"),
        (("--read-size", "many"), "Invalid value for '--read-size'"),
        (("--client", "nobody"), "--client must be HOST:PORT with a port up to 65535, not 'nobody'"),
        (("--server", "x:70000"), "--server must be HOST:PORT with a port up to 65535, not 'x:70000'"),
        (("--scheme", "ftp"), "--scheme must be one of http, https, not 'ftp'"),
        (("--interface", "cgi"), "--interface must be one of auto, asgi3, asgi2, wsgi, not 'cgi'"),
        (("--lifespan", "maybe"), "--lifespan must be one of auto, on, off, not 'maybe'"),
        (("--loop", "trio"), "--loop must be one of auto, asyncio, uvloop, not 'trio'"),
        (("--header", "nothing"), "--header must be NAME:VALUE, not 'nothing'"),
        (("--header", "price: 3 €"), "--header must be text in Latin-1, as uvicorn takes it, not 'price: 3 €'"),
        (("--timeout", "0"), "--timeout must be more than 0 seconds, not 0.0"),
        (("--timeout", "nan"), "--timeout must be more than 0 seconds, not nan"),
        (("--disconnect-after", "-1"), "--disconnect-after must be a number of at least 0, not -1"),
        (("--body-limit", "-1"), "--body-limit takes a number of bytes, 0 at least; not -1"),
        (("--ws-script", "samples/hello.http"), "--ws-script, line 1: not JSON: "),
        (("--nonsense",), "No such option: --nonsense"),
        (("second",), "Got unexpected extra argument"),
        (("--app", "samples.apps.plan:app"), ""),
        (("--env-file", "nowhere.env", "--app", "samples.apps.plain:app"), ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_makes_no_sense_is_told_in_one_sentence(cli: Cli, arguments: tuple[str, ...], sentence: str) -> None:
    ran = cli("samples/hello.http", *arguments)

    assert ran == Ran(2, b"", ran.err)
    assert ran.err.startswith(f"asgi-inspect: {sentence}")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err


def joined(text: str) -> str:
    """The text without what folding adds: blanks, line ends, bars and quotes."""
    return re.sub(r'\s|\||(?<![a-z])b"|"', "", text)


def scope_of(ran: Ran) -> dict[str, object]:
    """The scope of the first request of a JSON report."""
    assert ran.err == ""
    scope = json.loads(ran.out)["exchanges"][0]["scope"]
    assert isinstance(scope, dict)
    return scope


@pytest.mark.parametrize(
    ("arguments", "key", "value"),
    [
        (("--client", "10.0.0.9:5"), "client", ["10.0.0.9", 5]),
        (("--client", "[::2]:5"), "client", ["::2", 5]),
        (("--server", "example.org:443"), "server", ["example.org", 443]),
        (("--scheme", "https"), "scheme", "https"),
        (("--root-path", "/api"), "root_path", "/api"),
        (("--root-path", "/api"), "path", "/api/hello"),
        ((), "client", ["1.2.3.4", 0]),
        (("--no-proxy-headers",), "client", ["127.0.0.1", 12345]),
        (("--forwarded-allow-ips", "10.0.0.1"), "client", ["127.0.0.1", 12345]),
        (("--client", "10.0.0.1:9", "--forwarded-allow-ips", "10.0.0.1"), "client", ["1.2.3.4", 0]),
    ],
    ids=str,
)
def test_options_that_set_the_scope(cli: Cli, arguments: tuple[str, ...], key: str, value: object) -> None:
    request = b"GET /hello HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"

    assert scope_of(cli("-f", "json", *arguments, stdin=request))[key] == value


def test_read_size_decides_what_comes_together(cli: Cli) -> None:
    sizes = {}
    for size in ("65536", "100", "10"):
        document = json.loads(cli("samples/order.http", "-f", "json", "--read-size", size).out)
        sizes[size] = [len(message["body"]) for message in document["exchanges"][0]["receive"]]

    assert sizes == {"65536": [34], "100": [34], "10": [4, 10, 10, 10]} or sizes["65536"] == [34] == [sum(sizes["10"])]
    assert len(sizes["10"]) > len(sizes["100"]) >= len(sizes["65536"])


@pytest.mark.parametrize(
    ("arguments", "parser", "beside"),
    [((), "httptools", True), (("--parser", "h11"), "h11", False), (("--http", "httptools"), "httptools", False)],
)
def test_a_named_parser_runs_alone(cli: Cli, arguments: tuple[str, ...], parser: str, beside: bool) -> None:
    document = json.loads(cli("samples/hello.http", "-f", "json", *arguments).out)

    assert document["server"]["parser"] == parser
    assert ("other" in document) == beside


def test_both_parsers_stand_side_by_side(cli: Cli) -> None:
    text = cli("samples/broken/bare-line-feed.http", "--parser", "both").text

    assert '   both      httptools  rejected: "Missing expected CR after header value"\n' in text
    assert "             h11        accepted\n" in text


def test_strict_bytes_repair_nothing(cli: Cli) -> None:
    mended = json.loads(cli("samples/typed.http", "-f", "json").out)
    strict = json.loads(cli("samples/typed.http", "-f", "json", "--strict-bytes").out)

    assert (mended["capture"]["fidelity"], strict["capture"]["fidelity"]) == ("repaired", "exact")
    assert strict["capture"]["repairs"] == []
    assert strict["capture"]["connections"][0]["length"] == (ROOT / "samples/typed.http").stat().st_size


@pytest.mark.parametrize(
    ("parts", "there", "missing"),
    [
        ("bytes", "1 | GET", "query_string  b"),
        ("scope", 'path          "/hello"', "1 | GET"),
        ("receive", "http.request  body", "query_string  b"),
        ("findings", "No findings", "http.request"),
        ("bytes, scope", "query_string  b", "http.request  body"),
    ],
)
def test_show_picks_the_parts(cli: Cli, parts: str, there: str, missing: str) -> None:
    text = cli("samples/hello.http", "--show", parts).text

    assert there in text
    assert missing not in text


def test_body_limit_hides_and_shows(cli: Cli) -> None:
    body = b"abcdefghij" * 500
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" + body
    hidden, shown, none = (
        joined(cli(*more, stdin=request).text) for more in ((), ("--body-limit", "9999"), ("--body-limit", "0"))
    )

    assert body.decode() not in hidden
    assert "2952bytesmore,sha256ofall" in hidden
    assert hidden.count("--body-limitshowsmore") == 2
    assert body.decode() in shown
    assert "--body-limit" not in shown
    assert "5000bytesmore" in none
    assert "path/raw_path/" in none, "the limit is for bodies, not for what stands in the scope"
    assert "POST/HTTP/1.1" in none

    limited = json.loads(cli("-f", "json", "--body-limit", "7", stdin=request).out)["exchanges"][0]["receive"][0][
        "body"
    ]
    assert sorted(limited) == ["head", "length", "sha256"]


def test_select_and_ignore_decide_which_findings_count(cli: Cli) -> None:
    request = b"GET /a b HTTP/1.1\r\nAccept : x\r\n\r\n"

    def rules(*arguments: str) -> set[str]:
        found = json.loads(cli("-f", "json", *arguments, stdin=request).out)["findings"]
        return {finding["rule"] for finding in found}

    every = rules()
    assert {"host-missing", "space-in-target", "space-before-colon"} <= every
    assert rules("--select", "host-missing") == {"host-missing"}
    assert rules("--select", "space-") == {"space-in-target", "space-before-colon"}
    assert rules("--ignore", "space-") == every - {"space-in-target", "space-before-colon"}
    assert rules("--select", "space-", "--ignore", "space-in") == {"space-before-colon"}
    assert rules("--select", "ws-") == set()


def test_version_names_every_part(cli: Cli) -> None:
    ran = cli("--version")

    assert ran.code == 0
    named = dict(line.split() for line in ran.text.splitlines())
    assert {"asgi-inspect", "h11", "httptools", "wsproto", "python"} <= set(named)
    assert all(re.fullmatch(r"\d+(\.\d+)+", number) for number in named.values())


def test_help_names_every_option(cli: Cli) -> None:
    text = cli("--help").text

    assert "Usage: asgi-inspect [OPTIONS] [FILE]\n" in text
    assert "Exit codes: 0 all well, 1 findings, 2 cannot start" in text
    table = (ROOT / "README.md").read_text().partition("## Options")[2].partition("## Where")[0]
    for option in {word.strip("`,") for word in table.split() if word.startswith("`--")}:
        assert option in text, option


# Exit codes


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (0, ("samples/hello.http",)),
        (0, ("samples/broken/host-missing.http",)),
        (1, ("samples/broken/host-missing.http", "--fail-on", "warning")),
        (0, ("samples/broken/host-missing.http", "--fail-on", "never")),
        (0, ("samples/broken/host-missing.http", "--fail-on", "warning", "--ignore", "host-missing")),
        (3, ("samples/broken/host-missing.http", "--parser", "h11")),
        (3, ("samples/broken/host-missing.http", "--parser", "h11", "--fail-on", "never")),
        (3, ("samples/broken/bad-chunk.http",)),
        (3, ("samples/broken/short-body.http",)),
        (2, ("samples/missing.http",)),
        (0, ("samples/hello.http", "--app", PLAIN_APP)),
        (3, ("samples/broken/bad-chunk.http", "--app", PLAIN_APP)),
        (4, ("samples/hello.http", "--app", "samples/apps/raises.py:app")),
        (2, ("samples/hello.http", "--app", "samples/apps/nothing.py:app")),
    ],
    ids=str,
)
def test_exit_codes(cli: Cli, code: int, arguments: tuple[str, ...]) -> None:
    assert cli(*arguments).code == code


def test_time_that_ran_out_exits_with_5() -> None:
    ran = spawn("samples/order.http", "--app", "samples.apps.never:app", "--timeout", "0.2")

    assert ran.code == 5
    assert "accepted, timed-out" in ran.text


LIFESPANS = {
    "fails in startup": "await send({'type': 'lifespan.startup.failed', 'message': 'no database'})",
    "raises in startup": "raise RuntimeError('no database')",
    "never answers": "await asyncio.Event().wait()",
    "fails in shutdown": "await send({'type': 'lifespan.startup.complete'}); await receive(); "
    "await send({'type': 'lifespan.shutdown.failed', 'message': 'no database'})",
}


@pytest.mark.parametrize("name", LIFESPANS)
def test_a_lifespan_that_fails_exits_with_6(tmp_path: Path, name: str) -> None:
    (tmp_path / "shop.py").write_text(
        "import asyncio\n"
        "async def app(scope, receive, send):\n"
        "    if scope['type'] == 'lifespan':\n"
        "        await receive()\n"
        f"        {LIFESPANS[name]}\n"
        "        return\n"
        "    await send({'type': 'http.response.start', 'status': 204})\n"
        "    await send({'type': 'http.response.body'})\n"
    )
    ran = spawn("samples/hello.http", "--app", "shop:app", "--app-dir", tmp_path, "--timeout", "0.3")

    assert ran.code == 6
    assert ("no database" in ran.text) == (name != "never answers")


# Ctrl-C


WAITING = {
    "waits": "await asyncio.Event().wait()",
    "sleeps": "time.sleep(60)",
    "spins": "\n    while True: pass",
    "swallows": "\n    while True:\n        try: await asyncio.sleep(60)\n        except BaseException: pass",
}


@pytest.mark.parametrize("name", WAITING)
@pytest.mark.parametrize("form", ["text", "json"])
def test_ctrl_c_prints_what_was_recorded(tmp_path: Path, name: str, form: str) -> None:
    (tmp_path / "shop.py").write_text(
        "import asyncio, sys, time\n"
        "async def app(scope, receive, send):\n"
        "    if scope['type'] == 'lifespan': raise NotImplementedError\n"
        "    await receive()\n"
        "    await send({'type': 'http.response.start', 'status': 202, 'headers': []})\n"
        "    print('here', file=sys.stderr, flush=True)\n"
        f"    {WAITING[name]}\n"
    )
    process = started("samples/hello.http", "--app", "shop:app", "--app-dir", tmp_path, "-f", form, "--timeout", "50")
    assert process.stderr is not None
    while b"here" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(0.1)
    began = time.perf_counter()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert time.perf_counter() - began < 5
    assert b"Traceback" not in err
    if form == "json":
        (exchange,) = json.loads(out)["exchanges"]
        assert [message["type"] for message in exchange["send"]] == ["http.response.start"]
        assert exchange["receive"][0]["type"] == "http.request"
    else:
        assert b"Interrupted: above is what was recorded by then." in out
        assert b"send http.response.start 202\n" in out


def started(*arguments: str | Path) -> subprocess.Popen[bytes]:
    """The command, still running."""
    return subprocess.Popen(
        [sys.executable, "-m", "asgi_inspect", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=clean(),
    )


def test_ctrl_c_while_reading_standard_input() -> None:
    process = started("-")
    time.sleep(0.8)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert (process.returncode, out, err) == (130, b"", b"")


# Where the report goes


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("report.json", b'{\n  "schema": "asgi-inspect/1"'),
        ("report.JSON", b'{\n  "schema": "asgi-inspect/1"'),
        ("report.jsonl", b'{"schema":"asgi-inspect/1"'),
        ("report.py", b"# samples/hello.http, as uvicorn"),
        ("report.txt", b"samples/hello.http - raw HTTP"),
        ("report", b"samples/hello.http - raw HTTP"),
    ],
)
def test_the_ending_of_the_output_picks_the_format(cli: Cli, tmp_path: Path, name: str, begins: bytes) -> None:
    ran = cli("samples/hello.http", "-o", tmp_path / name)

    assert ran == Ran(0, b"", "")
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_format_wins_over_the_ending(cli: Cli, tmp_path: Path) -> None:
    cli("samples/hello.http", "-o", tmp_path / "report.json", "-f", "python")

    assert (tmp_path / "report.json").read_bytes().startswith(b"# samples/hello.http")


def test_http_is_the_response_and_nothing_else(cli: Cli, tmp_path: Path) -> None:
    arguments = (
        "samples/hello.http",
        "--app",
        PLAIN_APP,
        "--no-date-header",
        "--header",
        "X-A: 1",
        "--header",
        "X-B:2",
    )
    wire = (
        b"HTTP/1.1 200 OK\r\nserver: uvicorn\r\nx-a:  1\r\nx-b: 2\r\ncontent-type: application/json\r\n"
        b'content-length: 25\r\n\r\n{"message": "Hello John"}'
    )

    assert cli(*arguments, "-f", "http").out.lower() == wire.lower()
    cli(*arguments, "-o", tmp_path / "answer.http")
    assert (tmp_path / "answer.http").read_bytes().lower() == wire.lower()
    assert b"server" not in cli(*arguments, "-f", "http", "--no-server-header").out


def test_a_dash_for_the_output_is_standard_output(cli: Cli, tmp_path: Path) -> None:
    """As curl has it."""
    assert cli("samples/hello.http", "-o", "-", "-f", "json").out.startswith(b"{")
    assert not (ROOT / "-").exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [("no/report.json", "No such file or directory"), ("folder", "Is a directory"), ("file/x", "Not a directory")],
)
def test_an_output_that_cannot_be_written_is_told(cli: Cli, tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    ran = cli("samples/hello.http", "-o", tmp_path / name)

    assert ran == Ran(2, b"", f"asgi-inspect: {tmp_path / name}: cannot be written: {why}\n")
    assert (tmp_path / "file").read_bytes() == b"old"


def test_the_old_report_stays_where_the_command_cannot_start(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(b"old")

    assert cli("samples/hello.http", "--app", "nowhere:app", "-o", tmp_path / "report.json").code == 2
    assert (tmp_path / "report.json").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["report.json"]


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "python"])
def test_a_closed_pipe_ends_quietly(form: str, tmp_path: Path) -> None:
    requests = b"GET /hello?name=John HTTP/1.1\r\nHost: x\r\n\r\n" * 400
    (tmp_path / "many.http").write_bytes(requests)
    command = f"{sys.executable} -m asgi_inspect {tmp_path}/many.http -f {form} --parser h11"
    line = f"{command} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, env=clean(), capture_output=True, timeout=60, check=False)

    assert done.stderr == b""
    assert len(done.stdout.splitlines()) == 2
    assert done.stdout.endswith(b"\n0\n")


@pytest.mark.parametrize(
    "arguments", ["samples/hello.http", "--rules", "--explain host-missing", "--version", "--help"]
)
def test_a_full_disk_is_told(arguments: str) -> None:
    line = f"{sys.executable} -m asgi_inspect {arguments} > /dev/full"
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, env=clean(), capture_output=True, check=False)

    assert done.stderr == b"asgi-inspect: standard output: cannot be written: No space left on device\n"
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("closed", "code", "told"),
    [("<&-", 2, b"asgi-inspect: standard input is empty"), ("samples/hello.http >&-", 0, b""), ("x 2>&-", 2, b"")],
)
def test_closed_streams_are_no_traceback(closed: str, code: int, told: bytes) -> None:
    line = f"{sys.executable} -m asgi_inspect {closed}"
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, env=clean(), capture_output=True, check=False)

    assert done.returncode == code
    assert done.stderr.startswith(told)
    assert b"Traceback" not in done.stderr


# Width, colours, encodings


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
def test_no_line_is_wider_than_asked(cli: Cli, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for path in SAMPLES:
        for arguments in ((), ("--show", "bytes"), ("--parser", "both")):
            for line in cli(path.relative_to(ROOT), *arguments).text.splitlines():
                assert text_width(line) <= width, (path.name, arguments)


@pytest.mark.parametrize("width", [20, 33, 40, 79, 80, 120])
def test_nothing_of_a_long_value_is_lost(cli: Cli, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """Names and values without blanks, so that the pieces of a folded one join to the whole."""
    target = b"/" + bytes(range(97, 123)) * 60 + b"?" + b"0123456789" * 150
    value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 70
    monkeypatch.setenv("COLUMNS", str(width))
    request = b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nX-" + b"n" * 90 + b": " + value + b"\r\n\r\n"
    text = cli(stdin=request).text

    together = joined(text)
    path, _, query = target.decode().partition("?")
    assert together.count(path[1:]) == 4, "in the summary, among the bytes, path and raw_path"
    assert together.count(query) == 3, "in the summary, among the bytes, query_string"
    assert together.count("n" * 90) == 2, "among the bytes and in the scope"
    assert together.count(value.decode()) == 2


def test_what_is_folded_in_a_head_says_so(cli: Cli) -> None:
    request = b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\nX: " + b"b" * 20_000 + b"\r\n\r\n"
    text = " ".join(cli("--parser", "httptools", stdin=request).text.split())

    assert text.count("--body-limit shows more") == 4, "two lines of the head, raw_path, and the value"
    whole = cli("--parser", "httptools", "--body-limit", "100000", stdin=request).text
    assert "--body-limit" not in whole


GLYPHS = "│▶◀·…␍␊"


def test_piped_text_is_plain(cli: Cli) -> None:
    for path in SAMPLES:
        text = cli(path.relative_to(ROOT)).text
        assert "\x1b" not in text
        assert not set(GLYPHS) & set(text)
        assert set(text) - set("§") <= {chr(code) for code in range(32, 127)} | {"\n"}, path


def test_a_terminal_gets_signs_and_colours_and_its_own_width() -> None:
    ran = at_terminal("samples/order.http", "--app", "samples.apps.plain:app", width=80)

    bare = COLOUR.sub("", ran.text)
    assert ran.code == 0
    assert ran.text != bare
    assert "\x1b" not in bare
    assert {"│", "▶", "◀", "·", "␍", "␊"} <= set(bare)
    assert max(map(text_width, bare.splitlines())) <= 80
    wide = COLOUR.sub("", at_terminal("samples/upload.http", width=120).text)
    assert 80 < max(map(text_width, wide.splitlines())) <= 120


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"NO_COLOR": ""}, True),
        ((), {"TERM": "dumb"}, False),
        (("--color", "never"), {}, False),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "always"), {"TERM": "dumb"}, True),
    ],
    ids=str,
)
def test_colours_at_a_terminal(arguments: tuple[str, ...], environment: dict[str, str], coloured: bool) -> None:
    ran = at_terminal("samples/hello.http", *arguments, env=clean(**{"TERM": "xterm", **environment}))

    assert (b"\x1b[" in ran.out) == coloured
    assert "1 │ GET" in COLOUR.sub("", ran.text)


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1", "TERM": "dumb"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ],
    ids=str,
)
def test_colours_in_a_pipe(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], environment: dict[str, str], coloured: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    plain = cli("samples/hello.http", "--color", "never").text
    text = cli("samples/hello.http", *arguments).text

    assert ("\x1b" in text) == coloured
    assert COLOUR.sub("", text) == plain, "colours change nothing else"


@pytest.mark.parametrize("form", ["text", "json", "python"])
@pytest.mark.parametrize(
    "environment", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}]
)
def test_other_encodings_are_no_obstacle(form: str, environment: dict[str, str]) -> None:
    request = "GET /é HTTP/1.1\r\nHost: ünï.example\r\nX: 😀\r\n\r\n".encode()
    ran = spawn("-f", form, "-", stdin=request, env=clean(**environment))

    assert ran.err == ""
    assert b"rejected" in ran.out or b"accepted" in ran.out
    if "PYTHONIOENCODING" in environment and form != "python":  # Python's own source is UTF-8
        assert ran.out.isascii()


def test_an_output_file_is_utf_8_whatever_the_terminal_speaks(tmp_path: Path) -> None:
    request = "GET / HTTP/1.1\r\nHost: x\r\nX: é\r\n\r\n".encode()
    spawn("-", "-o", tmp_path / "report.txt", stdin=request, env=clean(PYTHONIOENCODING="ascii"))

    assert "X: é" in (tmp_path / "report.txt").read_text(encoding="utf-8")


# Settings, and what the application prints


def test_settings_of_the_project_and_the_command_line_above_them(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.asgi-inspect]\nformat = "json"\nscheme = "https"\nselect = ["host-", "bare-lf"]\nroot-path = "/api"\n'
        'header = ["X-A: 1, 2", "X-B: 3"]\nproxy-headers = false\nread-size = 7\n'
    )
    (tmp_path / "deeper").mkdir()
    request = b"GET / HTTP/1.1\r\nX-Forwarded-Proto: http\r\n\r\n"
    document = json.loads(spawn(stdin=request, cwd=tmp_path / "deeper").out)
    above = json.loads(spawn("--scheme", "http", stdin=request, cwd=tmp_path / "deeper").out)

    scope = document["exchanges"][0]["scope"]
    assert (scope["scheme"], scope["root_path"]) == ("https", "/api")
    assert above["exchanges"][0]["scope"]["scheme"] == "http"
    assert [finding["rule"] for finding in document["findings"]] == ["host-missing"]
    wire = spawn("-f", "http", "--app", ROOT / "samples/apps/plain.py", stdin=request, cwd=tmp_path).out.lower()
    assert b"x-a:  1, 2\r\nx-b:  3\r\n" in wire


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            "[tool.asgi-inspect]\nreed-size = 7",
            "[tool.asgi-inspect] has no setting 'reed-size'; did you mean 'read-size'?",
        ),
        ("[tool.asgi-inspect]\nversion = true", "[tool.asgi-inspect] has no setting 'version'"),
        ("[tool.asgi-inspect]\nread-size = 'x'", "Invalid value for '--read-size'"),
        ("[tool.asgi-inspect]\nstrict-bytes = 'maybe'", "Invalid value for '--strict-bytes'"),
        ("[tool.asgi-inspect]\nformat = 3", f"--format takes {FORMATS}; not '3'"),
        ("[tool.asgi-inspect]\nheader = [{a = 1}]", "header must be a list of strings, not [{'a': 1}]"),
        ("[tool.asgi-inspect", "not readable as TOML"),
        ("[tool]\nasgi-inspect = 3", "tool.asgi-inspect must be a table, not 3"),
    ],
)
def test_settings_that_make_no_sense(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, told: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(table)
    (tmp_path / "hello.http").write_bytes(HELLO)
    monkeypatch.chdir(tmp_path)
    ran = cli("hello.http")

    assert ran == Ran(2, b"", ran.err)
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_a_working_directory_that_is_gone_is_no_obstacle(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f"cd {gone} && rmdir {gone} && {sys.executable} -m asgi_inspect {ROOT}/samples/hello.http"
    done = subprocess.run(["bash", "-c", line], env=clean(), capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")


TALKATIVE = """
import logging, os, subprocess, sys
print("import print")
logging.basicConfig(level=logging.INFO)

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    print("plain print")
    print("to stderr", file=sys.stderr)
    logging.getLogger("shop").info("logged")
    os.write(1, b"by os.write\\n")
    subprocess.run(["echo", "by a child"], check=True)
    sys.__stdout__.write("by sys.__stdout__\\n")
    sys.__stdout__.flush()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"answer"})
"""


@pytest.mark.parametrize("form", ["json", "jsonl", "python", "http", "text"])
def test_what_the_application_prints_is_never_on_standard_output(tmp_path: Path, form: str) -> None:
    (tmp_path / "talkative.py").write_text(TALKATIVE)
    ran = spawn("samples/hello.http", "--app", "talkative:app", "--app-dir", tmp_path, "-f", form)
    lines = ("plain print", "to stderr", "logged", "by os.write", "by a child", "by sys.__stdout__")

    assert ran.code == 0
    for line in (*lines, "import print"):
        assert line in ran.err
    if form == "json":
        assert "plain print" in json.loads(ran.out)["printed"]
    elif form == "jsonl":
        assert "plain print" in json.loads(ran.out.splitlines()[0])["printed"]
    elif form == "text":
        assert "   printed   import print\n" in ran.text
    else:
        assert not any(line.encode() in ran.out for line in lines)
    assert b"by a child" not in ran.out
    assert b"by sys" not in ran.out


def test_what_is_typed_at_a_terminal_is_asked_for() -> None:
    """`-` at a terminal reads from it, and says so: nobody should wonder why nothing happens."""
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "asgi_inspect", "-"],
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=clean(),
    )
    os.close(slave)
    assert process.stderr is not None
    stream: IO[bytes] = process.stderr
    assert stream.readline() == b"asgi-inspect: type a request; Ctrl-D on a line of its own ends it\n"
    os.write(master, b"GET /typed HTTP/1.1\nHost: x\n\x04")
    out, _ = process.communicate(timeout=20)
    os.close(master)

    assert process.returncode == 0
    assert b'path          "/typed"' in out
