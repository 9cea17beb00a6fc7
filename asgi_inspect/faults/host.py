"""Faults of the Host field (RFC 9112 §3.2), which a server MUST answer with 400."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..span import Span
from .rule import Fault, Place, count, shown
from .wire import Wire

_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.%A-Za-z~_-]*\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?")


@Fault(
    id="host-missing",
    summary="an HTTP/1.1 request without a Host field",
    spec="RFC 9112 §3.2",
    help="add `Host: example.com`",
    h11=r"Missing mandatory Host",
    taken={"httptools": 'the app is called, scope["headers"] has no b"host"'},
)
def host_missing(wire: Wire) -> Iterator[Place]:
    """A server MUST answer 400."""
    crammed = b"\r" in wire.whole_line.of(wire.data)  # the fields stand behind a CR that ends no line
    if wire.head.complete and wire.version == b"HTTP/1.1" and not wire.named(b"host") and not crammed:
        number = len(wire.head.fields)
        label = f"no Host among its {count(number, 'field')}" if number else "no field at all"
        yield Place(span=wire.whole_line, message="an HTTP/1.1 request needs a Host field", label=label)


@Fault(
    id="host-repeated",
    summary="more than one Host field",
    spec="RFC 9112 §3.2",
    help="send one Host",
    h11=r"Found multiple Host",
    taken={"httptools": 'both are in scope["headers"], and frameworks pick the first or the last'},
    risk="a proxy that routes by one Host and an app that trusts the other serve different sites",
)
def host_repeated(wire: Wire) -> Iterator[Place]:
    """A server MUST answer 400."""
    hosts = wire.named(b"host")
    if len(hosts) > 1:
        first, second = (shown(host.value.of(wire.data)) for host in hosts[:2])
        span = Span(hosts[1].name.start, hosts[1].value.end)
        yield Place(span=span, message=f"Host is there twice: {first} and {second}", label="a second Host")


@Fault(
    id="host-empty",
    summary="a Host field without a value",
    spec="RFC 9112 §3.2",
    help="name the host that was asked for",
)
def host_empty(wire: Wire) -> Iterator[Place]:
    """Legal only where the target URI has no authority, and an http URI always has one (RFC 9110 §4.2.1)."""
    for host in wire.named(b"host"):
        if not host.value.of(wire.data):
            told = 'scope["headers"] has b"host" with an empty value'
            taken = {"h11": told, "httptools": told}
            yield Place(span=host.name, message="Host names no host", label="no value", taken=taken)


@Fault(
    id="host-invalid",
    summary="a Host that is no host and port",
    spec="RFC 9112 §3.2",
    help="send a name or an address, and a port behind a colon where it is not 80",
)
def host_invalid(wire: Wire) -> Iterator[Place]:
    """A server MUST answer 400; neither parser looks."""
    for host in wire.named(b"host"):
        value = host.value.of(wire.data)
        if not _HOST.fullmatch(value) and b"\n" not in value:
            told = f"the app is called, and has to check {shown(value)} itself"
            taken = {"h11": told, "httptools": told}
            yield Place(span=host.value, message=f"{shown(value)} is no host", label="host or host:port", taken=taken)


RULES = (host_missing, host_repeated, host_empty, host_invalid)
