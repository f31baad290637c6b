"""Which pages of other origins may ask: those that the setting names; none unless it is set."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_PATH = "/graphql"
_ALLOWED_HEADERS = ("Authorization", "Content-Type", "Accept")
_EXPOSED_HEADERS = ("Retry-After", "X-Request-Id")
_MAX_AGE_SECONDS = 86_400


class CrossOrigin:
    """Lets front-ends of the allowed origins read the answers of ``/graphql``, those of errors too.

    The admin key is the only way in and no cookie is ever read, so nothing is allowed with credentials. What is allowed is
    a setting of the service, which is known when the application has started.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._allowing: tuple[tuple[str, ...], ASGIApp] = ((), app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, by way of CORS where it concerns it."""
        if scope["type"] != "http" or scope["path"] != _PATH:
            await self._app(scope, receive, send)
            return
        await self._allow(allowed_origins(scope))(scope, receive, send)

    def _allow(self, origins: tuple[str, ...]) -> ASGIApp:
        if self._allowing[0] != origins:
            allowing = CORSMiddleware(
                self._app,
                allow_origins=origins,
                allow_methods=("GET", "POST"),
                allow_headers=_ALLOWED_HEADERS,
                expose_headers=_EXPOSED_HEADERS,
                max_age=_MAX_AGE_SECONDS,
            )
            self._allowing = origins, allowing
        return self._allowing[1]


def may_open(scope: Scope) -> bool:
    """Whether a WebSocket may be opened: by a program, by a page of this very service, or by one of an allowed origin."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    return origin is None or origin in allowed_origins(scope) or origin.partition("://")[2] == headers.get("host")


def allowed_origins(scope: Scope) -> tuple[str, ...]:
    """Give the origins that the settings of the service name."""
    return scope["app"].state.service.settings.cors_origins
