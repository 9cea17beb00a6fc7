"""The command line: its options, and what becomes of everything that goes wrong."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO, cast

import typer

from .apart import inspect_apart, refusals_redacted
from .application_error import ApplicationError
from .captures import picked, read_capture
from .captures.capture import Capture, CaptureError
from .exit_codes import ExitCode, asked_to_end, exit_code, interrupted
from .inspection import Inspection
from .options import Options
from .printed import Escaped
from .recording import KEPT_BYTES
from .report import FORMATS, commas, give_up_stdout, rendered, write_report
from .serving import versions
from .settings import SettingsError, named_by, read_settings
from .sources import SourceError, read_source
from .span import printable
from .without_effect import after_the_run, before_the_run


class NothingToRead(Exception):
    """No file is named and nothing is piped in. The text is a short help."""


command = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@command.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 all well, 1 findings, 2 cannot start, 3 request rejected or incomplete, "
    "4 the app failed, 5 time ran out, 6 lifespan failed, 130 interrupted, 143 terminated.",
)
def asgi_inspect(
    context: typer.Context,
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
    _check_rules(select, ignore)
    given = {name for name in context.params if _on_command_line(context, name)}
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
        select=commas(select),
        ignore=commas(ignore),
        redact=redact,
        redact_field=tuple(redact_field or ()),
    )
    with refusals_redacted(options):
        data = read_source("-" if file is None else file)
        capture = read_capture(data, source, from_=from_, strict_bytes=strict_bytes)
        filling = read_source(body) if body else None
        capture = picked(capture, connection=connection, body=filling, scheme=scheme)
        _say(before_the_run(given, "" if format_ else output, called=bool(app)))
        # What is a secret may be told by a later request.
        if chosen == "jsonl" and options.app is None and not options.hides_secrets:
            raise SystemExit(_stream(capture, options, output, fail_on, body_limit))
        inspection = _inspect(capture, options, shown_in_report=chosen == "text" and not output)
    _say(after_the_run(given, inspection))
    code = exit_code(inspection, fail_on)
    both = parser == "both"
    write_report([rendered(inspection, chosen, show, both, body_limit, color, output, code)], output)
    if inspection.left_running:
        # A thread that was given up, or that the application left behind, would hold the exit back.
        sys.stderr.flush()
        os._exit(code)
    raise SystemExit(code)


def _on_command_line(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _say(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        print(f"asgi-inspect: {printable(sentence)}", file=sys.stderr)


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
    write_report(map(str.encode, lines), output)
    return codes[0]


def _inspect(capture: Capture, options: Options, *, shown_in_report: bool) -> Inspection:
    # On a terminal the report shows what was printed; twice would be once too often.
    told_already = shown_in_report and sys.stdout.isatty() and sys.stderr.isatty()
    return inspect_apart(capture, options, None if told_already else cast(TextIO, Escaped(sys.stderr)))


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
        *[(part, PARTS, "--show") for part in commas(show)],
        (chosen, (*dict.fromkeys(FORMATS.values()), "github"), "--format"),
        (color, ("auto", "always", "never"), "--color"),
        (fail_on, ("error", "warning", "never"), "--fail-on"),
    ):
        if value not in allowed:
            raise ValueError(f"{option} takes {', '.join(allowed)}; not {value!r}")
    if body_limit is not None and body_limit < 0:
        raise ValueError(f"--body-limit takes a number of bytes, 0 at least; not {body_limit}")


def _check_rules(select: str, ignore: str) -> None:
    if select or ignore:
        from .render.rules_text import check_selection

        check_selection("--select", commas(select))
        check_selection("--ignore", commas(ignore))


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


def _print_rules(explain: str) -> None:
    from .render.rules_text import explained, rules_table

    write_report([(explained(explain) if explain else rules_table()).encode()], "")


def _print_versions() -> None:
    write_report([f"{name} {number}\n".encode() for name, number in versions().items()], "")


def main() -> NoReturn:
    """Run the command and exit with its code; whatever goes wrong is one line on standard error."""
    # Where the shell closed a stream (`<&-`), the null device takes its place, so that no file gets its number.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115  # open as long as the process
    signal.signal(signal.SIGTERM, _terminate)
    gc.freeze()  # what is imported stays: the collector's looks through it took a tenth of each start
    code = run(sys.argv[1:])
    if code in (ExitCode.INTERRUPTED, ExitCode.TERMINATED):
        os._exit(code)  # whoever asks twice to end does not wait for an application's threads
    sys.exit(code)


def _terminate(number: int, frame: object) -> NoReturn:
    """SIGTERM ends a run as Ctrl-C does: what was recorded by then is printed."""
    asked_to_end.append(number)
    raise KeyboardInterrupt


def run(arguments: list[str]) -> int:
    """Run with `arguments`; the exit code."""
    defaults: dict[str, Any] = {}
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
        give_up_stdout()  # the reader left (| head): nobody to tell
        return ExitCode.OK
    except KeyboardInterrupt:
        return interrupted()
    except NothingToRead as help_text:
        print(help_text, file=sys.stderr)
        return ExitCode.USAGE
    except (SourceError, CaptureError, SettingsError) as error:
        return _refuse(str(error))
    except ValueError as error:
        return _refuse(named_by(_as_option(str(error)), defaults, arguments))
    except ApplicationError as error:
        _print_traceback(error)
        return _refuse(named_by(str(error), defaults, arguments))
    except OSError as error:
        if error.filename is not None:
            raise
        give_up_stdout()
        return _refuse(f"standard output: cannot be written: {error.strerror}")
    except Exception as error:
        if type(error).__name__ == "Abort":
            return interrupted()
        if type(error).__module__.startswith(("typer", "click")):
            told = error.format_message() if hasattr(error, "format_message") else str(error)
            return _refuse(named_by(told, defaults, arguments))
        raise
    # typer makes a number of Ctrl-C and of --help
    return interrupted() if ended == ExitCode.INTERRUPTED else ended if isinstance(ended, int) else ExitCode.OK


def _print_traceback(error: ApplicationError) -> None:
    """The application's own, where it failed while it was loaded; whose fault that is comes behind it."""
    if error.traceback:
        print("\n".join(map(printable, error.traceback.splitlines())), file=sys.stderr)


def _as_option(text: str) -> str:
    """A complaint about a keyword, told of the option that it is here."""
    name = text.partition(" ")[0].rstrip(",:")
    known = name in Options.__dataclass_fields__
    return f"--{name.strip('_').replace('_', '-')}{text[len(name) :]}" if known else text


def _refuse(text: str) -> int:
    print(f"asgi-inspect: {printable(text)}", file=sys.stderr)
    return ExitCode.USAGE
