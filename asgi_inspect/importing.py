"""From the text after --app to a Python object: "module:attribute.path", "path/to/file.py:attribute", "file.py".

The first form is read exactly as uvicorn reads it. The others are ours; a file in a package is
imported by its dotted name from the folder above the package, so that its relative imports work.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from .application_error import ApplicationError
from .candidates import OBVIOUS, apps_in, factories_in, kind_of
from .import_faults import (
    either,
    lines_of,
    module_missing,
    modules_in,
    near,
    own_traceback,
    said,
    shown,
    why_import_failed,
)

_FILE = re.compile(r"(?P<file>.+\.py)(?::(?P<attribute>.*))?", re.DOTALL)

# Modules that load() has imported, each with the folder it came from: a later run that looks in other
# folders must not get them for modules of its own that have the same names.
_imported: dict[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What to import, and where: `folders` go first on sys.path. `attribute` is "" for a file alone."""

    text: str
    module: str
    attribute: str
    folders: tuple[str, ...]


def parse_target(text: str, app_dir: str) -> Target:
    """Split what stands after --app. Raises ApplicationError where it cannot name an application."""
    if app_dir and not os.path.isdir(app_dir):
        raise ApplicationError(f"--app-dir {app_dir}: there is no such folder")
    folder = os.path.abspath(app_dir) if app_dir else ""
    if match := _FILE.fullmatch(text):
        return _file_target(text, match["file"], match["attribute"], folder)
    module, _, attribute = text.partition(":")
    if not module or not attribute:
        raise ApplicationError(f"--app {text}: it needs module:attribute; {_with_colon(module, attribute, folder)}")
    if os.sep in module or module.startswith("."):
        raise ApplicationError(f"--app {text}: {module!r} is no module name. {_dotted(module, attribute)}")
    return Target(text=text, module=module, attribute=attribute, folders=(folder,))


def _with_colon(module: str, attribute: str, folder: str) -> str:
    parent, _, last = module.rpartition(".")
    if not module:
        return f"did you mean main:{attribute or 'app'}?"
    if parent and not _file_of(module, folder) and _file_of(parent, folder):
        return f"did you mean {parent}:{last}?"
    if Path(f"{module}.py").is_file() and os.sep in module:
        return f"did you mean {module}.py:{_likely(Path(f'{module}.py'))}?"
    return f"did you mean {module.strip('/.').replace('/', '.') or 'main'}:{_likely(_file_of(module, folder))}?"


def _likely(file: Path | None) -> str:
    """The usual name that the file defines, by its text: it is not imported for a guess."""
    return next((name for name in OBVIOUS if file and _defines(file, name)), "app")


def _defines(file: Path, name: str) -> bool:
    with suppress(OSError, UnicodeDecodeError):
        text = file.read_text("utf-8")
        return bool(re.search(rf"^(async def |def |class )?{re.escape(name)}\b", text, re.MULTILINE))
    return False


def _file_of(module: str, folder: str) -> Path | None:
    path = Path(folder, *module.split("."))
    return next((file for file in (Path(f"{path}.py"), path / "__init__.py") if file.is_file()), None)


def _dotted(module: str, attribute: str) -> str:
    path = Path(module)
    if path.with_suffix(".py").is_file():
        return f"Did you mean {path.with_suffix('.py')}:{attribute}?"
    return "Write a dotted name (package.module:attribute) or a file (path/to/file.py:attribute)."


def _file_target(text: str, name: str, attribute: str | None, folder: str) -> Target:
    file = next((Path(base, name) for base in ("", folder) if Path(base, name).is_file()), None)
    if file is None:
        raise _missing_file(text, Path(name))
    if attribute == "":
        raise ApplicationError(f"--app {text}: no attribute after the colon; did you mean {name}:app?")
    file = Path(os.path.abspath(file))
    root, parts = file.parent, [file.stem] if file.stem != "__init__" else []
    while (root / "__init__.py").is_file():
        root, parts = root.parent, [root.name, *parts]
    if any("." in part for part in parts):
        raise ApplicationError(f"--app {text}: a file with a dot in its name cannot be imported. Give it another name.")
    return Target(text=text, module=".".join(parts), attribute=attribute or "", folders=(str(root), folder))


def _missing_file(text: str, file: Path) -> ApplicationError:
    folder = file.parent
    if file.is_dir():
        return ApplicationError(f"--app {text}: {file} is a folder. Name a file in it.")
    if not folder.is_dir():
        return ApplicationError(f"--app {text}: there is no folder {os.path.abspath(folder)}")
    names = sorted(entry.name for entry in folder.glob("*.py"))
    instead = near(file.name, names)
    cure = f"Did you mean {either(str(folder / match) for match in instead)}?" if instead else "Check the path."
    return ApplicationError(f"--app {text}: there is no file {file.name} in {os.path.abspath(folder)}. {cure}")


@contextmanager
def search_path(*folders: str) -> Iterator[None]:
    """`folders` first on sys.path, in this order, until the block ends; what others put there stays."""
    sys.path[:0] = folders
    try:
        yield
    finally:
        for folder in folders:
            with suppress(ValueError):
                sys.path.remove(folder)


def import_target(target: Target, undo: ExitStack, *, factory: bool) -> tuple[str, Any]:
    """The name of the object ("main:app") and the object itself; `undo` takes the folders off sys.path again.

    `factory` says what to look for in a file that is given alone.
    """
    undo.enter_context(search_path(*target.folders))
    module = _import_module(target)
    if not target.attribute:
        return _only_app(module, target, factory)
    return f"{target.module}:{target.attribute}", _attribute(module, target)


def _import_module(target: Target) -> ModuleType:
    importlib.invalidate_caches()
    _forget_other_runs(target.folders)
    _refuse_hidden(target)
    before = set(sys.modules)
    try:
        return importlib.import_module(target.module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise _blamed(error, target) from None
    finally:
        _remember(set(sys.modules) - before, target.folders)


def _blamed(error: BaseException, target: Target) -> ApplicationError:
    """The module itself is missing where no line of the application led to the failure; else its import failed."""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing and not lines_of(error):
        return module_missing(target.text, target.module, target.attribute or "app", missing, target.folders[0])
    return why_import_failed(error, target.module, target.folders)


def _forget_other_runs(folders: tuple[str, ...]) -> None:
    here = {os.path.abspath(folder) for folder in folders}
    for name in [name for name, folder in _imported.items() if folder not in here]:
        sys.modules.pop(name, None)
        del _imported[name]


def _remember(names: set[str], folders: tuple[str, ...]) -> None:
    for name in names:
        top = name.partition(".")[0]
        place = _place_of(sys.modules.get(name)) or ""
        for folder in map(os.path.abspath, folders):
            own = os.path.join(folder, top)
            if place in (own, f"{own}.py") or place.startswith(own + os.sep):
                _imported[name] = folder


def _place_of(module: ModuleType | None) -> str | None:
    """The file of a module, or the folder of a package without `__init__.py`; None for a part of Python."""
    file: str | None = getattr(module, "__file__", None)
    return file or next(iter(getattr(module, "__path__", ())), None)


def _refuse_hidden(target: Target) -> None:
    """A module of that name from somewhere else is in the process already: Python would never look further."""
    top = target.module.partition(".")[0]
    module = sys.modules.get(top)
    spec = PathFinder.find_spec(top, [os.path.abspath(folder) for folder in target.folders])
    if module is None or spec is None or not spec.origin:
        return
    origin = _place_of(module)
    if not origin or os.path.realpath(origin) != os.path.realpath(spec.origin):
        raise ApplicationError(
            f"--app {target.text}: {shown(spec.origin)} cannot be imported, because a module named {top!r} is loaded "
            f"already ({shown(origin) if origin else 'it is part of Python'}). Give your file another name."
        )


def _attribute(module: ModuleType, target: Target) -> Any:
    found: Any = module
    path = target.module
    for separator, name in zip(":" + "." * target.attribute.count("."), target.attribute.split("."), strict=True):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise ApplicationError(
                f"--app {target.text}: {path} has no attribute {name!r}. {_instead(found, module, name, target)}"
            ) from None
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            text = f"your application failed: looking up {name!r} in {path} raised {said(error)}"
            raise ApplicationError(text, own_traceback(error)) from None
        path = f"{path}{separator}{name}"
    return found


def _instead(found: Any, module: ModuleType, name: str, target: Target) -> str:
    """What could be meant by a name that is not there."""
    if name.endswith(")"):
        call = target.attribute.partition("(")[0]
        return f"Name the function without parentheses: --app {target.module}:{call} --factory"
    if found is module and PathFinder.find_spec(f"{target.module}.{name}", getattr(module, "__path__", [])):
        rest = target.attribute.partition(".")[2] or "app"
        return f"It is a module: did you mean {target.module}.{name}:{rest}?"
    if found is not module:
        matches = near(name, [key for key in dir(found) if not key.startswith("_")])
        return f"Did you mean {either(matches)}?" if matches else f"It is {kind_of(found)}."
    return _named_in(module, name, target)


def _named_in(module: ModuleType, name: str, target: Target) -> str:
    for folder in getattr(module, "__path__", ()):
        deeper = [found for found in modules_in(folder) if _defines(Path(folder, f"{found}.py"), name)]
        if deeper:
            return f"Did you mean {either(f'{target.module}.{found}:{target.attribute}' for found in deeper)}?"
    apps = apps_in(module)
    if apps:
        listed = either(f"{target.module}:{found}" for found in apps)
        return f"Did you mean {listed}?" if len(apps) == 1 else f"The ASGI applications there: {listed}."
    if factories := factories_in(module):
        return f"Did you mean {either(f'{target.module}:{found} --factory' for found in factories)}?"
    matches = near(name, [key for key in vars(module) if not key.startswith("_")])
    meant = f" Did you mean {either(f'{target.module}:{match}' for match in matches)}?" if matches else ""
    return f"No ASGI application was found in it.{meant}"


def _only_app(module: ModuleType, target: Target, factory: bool) -> tuple[str, Any]:
    obvious = [name for name in OBVIOUS if callable(vars(module).get(name))]
    found = factories_in(module) if factory else obvious or apps_in(module)
    if len({id(vars(module)[name]) for name in found}) == 1:
        return f"{target.module}:{found[0]}", vars(module)[found[0]]
    if found:
        listed = either(f"{target.text}:{name}" for name in found)
        kind = "factories" if factory else "applications"
        raise ApplicationError(f"--app {target.text}: several {kind} in it; name one: {listed}")
    if factory:
        raise ApplicationError(f"--app {target.text}: no factory in it; name it: {target.text}:create_app")
    if factories := factories_in(module):
        listed = either(f"--app {target.text}:{name} --factory" for name in factories)
        raise ApplicationError(f"--app {target.text}: no application in it, but a factory; give {listed}")
    raise ApplicationError(
        f"--app {target.text}: no ASGI application in it: nothing is named {either(OBVIOUS)}, and nothing else "
        f"there can be called with scope, receive and send. Name it: {target.text}:attribute"
    )
