"""Addresses with a slash too many: ``https://host/`` and ``/v1/batch``, put together by a setting, are ``//v1/batch``."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

_SEVERAL = re.compile(r"/{2,}")


class SingleSlashes:
    """Reads several slashes in a path as one, without a redirect: SDKs do not follow one with a body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and "//" in scope["path"]:
            scope = {**scope, "path": _SEVERAL.sub("/", scope["path"])}
        await self._app(scope, receive, send)
