"""`forescale serve`: a page on this machine to play with; needs the extra [serve]."""

import socket
from importlib.util import find_spec
from typing import Annotated

import typer

from ..errors import CurveError, MissingExtraError
from .command import command
from .show import say, write

Open = Annotated[str | None, typer.Option("--open", help="A table that is shown at once.")]
Port = Annotated[int, typer.Option("--port", help="Where to listen.")]
Host = Annotated[str, typer.Option("--host", help="Another address than this machine's own is reachable by others.")]


@command(watched=False)
def serve(table: Open = None, port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """A page on this machine: drop a table, move a target, see the forecast move. Ctrl-C ends it."""
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise MissingExtraError("expected the extra [serve], got none. Run: pip install 'forescale[serve]'.")
    import uvicorn

    from ..web.app import LOOPBACK, make_app

    _check(host, port)
    hosts = LOOPBACK if host in (*LOOPBACK, "::1") else (*LOOPBACK, host)
    app = make_app(table, hosts)
    if hosts != LOOPBACK:
        say(f"warning: open_host: everybody who reaches {host}:{port} can read the tables that are dropped here.")
    write(f"http://{f'[{host}]' if ':' in host else host}:{port}  (Ctrl-C ends it)\n")
    uvicorn.run(app, host=host, port=port, log_level="error", server_header=False, date_header=False)


def _check(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on.

    Raises:
        CurveError: the port is taken, or not one of this machine.
    """
    if not 0 < port < 65536:
        raise CurveError(f"expected a port from 1 to 65535, got {port}. Try --port 8000.")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = error.strerror or error
            raise CurveError(
                f"expected a free address, got '{why}' for {host}:{port}. Try --port {port % 65535 + 1}."
            ) from None
