"""The routes: one static page, and three questions to it. Loopback, a token on every POST, bounded bodies, no CORS."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.resources import files
from secrets import compare_digest, token_urlsafe
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import ForescaleError
from ..pages.chart import SCRIPT, SWITCH
from ..pages.html import LOOK
from ..pages.svg import STYLE, variables
from ..spelling import in_the_shell
from .ask import FORMATS, download, is_quick, reply
from .store import Store
from .worker import Stopped, Worker

MAX_BODY = 20_000_000
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                               "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
}  # fmt: skip


class Guard:
    """Refuses other hosts, questions without the token, and bodies that are too large, before anything is read."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...], token: str):
        self.app, self.hosts, self.token = app, hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        answer = self._refusal(scope["method"], Headers(scope=scope)) or self.app
        await answer(scope, receive, guarded)

    def _refusal(self, method: str, headers: Headers) -> Response | None:
        name, _, port = headers.get("host", "").rpartition(":")
        host = name if port.isdigit() else headers.get("host", "")
        length = headers.get("content-length", "0")
        if host.lower() not in self.hosts:
            return PlainTextResponse("unknown host", 400)
        if method == "POST" and not compare_digest(headers.get("x-token", "").encode(), self.token.encode()):
            return _refused("expected the token of this page, got another. Reload the page.", 403)
        if not length.isdigit() or int(length) > MAX_BODY:
            return _refused(TOO_LARGE, 413)
        return None


TOO_LARGE = f"expected a table of at most {MAX_BODY // 1_000_000} MB, got a larger one. Open it from the shell instead."


def make_app(opened: str | None = None, hosts: tuple[str, ...] = LOOPBACK, token: str | None = None) -> Starlette:
    """The application.

    Args:
        opened: a table that is read at the start.
        hosts: what the Host header may name.
        token: of the page; random where left out.

    Raises:
        CurveError: `opened` is no table.
    """
    token = token or token_urlsafe(24)
    store, worker = Store(), Worker()
    facts = None if opened is None else store.open(opened)
    static = {name: (files("forescale") / "web" / "static" / name).read_text("utf-8") for name in _FILES}
    page = static["index.html"].replace("@TOKEN@", token)

    async def index(request: Request) -> Response:
        return Response(page, media_type="text/html")

    async def asset(request: Request) -> Response:
        kind, content = _assets(static)[request.url.path]
        return Response(content, media_type=kind)

    async def start(request: Request) -> Response:
        return JSONResponse(facts)

    async def table(request: Request) -> Response:
        return await _answered(lambda blob: store.take(blob, unquote(request.headers.get("x-name", "table"))), request)

    async def ask(request: Request) -> Response:
        async def answer(asked: dict[str, Any]) -> Response:
            curves = await _thread(lambda: store[str(asked.get("table"))].read(asked))
            if is_quick(asked, curves):
                return JSONResponse(await _thread(lambda: reply(asked, curves)))
            return JSONResponse(await worker.run(reply, asked, curves, stopped=request.is_disconnected))

        return await _json(answer, request)

    async def save(request: Request) -> Response:
        async def answer(asked: dict[str, Any]) -> Response:
            form = str(asked.get("format"))
            if form == "html":  # the report is of the curves, whatever tab is open
                asked = {**asked, "command": "forecast"}
            curves = await _thread(lambda: store[str(asked.get("table"))].read(asked))
            content = await worker.run(download, asked, curves, form, stopped=request.is_disconnected)
            named = {"Content-Disposition": f'attachment; filename="forescale.{form}"'}
            return Response(content, media_type=FORMATS[form], headers=named)

        return await _json(answer, request)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        worker.close()

    posts = {"/table": table, "/ask": ask, "/save": save, "/start": start}
    routes = [Route("/", index), *(Route(path, asset) for path in _assets(static))]
    routes += [Route(path, run, methods=["POST"]) for path, run in posts.items()]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.add_middleware(Guard, hosts=hosts, token=token)
    app.state.token = token
    return app


_FILES = ("index.html", "app.js", "app.css")


def _assets(static: dict[str, str]) -> dict[str, tuple[str, str]]:
    light, dark = (f":root{{{variables(kind)}}}" for kind in (True, False))
    look = f"{light}@media(prefers-color-scheme:dark){{{dark}}}{LOOK}{STYLE}{SWITCH}"
    return {
        "/app.js": ("text/javascript", static["app.js"]), "/app.css": ("text/css", look + static["app.css"]),
        "/chart.js": ("text/javascript", SCRIPT),
    }  # fmt: skip


def _refused(sentence: str, status: int = 422) -> JSONResponse:
    return JSONResponse({"error": sentence}, status)


async def _body(request: Request) -> bytes | None:
    """The body, or None as soon as it is larger than it may be."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


async def _thread(work: Callable[[], Any]) -> Any:
    """Run in a thread, with sentences spelt as in the shell."""

    def spelt() -> Any:
        with in_the_shell():
            return work()

    return await asyncio.to_thread(spelt)


async def _answered(work: Callable[[bytes], Any], request: Request) -> Response:
    body = await _body(request)
    if body is None:
        return _refused(TOO_LARGE, 413)
    try:
        return JSONResponse(await _thread(partial(work, body)))
    except ForescaleError as error:
        return _refused(str(error))


async def _json(answer: Callable[[dict[str, Any]], Awaitable[Response]], request: Request) -> Response:
    import json

    body = await _body(request)
    if body is None:
        return _refused(TOO_LARGE, 413)
    try:
        asked = json.loads(body)
        assert isinstance(asked, dict)
    except (ValueError, AssertionError, RecursionError):
        return _refused("expected a question in JSON, got something else. Reload the page.", 400)
    try:
        return await answer(asked)
    except Stopped:
        return Response(status_code=499)
    except ForescaleError as error:
        return _refused(str(error))
