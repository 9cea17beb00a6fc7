"""The table of a project: found in the nearest pyproject.toml, named as the options are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asgi_inspect.settings import SettingsError, named_by, read_settings

KNOWN = ("from_", "read_size", "select", "header", "format_", "proxy_headers")


def table(folder: Path, text: str) -> dict[str, Any]:
    """What a pyproject.toml with `text` gives."""
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return read_settings(folder, KNOWN, ["header"])


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        ("read-size = 7", {"read_size": 7}),
        ("from = 'raw'", {"from_": "raw"}),
        ("format = 'json'", {"format_": "json"}),
        ("proxy-headers = false", {"proxy_headers": False}),
        ("select = ['a', 'b']", {"select": "a,b"}),
        ("select = 'a,b'", {"select": "a,b"}),
        ("select = []", {"select": ""}),
        ("header = ['X: a, b', 'Y: c']", {"header": ["X: a, b", "Y: c"]}),
        ("header = 'X: a, b'", {"header": ["X: a, b"]}),
        ("", {}),
    ],
)
def test_settings_are_named_as_the_options_are(tmp_path: Path, line: str, setting: dict[str, Any]) -> None:
    assert table(tmp_path, f"[tool.asgi-inspect]\n{line}\n") == setting


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[project]\nname = 'x'\n",
        "[tool.other]\nread-size = 1\n",
        "[project]\ndependencies = ['asgi-inspect']\n",
        "tool = 'asgi-inspect'\n",
        "broken, but none of ours",
    ],
)
def test_a_file_without_the_table_sets_nothing(tmp_path: Path, text: str) -> None:
    assert table(tmp_path, text) == {}


def test_the_nearest_file_counts_whether_it_has_the_table_or_not(tmp_path: Path) -> None:
    deeper = tmp_path / "a" / "b"
    deeper.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.asgi-inspect]\nread-size = 7\n")
    assert read_settings(deeper, KNOWN) == {"read_size": 7}

    (tmp_path / "a" / "pyproject.toml").write_text("[project]\n")
    assert read_settings(deeper, KNOWN) == {}
    assert read_settings(tmp_path, KNOWN) == {"read_size": 7}


def test_no_file_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert read_settings(Path(), KNOWN) == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[tool.asgi-inspect]\nread_size = 1",
            "[tool.asgi-inspect] has no setting 'read_size'; did you mean 'read-size'?",
        ),
        ("[tool.asgi-inspect]\nfrom_ = 'raw'", "[tool.asgi-inspect] has no setting 'from_'; did you mean 'from'?"),
        (
            "[tool.asgi-inspect]\nxyz = 1",
            "[tool.asgi-inspect] has no setting 'xyz'; known are format, from, header, proxy-headers, "
            "read-size, select",
        ),
        ("[tool.asgi-inspect]\nselect = [[1]]", "[tool.asgi-inspect] select must be a list of strings, not [[1]]"),
        ("[tool.asgi-inspect]\nx = ", "not readable as TOML: Invalid value (at end of document)"),
        ("[tool]\nasgi-inspect = 'x'", "tool.asgi-inspect must be a table, not 'x'"),
        ("[[tool.asgi-inspect]]\nx = 1", "tool.asgi-inspect must be a table, not [{'x': 1}]"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_with_its_file(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        table(tmp_path, text)

    assert str(refused.value) == f"{tmp_path}/pyproject.toml: {sentence}"


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.asgi-inspect]\n\xff")

    with pytest.raises(SettingsError, match="not readable as TOML"):
        read_settings(tmp_path, KNOWN)


SET = {"app": "main:app", "timeout": "soon", "from_": "hare"}


@pytest.mark.parametrize(
    ("complaint", "arguments", "told"),
    [
        ("Invalid value for '--timeout': no number", [], " (… has timeout = 'soon')"),
        ("Invalid value for '--timeout': no number", ["--timeout", "x"], ""),
        ("Invalid value for '--timeout': no number", ["--timeout=x"], ""),
        ("--app main:app: there is no module", ["--app-dir", "src"], " (… has app = 'main:app')"),
        ("--app-dir src: there is no such folder", ["--app-dir", "src"], ""),
        ("--from must be a format", [], " (… has from = 'hare')"),
        ("No such option: --colour", [], ""),
    ],
)
def test_a_complaint_about_a_setting_says_where_it_stands(complaint: str, arguments: list[str], told: str) -> None:
    assert named_by(complaint, SET, arguments) == complaint + told.replace("…", "[tool.asgi-inspect] of pyproject.toml")
