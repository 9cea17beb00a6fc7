"""What `import asgi_inspect` gives: these names, each with its sentence, and nothing by accident."""

from __future__ import annotations

import dataclasses
import inspect as reflection
import re
import subprocess
import sys
import typing
from enum import Enum
from pathlib import Path

import pytest

import asgi_inspect
from tests.commands import ROOT, clean

NAMES = {
    "inspect": "Show what uvicorn makes of `data`",
    "inspect_async": "`inspect` inside a running event loop",
    "Options": "How a capture is inspected.",
    "Inspection": "Everything that is known after a run",
    "Server": "The server whose behaviour is shown.",
    "Capture": "A text or dump that holds traffic, read",
    "ApplicationError": "The application cannot be found or loaded",
    "CaptureError": "The input cannot be read as a request.",
    "ClientConnection": "One client connection",
    "Fidelity": "How close the bytes are to those the client sent.",
    "Repair": "One thing changed to make typed or pasted text into bytes",
    "Exchange": "One request as the server saw it, and what was answered.",
    "Verdict": "What the server made of a request's bytes.",
    "Response": "What the client gets for one request",
    "By": "Who wrote a response.",
    "Step": "One thing the application did",
    "Call": "What a step is",
    "Outcome": "How the application's call for one exchange ended.",
    "Folded": "Bytes too long to keep",
    "Finding": "One rule met at one place.",
    "Severity": "How much it matters",
    "Span": "Bytes `start` up to, not including, `end`",
}


def test_the_public_names_are_these() -> None:
    assert sorted(asgi_inspect.__all__) == sorted(NAMES)
    assert asgi_inspect.__all__ == sorted(asgi_inspect.__all__)
    namespace: dict[str, object] = {}
    exec("from asgi_inspect import *", namespace)
    assert set(namespace) - {"__builtins__"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_documented(name: str) -> None:
    value = getattr(asgi_inspect, name)

    assert (reflection.getdoc(value) or "").startswith(NAMES[name])
    assert value.__module__.startswith("asgi_inspect.")
    if reflection.isclass(value):
        for attribute, member in vars(value).items():
            if not attribute.startswith("_") and (reflection.isfunction(member) or isinstance(member, property)):
                assert reflection.getdoc(member), f"{name}.{attribute}"


@pytest.mark.parametrize("name", [name for name in NAMES if dataclasses.is_dataclass(getattr(asgi_inspect, name))])
def test_data_is_frozen_and_given_by_name(name: str) -> None:
    kind = getattr(asgi_inspect, name)

    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)
    assert all(field.kw_only for field in dataclasses.fields(kind))


@pytest.mark.parametrize("name", [n for n in NAMES if issubclass(type(getattr(asgi_inspect, n)), type(Enum))])
def test_states_are_strings_that_compare_as_such(name: str) -> None:
    for member in getattr(asgi_inspect, name):
        assert member == str(member) == member.value
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", member)


def test_every_option_of_the_command_line_is_a_keyword() -> None:
    """Those that say how the report is written are not."""
    from asgi_inspect.cli import asgi_inspect as command

    written = {"context", "file", "show", "format_", "output", "color", "fail_on", "version", "rules", "explain"}
    of_command = set(reflection.signature(command).parameters)
    of_python = {field.name for field in dataclasses.fields(asgi_inspect.Options)}

    assert of_command - written == of_python - {"source", "date"}
    assert written <= of_command


def test_options_have_the_same_defaults_on_both_sides() -> None:
    from asgi_inspect.cli import asgi_inspect as command

    for name, parameter in reflection.signature(command).parameters.items():
        if name in ("body_limit", "body") or not hasattr(asgi_inspect.Options(), name):
            continue
        default = getattr(asgi_inspect.Options(), name)
        assert (parameter.default or None) == (default or None), name


def test_the_package_is_typed() -> None:
    assert (Path(asgi_inspect.__file__).parent / "py.typed").is_file()
    for name in ("inspect", "inspect_async"):
        assert typing.get_type_hints(getattr(asgi_inspect, name))["return"] is asgi_inspect.Inspection


def test_the_version_stands_in_one_place() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", asgi_inspect.__version__)
    assert f"### {asgi_inspect.__version__}\n" in (ROOT / "README.md").read_text()


def test_importing_is_quiet_and_light() -> None:
    """Nothing is printed, and what only some runs need is not loaded."""
    code = (
        "import asgi_inspect, sys; asgi_inspect.inspect(b'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n');"
        "print(sorted({'asyncio', 'rich', 'typer', 'h2', 'wsproto', 'uvicorn', 'logging'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=clean(), cwd=ROOT, capture_output=True, check=True)

    assert (done.stdout, done.stderr) == (b"[]\n", b"")
