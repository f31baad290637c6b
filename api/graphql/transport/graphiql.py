"""GraphiQL for browsers, from files that come with the package: it needs no other host."""

import gzip
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_FOLDER = Path(__file__).resolve().parent / "assets"
_KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_NAMES = frozenset(
    {"graphiql.min.css", "graphiql.min.js", "react.production.min.js", "react-dom.production.min.js", "start.js"}
)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def show_page() -> Response:
    """Show the page, which asks for the key and so needs none."""
    return Response(
        _read("graphiql.html"),
        media_type="text/html",
        headers={"content-security-policy": _POLICY, "x-content-type-options": "nosniff", "vary": "accept"},
    )


async def show_asset(request: Request) -> Response:
    """Show a script or a style sheet of the page."""
    name = request.path_params["name"]
    if name not in _NAMES:
        return Response(status_code=404)
    headers = {"content-type": _KINDS[Path(name).suffix], "cache-control": "max-age=3600", "vary": "accept-encoding"}
    if not (_FOLDER / f"{name}.gz").exists():
        return Response(_read(name), headers=headers)
    packed = _read(f"{name}.gz")
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, headers={**headers, "content-encoding": "gzip"})
    return Response(gzip.decompress(packed), headers=headers)


@cache
def _read(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()
