"""The picture alone: well-formed, complete in itself, the same for any reader."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

import asgi_inspect
from asgi_inspect.render.as_svg import as_svg
from tests.commands import HELLO
from tests.reports import RUNS, inspected
from tests.request_table import REQUESTS

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", RUNS)
def test_a_picture_is_well_formed_and_names_nothing_outside(name: str) -> None:
    text = as_svg(inspected(name))
    root = ElementTree.fromstring(text)

    assert root.tag == f"{SVG}svg"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "style", "rect", "g", "text", "path", "circle")
    }
    assert re.findall(r"https?://[^\"' ]*", text) == ["http://www.w3.org/2000/svg"]
    assert "url(" not in text
    assert "prefers-color-scheme:dark" in text


@pytest.mark.parametrize("name", sorted(REQUESTS)[::10])
def test_any_request_makes_a_well_formed_picture(name: str) -> None:
    request = REQUESTS[name]
    data = request if isinstance(request, bytes) else b"".join(request)

    ElementTree.fromstring(as_svg(asgi_inspect.inspect(data)))


def test_all_that_is_drawn_is_inside_the_picture() -> None:
    for name in RUNS:
        root = ElementTree.fromstring(as_svg(inspected(name)))
        height = float(root.attrib["height"])
        marks = [float(element.attrib["y"]) for element in root.iter(f"{SVG}text")]

        assert min(marks) > 0
        assert max(marks) < height


def test_of_many_requests_the_first_are_drawn_and_the_rest_counted() -> None:
    text = as_svg(asgi_inspect.inspect(HELLO * 60))

    assert text.count(">client</text>") == 40
    assert "… 20 more" in text


def test_where_nothing_happened_the_picture_says_so() -> None:
    assert "no request" in as_svg(asgi_inspect.inspect(b""))
