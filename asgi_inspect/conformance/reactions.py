"""How real servers reacted to a broken application: a short notation, and the words for it.

Measured on loopback with uvicorn 0.54.0 (h11 0.16.0, httptools 0.9.0, zttp 0.0.35), hypercorn 0.18.0,
daphne 4.2.3 and granian 2.8.7. One reaction is "servers: error@n, client": the n-th send() raised
`error` (no @n: the first), and what the client saw. Reactions are parted by " | ".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

UVICORN = ("uvicorn/h11", "uvicorn/httptools", "uvicorn/zttp")
ALL = (*UVICORN, "hypercorn", "daphne", "granian")

_CLIENT = {
    "ok": "the client gets a normal response",
    "cut": "the client gets a cut response",
    "no reply": "the client gets no reply, the connection is closed",
    "silence": "the client waits in vain",
    "head then silence": "the client gets the head and waits in vain for the rest",
    "closes": "the client gets everything, and the application's close",
    "closes with no message": "the client gets no message",
    "closes with binary[1]": "the client gets the bytes, and not the text",
    "closes with binary[0]": "the client gets an empty message",
    "closes with text[0]": "the client gets an empty message",
    "close without code": "the client gets a close without a code",
    "socket cut": "the connection is cut without a close frame",
    "socket open": "the connection stays open, and nobody is there",
    "dies": "the server process dies",
    "serves": "the server starts and serves",
    "never starts": "the server never starts, and cannot be stopped with SIGTERM",
}
_RAISED = re.compile(r"([A-Za-z.]+)(?:@(\d))?, ")
_CONTENT = re.compile(r"ok with b'[^']+'…?")
_COUNTED = re.compile(r"\d+ (?=stray)")
_PLAIN = re.compile(r"\d|close \d{4}$")  # a status, a close code
_ORDINALS = {2: "the second send()", 3: "the third send()", 4: "the fourth send()"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What `servers` did: which send() raised what (`error` "" for none), and what the client saw."""

    servers: tuple[str, ...]
    error: str
    nth: int
    client: str

    def words(self, *, measured: bool = True) -> str:
        """One line for a reader: of what was measured, or of any application that does the same."""
        client = self.client if measured else _COUNTED.sub("", _CONTENT.sub("ok with another body", self.client))
        raised = f"{_ORDINALS.get(self.nth, 'send()')} raises {self.error}; " if self.error else ""
        return f"{', '.join(_short(self.servers))}: {raised}{_client(client)}"


def reactions(seen: str) -> list[Reaction]:
    """Read the notation."""
    return [_reaction(part) for part in seen.split(" | ") if part]


def _reaction(text: str) -> Reaction:
    names, _, what = text.partition(": ")
    raised = _RAISED.match(what)
    return Reaction(
        servers=tuple(server for name in names.split(", ") for server in _long(name)),
        error=raised[1] if raised else "",
        nth=int(raised[2] or 1) if raised else 1,
        client=what[raised.end() :] if raised else what,
    )


def _long(name: str) -> tuple[str, ...]:
    return {"uvicorn": UVICORN, "all": ALL}.get(name, (name,))


def _short(servers: tuple[str, ...]) -> tuple[str, ...]:
    if servers == ALL:
        return ("all servers",)
    return ("uvicorn", *servers[3:]) if servers[:3] == UVICORN else servers


def _client(text: str) -> str:
    seen, *more = text.split(" + ")
    words = _CLIENT.get(seen) or (f"the client gets {seen}" if _PLAIN.match(seen) else seen)
    if seen.startswith("ok with "):
        body = seen[8:] if seen.endswith("another body") else f"the body {seen[8:]}"
        words = f"the client gets a normal response with {body}"
    ends = {"closed": "and the connection is closed"}
    return ", ".join([words, *(ends.get(one, one) for one in more)])
