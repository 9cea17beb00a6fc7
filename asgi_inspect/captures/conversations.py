"""TCP conversations made into a capture: which side is the client, what it sent up to its first gap, what to tell."""

from __future__ import annotations

from typing import Final, NamedTuple

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, ClientConnection, Fidelity
from .guesses import line_ends
from .messages import STATUS_LINE, begins_as_request, split_responses
from .refusal import response_only
from .streams import Conversation, Stream, Streams, assembled


class _Pair(NamedTuple):
    """A conversation with its sides told apart."""

    client: Stream
    server: Stream
    started: bool


def _pair(conversation: Conversation) -> _Pair:
    streams = {
        side: assembled(direction, from_start=side in conversation.started)
        for side, direction in conversation.sides.items()
    }
    first, second = conversation.sides
    client = conversation.client
    if client is None:
        speaks = begins_as_request(streams[second].data) or STATUS_LINE.match(streams[first].data)
        client = second if speaks and not begins_as_request(streams[first].data) else first
    server = second if client == first else first
    return _Pair(streams[client], streams[server], client in conversation.started)


_KEEP_ALL: Final = "Capture whole packets with: tcpdump -s 0 -w FILE"


def capture_of(streams: Streams, source: str, format: str) -> Capture:
    """The client's side of each conversation that speaks HTTP, up to its first gap."""
    pairs = [_pair(conversation) for conversation in streams.all]
    spoken = [pair for pair in pairs if pair.client.data or pair.client.missing]
    http = [pair for pair in spoken if begins_as_request(pair.client.data)]
    chosen = http or [pair for pair in spoken if not pair.client.data.startswith((b"\x16\x03", b"SSH-"))]
    if not chosen:
        raise _nothing(pairs, spoken, source, format)
    findings = [_gap(number, pair) for number, pair in enumerate(chosen, 1) if pair.client.missing]
    if len(findings) == len(chosen):
        raise CaptureError(f"{source}: {findings[0].message} {_KEEP_ALL}")
    findings += [_guessed_ends(number, pair) for number, pair in enumerate(chosen, 1) if pair.client.guessed_ends]
    findings += [_joined_late(number) for number, pair in enumerate(chosen, 1) if not pair.started]
    if len(spoken) > len(chosen):
        findings.append(_skipped(len(spoken) - len(chosen)))
    connections = tuple(
        ClientConnection(
            number=number,
            data=pair.client.data,
            segments=pair.client.writes,
            responses=split_responses(pair.server.data, pair.client.data),
        )
        for number, pair in enumerate(chosen, 1)
    )
    gaps = any(pair.client.missing for pair in chosen)
    fidelity = Fidelity.REPAIRED if gaps else Fidelity.EXACT
    return Capture(source=source, format=format, fidelity=fidelity, connections=connections, findings=tuple(findings))


def _nothing(pairs: list[_Pair], spoken: list[_Pair], source: str, format: str) -> CaptureError:
    if any(pair.client.data.startswith(b"\x16\x03") for pair in spoken):
        return CaptureError(
            f"{source}: the connections in this {format} are encrypted (TLS). "
            "Capture behind the TLS end, or at the client with: curl --trace FILE URL"
        )
    if any(pair.server.data for pair in pairs):
        return response_only(source)
    return CaptureError(f"{source}: this {format} holds no TCP connection with data. Capture with: tcpdump -w FILE tcp")


def _gap(number: int, pair: _Pair) -> Finding:
    return Finding(
        rule="bytes-missing",
        severity=Severity.ERROR,
        message=f"{pair.client.missing} bytes that the client of connection {number} sent are missing "
        f"after byte {len(pair.client.data)}: packets were lost or cut by the snap length.",
        help=_KEEP_ALL + ".",
        connection=number,
    )


def _guessed_ends(number: int, pair: _Pair) -> Finding:
    why = "the lengths tell that some are LF alone, not which; those of a head are taken for CR LF first."
    return line_ends(pair.client.guessed_ends, number, why, "tcpdump -w FILE")


def _joined_late(number: int) -> Finding:
    return Finding(
        rule="connection-start-missing",
        severity=Severity.NOTE,
        message=f"The capture began after connection {number} did: what was sent before is not in it.",
        connection=number,
    )


def _skipped(count: int) -> Finding:
    many = "1 other TCP connection does" if count == 1 else f"{count} other TCP connections do"
    return Finding(
        rule="connections-skipped",
        severity=Severity.NOTE,
        message=f"{many} not begin with an HTTP request and are left out.",
    )
