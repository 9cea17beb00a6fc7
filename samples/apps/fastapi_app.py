"""A small shop in FastAPI: startup opens a database, and every request finds it in its state.

    asgi-inspect samples/hello.http --app samples.apps.fastapi_app:app
    asgi-inspect samples/order.http --app samples.apps.fastapi_app:app
    asgi-inspect samples/bad_order.http --app samples.apps.fastapi_app:app

What the lifespan yields becomes `scope["state"]`: the server keeps it and gives each request a copy.
The third request never reaches `order`: FastAPI reads the body, finds it wrong, and answers 422.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from pydantic import BaseModel, Field


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, sqlite3.Connection]]:
    """Before the first request a table in memory; after the last one the connection is closed."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, item TEXT, quantity INTEGER)")
    yield {"database": database}
    database.close()


app = FastAPI(lifespan=lifespan)


class Order(BaseModel):
    """What a customer may ask for."""

    item: str = Field(min_length=1)
    quantity: int = Field(gt=0)


@app.get("/hello")
async def hello(name: str = "world") -> dict[str, str]:
    """The query string, decoded and checked, arrives as an argument."""
    return {"message": f"Hello {name}"}


@app.post("/orders", status_code=201)
async def order(order: Order, request: Request) -> dict[str, object]:
    """The body, parsed and validated, arrives as an argument too."""
    database = request.state.database
    insert = "INSERT INTO orders (item, quantity) VALUES (?, ?)"
    number = database.execute(insert, (order.item, order.quantity)).lastrowid
    return {"number": number, "item": order.item, "quantity": order.quantity}


@app.post("/echo")
async def echo(request: Request) -> dict[str, object]:
    """How much was sent, and as what; a form, an upload or anything else."""
    body = await request.body()
    return {"content_type": request.headers.get("content-type"), "bytes": len(body)}
