"""Settings of a project: [tool.asgi-inspect] in the nearest pyproject.toml, named as on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

_TABLE = b"asgi-inspect"


class SettingsError(Exception):
    """The table cannot be used; the text names the file and the setting."""


def read_settings(start: Path, known: Iterable[str], repeated: Iterable[str] = ()) -> dict[str, Any]:
    """The table as {parameter: value}; empty where no pyproject.toml above `start` holds one.

    `known` are the parameters by their names in code; a setting has the option's name ("read-size").
    Those in `repeated` may be given more than once on the command line, and take a list.
    Raises SettingsError for a file that is no TOML and for a setting that no option has.
    """
    try:
        start = start.absolute()
        file = next((f for folder in (start, *start.parents) if (f := folder / "pyproject.toml").is_file()), None)
        text = b"" if file is None else file.read_bytes()
    except OSError:  # not ours to read, or the working directory is gone
        return {}
    if _TABLE not in text:
        return {}
    import tomllib  # only a project with such a table pays for it

    try:
        tools = tomllib.loads(text.decode()).get("tool")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{file}: not readable as TOML: {error}") from None
    table = tools.get("asgi-inspect", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise SettingsError(f"{file}: tool.asgi-inspect must be a table, not {table!r}")
    names = {name.strip("_").replace("_", "-"): name for name in known}
    for key in table:
        if key not in names:
            raise SettingsError(f"{file}: [tool.asgi-inspect] has no setting {key!r}{_near(key, names)}")
        if isinstance(value := table[key], list) and not all(isinstance(item, str | int) for item in value):
            raise SettingsError(f"{file}: [tool.asgi-inspect] {key} must be a list of strings, not {value!r}")
    several = set(repeated)
    return {names[key]: _given(value, repeated=names[key] in several) for key, value in table.items()}


def named_by(complaint: str, settings: Mapping[str, Any], arguments: Sequence[str]) -> str:
    """The complaint about an option, with where it was set if nobody typed it among `arguments`."""
    typed = {argument.partition("=")[0] for argument in arguments}
    for name, value in settings.items():
        key = name.strip("_").replace("_", "-")
        if f"--{key}" not in typed and re.search(rf"--{key}(?![\w-])", complaint):
            return f"{complaint} ([tool.asgi-inspect] of pyproject.toml has {key} = {value!r})"
    return complaint


def _given(value: Any, *, repeated: bool) -> Any:
    """A list stands for an option that takes commas, or for one that is repeated."""
    if repeated:
        return value if isinstance(value, list) else [value]
    return ",".join(map(str, value)) if isinstance(value, list) else value


def _near(key: str, names: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(key.replace("_", "-"), names, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(names))}"
