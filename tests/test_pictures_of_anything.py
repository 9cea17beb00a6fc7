"""Any bytes, any application: a page, a picture and a text come out, and their links lead somewhere."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import asgi_inspect
from asgi_inspect import Inspection
from asgi_inspect.conformance import RULES, Rule
from asgi_inspect.render.as_html import as_html
from asgi_inspect.render.as_mermaid import as_mermaid
from asgi_inspect.render.as_svg import as_svg
from tests.conformance_runs import run
from tests.generated_requests import connections
from tests.test_as_html import Outline
from tests.test_as_mermaid import strange
from tests.websocket_cases import BINARY, DEFLATE, echo, frame, handshake


def drawn(inspection: Inspection, body_limit: int = 2048) -> None:
    page = Outline(as_html(inspection, body_limit=body_limit))

    assert {link[1:] for link in page.links} - set(page.ids) == set()
    assert len(page.ids) == len(set(page.ids))
    assert page.tags["script"] == 1
    ElementTree.fromstring(as_svg(inspection))
    assert strange(as_mermaid(inspection)) == []


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=connections(), read_size=st.sampled_from([1, 7, 65536]), limit=st.sampled_from([0, 3, 2048]))
def test_of_any_requests(data: bytes, read_size: int, limit: int) -> None:
    drawn(asgi_inspect.inspect(data, strict_bytes=True, read_size=read_size), limit)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=connections(), read_size=st.sampled_from([1, 7, 65536]))
def test_of_any_requests_that_are_answered(data: bytes, read_size: int) -> None:
    async def gives_back(scope: Any, receive: Any, send: Any) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": scope["headers"][:2]})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"\xff\x00"})

    drawn(asgi_inspect.inspect(data, app=gives_back, strict_bytes=True, read_size=read_size, timeout=2), 100)


OPENINGS = [handshake(), handshake(DEFLATE), handshake(key=None)]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    opening=st.sampled_from(OPENINGS),
    data=st.binary(max_size=60),
    read_size=st.sampled_from([7, 65536]),
    app=st.sampled_from([None, echo]),
)
def test_of_any_frames(opening: bytes, data: bytes, read_size: int, app: Any) -> None:
    for behind in (data, frame(1, data), frame(BINARY, data, reserved=4), frame(8, data), frame(9, data[:9])):
        drawn(asgi_inspect.inspect(opening + behind, app=app, lifespan="off", read_size=read_size, timeout=2))


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if not rule.wrong.offers and rule.on != ("application",)], ids=lambda rule: rule.id
)
def test_of_any_broken_application(rule: Rule) -> None:
    """The wrong example of each rule; those that wait in vain wait a little only."""
    drawn(run(rule.wrong))


def test_of_what_an_application_should_never_send() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise ValueError("no repr")

    async def odd(scope: Any, receive: Any, send: Any) -> None:
        looped: list[Any] = []
        looped.append(looped)
        for message in (
            {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")], "odd": Odd(), 5: looped},
            {"type": 5, "body": "text"},
            {"type": "http.response.body", "body": "\ud800<script>"},
            {"type": "http.response.body", "body": b"x"},
            None,
            "http.response.body",
        ):
            try:
                await send(message)
            except Exception as error:
                await send({"type": "http.response.body", "body": str(error).encode(), "more_body": True})

    drawn(asgi_inspect.inspect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", app=odd))
