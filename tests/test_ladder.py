"""Imports run one way. The ladder is the list below; a module imports from rungs under its own, and from no other."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.commands import ROOT, clean

PACKAGE = ROOT / "asgi_inspect"

# From the ground up. A folder is one rung: its inner order is below.
RUNGS = [
    "version",
    "while_any",
    "span",
    "asgi",
    "events",
    "findings",
    "application_error",
    "recording",
    "conversation",
    "http2",
    "copying",
    "blame",
    "comparing",
    "observing",
    "unawaited",
    "pulse",
    "shape",
    "captures",
    "servers",
    "websocket_client",
    "reads",
    "arrival",
    "stand_in",
    "exchange",
    "assembling",
    "http2_exchange",
    "captured",
    "websocket_findings",
    "other_rules",
    "http2_rules",
    "http2_findings",
    "faults",
    "options",
    "serving",
    "over_http2",
    "disagreements",
    "judging",
    # loading an application
    "candidates",
    "env_file",
    "import_faults",
    "importing",
    "wsgi",
    "application",
    # running it
    "printed",
    "lifespan",
    "idle",
    "waking",
    "calls",
    "watch",
    "app_host",
    "runner",
    "surroundings",
    "dry_run",
    "conformance",
    "redaction",
    # the whole
    "inspection",
    "stream",
    "__init__",
    "render",
    "settings",
    "sources",
    "apart",
    "progress",
    "exit_codes",
    "report",
    "without_effect",
    "cli",
    "__main__",
]

EXCEPTIONS: set[tuple[str, str]] = set()


def name_of(path: Path) -> str:
    """The module in the package: "render.layout", a folder's __init__ as the folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
NODES = {name: list(ast.walk(ast.parse(path.read_bytes()))) for name, path in MODULES.items()}


def imports(path: Path) -> set[str]:
    """Every module of ours that a file imports, anywhere in it, TYPE_CHECKING and functions included."""
    folder = list(path.relative_to(PACKAGE).parts[:-1])
    found: set[str] = set()
    for node in NODES[name_of(path)]:
        if isinstance(node, ast.Import):
            assert not any(alias.name.split(".")[0] == "asgi_inspect" for alias in node.names), path
        if not isinstance(node, ast.ImportFrom):
            continue
        assert (node.module or "").split(".")[0] != "asgi_inspect" or node.level, f"{path}: imports are relative"
        if node.level:
            base = folder[: len(folder) - node.level + 1] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                whole = ".".join([*base, alias.name])
                found.add(whole if whole in MODULES else ".".join(base) or "__init__")
    return found - {name_of(path)}


IMPORTS = {name: imports(path) for name, path in MODULES.items()}


def rung(module: str) -> str:
    return module.partition(".")[0]


def test_every_module_has_its_rung() -> None:
    assert {rung(module) for module in MODULES} <= set(RUNGS)
    assert len(RUNGS) == len(set(RUNGS))


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    upward = {
        imported
        for imported in IMPORTS[module]
        if rung(imported) != rung(module)
        and RUNGS.index(rung(imported)) > RUNGS.index(rung(module))
        and (module, imported) not in EXCEPTIONS
    }

    assert upward == set()


def siblings(folder: str, chooser: str) -> set[str]:
    """The modules of a folder among which one is chosen."""
    return {imported for imported in IMPORTS[f"{folder}.{chooser}"] if rung(imported) == folder}


def test_servers_share_what_is_uvicorns_and_nothing_else() -> None:
    shared = {"servers.uvicorn_scope", "servers.uvicorn_cycle", "servers.transport"}
    parsers = {"servers.uvicorn_h11", "servers.uvicorn_httptools"}

    assert parsers <= siblings("servers", "uvicorn")
    for parser in parsers:
        assert {imported for imported in IMPORTS[parser] if rung(imported) == "servers"} <= shared
        assert {module for module in MODULES if parser in IMPORTS[module]} == {"servers.uvicorn"}
    assert {imported for imported in IMPORTS["servers.provenance"] if rung(imported) == "servers"} == set()


def test_renderers_share_the_page_and_the_values_and_nothing_else() -> None:
    shared = {"render.layout", "render.parts", "render.plain_values"}
    inside = {module for module in MODULES if rung(module) == "render"} - {"render"}
    renderers = {module for module in inside if module.startswith("render.as_")}
    parts_of_text = {module for module in inside if module.endswith("_text")} - renderers
    parts_of_pages = {module for module in inside if module.endswith("_html")} - renderers
    drawing = {"render.scene", "render.elements", "render.sequence", "render.sequence_svg", "render.websocket_scene"}
    left = inside - shared - parts_of_text - parts_of_pages - drawing - renderers

    assert left <= {"render.websocket_json", "render.http2_json", "render.lines", "render.places", "render.meanings"}
    allowed = {
        **dict.fromkeys(renderers, shared),
        **dict.fromkeys(parts_of_text, shared),
        "render.as_text": shared | parts_of_text,
        "render.as_json": shared | {"render.websocket_json", "render.http2_json", "render.lines"},
        "render.lines": set(),
        # A body is drawn alike on both ways, and so are frames.
        "render.response_text": shared | {"render.bytes_text", "render.websocket_text"},
        "render.over_http2_text": shared | {"render.scope_text"},
        "render.both_text": shared | {"render.scope_text"},  # the other parser's scope, drawn as the first one's
        # A finding's place and words are the same in both formats for machines; SARIF lists the rules too.
        "render.as_github": shared | {"render.places"},
        "render.as_sarif": shared | {"render.places", "render.rules_text"},
        # A page and a picture say things in the words of the text.
        **dict.fromkeys(
            parts_of_pages | drawing, shared | parts_of_text | parts_of_pages | drawing | {"render.meanings"}
        ),
        "render.as_html": shared | parts_of_pages | drawing,
        "render.as_svg": shared | drawing,
        "render.as_mermaid": shared | {"render.scene", "render.sequence"},
        "render.scene": set(),
        "render.elements": set(),
        "render.meanings": set(),
        "render.layout": {"render.plain_values"},
        "render.plain_values": set(),
        "render.parts": set(),
    }
    for module, may in allowed.items():
        assert {imported for imported in IMPORTS[module] if rung(imported) == "render"} <= may, module


@pytest.mark.parametrize(("folder", "chooser"), [("captures", "formats"), ("faults", "table")])
def test_formats_and_rules_do_not_know_of_each_other(folder: str, chooser: str) -> None:
    if f"{folder}.{chooser}" not in MODULES:
        pytest.skip(f"{folder} has no {chooser} yet")
    chosen = siblings(folder, chooser)
    shared = {imported for module in chosen for imported in IMPORTS[module] if imported in chosen}

    assert shared <= {"captures.capture", "faults.request", "faults.rule", "faults.wire"}


@pytest.mark.parametrize("folder", ["captures", "servers", "faults", "conformance", "redaction", "render"])
def test_no_folder_goes_round_in_a_circle(folder: str) -> None:
    inside = {module: {i for i in IMPORTS[module] if rung(i) == folder} for module in MODULES if rung(module) == folder}
    while free := {module for module, imported in inside.items() if not imported & set(inside)}:
        for module in free:
            del inside[module]

    assert inside == {}


# Libraries that have one place


def importers(library: str) -> set[str]:
    """The modules that import a library, wherever they do."""
    found = set()
    for module, nodes in NODES.items():
        for node in nodes:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if any(name.partition(".")[0] == library for name in names):
                found.add(module)
    return found


def allowed_by_the_linter() -> set[str]:
    """The modules that pyproject.toml lets import what is banned elsewhere."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    allowed: set[str] = set()
    for pattern, codes in settings["tool"]["ruff"]["lint"]["per-file-ignores"].items():
        if "TID251" in codes and pattern.startswith("asgi_inspect/"):
            several = re.search(r"\{(.*)\}", pattern)
            names = several[1].split(",") if several else [""]
            found = {re.sub(r"\{.*\}", name, pattern) for name in names}
            allowed |= {name_of(ROOT / path) for path in found}
    return allowed


def test_each_library_has_its_place() -> None:
    assert importers("rich") == {"render.layout", "progress"}
    assert importers("typer") == {"cli"}
    assert importers("click") == set()
    assert importers("h11") <= {"servers.uvicorn_h11", "serving", "faults.locate", "captured"}
    assert importers("httptools") <= {"servers.uvicorn_httptools", "serving", "faults.locate", "faults.target"}
    assert importers("uvicorn") == set(), "the oracle of the tests is no part of the tool"
    assert importers("asyncio") | {"cli", "render.layout", "progress"} == allowed_by_the_linter()


def test_only_the_command_prints_and_reads_standard_input() -> None:
    for module, nodes in NODES.items():
        for node in nodes:
            printing = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            reading = isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.stdin"
            assert not printing or module == "cli", f"{module}:{getattr(node, 'lineno', 0)}"
            assert not reading or module in ("cli", "sources"), f"{module}:{getattr(node, 'lineno', 0)}"


# Start-up


def loaded(*arguments: str) -> set[str]:
    """The modules that a run of the command loads."""
    command = [sys.executable, "-X", "importtime", "-m", "asgi_inspect", *arguments]
    done = subprocess.run(command, env=clean(), cwd=ROOT, capture_output=True, check=True)
    return {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}


HEAVY = {"asyncio", "rich", "h2", "wsproto", "uvicorn", "tomllib", "logging", "brotli"}


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        ((), set()),
        (("-f", "json"), {"json"}),
        (("-f", "python"), set()),
        (("-f", "html"), {"asgi_inspect.render.as_html"}),
        (("-f", "svg"), {"asgi_inspect.render.as_svg"}),
        (("--color", "always"), {"rich"}),
        (("--app", "samples.apps.plain:app", "-f", "http"), {"asyncio"}),
    ],
    ids=str,
)
def test_a_run_loads_only_what_it_needs(arguments: tuple[str, ...], needed: set[str]) -> None:
    modules = loaded("samples/hello.http", *arguments)

    assert needed <= modules
    assert {"typer", "h11", "httptools"} <= modules
    if needed & HEAVY:
        return
    # The project's own pyproject.toml names the command, so that TOML is looked into here.
    assert HEAVY & modules - {"tomllib"} == set()
    renderers = ("text", "json", "python", "html", "svg", "mermaid")
    others = {f"asgi_inspect.render.as_{name}" for name in renderers} & modules
    assert len(others) == 1
    assert "asgi_inspect.application" not in modules
