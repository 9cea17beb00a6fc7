"""Settings of a project: [tool.asgi-inspect] in the nearest pyproject.toml, named as on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

_TABLE = b"asgi-inspect"


class SettingsError(Exception):
    """The table cannot be used; the text names the file and the setting."""


def read_settings(start: Path, known: Iterable[str]) -> dict[str, Any]:
    """The table as {parameter: value}; empty where no pyproject.toml above `start` holds one.

    `known` are the parameters by their names in code; a setting has the option's name ("read-size").
    Raises SettingsError for a file that is no TOML and for a setting that no option has.
    """
    file = next((f for folder in (start, *start.parents) if (f := folder / "pyproject.toml").is_file()), None)
    if file is None or _TABLE not in (text := file.read_bytes()):
        return {}
    import tomllib  # only a project with such a table pays for it

    try:
        table = tomllib.loads(text.decode()).get("tool", {}).get("asgi-inspect", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not readable as TOML: {error}") from None
    names = {name.strip("_").replace("_", "-"): name for name in known}
    for key in table:
        if key not in names:
            raise SettingsError(f"{file}: [tool.asgi-inspect] has no setting {key!r}{_near(key, names)}")
    return {names[key]: _joined(value) for key, value in table.items()}


def _joined(value: Any) -> Any:
    """A list stands for an option that takes commas."""
    return ",".join(map(str, value)) if isinstance(value, list) else value


def _near(key: str, names: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(key.replace("_", "-"), names, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(names))}"
