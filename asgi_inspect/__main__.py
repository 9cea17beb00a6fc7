"""`python -m asgi_inspect` is the command `asgi-inspect`."""

from .cli import main

if __name__ == "__main__":
    main()
