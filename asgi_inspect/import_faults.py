"""Why an application could not be loaded, and whose fault that is.

Either the command is wrong ("--app …": it names what is not there), or the application is ("your
application …": it was found and failed). Each text shows what was seen and ends with what to do.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
import traceback
from collections.abc import Iterable, Sequence
from importlib.machinery import PathFinder
from pathlib import Path

from .application_error import ApplicationError
from .blame import error_text

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_MACHINERY = re.compile(r"<frozen (importlib|runpy)|[\\/]importlib[\\/](__init__|_bootstrap\w*)\.py$|[\\/]runpy\.py$")
_LISTED = 8
_LONGEST = 400


def own_traceback(error: BaseException) -> str:
    """The traceback of `error` and of what led to it, without our frames and those of the import machinery."""
    report = traceback.TracebackException.from_exception(error)
    _cut(report, set())
    return "".join(report.format())


def _cut(report: traceback.TracebackException, seen: set[int]) -> None:
    if id(report) in seen:
        return
    seen.add(id(report))
    report.stack = traceback.StackSummary.from_list([frame for frame in report.stack if _is_theirs(frame.filename)])
    for other in (report.__cause__, report.__context__, *(report.exceptions or ())):
        if other is not None:
            _cut(other, seen)


def _is_theirs(filename: str) -> bool:
    return not filename.startswith(_PACKAGE) and not _MACHINERY.search(filename)


def lines_of(error: BaseException) -> list[tuple[str, int]]:
    """File and line of every frame that is not ours, the innermost last."""
    frames = traceback.walk_tb(error.__traceback__)
    return [(frame.f_code.co_filename, line) for frame, line in frames if _is_theirs(frame.f_code.co_filename)]


def said(error: BaseException) -> str:
    """ "ValueError: boom": the first line of what an exception says, cut where it is very long."""
    line = error_text(error).partition("\n")[0]
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def shown(path: str | Path, line: int | None = None) -> str:
    """A file as a person would type it: relative to the working directory where it stands in it."""
    try:
        text = str(Path(path).relative_to(Path.cwd()))
    except (ValueError, OSError):
        text = str(path)
    return text if line is None else f"{text}:{line}"


def place_in(error: BaseException, folders: Sequence[str]) -> str:
    """Where `error` came from: the innermost line, and the application's own line that led there; "" if no line ran."""
    lines = lines_of(error)
    if not lines:
        return ""
    innermost = lines[-1]
    own = [line for line in lines if _is_own(line[0], folders)]
    if not own or own[-1] == innermost:
        return shown(*innermost)
    return f"{shown(*own[-1])} (by way of {shown(*innermost)})"


def _is_own(filename: str, folders: Sequence[str]) -> bool:
    return any(filename.startswith(os.path.abspath(f) + os.sep) for f in folders) and "site-packages" not in filename


def either(names: Iterable[str]) -> str:
    """ "a", "a or b", "a, b or c"."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def near(name: str, among: Iterable[str]) -> list[str]:
    """Up to three of `among` that look like `name`, the nearest first; case does not count."""
    lower = {candidate.lower(): candidate for candidate in among}
    return [lower[match] for match in difflib.get_close_matches(name.lower(), lower, n=3)]


def modules_in(folder: str | Path) -> list[str]:
    """The modules and packages that can be imported from `folder`, by their files; nothing is imported."""
    try:
        entries = sorted(Path(folder).iterdir())
    except OSError:
        return []
    files = [entry.stem for entry in entries if entry.suffix == ".py" and entry.stem != "__init__"]
    packages = [entry.name for entry in entries if entry.name.isidentifier() and entry.is_dir() and _has_python(entry)]
    return sorted({*files, *packages} - {"__pycache__"})


def _has_python(folder: Path) -> bool:
    try:
        return any(entry.suffix == ".py" for entry in folder.iterdir())
    except OSError:
        return False


def module_missing(text: str, module: str, attribute: str, missing: str, folder: str) -> ApplicationError:
    """`module` cannot be found: its part `missing` ("shop" of "shop.main") is not where it should be."""
    parent, _, last = missing.rpartition(".")
    above = sys.modules.get(parent)
    if parent and not hasattr(above, "__path__"):
        file = shown(getattr(above, "__file__", None) or parent)
        return ApplicationError(
            f"--app {text}: {file} is a module, not a package, so there is no {missing!r}. "
            f"Did you mean {parent}:{module[len(parent) + 1 :]}?"
        )
    here = Path(next(iter(getattr(above, "__path__", ())), "") if parent else os.path.abspath(folder))
    kind = "module" if missing == module else "package"
    elsewhere = "" if parent else " nor elsewhere on Python's path"
    cure = _instead(f"{parent}." if parent else "", last, f"{module[len(missing) :]}:{attribute}", here)
    return ApplicationError(f"--app {text}: there is no {kind} {last!r} in {here}{elsewhere}. {cure}")


def _instead(before: str, name: str, after: str, here: Path) -> str:
    """What there is in folder `here` that could be meant; `before` and `after` complete the target."""
    names = modules_in(here)
    if matches := near(name, names):
        return f"Did you mean {either(f'{before}{match}{after}' for match in matches)}?"
    deeper = sorted(path for path in here.glob(f"*/{name}.py") if path.parent.name.isidentifier())
    if deeper:
        folder = deeper[0].parent
        way = "" if before else f", or give --app-dir {shown(folder)}"
        return f"There is {shown(deeper[0])}: name {before}{folder.name}.{name}{after}{way}"
    if names:
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        return f"There are: {', '.join(names[:_LISTED])}{more}. The right folder is given with --app-dir"
    return "That folder holds no Python modules. The right one is given with --app-dir"


def why_import_failed(error: BaseException, module: str, folders: Sequence[str]) -> ApplicationError:
    """The application was found and its import raised `error`."""
    where = place_in(error, folders) or module
    if isinstance(error, SyntaxError) and error.filename:
        text = _not_python(error)
    elif isinstance(error, SystemExit):
        text = (
            f"your application ended the process while it was imported: {where} raised {said(error)}. "
            'Put what should run only as a script under `if __name__ == "__main__":`'
        )
    elif isinstance(error, ModuleNotFoundError) and error.name:
        text = f"your application imports a module that is missing: {_missing_import(error, where, folders)}"
    else:
        text = f"your application failed while it was imported: {where} raised {said(error)}"
        text += _advice(error, module, folders)
    return ApplicationError(text, own_traceback(error))


def _not_python(error: SyntaxError) -> str:
    place = shown(error.filename or "it", error.lineno or None)
    return f"your application is not valid Python: {place}: {error.msg}"


def _missing_import(error: ModuleNotFoundError, where: str, folders: Sequence[str]) -> str:
    name = error.name or ""
    lines = lines_of(error)
    beside = Path(lines[-1][0]).parent if lines else Path.cwd()
    if "is not a package" in str(error):
        return f"{where} imports {name!r}, but {error.msg.rpartition('; ')[2]}"
    seen = f"{where} needs {name!r}, which {sys.executable} does not find"
    if name in modules_in(beside):
        return f"{seen}. It stands beside: write `from . import {name}`, or give --app-dir {shown(beside)}"
    near_by = [str(beside), *(os.path.abspath(folder) for folder in folders)]
    reachable = {found for folder in near_by for found in modules_in(folder)}
    if matches := near(name, reachable - {name.partition(".")[0]}):
        return f"{seen}. Did you mean {either(matches)}?"
    return f"{seen}. Install it, or run asgi-inspect with the Python that has it"


def _advice(error: BaseException, module: str, folders: Sequence[str]) -> str:
    message = str(error) if isinstance(error, ImportError | AttributeError) else ""
    if partial := re.search(r"partially initialized module '([^']+)'", message):
        return _circle(partial[1], folders)
    if "attempted relative import" in message:
        return (
            f". A relative import needs a package, and the module was imported as {module!r}: "
            "name it with its package (--app package.module:attribute), from the folder above"
        )
    return ""


def _circle(name: str, folders: Sequence[str]) -> str:
    top = name.partition(".")[0]
    hiding = PathFinder.find_spec(top, list(folders))
    hidden = PathFinder.find_spec(top, [entry for entry in sys.path if entry not in folders])
    if hiding and hidden and hiding.origin and hidden.origin and hiding.origin != hidden.origin:
        return f". Your {shown(hiding.origin)} hides the installed package {top!r}: give your file another name"
    return f". {name} is imported again before it has finished: move one import into the function that needs it"
