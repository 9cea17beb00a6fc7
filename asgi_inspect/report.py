"""The report of an inspection in the format that was asked for, and where it goes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .exit_codes import ExitCode
from .inspection import Inspection
from .recording import KEPT_BYTES
from .sources import SourceError, write_output

if TYPE_CHECKING:
    from .render.layout import Page

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


def commas(text: str) -> tuple[str, ...]:
    """The parts of an option that takes several."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def rendered(
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
    text = as_text(inspection, page, show=commas(show) or PARTS, both=both, exit_code=code)
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


def write_report(report: Iterable[bytes], output: str) -> None:
    """To the file `output`, or to standard output. Raises SourceError."""
    if output:
        write_output(output, report)
        return
    try:
        for part in report:
            sys.stdout.buffer.write(part)
        sys.stdout.flush()
    except BrokenPipeError:
        give_up_stdout()  # the reader left (| head): nobody to tell, and nothing went wrong
        raise SystemExit(ExitCode.OK) from None
    except OSError as error:
        give_up_stdout()
        raise SourceError(f"standard output: cannot be written: {error.strerror}") from None


def give_up_stdout() -> None:
    """Nothing more can be written: the interpreter's last flush must not complain about it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
