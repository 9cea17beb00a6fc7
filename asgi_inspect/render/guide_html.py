"""What a newcomer needs: the seven steps in general, and what the colours and signs mean."""

from __future__ import annotations

from ..inspection import Inspection
from .elements import Markup, element
from .meanings import STEPS

_SIGNS = (
    ("\\r\\n", "the two bytes that end a line: CR and LF"),
    ("\\x1b", "a byte or character that cannot be drawn, or would be acted on, by its number"),
    ('b"…"', "bytes, as Python writes them; text has no b"),
)
_LANES = (
    ("client", "what the client sends"),
    ("server", "what the server does: it calls, gives messages, writes bytes"),
    ("app", "what the application does; its bar is hollow while it waits in receive()"),
)

_UNDERLINED = element(
    "li",
    element("code", "underlined", class_="p path"),
    " ",
    element("code", "bytes", class_="p value"),
    " become a part of the scope or of a message: point at them",
)


def guide_html(inspection: Inspection) -> Markup:
    """Closed at first: who knows needs it not."""
    steps = (element("li", element("b", name), " ", says) for name, says in STEPS)
    signs = (element("li", element("code", sign), " ", says) for sign, says in _SIGNS)
    lanes = (element("li", element("b", name, class_=f"lane-{name}"), " ", says) for name, says in _LANES)
    exact = f"{inspection.server.name} {inspection.server.version} with {inspection.server.parser}"
    told = f"All of this is what {exact} does with these bytes. No port was opened."
    scale = "In a diagram time runs down, to scale where there is room; a wave marks a wait that is folded."
    return element(
        "details",
        element("summary", "How to read this"),
        element("div", element("h3", "From connection to close"), element("ol", *steps)),
        element(
            "div",
            element("h3", "Colours and signs"),
            element("ul", _UNDERLINED, *lanes, *signs),
            element("p", scale),
            element("p", told),
        ),
        class_="guide card",
    )
