"""The command line: the only place that reads standard input, prints, and knows the exit codes."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterable, Iterator
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO, cast

import typer

from .apart import inspect_apart, refusals_redacted
from .captures import picked, read_capture
from .captures.capture import Capture, CaptureError
from .exchange import Exchange, Verdict
from .findings import Severity
from .inspection import Inspection, versions, worst
from .options import Options
from .printed import Escaped
from .recording import KEPT_BYTES, Outcome
from .settings import SettingsError, read_settings
from .sources import SourceError, read_source, write_output
from .span import printable

if TYPE_CHECKING:
    from .render.layout import Page


class NothingToRead(Exception):
    """No file is named and nothing is piped in. The text is a short help."""


class ExitCode(IntEnum):
    """What the command tells a script; of several causes the highest number is told, a finding only alone."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    REJECTED = 3
    APP_FAILED = 4
    TIMED_OUT = 5
    LIFESPAN_FAILED = 6
    INTERRUPTED = 130
    TERMINATED = 143


FORMATS = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".py": "python",
    ".http": "http",
    ".txt": "text",
    ".sarif": "sarif",
    ".html": "html",
    ".htm": "html",
    ".svg": "svg",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
}
_SHOWN = 2048  # bytes of a body in text and HTML

command = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@command.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 all well, 1 findings, 2 cannot start, 3 request rejected or incomplete, "
    "4 the app failed, 5 time ran out, 6 lifespan failed, 130 interrupted, 143 terminated.",
)
def asgi_inspect(
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="A file, or - for standard input.")] = None,
    from_: Annotated[
        str, typer.Option("--from", metavar="FORMAT", help="What FILE holds; auto tells by its marks.")
    ] = "auto",
    strict_bytes: Annotated[bool, typer.Option("--strict-bytes", help="Take the bytes as they are.")] = False,
    connection: Annotated[int | None, typer.Option(metavar="N", help="Only this connection of a capture.")] = None,
    body: Annotated[str, typer.Option(metavar="FILE", help="The body that a capture does not hold.")] = "",
    parser: Annotated[
        str | None, typer.Option("--parser", "--http", help="httptools, h11 or both; else httptools, checked with h11.")
    ] = None,
    http2: Annotated[bool, typer.Option("--http2", help="Show requests of HTTP/1 over HTTP/2 too.")] = False,
    read_size: Annotated[int, typer.Option(help="Most bytes that arrive in one read.")] = 65536,
    client: Annotated[str, typer.Option(metavar="HOST:PORT", help="Who connects.")] = "127.0.0.1:12345",
    server: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where to.")] = "127.0.0.1:8000",
    scheme: Annotated[str, typer.Option(help="http or https.")] = "http",
    root_path: Annotated[str, typer.Option(help="Where the application is mounted.")] = "",
    proxy_headers: Annotated[bool, typer.Option("--proxy-headers/--no-proxy-headers", help="Heed X-Forwarded.")] = True,
    forwarded_allow_ips: Annotated[str, typer.Option(help="Peers whose X-Forwarded is heeded.")] = "127.0.0.1,::1",
    app: Annotated[str, typer.Option(metavar="MODULE:ATTR", help="Call this application.")] = "",
    app_dir: Annotated[str, typer.Option(metavar="DIR", help="Look for the application there.")] = "",
    factory: Annotated[bool, typer.Option("--factory", help="ATTR makes the application.")] = False,
    interface: Annotated[str, typer.Option(help="auto, asgi3, asgi2 or wsgi.")] = "auto",
    lifespan: Annotated[str, typer.Option(help="auto, on or off.")] = "auto",
    loop: Annotated[str, typer.Option(help="auto, asyncio or uvloop.")] = "auto",
    env_file: Annotated[str, typer.Option(metavar="FILE", help="Set the environment from FILE.")] = "",
    date_header: Annotated[bool, typer.Option("--date-header/--no-date-header", help="Send date.")] = True,
    server_header: Annotated[bool, typer.Option("--server-header/--no-server-header", help="Send server.")] = True,
    header: Annotated[list[str] | None, typer.Option(metavar="NAME:VALUE", help="Send this too.")] = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="How long the client waits.")] = 10.0,
    disconnect_after: Annotated[int | None, typer.Option(metavar="N", help="Leave after N messages.")] = None,
    ws_text: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="The WebSocket's client says it.")] = None,
    ws_bytes: Annotated[list[str] | None, typer.Option(metavar="HEX", help="The same in binary.")] = None,
    ws_json: Annotated[list[str] | None, typer.Option(metavar="JSON", help="The same, checked to be JSON.")] = None,
    ws_script: Annotated[str, typer.Option(metavar="FILE", help="Lines of JSON: text, wait, close.")] = "",
    show: Annotated[str, typer.Option(metavar="PARTS", help="Parts of the text to print, with commas.")] = "",
    format_: Annotated[
        str, typer.Option("--format", "-f", help="text, json, jsonl, python, http, github, sarif, html, svg, mermaid.")
    ] = "",
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Write there, not to stdout.")] = "",
    body_limit: Annotated[
        int | None, typer.Option(help="Bytes of a body shown; text and html 2048, json 1 MiB.")
    ] = None,
    color: Annotated[str, typer.Option(help="auto, always or never.")] = "auto",
    select: Annotated[str, typer.Option(metavar="RULES", help="Only these findings, with commas.")] = "",
    ignore: Annotated[str, typer.Option(metavar="RULES", help="All findings but these.")] = "",
    fail_on: Annotated[str, typer.Option(help="error, warning or never: what exits 1.")] = "error",
    redact: Annotated[
        bool | None, typer.Option("--redact/--no-redact", help="Hide passwords, tokens and cookies.")
    ] = None,
    redact_field: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Hide this field too.")] = None,
    rules: Annotated[bool, typer.Option("--rules", help="All rules, one a line.")] = False,
    explain: Annotated[str, typer.Option(metavar="RULE", help="One rule: why, who minds, wrong and right.")] = "",
    version: Annotated[bool, typer.Option("--version", help="Versions of all parts.")] = False,
) -> None:
    """Show what an ASGI application sees of the HTTP request in FILE, as uvicorn builds it."""
    if version:
        _print_versions()
        return
    if rules or explain:
        _print_rules(explain)
        return
    output = "" if output == "-" else output
    chosen = format_ or FORMATS.get(Path(output).suffix.lower(), "text")
    _check(chosen, show, color, fail_on, body_limit)
    source = _source_name(file)
    options = Options(
        source=source,
        from_=from_,
        strict_bytes=strict_bytes,
        parser=parser,
        http2=http2,
        read_size=read_size,
        client=client,
        server=server,
        scheme=scheme,
        root_path=root_path,
        proxy_headers=proxy_headers,
        forwarded_allow_ips=forwarded_allow_ips,
        app=app or None,
        app_dir=app_dir,
        factory=factory,
        interface=interface,
        lifespan=lifespan,
        loop=loop,
        env_file=env_file or None,
        date_header=date_header,
        server_header=server_header,
        header=tuple(header or ()),
        timeout=timeout,
        disconnect_after=disconnect_after,
        ws_text=tuple(ws_text or ()),
        ws_bytes=tuple(ws_bytes or ()),
        ws_json=tuple(ws_json or ()),
        ws_script=_script_lines(ws_script),
        body_limit=max(KEPT_BYTES, body_limit or 0) if chosen != "http" else sys.maxsize,
        select=_commas(select),
        ignore=_commas(ignore),
        redact=redact,
        redact_field=tuple(redact_field or ()),
    )
    with refusals_redacted(options):
        data = read_source("-" if file is None else file)
        capture = read_capture(data, source, from_=from_, strict_bytes=strict_bytes)
        capture = picked(capture, connection=connection, body=read_source(body) if body else None)
        # What is a secret may be told by a later request.
        if chosen == "jsonl" and options.app is None and not options.hides_secrets:
            raise SystemExit(_stream(capture, options, output, fail_on, body_limit))
        inspection = _inspect(capture, options, shown_in_report=chosen == "text" and not output)
    code = exit_code(inspection, fail_on)
    both = parser == "both"
    _write([_rendered(inspection, chosen, show, both, body_limit, color, output, code)], output)
    if inspection.left_running:
        # A thread that was given up, or that the application left behind, would hold the exit back.
        sys.stderr.flush()
        os._exit(code)
    raise SystemExit(code)


def _stream(capture: Capture, options: Options, output: str, fail_on: str, body_limit: int | None) -> ExitCode:
    """Write each exchange as soon as it is known, and keep none: there may be a million."""
    from .progress import watched
    from .render.as_json import as_jsonl
    from .stream import inspect_parts

    codes = [ExitCode.OK]

    def coded() -> Iterator[Inspection]:
        for part in watched(inspect_parts(capture, options), output=output):
            codes[0] = max(codes[0], exit_code(part, fail_on))
            yield part

    lines = as_jsonl(coded(), body_limit=KEPT_BYTES if body_limit is None else body_limit)
    _write(map(str.encode, lines), output)
    return codes[0]


def _inspect(capture: Capture, options: Options, *, shown_in_report: bool) -> Inspection:
    # On a terminal the report shows what was printed; twice would be once too often.
    told_already = shown_in_report and sys.stdout.isatty() and sys.stderr.isatty()
    return inspect_apart(capture, options, None if told_already else cast(TextIO, Escaped(sys.stderr)))


def exit_code(inspection: Inspection, fail_on: str) -> ExitCode:
    """The highest cause of 3 to 6; findings at `fail_on` or above count where none of them holds."""
    if inspection.interrupted:
        return _interrupted()
    causes = [cause for exchange in inspection.exchanges for cause in _causes(exchange)]
    report = inspection.lifespan
    if report is not None and (report.startup.status.bad or report.shutdown.status.bad):
        causes.append(ExitCode.LIFESPAN_FAILED)
    if inspection.blocked:
        causes.append(ExitCode.TIMED_OUT)
    if causes:
        return max(causes)
    severity = worst(inspection.findings)
    if fail_on != "never" and severity is not None and severity.rank >= Severity(fail_on).rank:
        return ExitCode.FINDINGS
    return ExitCode.OK


OUTCOME_CODES = {
    Outcome.RAISED: ExitCode.APP_FAILED,
    Outcome.NO_RESPONSE: ExitCode.APP_FAILED,
    Outcome.INCOMPLETE: ExitCode.APP_FAILED,
    Outcome.TIMED_OUT: ExitCode.TIMED_OUT,
}


def _causes(exchange: Exchange) -> list[ExitCode]:
    causes = [ExitCode.REJECTED] if exchange.verdict is not Verdict.ACCEPTED else []
    if exchange.outcome in OUTCOME_CODES:
        causes.append(OUTCOME_CODES[exchange.outcome])
    return causes


def _script_lines(name: str) -> tuple[str, ...]:
    """The lines of --ws-script; the place of a fault in them is told by the line's number."""
    if not name:
        return ()
    try:
        return tuple(read_source(name).decode().splitlines())
    except UnicodeDecodeError as error:
        raise SourceError(f"{printable(name)}: not UTF-8 at byte {error.start}") from None


def _check(chosen: str, show: str, color: str, fail_on: str, body_limit: int | None) -> None:
    from .render.parts import PARTS

    for value, allowed, option in (
        *[(part, PARTS, "--show") for part in _commas(show)],
        (chosen, (*dict.fromkeys(FORMATS.values()), "github"), "--format"),
        (color, ("auto", "always", "never"), "--color"),
        (fail_on, ("error", "warning", "never"), "--fail-on"),
    ):
        if value not in allowed:
            raise ValueError(f"{option} takes {', '.join(allowed)}; not {value!r}")
    if body_limit is not None and body_limit < 0:
        raise ValueError(f"--body-limit takes a number of bytes, 0 at least; not {body_limit}")


def _commas(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _source_name(file: str | None) -> str:
    if file is None and sys.stdin.isatty():
        usage = "Usage: asgi-inspect [FILE] [OPTIONS]\n\nName a file that holds an HTTP request, or pipe one in:\n\n"
        example = (
            "  printf 'GET /hello HTTP/1.1\\nHost: x\\n\\n' | asgi-inspect\n\nasgi-inspect --help lists the options."
        )
        raise NothingToRead(usage + example)
    if file == "-" and sys.stdin.isatty():
        print("asgi-inspect: type a request; Ctrl-D on a line of its own ends it", file=sys.stderr)
    return "standard input" if file in (None, "-") else str(file)


def _rendered(
    inspection: Inspection,
    chosen: str,
    show: str,
    both: bool,
    body_limit: int | None,
    color: str,
    output: str,
    code: ExitCode,
) -> bytes:
    """The report as bytes; each renderer is imported only when it is chosen."""
    if chosen == "http":
        from .render.as_http import as_http

        return as_http(inspection)
    if chosen in ("json", "jsonl"):
        from .render.as_json import as_json, as_jsonl

        limit = KEPT_BYTES if body_limit is None else body_limit
        if chosen == "json":
            return as_json(inspection, body_limit=limit).encode()
        return "".join(as_jsonl([inspection], body_limit=limit)).encode()
    if chosen == "github":
        from .render.as_github import as_github

        return as_github(inspection).encode()
    if chosen == "sarif":
        from .render.as_sarif import as_sarif

        return as_sarif(inspection).encode()
    if chosen == "python":
        from .render.as_python import as_python

        return as_python(inspection).encode()
    if chosen in ("html", "svg", "mermaid"):
        return _picture(inspection, chosen, body_limit, code).encode()
    from .render.as_text import as_text
    from .render.parts import PARTS

    page = _page(color, output, _SHOWN if body_limit is None else body_limit)
    text = as_text(inspection, page, show=_commas(show) or PARTS, both=both, exit_code=code)
    return text.encode("utf-8" if output else sys.stdout.encoding or "utf-8", "backslashreplace")


def _picture(inspection: Inspection, chosen: str, body_limit: int | None, code: ExitCode) -> str:
    """The conversation drawn, alone or in a page with everything else."""
    if chosen == "svg":
        from .render.as_svg import as_svg

        return as_svg(inspection) + "\n"
    if chosen == "mermaid":
        from .render.as_mermaid import as_mermaid

        return as_mermaid(inspection)
    from .render.as_html import as_html

    return as_html(inspection, body_limit=_SHOWN if body_limit is None else body_limit, exit_code=code)


def _page(color: str, output: str, body_limit: int) -> Page:
    """A terminal gets its own width, signs and colours; everything else plain text of 80 columns."""
    from .render.layout import DRAWN, PLAIN, Page

    terminal = not output and sys.stdout.isatty()
    environment = os.environ
    width = shutil.get_terminal_size().columns if terminal or "COLUMNS" in environment else 80
    unicode = terminal and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    forced = bool(environment.get("FORCE_COLOR"))
    plain = bool(environment.get("NO_COLOR")) or environment.get("TERM") == "dumb"
    colour = color == "always" or (color == "auto" and (forced or (terminal and not plain)))
    return Page(
        width=max(20, min(width, 120)), glyphs=DRAWN if unicode else PLAIN, colour=colour, body_limit=body_limit
    )


def _write(report: Iterable[bytes], output: str) -> None:
    if output:
        write_output(output, report)
        return
    try:
        for part in report:
            sys.stdout.buffer.write(part)
        sys.stdout.flush()
    except BrokenPipeError:
        _give_up_stdout()  # the reader left (| head): nobody to tell, and nothing went wrong
        raise SystemExit(ExitCode.OK) from None
    except OSError as error:
        _give_up_stdout()
        raise SourceError(f"standard output: cannot be written: {error.strerror}") from None


def _print_rules(explain: str) -> None:
    from .render.rules_text import explained, rules_table

    print(explained(explain) if explain else rules_table(), end="")


def _print_versions() -> None:
    for name, number in versions().items():
        print(f"{name} {number}")


def main() -> NoReturn:
    """Run the command and exit with its code; whatever goes wrong is one line on standard error."""
    # Where the shell closed a stream (`<&-`), the null device takes its place, so that no file gets its number.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115  # open as long as the process
    signal.signal(signal.SIGTERM, _terminate)
    code = run(sys.argv[1:])
    if code in (ExitCode.INTERRUPTED, ExitCode.TERMINATED):
        os._exit(code)  # whoever asks twice to end does not wait for an application's threads
    sys.exit(code)


_asked_to_end: list[int] = []  # the signals beside Ctrl-C


def _terminate(number: int, frame: object) -> NoReturn:
    """SIGTERM ends a run as Ctrl-C does: what was recorded by then is printed."""
    _asked_to_end.append(number)
    raise KeyboardInterrupt


def _interrupted() -> ExitCode:
    return ExitCode.TERMINATED if _asked_to_end else ExitCode.INTERRUPTED


def run(arguments: list[str]) -> int:
    """Run with `arguments`; the exit code."""
    try:
        group = typer.main.get_command(command)
        options = [option for option in group.params if option.name not in ("file", "version", "help")]
        known = [str(option.name) for option in options]
        repeated = [str(option.name) for option in options if getattr(option, "multiple", False)]
        defaults = read_settings(Path(), known, repeated)
        ended = group.main(arguments, prog_name="asgi-inspect", standalone_mode=False, default_map=defaults)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else ExitCode.OK
    except BrokenPipeError:
        _give_up_stdout()  # the reader left (| head): nobody to tell
        return ExitCode.OK
    except KeyboardInterrupt:
        return _interrupted()
    except NothingToRead as help_text:
        print(help_text, file=sys.stderr)
        return ExitCode.USAGE
    except (SourceError, CaptureError, SettingsError) as error:
        return _refuse(str(error))
    except ValueError as error:
        return _refuse(_as_option(str(error)))
    except Exception as error:
        if type(error).__name__ == "ApplicationError":
            return _refuse_application(error)
        if type(error).__name__ == "Abort":
            return _interrupted()
        if type(error).__module__.startswith(("typer", "click")):
            return _refuse(error.format_message() if hasattr(error, "format_message") else str(error))
        raise
    # typer makes a number of Ctrl-C and of --help
    return _interrupted() if ended == ExitCode.INTERRUPTED else ended if isinstance(ended, int) else ExitCode.OK


def _give_up_stdout() -> None:
    """Nothing more can be written: the interpreter's last flush must not complain about it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse_application(error: Exception) -> int:
    """Whose fault it is that the application cannot be called, behind its own traceback."""
    traceback = getattr(error, "traceback", None)
    if traceback:
        print("\n".join(map(printable, traceback.splitlines())), file=sys.stderr)
    return _refuse(str(error))


def _as_option(text: str) -> str:
    """A complaint about a keyword, told of the option that it is here."""
    name, space, rest = text.partition(" ")
    known = name in Options.__dataclass_fields__
    return f"--{name.strip('_').replace('_', '-')}{space}{rest}" if known else text


def _refuse(text: str) -> int:
    print(f"asgi-inspect: {printable(text)}", file=sys.stderr)
    return ExitCode.USAGE
