"""What the options let a WebSocket's client say, and what it does when the server closes."""

import time
from typing import Any

import pytest

import asgi_inspect
from asgi_inspect import Outcome
from asgi_inspect.websocket_client import Said, said
from tests.websocket_cases import ACCEPT, close, closes, echo, handshake, pushes, sends, text

LINES: dict[str, tuple[str, Said]] = {
    "text": ('{"text": "hé"}', Said(1, "hé".encode())),
    "as an application gets it": ('{"type": "websocket.receive", "text": "a"}', Said(1, b"a")),
    "with both keys": ('{"type": "websocket.receive", "text": null, "bytes": "ff"}', Said(2, b"\xff")),
    "bytes": ('{"bytes": "00 ff"}', Said(2, b"\x00\xff")),
    "base64": ('{"bytes": {"base64": "AP8="}}', Said(2, b"\x00\xff")),
    "json": ('{"json": {"n": [1, "é"]}}', Said(1, '{"n":[1,"é"]}'.encode())),
    "ping": ('{"ping": ""}', Said(9, b"")),
    "wait": ('{"wait": 0.5}', Said(wait=0.5)),
    "close": ('{"close": 4000, "reason": "done"}', Said(8, b"\x0f\xa0done")),
    "disconnect": ('{"type": "websocket.disconnect", "code": 1001}', Said(8, b"\x03\xe9")),
    "leave": ('{"leave": true}', Said(leaves=True)),
    "an empty text": ('{"text": ""}', Said(1, b"")),
}


@pytest.mark.parametrize("name", LINES)
def test_a_script_line(name: str) -> None:
    line, expected = LINES[name]

    assert said(texts=(), binaries=(), values=(), script=("", line)) == (expected,)


WRONG = {
    "no json": ("{", "line 2: not JSON"),
    "no message": ("[]", "one of text, bytes, json, ping, close, wait, leave is needed"),
    "two meanings": ('{"text": "a", "wait": 1}', "is needed"),
    "odd digits": ('{"bytes": "0"}', "hexadecimal"),
    "bad base64": ('{"bytes": {"base64": "?"}}', "line 2"),
    "a code of text": ('{"close": "1000"}', "close must be a code"),
    "a time of text": ('{"wait": "long"}', "number of seconds"),
    "a text of numbers": ('{"text": 3}', "text must be a string"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_script_line_is_told_by_its_number(name: str) -> None:
    line, words = WRONG[name]

    with pytest.raises(ValueError, match=words):
        asgi_inspect.Options(ws_script=('{"text": "fine"}', line))


@pytest.mark.parametrize("option", ["ws_text", "ws_bytes", "ws_json", "ws_script"])
def test_one_string_is_no_list_of_messages(option: str) -> None:
    changes: dict[str, Any] = {option: "{}"}

    with pytest.raises(TypeError, match=f"{option} must be a list"):
        asgi_inspect.Options(**changes)


def exchange(data: bytes, app: Any, **options: Any) -> asgi_inspect.Exchange:
    inspection = asgi_inspect.inspect(data, app=app, lifespan="off", parser="h11", timeout=3, **options)
    return inspection.exchanges[0]


def spoken(one: asgi_inspect.Exchange) -> list[tuple[str, str, Any]]:
    return [("client" if f.by_client else "server", f.opcode, f.code or f.data) for f in one.messages]


def test_messages_of_the_options_follow_the_handshake() -> None:
    """Texts, then bytes, then JSON, then the script; at the end the client closes."""
    one = exchange(handshake(), echo, ws_text=["a"], ws_bytes=["ff"], ws_json=["[1]"], ws_script=['{"text": "last"}'])

    assert [message for message in one.receive if message["type"] == "websocket.receive"] == [
        {"type": "websocket.receive", "text": "a"},
        {"type": "websocket.receive", "bytes": b"\xff"},
        {"type": "websocket.receive", "text": "[1]"},
        {"type": "websocket.receive", "text": "last"},
    ]
    assert spoken(one)[-2:] == [("client", "close", 1000), ("server", "close", 1000)]
    assert one.outcome is Outcome.COMPLETED
    assert all(frame.span is None for frame in one.messages if frame.by_client)


def test_messages_of_the_options_follow_captured_frames() -> None:
    one = exchange(handshake() + text("captured"), echo, ws_text=["said"])

    assert [message.get("text") for message in one.receive[1:-1]] == ["captured", "said"]
    assert one.span.end == len(one.data)


def test_a_client_that_is_asked_to_close_says_no_more() -> None:
    one = exchange(handshake(), sends(ACCEPT, closes(4001, "full")), ws_text=["a", "b"])

    assert spoken(one) == [("server", "close", 4001), ("client", "close", 4001)]


def test_a_client_without_more_to_say_waits_for_what_the_application_says() -> None:
    """It closes when the application wants something from it, not while it works."""
    one = exchange(handshake(), pushes, ws_text=["a"])

    assert spoken(one) == [
        ("client", "text", b"a"),
        ("server", "text", b"tick 0"),
        ("server", "text", b"tick 1"),
        ("server", "text", b"tick 2"),
        ("server", "close", 1000),
        ("client", "close", 1000),
    ]


def test_a_client_may_just_leave() -> None:
    one = exchange(handshake(), echo, ws_script=['{"text": "a"}', '{"leave": true}'])

    assert one.receive[-1] == {"type": "websocket.disconnect", "code": 1005}


def test_a_client_may_wait_longer_than_the_timeout() -> None:
    """The time that the script takes is not the application's."""
    began = time.perf_counter()
    inspection = asgi_inspect.inspect(
        handshake(), app=echo, lifespan="off", timeout=0.2, ws_script=['{"wait": 0.4}', '{"text": "late"}']
    )

    assert inspection.exchanges[0].outcome is Outcome.COMPLETED
    assert time.perf_counter() - began >= 0.4


def test_a_script_may_close_with_a_code_of_its_own() -> None:
    one = exchange(handshake(), echo, ws_script=['{"close": 4009, "reason": "bored"}'])

    assert one.receive[-1] == {"type": "websocket.disconnect", "code": 4009, "reason": "bored"}


def test_an_application_that_never_answers_runs_out_of_time() -> None:
    async def waits(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await receive()

    inspection = asgi_inspect.inspect(handshake() + close(), app=waits, lifespan="off", timeout=0.2)

    assert inspection.exchanges[0].outcome is Outcome.TIMED_OUT
    assert inspection.exchanges[0].response is None


def test_without_an_application_a_stand_in_accepts() -> None:
    one = asgi_inspect.inspect(handshake() + text("a") + close(1001), ws_text=["never"]).exchanges[0]

    assert one.receive == (
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "a"},
        {"type": "websocket.disconnect", "code": 1001, "reason": ""},
    )
    assert one.response is not None
    assert (one.response.status, one.response.by, one.outcome) == (101, asgi_inspect.By.STAND_IN, Outcome.NOT_RUN)
