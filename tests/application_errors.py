# ruff: noqa: E501 - one case a line, or nobody can compare them
"""What can be wrong with --app: files (as `write` makes them), the target, the options, and the exact words."""

from __future__ import annotations

from typing import Any

PLAIN = "async def app(scope, receive, send): ...\n"

# The text follows "--app TARGET: ". {here} is the working directory, {queue} the standard library's file.
COMMAND_ERRORS: list[tuple[dict[str, str], str, dict[str, Any], str]] = [
    ({"main": PLAIN}, "mian:app", {}, "there is no module 'mian' in {here} nor elsewhere on Python's path. Did you mean main:app?"),
    ({"main": PLAIN}, "Main:app", {}, "there is no module 'Main' in {here} nor elsewhere on Python's path. Did you mean main:app?"),
    ({"shop__main": PLAIN}, "shpo.main:app", {}, "there is no package 'shpo' in {here} nor elsewhere on Python's path. Did you mean shop.main:app?"),
    ({"shop__main": PLAIN, "shop__init": ""}, "shop.mian:app", {}, "there is no module 'mian' in {here}/shop. Did you mean shop.main:app?"),
    ({"main": PLAIN}, "main.app:app", {}, "main.py is a module, not a package, so there is no 'main.app'. Did you mean main:app?"),
    ({"src__main": PLAIN}, "main:app", {}, "there is no module 'main' in {here} nor elsewhere on Python's path. There is src/main.py: name src.main:app, or give --app-dir src"),
    ({"one": "", "two": ""}, "main:app", {}, "there is no module 'main' in {here} nor elsewhere on Python's path. There are: one, two. The right folder is given with --app-dir"),
    ({}, "main:app", {}, "there is no module 'main' in {here} nor elsewhere on Python's path. That folder holds no Python modules. The right one is given with --app-dir"),
    ({"main": PLAIN}, "main", {}, "it needs module:attribute; did you mean main:app?"),
    ({"main": "application = 1"}, "main", {}, "it needs module:attribute; did you mean main:application?"),
    ({"main": PLAIN}, "main:", {}, "it needs module:attribute; did you mean main:app?"),
    ({"main": PLAIN}, ":app", {}, "it needs module:attribute; did you mean main:app?"),
    ({"main": PLAIN}, "main.app", {}, "it needs module:attribute; did you mean main:app?"),
    ({"shop__main": PLAIN}, "shop/main", {}, "it needs module:attribute; did you mean shop/main.py:app?"),
    ({"shop__main": PLAIN}, "shop/main:app", {}, "'shop/main' is no module name. Did you mean shop/main.py:app?"),
    ({"main": PLAIN}, ".main:app", {}, "'.main' is no module name. Write a dotted name (package.module:attribute) or a file (path/to/file.py:attribute)."),
    ({"main": PLAIN}, "main:ap", {}, "main has no attribute 'ap'. Did you mean main:app?"),
    ({"main": PLAIN + "async def api(scope, receive, send): ..."}, "main:web", {}, "main has no attribute 'web'. The ASGI applications there: main:app or main:api."),
    ({"main": "def create_app(): ..."}, "main:app", {}, "main has no attribute 'app'. Did you mean main:create_app --factory?"),
    ({"main": "apps = 1"}, "main:app", {}, "main has no attribute 'app'. No ASGI application was found in it. Did you mean main:apps?"),
    ({"main": ""}, "main:app", {}, "main has no attribute 'app'. No ASGI application was found in it."),
    ({"main": "def create_app(): ..."}, "main:create_app()", {}, "main has no attribute 'create_app()'. Name the function without parentheses: --app main:create_app --factory"),
    ({"main": "class box: inner = 1"}, "main:box.iner", {}, "main:box has no attribute 'iner'. Did you mean inner?"),
    ({"shop__init": "", "shop__main": PLAIN}, "shop:main.app", {}, "shop has no attribute 'main'. It is a module: did you mean shop.main:app?"),
    ({"shop__main": PLAIN, "shop__views": "import x"}, "shop:app", {}, "shop has no attribute 'app'. Did you mean shop.main:app?"),
    ({"mysite__init": "", "mysite__asgi": "application = 1"}, "mysite:application", {}, "mysite has no attribute 'application'. Did you mean mysite.asgi:application?"),
    ({"main": "app = {'routes': []}"}, "main:app", {}, "it is a dict object, and an application is something to call. Name the application itself."),
    ({"main": "app = None"}, "main:app", {}, "it is None, and an application is something to call. Name the application itself."),
    ({"main": "app = 'shop:app'"}, "main:app", {}, "it is a str object, and an application is something to call. Its value is 'shop:app': is that the target to give?"),
    ({"shop__init": "from . import main", "shop__main": PLAIN}, "shop:main", {}, "it is a module (shop.main), and an application is something to call. Did you mean shop.main:app?"),
    ({"main": "import json"}, "main:json", {}, "it is a module (json), and an application is something to call. Name the application in it."),
    ({"main": "async def create_app(): ..."}, "main:create_app", {"factory": True}, "it is async and can be called without arguments, so uvicorn takes the coroutine that comes back for the application and answers 500 to everything. An application takes scope, receive and send; a factory is a plain `def`."),
    ({"main": "def create_app(): ..."}, "main:create_app", {"factory": True}, "uvicorn calls it without arguments and got None, which is no application. Is a `return` missing?"),
    ({"main": "class Shop: ..."}, "main:Shop", {}, "uvicorn calls it without arguments and got an object of that class, which is no application. It must be something to call."),
    ({"main": PLAIN}, "main:app", {"factory": True}, "with --factory it is called without arguments, and that raised TypeError: app() missing 3 required positional arguments: 'scope', 'receive', and 'send'. It looks like the application itself: leave --factory out."),
    ({"main": "def create_app(settings, debug): ..."}, "main:create_app", {"factory": True}, "with --factory it is called without arguments, and that raised TypeError: create_app() missing 2 required positional arguments: 'settings' and 'debug'. Give its parameters default values."),
    ({"main": "def app(environ, start_response): ..."}, "main:app", {}, "it takes two arguments (environ, start_response), so it is a WSGI application, which uvicorn would take for ASGI 2 and answer 500 to everything. Give --interface wsgi"),
    ({"main": "class W:\n    def __call__(self, environ, start_response): ...\napp = W()"}, "main:app", {}, "it takes two arguments (environ, start_response), so it is a WSGI application, which uvicorn would take for ASGI 2 and answer 500 to everything. Give --interface wsgi"),
    ({"main": PLAIN}, "mian.py:app", {}, "there is no file mian.py in {here}. Did you mean main.py?"),
    ({"shop__main": PLAIN}, "shop/mian.py", {}, "there is no file mian.py in {here}/shop. Did you mean shop/main.py?"),
    ({}, "shop/main.py:app", {}, "there is no folder {here}/shop"),
    ({"main": PLAIN}, "main.py:", {}, "no attribute after the colon; did you mean main.py:app?"),
    ({"main": PLAIN + "async def other(): ...\nasync def application(scope, receive, send): ..."}, "main.py", {}, "several applications in it; name one: main.py:app or main.py:application"),
    ({"main": "def create_app(): ..."}, "main.py", {}, "no application in it, but a factory; give --app main.py:create_app --factory"),
    ({"main": "x = 1"}, "main.py", {}, "no ASGI application in it: nothing is named app, application or asgi, and nothing else there can be called with scope, receive and send. Name it: main.py:attribute"),
    ({"main": PLAIN}, "main.py", {"factory": True}, "no factory in it; name it: main.py:create_app"),
    ({"queue": PLAIN}, "queue:app", {}, "queue.py cannot be imported, because a module named 'queue' is loaded already ({queue}). Give your file another name."),
]  # fmt: skip

# {python} is the interpreter, {json} the standard library's decoder.
APPLICATION_ERRORS: list[tuple[dict[str, str], str, dict[str, Any], str]] = [
    ({"main": "\nimport nowhere_at_all\n"}, "main:app", {}, "your application imports a module that is missing: main.py:2 needs 'nowhere_at_all', which {python} does not find. Install it, or run asgi-inspect with the Python that has it"),
    ({"main": "import modles\n", "models": ""}, "main:app", {}, "your application imports a module that is missing: main.py:1 needs 'modles', which {python} does not find. Did you mean models?"),
    ({"shop__main": "import models\n", "shop__models": ""}, "shop.main:app", {}, "your application imports a module that is missing: shop/main.py:1 needs 'models', which {python} does not find. It stands beside: write `from . import models`, or give --app-dir shop"),
    ({"main": "import models.user\n", "models": ""}, "main:app", {}, "your application imports a module that is missing: main.py:1 imports 'models.user', but 'models' is not a package"),
    ({"main": "import main.views\n"}, "main:app", {}, "your application imports a module that is missing: main.py:1 imports 'main.views', but 'main' is not a package"),
    ({"main": "def read():\n    raise ValueError('boom')\nread()\n"}, "main:app", {}, "your application failed while it was imported: main.py:2 raised ValueError: boom"),
    ({"main": "import json\njson.loads('{')\n"}, "main:app", {}, "your application failed while it was imported: main.py:2 (by way of {json}) raised json.JSONDecodeError"),
    ({"main": "import sys\nsys.exit(3)\n"}, "main:app", {}, "your application ended the process while it was imported: main.py:2 raised SystemExit: 3. Put what should run only as a script under `if __name__ == \"__main__\":`"),
    ({"main": "app = (\n"}, "main:app", {}, "your application is not valid Python: main.py:1: '(' was never closed"),
    ({"main": "import views\n", "views": "def x():\nreturn\n"}, "main:app", {}, "your application is not valid Python: views.py:2: expected an indented block after function definition on line 1"),
    ({"main": "from .views import x\n", "views": "x = 1"}, "main:app", {}, "your application failed while it was imported: main.py:1 raised ImportError: attempted relative import with no known parent package. A relative import needs a package, and the module was imported as 'main': name it with its package (--app package.module:attribute), from the folder above"),
    ({"main": "from views import x\napp = 1\n", "views": "from main import app\nx = 1\n"}, "main:app", {}, "your application failed while it was imported: views.py:1 raised ImportError: cannot import name 'app' from partially initialized module 'main' (most likely due to a circular import) ({here}/main.py). main is imported again before it has finished: move one import into the function that needs it"),
    ({"wsproto": "from wsproto import WSConnection\n"}, "wsproto.py", {}, "your application failed while it was imported: wsproto.py:1 raised ImportError: cannot import name 'WSConnection' from partially initialized module 'wsproto' (most likely due to a circular import) ({here}/wsproto.py). Your wsproto.py hides the installed package 'wsproto': give your file another name"),
    ({"main": "\0"}, "main:app", {}, "your application failed while it was imported: main raised SyntaxError: source code string cannot contain null bytes"),
    ({"main": "class M(BaseException): ...\nraise M\n"}, "main:app", {}, "your application failed while it was imported: main.py:2 raised M"),
    ({"main": "def __getattr__(name):\n    raise LookupError(name)\n"}, "main:app", {}, "your application failed: looking up 'app' in main raised LookupError: app"),
    ({"main": "def create_app():\n    return {}['x']\n"}, "main:create_app", {"factory": True}, "your application failed while main:create_app() was called: main.py:2 raised KeyError: 'x'"),
    ({"main": "def create_app():\n    return {}['x']\n"}, "main:create_app", {}, "your application failed while main:create_app() was called (uvicorn calls what it finds without arguments, to see whether it is a factory): main.py:2 raised KeyError: 'x'"),
    ({"main": "def create_app():\n    return len(1)\n"}, "main:create_app", {"factory": True}, "your application failed while main:create_app() was called: main.py:2 raised TypeError: object of type 'int' has no len()"),
    ({"main": "def create_app():\n    return len(1)\n"}, "main:create_app", {}, "your application failed while its factory main:create_app() was called: TypeError: object of type 'int' has no len(). uvicorn takes a TypeError to mean that it is no factory, hides it and answers 500 to everything: give --factory to see it"),
]  # fmt: skip
