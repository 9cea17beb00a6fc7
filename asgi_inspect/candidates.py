"""Which objects look like an application, for suggestions and for a file given alone.

Nothing here decides how an application is called: that is uvicorn's way, in `application.py`.
"""

from __future__ import annotations

import inspect
import sys
from types import FunctionType, ModuleType
from typing import Any

OBVIOUS = ("app", "application", "asgi")
FACTORIES = ("create_app", "make_app", "get_app", "build_app", "app_factory", "create_application", "get_application")


def is_coroutine_function(found: Any) -> bool:
    """What uvicorn asks: `asyncio.iscoroutinefunction` before Python 3.14, `inspect`'s since then.

    asyncio's also heeds a mark that asgiref sets. Nobody can set it without having imported asyncio.
    """
    if inspect.iscoroutinefunction(found):
        return True
    mark = getattr(found, "_is_coroutine", None)
    coroutines = sys.modules.get("asyncio.coroutines")
    return sys.version_info < (3, 14) and mark is not None and mark is getattr(coroutines, "_is_coroutine", None)


def takes(found: Any, count: int) -> bool:
    """Whether `found` can be called with `count` positional arguments; True where nobody can tell."""
    try:
        inspect.signature(found).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def kind_of(found: Any) -> str:
    """ "a FastAPI object", "a function", "None", for a sentence."""
    if found is None or isinstance(found, bool):
        return str(found)
    if isinstance(found, ModuleType):
        return f"a module ({found.__name__})"
    if isinstance(found, type):
        return f"a class ({found.__name__})"
    if isinstance(found, FunctionType):
        return f"{'an async' if inspect.iscoroutinefunction(found) else 'a'} function"
    name = type(found).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name} object"


def apps_in(module: ModuleType) -> list[str]:
    """The names in `module` that hold an ASGI application, the usual names first."""
    names = [name for name, value in vars(module).items() if not name.startswith("_") and _is_app(value)]
    return sorted(names, key=lambda name: OBVIOUS.index(name) if name in OBVIOUS else len(OBVIOUS))


def _is_app(value: Any) -> bool:
    """An object with an async __call__ of three, or an async function whose first parameter is the scope."""
    if isinstance(value, type) or not callable(value) or not takes(value, 3) or takes(value, 0):
        return False
    if isinstance(value, FunctionType):
        first = next(iter(inspect.signature(value).parameters))
        return is_coroutine_function(value) and first.lstrip("_") == "scope"
    return is_coroutine_function(value.__call__)


def factories_in(module: ModuleType) -> list[str]:
    """The functions in `module` that by their name make an application and need no arguments."""
    functions = {name: value for name, value in vars(module).items() if isinstance(value, FunctionType)}
    return [name for name in FACTORIES if name in functions and takes(functions[name], 0)]
