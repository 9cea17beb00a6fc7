"""The README is true: its commands run, its options exist, its Python runs, its pictures are what is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import asgi_inspect
from asgi_inspect.cli import command

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SHELL = "\n".join(re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE))
COMMANDS = [line for line in SHELL.splitlines() if "asgi-inspect" in line and not line.startswith("python")]


@pytest.mark.parametrize("line", [line for line in COMMANDS if "venv" not in line])
def test_every_command_runs_and_exits_as_it_says(line: str, tmp_path: Path) -> None:
    text, _, expected = line.partition("# exit")
    text = re.sub(r"-o (\S+)", rf"-o {tmp_path}/\1", text)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", text], cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, timeout=60, check=False
    )

    assert done.returncode == int(expected or 0), done.stderr.decode()
    assert done.stdout or "-o " in text


def test_every_option_is_in_the_table_and_every_row_is_an_option() -> None:
    options = {name for parameter in typer.main.get_command(command).params for name in parameter.opts}
    table = README.split("## Options")[1].split("## Where")[0]
    named = set(re.findall(r"`(--?[a-z][a-z0-9-]*)`", table))

    assert {name for name in options if name.startswith("--")} - {"--help"} <= named
    assert named - {"-f", "-o"} <= options


def test_the_python_of_the_readme_runs() -> None:
    for block in re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE):
        exec(compile(block, "README.md", "exec"), {})


def test_the_version_stands_in_one_place_and_opens_the_changes() -> None:
    assert README.split("## Changes")[1].split("### ")[1].splitlines()[0] == asgi_inspect.__version__


def masked(svg: str) -> str:
    """A picture without its times and the lines of libraries, which differ from run to run."""
    text = re.sub(r"<[^>]*>", "\n", svg).replace("&#160;", " ")
    text = re.sub(r"\d+(\.\d+)? m?s\b", "TIME", text)
    return re.sub(r"\s+", " ", re.sub(r"\w+\.py:\d+", "LINE", text))


@pytest.mark.parametrize("name", ["hello.svg", "fault.svg", "dry_run.svg"])
def test_the_pictures_are_what_is_printed(name: str) -> None:
    from tests.pictures import picture

    assert masked(picture(name)) == masked((ROOT / "samples" / name).read_text())


def test_the_diagram_is_what_is_drawn() -> None:
    """But for times, and for which of them are too long to draw."""
    from tests.pictures import conversation

    drawn, kept = (
        re.sub(r" ?[-−]?TIME( pass|,)?", "", masked(text))
        for text in (conversation(), (ROOT / "samples" / "conversation.svg").read_text())
    )
    assert drawn == kept
