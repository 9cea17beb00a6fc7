"""What a played WebSocket client says beyond the capture: --ws-text, --ws-bytes, --ws-json and --ws-script.

A script is one JSON message a line, each with one of these keys:

    {"text": "hello"}   {"json": {"n": 1}}   {"bytes": "00ff"}   {"bytes": {"base64": "AP8="}}
    {"ping": "there?"}  {"wait": 0.5}        {"close": 4000, "reason": "done"}   {"leave": true}

The messages that an application receives can stand there as they are: {"type": "websocket.receive", "text": "hi"}.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


class Said(NamedTuple):
    """A frame to send, or `wait` seconds in which the client says nothing; `leaves`: it just goes."""

    opcode: int = 0
    data: bytes = b""
    wait: float = 0.0
    leaves: bool = False


def said(
    *, texts: Sequence[str], binaries: Sequence[str], values: Sequence[str], script: Sequence[str]
) -> tuple[Said, ...]:
    """All that the options say, texts first and the script last. Raises ValueError."""
    return (
        *(Said(TEXT, _utf8(text)) for text in texts),
        *(Said(BINARY, _hex(text, "ws_bytes")) for text in binaries),
        *(Said(TEXT, _json(text)) for text in values),
        *(_line(number, line) for number, line in enumerate(script, 1) if line.strip()),
    )


def close_data(code: int | None, reason: str = "") -> bytes:
    """The content of a close frame; none for no code."""
    return b"" if code is None else code.to_bytes(2) + _utf8(reason)


def _utf8(text: str) -> bytes:
    # A lone surrogate cannot come from JSON text on a wire; here it becomes the bad UTF-8 that it stands for.
    return text.encode("utf-8", "surrogatepass")


def _hex(text: object, name: str) -> bytes:
    if not isinstance(text, str):
        raise ValueError(f"{name} must be text of hexadecimal digits, not {text!r}")
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError(f"{name} must be hexadecimal digits, not {text!r}") from None


def _json(text: str) -> bytes:
    try:
        json.loads(text)
    except ValueError as error:
        raise ValueError(f"ws_json must be JSON, and {text!r} is not: {error}") from None
    return _utf8(text)


def _line(number: int, line: str) -> Said:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise ValueError(f"ws_script, line {number}: not JSON: {error}") from None
    known = [key for key in _MEANINGS if isinstance(message, dict) and message.get(key) is not None]
    if isinstance(message, dict) and message.get("type") == "websocket.disconnect":
        return _close(message.get("code", 1000), message)
    if len(known) != 1:
        keys = ", ".join(_MEANINGS)
        raise ValueError(f"ws_script, line {number}: one of {keys} is needed, not {line.strip()}")
    try:
        return _MEANINGS[known[0]](message[known[0]], message)
    except (TypeError, ValueError, OverflowError, binascii.Error) as error:
        raise ValueError(f"ws_script, line {number}: {error}") from None


def _text(value: Any, message: dict[str, Any]) -> Said:
    if not isinstance(value, str):
        raise ValueError(f"text must be a string, not {value!r}")
    return Said(TEXT, _utf8(value))


def _bytes(value: Any, message: dict[str, Any]) -> Said:
    if isinstance(value, dict) and isinstance(value.get("base64"), str):
        return Said(BINARY, b64decode(value["base64"], validate=True))
    return Said(BINARY, _hex(value, "bytes"))


def _value(value: Any, message: dict[str, Any]) -> Said:
    return Said(TEXT, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _ping(value: Any, message: dict[str, Any]) -> Said:
    return Said(PING, _text(value, message).data)


def _close(value: Any, message: dict[str, Any]) -> Said:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 65536:
        raise ValueError(f"close must be a code, not {value!r}")
    return Said(CLOSE, close_data(value, str(message.get("reason") or "")))


def _wait(value: Any, message: dict[str, Any]) -> Said:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 86400:
        raise ValueError(f"wait must be a number of seconds, not {value!r}")
    return Said(wait=float(value))


def _leave(value: Any, message: dict[str, Any]) -> Said:
    return Said(leaves=True)


_MEANINGS: dict[str, Callable[[Any, dict[str, Any]], Said]] = {
    "text": _text,
    "bytes": _bytes,
    "json": _value,
    "ping": _ping,
    "close": _close,
    "wait": _wait,
    "leave": _leave,
}
