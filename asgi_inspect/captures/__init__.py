"""Any text or dump that holds a client's traffic, read into one Capture."""

from __future__ import annotations

import re
from dataclasses import replace

from ..events import PREFACE
from ..findings import Finding, Severity
from .capture import Capture, CaptureError, ClientConnection, Fidelity, Repair
from .raw import read_raw
from .recognise import begins_with_request_line, not_a_request, nothing_in

__all__ = [
    "Capture",
    "CaptureError",
    "ClientConnection",
    "Fidelity",
    "Repair",
    "known_formats",
    "picked",
    "read_capture",
]

# What begins as a raw request does and is none: a response behind it, separators, line ends drawn as ^M,
# a whole URL where no Host follows; and HTTPie, which prints other bytes than it sends.
_MORE_THAN_A_REQUEST = re.compile(
    rb"\APRI \* HTTP/2|\A\s*[A-Z]+ https?://"
    rb"|^(?:HTTP/\d(?:\.\d)? \d{3}|###|[^\n]*\^M\$?$|[<>] |(?i:user-agent: HTTPie/))",
    re.MULTILINE,
)
_LOOKED_AT = 1 << 16
# What is said of a capture as a whole holds for each of its connections.
_OF_THE_WHOLE = frozenset(
    (
        *("not-the-wire", "fields-left-out", "order-assumed", "direction-guessed", "line-ends-assumed"),
        *("connections-skipped", "options-ignored", "shell-unknown", "variables-unknown"),
    )
)


def known_formats() -> tuple[str, ...]:
    """The names that --from takes."""
    from .formats import NAMES

    return ("auto", "raw", *NAMES)


def read_capture(data: bytes, source: str, *, from_: str = "auto", strict_bytes: bool = False) -> Capture:
    """Read `data`, in the format `from_` or the one it is recognised as.

    Raises CaptureError for an unknown format, for what does not keep what its first lines promise, and
    for what is no request; taken as raw, or with `strict_bytes`, only empty input is refused.
    """
    if from_ not in ("auto", "raw"):
        return _read_as(from_, data, source)
    if strict_bytes or from_ == "raw":
        if refusal := nothing_in(data, source):
            raise CaptureError(refusal)
        return _raw(data, source, _why(data, from_, strict_bytes), strict=strict_bytes)
    if _is_plain(data):
        return _raw(data, source, _why(data, from_, strict_bytes))
    from .formats import read_known, unwrapped

    if data[:2] != b"#!" and (capture := read_known(data, source)) is not None:
        return capture
    inside, notes = unwrapped(data, source)
    if refusal := not_a_request(inside, source):
        raise CaptureError(refusal)
    return _raw(inside, source, "; ".join((_why(inside, from_, strict_bytes), *notes)))


def picked(
    capture: Capture, *, connection: int | None = None, body: bytes | None = None, scheme: str = "https"
) -> Capture:
    """The capture with one of its connections alone, and with the body that it does not hold filled in.

    With the `scheme` "http" it says of https URLs that what it holds does not show TLS.

    Raises CaptureError where there is no such connection, or no body is missing.
    """
    if connection is not None:
        kept = tuple(client for client in capture.connections if client.number == connection)
        if not kept:
            numbers = ", ".join(str(client.number) for client in capture.connections)
            raise CaptureError(f"{capture.source} has no connection {connection}; it has {numbers}")
        findings = tuple(
            replace(finding, connection=connection)
            for finding in capture.findings
            if finding.connection == connection or finding.rule in _OF_THE_WHOLE
        )
        capture = replace(capture, connections=kept, findings=findings)
    if body is not None:
        from .gathering import fill_body

        capture = fill_body(capture, body)
    first = next((client.number for client in capture.connections if client.tls), None)
    if scheme == "http" and first is not None:
        capture = replace(capture, findings=(*capture.findings, _https_as_http(first)))
    return capture


def _https_as_http(connection: int) -> Finding:
    return Finding(
        rule="https-as-http",
        severity=Severity.NOTE,
        message='The URL asks for TLS, which the bytes do not show: scope["scheme"] is that of --scheme, http or ws.',
        help="--scheme https shows what a server with a certificate sees, or one whose proxy sends X-Forwarded-Proto.",
        connection=connection,
    )


def _is_plain(data: bytes) -> bool:
    """Whether a request comes first and nothing else is to be seen: the common case, which starts at once."""
    return begins_with_request_line(data) and _MORE_THAN_A_REQUEST.search(data[:_LOOKED_AT]) is None


def _raw(data: bytes, source: str, why: str, *, strict: bool = False) -> Capture:
    capture = replace(read_raw(data, source, strict=strict), why=why)
    if strict or data[:_LOOKED_AT].isascii():
        return capture
    from .windows_1252 import windows_1252

    note = windows_1252(capture.connections[0])
    return capture if note is None else replace(capture, findings=(note,))


def _read_as(name: str, data: bytes, source: str) -> Capture:
    from .formats import read_known

    if name not in known_formats():
        from difflib import get_close_matches

        from .refused import LOSSY

        # Those that have lost too much are recognised, and refused with a word of help: nobody asks for them.
        readable = [known for known in known_formats() if known not in {one.name for one in LOSSY}]
        close = get_close_matches(name, readable, 1)
        near = f" (did you mean {close[0]}?)" if close else ""
        raise CaptureError(f"unknown format {name!r}{near}: known are {', '.join(readable)}")
    capture = read_known(data, source, name)
    assert capture is not None  # a format that is named reads, or says why not
    return capture


def _why(data: bytes, from_: str, strict_bytes: bool) -> str:
    if from_ != "auto":
        return f"--from {from_}"
    if data[: len(PREFACE)] == PREFACE:
        return "the preface of HTTP/2 comes first"
    if begins_with_request_line(data):
        return "a request line comes first"
    return "--strict-bytes takes any bytes" if strict_bytes else "no other format was recognised"
