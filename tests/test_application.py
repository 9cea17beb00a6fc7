"""Finding an application: what uvicorn would take, and whose fault it is when there is nothing to take."""

from __future__ import annotations

import asyncio
import functools
import os
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from uvicorn.config import Config

from asgi_inspect.application import ApplicationError, Loaded, find, load
from asgi_inspect.candidates import is_coroutine_function
from asgi_inspect.wsgi import WSGIAdapter
from tests.application_errors import APPLICATION_ERRORS, COMMAND_ERRORS, PLAIN

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test stands in an empty folder, and leaves sys.path as it was."""
    monkeypatch.chdir(tmp_path)
    path = list(sys.path)
    yield
    assert sys.path == path


def write(**files: str) -> None:
    """`shop__main="…"` writes shop/main.py."""
    for name, text in files.items():
        file = Path(name.replace("__init", "/_init_").replace("__", "/").replace("_init_", "__init__") + ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))


def loading(target: object, **options: Any) -> Loaded:
    """Load with the defaults, and take back what that changed."""
    settings: dict[str, Any] = {"app_dir": "", "factory": False, "interface": "auto", "env_file": None}
    loaded = load(target, **{**settings, **options})
    loaded.close()
    return loaded


def error_of(target: object, **options: Any) -> ApplicationError:
    """The error that loading ends with; nothing may stay changed."""
    path, environment = list(sys.path), dict(os.environ)
    with pytest.raises(ApplicationError) as caught:
        loading(target, **options)
    assert (sys.path, dict(os.environ)) == (path, environment)
    return caught.value


# --- what is found -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "options", "name"),
    [
        ("main:app", {}, "main:app"),
        ("main:holder.inner.app", {}, "main:holder.inner.app"),
        ("shop.main:app", {}, "shop.main:app"),
        ("deep:app", {"app_dir": "src"}, "deep:app"),
        ("main.py:app", {}, "main:app"),
        ("shop/main.py:app", {}, "shop.main:app"),
        ("shop/main.py", {}, "shop.main:app"),
        ("shop/__init__.py:app", {}, "shop:app"),
        ("src/deep.py", {}, "deep:app"),
        ("deep.py", {"app_dir": "src"}, "deep:app"),
        ("only.py", {}, "only:service"),
        ("same.py", {}, "same:app"),
        ("made.py", {"factory": True}, "made:create_app"),
        ("made:create_app", {"factory": True}, "made:create_app"),
    ],
)
def test_an_application_is_found(target: str, options: dict[str, Any], name: str) -> None:
    """As uvicorn finds it, and by its file; a file in a package may import relatively."""
    write(
        main=PLAIN + "class holder:\n    class inner:\n        app = app\n",
        shop__init="from .core import app\n",
        shop__core=PLAIN,
        shop__main="from .core import app\n",
        src__deep=PLAIN,
        only="class S:\n    async def __call__(self, scope, receive, send): ...\nservice = S()\ntext = 'x'\n",
        same=PLAIN + "application = app\n",
        made="def create_app():\n    async def app(scope, receive, send): ...\n    return app\n",
    )

    loaded = loading(target, **options)

    assert (loaded.target, loaded.interface, loaded.asgi_version, loaded.warnings) == (name, "asgi3", "3.0", ())
    assert is_coroutine_function(loaded.app) or is_coroutine_function(cast(Any, loaded.app).__call__)


def test_the_folder_stays_on_the_path_until_close() -> None:
    """An application may import more while it runs; two runs in one process must not share their paths."""
    write(src__main=PLAIN)

    loaded = load("main:app", app_dir="src", factory=False, interface="auto", env_file=None)
    during = sys.path[0]
    loaded.close()
    loaded.close()

    assert during == str(Path("src").absolute())
    assert during not in sys.path


def test_the_second_run_gets_its_own_module_of_the_same_name() -> None:
    """Python would give it the first one's `main`, and `settings` with it."""
    for folder in ("one", "two"):
        write(
            **{f"{folder}__main": f"from settings import NAME\n{PLAIN}", f"{folder}__settings": f"NAME = {folder!r}\n"}
        )

    apps: list[Any] = [loading("main:app", app_dir=folder).app for folder in ("one", "two", "one")]
    names = [app.__globals__["NAME"] for app in apps]

    assert names == ["one", "two", "one"]


def test_a_package_without_init_does_not_stay_in_the_way() -> None:
    """It has no file to be known by, only folders."""
    write(one__shop__main=PLAIN, two__shop__init="", two__shop__main=PLAIN)

    files = [cast(Any, loading("shop.main:app", app_dir=folder).app).__code__.co_filename for folder in ("one", "two")]

    assert files == [str(Path(folder, "shop/main.py").absolute()) for folder in ("one", "two")]


def test_the_same_run_again_gets_the_same_module() -> None:
    """Modules stay imported: a second import would be a second application."""
    write(main=PLAIN)

    assert loading("main:app").app is loading("main:app").app


def test_an_object_is_taken_as_it_is() -> None:
    """From Python, nothing is imported and no path is changed."""

    async def app(scope: object, receive: object, send: object) -> None: ...

    loaded = loading(app)

    assert loaded.app is app
    assert loaded.target == f"{__name__}:test_an_object_is_taken_as_it_is.<locals>.app"


def test_what_an_import_prints_goes_where_stdout_points(capsys: pytest.CaptureFixture[str]) -> None:
    """The caller decides; nothing is swallowed here."""
    write(main="print('hello')\n" + PLAIN)

    loading("main:app")

    assert capsys.readouterr().out == "hello\n"


def test_asyncio_is_not_imported_for_asgi3() -> None:
    """Start-up stays light: only WSGI needs threads and a loop before the run."""
    write(main=PLAIN)
    code = (
        "import sys; from asgi_inspect.application import load; "
        "load('main:app', app_dir='', factory=False, interface='auto', env_file=None); "
        "print('asyncio' in sys.modules, 'concurrent.futures' in sys.modules, sys.path[0] == '')"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}

    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout == "False False True\n"


# --- what uvicorn makes of it --------------------------------------------------------------------


async def async_app(scope: Any, receive: Any, send: Any) -> None: ...
def asgi2_app(scope: Any) -> Any: ...
def sync_three(scope: Any, receive: Any, send: Any) -> Any: ...
def wsgi_app(environ: Any, start_response: Any) -> Any: ...
def factory() -> Any:
    return async_app


def passing(*args: Any) -> Any:
    """A decorator's wrapper, as most are written."""
    return asgi2_app(*args)


class TwoStep:
    """ASGI 2 as a class."""

    def __init__(self, scope: Any) -> None: ...
    async def __call__(self, receive: Any, send: Any) -> None: ...


class Awaited:
    """Starlette's endpoints are made like this."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None: ...
    def __await__(self) -> Any: ...


class Instance:
    """An application class that takes no arguments."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...
    async def method(self, scope: Any, receive: Any, send: Any) -> None: ...


class Marked:
    """asgiref marks a sync callable as async in this way before Python 3.12."""

    def __init__(self) -> None:
        self.__call__ = asgi2_marked


def asgi2_marked(scope: Any, receive: Any, send: Any) -> Any: ...


asgi2_marked._is_coroutine = asyncio.coroutines._is_coroutine  # type: ignore[attr-defined]

OBJECTS: list[tuple[str, Any]] = [
    ("async function", async_app),
    ("function of one", asgi2_app),
    ("function of three that is not async", sync_three),
    ("partial of an async function", functools.partial(async_app)),
    ("bound method", Instance().method),
    ("factory", factory),
    ("wrapper that passes on", passing),
    ("class of one", TwoStep),
    ("class that can be awaited", Awaited),
    ("class of none", Instance),
    ("instance", Instance()),
    ("marked as coroutine", asgi2_marked),
    ("lambda factory", lambda: Instance()),
    ("lambda that makes a function of one", lambda: asgi2_app),
]


@pytest.mark.parametrize("app", [pytest.param(app, id=name) for name, app in OBJECTS])
@pytest.mark.parametrize("interface", ["auto", "asgi3", "asgi2", "wsgi"])
def test_interface_and_application_are_uvicorns(app: Any, interface: Any) -> None:
    """The interface, the version it tells, and the very object that is called in the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        config = Config(app, interface=interface, log_config=None, proxy_headers=False, ws="none")
        config.load()

    loaded = loading(app, interface=interface)

    def innermost(wrapped: Any) -> Any:
        inner = wrapped.app if interface == "wsgi" or loaded.interface == "asgi2" else wrapped
        return type(inner) if isinstance(inner, Instance) else inner

    assert (loaded.interface, loaded.asgi_version) == (config.interface, config.asgi_version)
    assert innermost(loaded.app) is innermost(config.loaded_app)


ASGI2_SAYS = "uvicorn takes {0} for an ASGI 2 application, because it is {1} and its call is not async"


@pytest.mark.parametrize(
    ("app", "said"),
    [
        (
            factory,
            "uvicorn calls {0} without arguments first; that worked, so what came back (an async function) is the "
            "application. uvicorn warns about it: give --factory if it is meant.",
        ),
        (asgi2_app, ASGI2_SAYS + ": it is called with the scope alone"),
        (
            sync_three,
            ASGI2_SAYS + ". It takes three arguments, so it will fail: make it `async def`, or give --interface asgi3",
        ),
    ],
)
def test_habits_of_uvicorn_are_told(app: Any, said: str) -> None:
    """They decide what happens, and nobody expects them."""
    loaded = loading(app)

    assert loaded.warnings == (said.format(loaded.target, "a function"),)


def test_a_type_error_that_uvicorn_hides_is_told() -> None:
    """The wrapper's body ran and failed; uvicorn reads that as "no factory" and goes on, and so do we."""
    loaded = loading(passing)

    assert loaded.interface == "asgi2"
    assert loaded.warnings[1] == (
        f"{__name__}:passing() raised TypeError: asgi2_app() missing 1 required positional argument: 'scope', "
        "which uvicorn takes to mean that it is no factory"
    )


def test_asgi2_is_called_in_two_steps() -> None:
    """First with the scope, then what came back with receive and send."""
    calls: list[tuple[Any, ...]] = []

    def app(scope: Any) -> Any:
        calls.append((scope,))

        async def instance(receive: Any, send: Any) -> None:
            calls.append((receive, send))

        return instance

    asyncio.run(loading(app).app({"type": "http"}, "receive", "send"))  # type: ignore[arg-type]

    assert calls == [({"type": "http"},), ("receive", "send")]


# --- whose fault it is ---------------------------------------------------------------------------


@pytest.mark.parametrize(("files", "target", "options", "said"), COMMAND_ERRORS)
def test_the_command_is_wrong(files: dict[str, str], target: str, options: dict[str, Any], said: str) -> None:
    """What --app names is not there, or is no application: what was seen, and what to write instead."""
    import queue

    write(**files)

    error = error_of(target, **options)

    expected = said.replace("{here}", str(Path.cwd())).replace("{queue}", str(queue.__file__))
    shown = target if ".py" in target or ":" not in target else str(error).split(": ")[0].removeprefix("--app ")
    assert str(error) == f"--app {shown}: {expected}"
    assert shown == target
    assert error.traceback is None


def test_a_folder_that_does_not_exist_is_no_app_dir() -> None:
    """uvicorn goes on and says that the module is missing."""
    assert str(error_of("main:app", app_dir="nowhere")) == "--app-dir nowhere: there is no such folder"


@pytest.mark.parametrize(("files", "target", "options", "said"), APPLICATION_ERRORS)
def test_the_application_is_wrong(files: dict[str, str], target: str, options: dict[str, Any], said: str) -> None:
    """It was found and failed: the line in its own file, its own words, its own traceback."""
    write(**files)
    for name in files:
        sys.modules.pop(name.replace("__", "."), None)

    error = error_of(target, **options)

    expected = said.replace("{here}", str(Path.cwd())).replace("{python}", sys.executable)
    if "{json}" in expected:
        assert str(error).startswith("your application failed while it was imported: main.py:2 (by way of ")
        assert str(error).endswith("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)")
    else:
        assert str(error) == expected
    assert error.traceback
    assert "asgi_inspect" not in error.traceback
    assert "importlib" not in error.traceback


def test_the_traceback_is_the_applications_own() -> None:
    """What led to the error stays, what led to the application goes."""
    write(
        main="import views\n",
        views="try:\n    {}['x']\nexcept KeyError as error:\n    raise ValueError('boom') from error\n",
    )

    assert error_of("main:app").traceback == textwrap.dedent(f"""\
        Traceback (most recent call last):
          File "{Path.cwd()}/views.py", line 2, in <module>
            {{}}['x']
            ~~^^^^^
        KeyError: 'x'

        The above exception was the direct cause of the following exception:

        Traceback (most recent call last):
          File "{Path.cwd()}/main.py", line 1, in <module>
            import views
          File "{Path.cwd()}/views.py", line 4, in <module>
            raise ValueError('boom') from error
        ValueError: boom
        """)


@pytest.mark.parametrize("text", ["raise KeyboardInterrupt\n", "def app():\n    raise KeyboardInterrupt\n"])
def test_ctrl_c_is_let_through(text: str) -> None:
    """It is meant for the tool, whatever the application is doing."""
    write(main=text)

    with pytest.raises(KeyboardInterrupt):
        loading("main:app")


def test_a_broken_exception_does_no_harm() -> None:
    """An exception's own __str__ may raise as well."""
    write(main="class E(Exception):\n    def __str__(self): raise RuntimeError\nraise E\n")

    assert str(error_of("main:app")).startswith("your application failed while it was imported: main.py:3 raised E")


# --- --env-file and WSGI ------------------------------------------------------------------------


def test_a_missing_env_file_is_an_error() -> None:
    """uvicorn's command line refuses it too."""
    write(main=PLAIN)

    assert str(error_of("main:app", env_file="env")) == "--env-file env: no such file or directory"
    assert str(error_of("main:app", env_file=".")) == "--env-file .: is a directory"


def test_the_environment_wins_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module sees the variables while it is imported; after close() they are gone."""
    monkeypatch.setenv("SHOP_SET", "before")
    monkeypatch.delenv("SHOP_NEW", raising=False)
    Path("env").write_text("SHOP_SET=file\nSHOP_NEW=${SHOP_SET}!\n")
    write(main="import os\nseen = os.environ['SHOP_SET'], os.environ['SHOP_NEW']\n" + PLAIN)

    found = find("main:app", app_dir="", factory=False, env_file="env")
    during = os.environ["SHOP_NEW"]
    found.undo.close()

    assert sys.modules["main"].seen == ("before", "before!")
    assert (during, os.environ.get("SHOP_NEW")) == ("before!", None)


def test_wsgi_without_a2wsgi_is_uvicorns_own_adapter() -> None:
    """The name that uvicorn imports is a2wsgi's class only where that is installed."""
    loaded = loading(wsgi_app, interface="wsgi")

    assert isinstance(loaded.app, WSGIAdapter)
    assert (loaded.interface, loaded.asgi_version) == ("wsgi", "3.0")
    assert loaded.warnings == (
        "a2wsgi is not installed, so uvicorn serves this WSGI application with its own adapter, which is deprecated: "
        "pip install a2wsgi",
    )


def test_wsgi_with_a2wsgi_is_a2wsgi() -> None:
    """Where it is installed, it answers; ours would be another server's behaviour."""
    write(
        a2wsgi="__version__ = '9.9'\nclass WSGIMiddleware:\n    def __init__(self, app):\n        self.app = app\n",
        main="def app(environ, start_response): ...",
    )

    loaded = loading("main:app", interface="wsgi")
    sys.modules.pop("a2wsgi")

    assert type(loaded.app).__module__ == "a2wsgi"
    assert loaded.warnings == ("uvicorn serves this WSGI application with a2wsgi 9.9",)


# --- samples -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plain", "fastapi_app", "streaming", "raises", "never"])
@pytest.mark.parametrize("form", ["samples.apps.{}:app", "samples/apps/{}.py"])
def test_samples_load_from_the_repository(name: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to name them, without a warning."""
    if name in ("fastapi_app", "streaming"):
        pytest.importorskip("fastapi")
    monkeypatch.chdir(REPOSITORY)

    loaded = loading(form.format(name))

    assert (loaded.interface, loaded.warnings) == ("asgi3", ())
