"""The one table of formats, in the order in which they are tried; the first that knows its marks reads.

Strong marks come first (magic numbers, headings), weak ones last. What none of them knows may
still be a raw request, which is not this table's matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from . import (
    archives,
    call_log,
    cat_v,
    curl_command,
    curl_trace,
    curl_verbose,
    dialogue,
    dump_rows,
    fetch_call,
    frame_rows,
    har,
    httpie_command,
    httpie_pretty,
    literals,
    mitmdump_text,
    netcat_dump,
    ngrep_log,
    packet_ascii,
    packet_text,
    pcap,
    powershell_command,
    printed,
    refused,
    rest_file,
    socat_log,
    tcpflow_log,
    tshark_follow,
)
from .capture import Capture, CaptureError
from .wrapping import opened, peeled

HEAD: Final = 1 << 16  # how much of the beginning a format may look at


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to write down traffic: `recognise` gives the reason or None, `read` gives the capture."""

    name: str
    recognise: Callable[[bytes], str | None]
    read: Callable[[bytes, str], Capture]


def _dump(name: str) -> Format:
    return Format(name=name, recognise=dump_rows.recogniser(name), read=dump_rows.reader(name))


def _literal(name: str) -> Format:
    return Format(name=name, recognise=literals.recogniser(name), read=literals.reader(name))


FORMATS: Final[tuple[Format, ...]] = (
    Format(name=pcap.PCAP, recognise=pcap.recognise, read=pcap.read),
    Format(name=pcap.PCAPNG, recognise=pcap.recognise_ng, read=pcap.read_ng),
    Format(name=archives.MITMPROXY, recognise=archives.recognise_mitmproxy, read=archives.read_mitmproxy),
    Format(name=har.FORMAT, recognise=har.recognise, read=har.read),
    Format(name=archives.BURP, recognise=archives.recognise_burp, read=archives.read_burp),
    Format(name=archives.WARC, recognise=archives.recognise_warc, read=archives.read_warc),
    Format(name=curl_trace.HEX, recognise=curl_trace.recognise, read=curl_trace.read),
    Format(name=curl_trace.ASCII, recognise=curl_trace.recognise_ascii, read=curl_trace.read_ascii),
    Format(name=socat_log.HEX, recognise=socat_log.recognise, read=socat_log.read),
    Format(name=socat_log.TEXT, recognise=socat_log.recognise_text, read=socat_log.read_text),
    Format(name=frame_rows.FORMAT, recognise=frame_rows.recognise, read=frame_rows.read),
    Format(name=netcat_dump.NC, recognise=netcat_dump.recognise_nc, read=netcat_dump.read_nc),
    Format(name=netcat_dump.NCAT, recognise=netcat_dump.recognise_ncat, read=netcat_dump.read_ncat),
    Format(name=tshark_follow.FORMAT, recognise=tshark_follow.recognise, read=tshark_follow.read),
    Format(name=tshark_follow.YAML, recognise=tshark_follow.recognise_yaml, read=tshark_follow.read_yaml),
    Format(name=ngrep_log.HEX, recognise=ngrep_log.recognise, read=ngrep_log.read),
    Format(name=ngrep_log.BYLINE, recognise=ngrep_log.recognise_byline, read=ngrep_log.read_byline),
    Format(name=tcpflow_log.HEX, recognise=tcpflow_log.recognise, read=tcpflow_log.read),
    Format(name=tcpflow_log.TEXT, recognise=tcpflow_log.recognise_text, read=tcpflow_log.read_text),
    Format(name=packet_text.FORMAT, recognise=packet_text.recognise, read=packet_text.read),
    Format(name=packet_ascii.FORMAT, recognise=packet_ascii.recognise, read=packet_ascii.read),
    Format(name=mitmdump_text.FORMAT, recognise=mitmdump_text.recognise, read=mitmdump_text.read),
    Format(name=archives.WGET, recognise=archives.recognise_wget, read=archives.read_wget),
    Format(name=call_log.HTTP_CLIENT, recognise=call_log.recognise_http_client, read=call_log.read_http_client),
    Format(name=call_log.STRACE, recognise=call_log.recognise_strace, read=call_log.read_strace),
    Format(name=curl_verbose.FORMAT, recognise=curl_verbose.recognise, read=curl_verbose.read),
    Format(name=dialogue.TOOLBELT, recognise=dialogue.recognise_toolbelt, read=dialogue.read_toolbelt),
    Format(name=dialogue.TELNET, recognise=dialogue.recognise_telnet, read=dialogue.read_telnet),
    *(_dump(name) for name in ("hexdump-C", "xxd", "hexdump", "od")),
    *(_literal(name) for name in literals.FORMS),
    Format(name=curl_command.FORMAT, recognise=curl_command.recognise, read=curl_command.read),
    Format(name=httpie_command.FORMAT, recognise=httpie_command.recognise, read=httpie_command.read),
    Format(name=fetch_call.FORMAT, recognise=fetch_call.recognise, read=fetch_call.read),
    Format(name=powershell_command.FORMAT, recognise=powershell_command.recognise, read=powershell_command.read),
    Format(name=printed.FORMAT, recognise=printed.recognise, read=printed.read),
    Format(name=rest_file.FORMAT, recognise=rest_file.recognise, read=rest_file.read),
    Format(name=cat_v.FORMAT, recognise=cat_v.recognise, read=cat_v.read),
    Format(name=httpie_pretty.FORMAT, recognise=httpie_pretty.recognise, read=httpie_pretty.read),
    Format(name=dialogue.HTTPIE, recognise=dialogue.recognise_httpie, read=dialogue.read_httpie),
    Format(name=dialogue.BOTH, recognise=dialogue.recognise, read=dialogue.read),
    *(Format(name=one.name, recognise=refused.recogniser(one), read=refused.reader(one)) for one in refused.LOSSY),
)
NAMES: Final = tuple(format.name for format in FORMATS)


def recognised(head: bytes) -> tuple[Format, str] | None:
    """The first format that knows its marks in the first bytes, and why."""
    for format in FORMATS:
        if why := format.recognise(head):
            return format, why
    return None


def read_known(data: bytes, source: str, name: str | None = None) -> Capture | None:
    """`data` in the format `name`, or in the one it is recognised as; None if no format knows it.

    Raises CaptureError where it does not keep what its first lines promise, or what `name` asks for.
    """
    inside, notes = opened(bytes(data), source)
    if name is not None:
        chosen = next((format for format in FORMATS if format.name == name), None)
        if chosen is None:
            raise CaptureError(f"unknown format {name!r}: known are {', '.join(NAMES)}")
        return _told(chosen.read(inside, source), f"--from {name}", notes)
    found = recognised(inside[:HEAD])
    return _told(found[0].read(inside, source), found[1], notes) if found else None


def unwrapped(data: bytes, source: str) -> tuple[bytes, tuple[str, ...]]:
    """`data` without what stands around a raw request, and what was taken off."""
    if not len(data):
        return data, ()
    inside, notes = opened(bytes(data), source)
    around = peeled(inside)
    if around is None:
        return inside, notes
    said = (around.before + around.after).strip().decode("utf-8", "replace").splitlines()
    return around.data, (*notes, f"without {len(said)} lines of other text around it")


def _told(capture: Capture, why: str, notes: tuple[str, ...]) -> Capture:
    return replace(capture, why="; ".join((why, *notes)))
