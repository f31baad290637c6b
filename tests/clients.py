"""HTTP clients of the tests. They share the certificates, since to load them takes longer than most requests."""

from functools import partial

import httpx

_CERTIFICATES = httpx.create_ssl_context()

AsyncClient = partial(httpx.AsyncClient, verify=_CERTIFICATES)
get = partial(httpx.get, verify=_CERTIFICATES)
post = partial(httpx.post, verify=_CERTIFICATES)
