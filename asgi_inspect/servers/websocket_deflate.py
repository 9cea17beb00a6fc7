"""permessage-deflate (RFC 7692) as uvicorn sets it up and the websockets package does it.

wsproto has the extension too. It is not used: it refuses other offers, compresses with other
settings (so other bytes go out) and would inflate a small frame into any amount of memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

from .websocket_headers import Parameter

NAME = "permessage-deflate"
_WINDOW = 12  # uvicorn's, for both directions, where the client lets it choose
_TAIL = b"\x00\x00\xff\xff"
_SHORT = 2044  # from this many bytes on, websockets feeds the tail in a call of its own
_FLAGS = ("server_no_context_takeover", "client_no_context_takeover")
_BITS = {str(bits): bits for bits in range(8, 16)}


class DeflateError(Exception):
    """The data is no deflate stream."""


class TooBig(Exception):
    """More comes out than may."""


class Deflate:
    """One connection's compressor and decompressor; both keep their windows between messages unless told not to."""

    def __init__(self, *, client_resets: bool, server_resets: bool, client_bits: int, server_bits: int) -> None:
        self._client_resets, self._server_resets = client_resets, server_resets
        self._client_bits, self._server_bits = client_bits, server_bits
        self._inflater = self._new_inflater()
        self._deflater = self._new_deflater()

    def _new_inflater(self) -> Any:
        return zlib.decompressobj(wbits=-self._client_bits)

    def _new_deflater(self) -> Any:
        return zlib.compressobj(wbits=-self._server_bits, memLevel=5)

    def begin_message(self) -> None:
        """A compressed message begins; without context takeover it knows nothing of those before (§7.1.1)."""
        if self._client_resets:
            self._inflater = self._new_inflater()

    def inflate(self, data: bytes, *, last: bool, limit: int) -> bytes:
        """The content of one frame, at most `limit` bytes. Raises DeflateError and TooBig."""
        short = len(data) < _SHORT
        try:
            content: bytes = self._inflater.decompress(data + _TAIL if last and short else data, limit)
            if self._inflater.unconsumed_tail:
                raise TooBig
            if last and not short and self._inflater.decompress(_TAIL, 1):
                raise TooBig
        except zlib.error:
            raise DeflateError from None
        return content

    def deflate(self, data: Any) -> bytes:
        """A whole message, compressed (§7.2.1)."""
        if self._server_resets:
            self._deflater = self._new_deflater()
        compressed: bytes = self._deflater.compress(data) + self._deflater.flush(zlib.Z_SYNC_FLUSH)
        return compressed[:-4]


def negotiate(offers: Iterable[tuple[str, list[Parameter]]]) -> tuple[str | None, Deflate | None]:
    """Take the first offer that can be met: the value of the answer's header, and what it agrees to.

    An offer that cannot be met is passed over, never refused (RFC 7692 §5.1).
    """
    for name, parameters in offers:
        wanted = _wanted(parameters) if name == NAME else None
        if wanted is not None and (agreed := _agreed(wanted)) is not None:
            return "; ".join([NAME, *_told(agreed)]), Deflate(
                client_resets="client_no_context_takeover" in agreed,
                server_resets="server_no_context_takeover" in agreed,
                client_bits=agreed.get("client_max_window_bits") or 15,
                server_bits=agreed["server_max_window_bits"],
            )
    return None, None


def _wanted(parameters: list[Parameter]) -> dict[str, int] | None:
    """An offer's parameters, 0 for one without a value; None for an unknown, doubled or wrong one."""
    wanted: dict[str, int] = {}
    for name, value in parameters:
        if name in wanted:
            return None
        if name in _FLAGS:
            if value is not None:
                return None
            wanted[name] = 0
        elif name == "client_max_window_bits" and value is None:
            wanted[name] = 0
        elif name in ("server_max_window_bits", "client_max_window_bits") and value in _BITS:
            wanted[name] = _BITS[value]
        else:
            return None
    return wanted


def _agreed(wanted: dict[str, int]) -> dict[str, int] | None:
    """What both sides can do; None for a window of 256 bytes, which zlib cannot write."""
    agreed = dict(wanted)
    agreed["server_max_window_bits"] = min(wanted.get("server_max_window_bits", _WINDOW), _WINDOW)
    if agreed["server_max_window_bits"] == 8:
        return None
    if "client_max_window_bits" in wanted:
        agreed["client_max_window_bits"] = min(wanted["client_max_window_bits"] or _WINDOW, _WINDOW)
    return agreed


def _told(agreed: dict[str, int]) -> list[str]:
    flags = [name for name in _FLAGS if name in agreed]
    bits = ("server_max_window_bits", "client_max_window_bits")
    return [*flags, *(f"{name}={agreed[name]}" for name in bits if name in agreed)]
