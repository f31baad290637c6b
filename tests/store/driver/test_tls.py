"""The connection to Neo4j over TLS: only a certificate of the authority that was given is believed."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from identity_graph.errors import GraphUnavailableError, SettingsError
from identity_graph.store.driver.graph import Graph
from tests.neo4j_server import TestServer


class Authority(NamedTuple):
    """Files of an authority, and of a certificate for this machine that it signed."""

    ca: Path
    cert: Path
    key: Path


def make_authority(folder: Path) -> Authority:
    """Make an authority and a certificate of 127.0.0.1."""
    now = datetime.now(UTC)

    def build(name: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        def named(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        builder = x509.CertificateBuilder().subject_name(named(name)).issuer_name(named(issuer))
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))

    own, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = build("ca", "ca", own).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    cert = build("server", "ca", key).add_extension(names, critical=False)
    files = Authority(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    folder.mkdir(parents=True, exist_ok=True)
    files.ca.write_bytes(ca.sign(own, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    files.cert.write_bytes(cert.sign(own, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@asynccontextmanager
async def encrypted(uri: str, authority: Authority) -> AsyncGenerator[str]:
    """Put TLS before a Neo4j, and give the address."""
    to = urlsplit(uri)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(to.hostname, to.port)
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.cert, authority.key)
    server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=context)
    try:
        yield f"bolt+s://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.sleep(0.05)


async def test_only_the_authority_that_was_given_is_believed(neo4j_server: TestServer, tmp_path: Path) -> None:
    authority, stranger = make_authority(tmp_path / "own"), make_authority(tmp_path / "other")
    async with encrypted(neo4j_server.uri, authority) as uri:
        async with await Graph.connect(uri, neo4j_server.user, neo4j_server.password, ca=authority.ca) as graph:
            assert await graph.run("RETURN 1 AS one") == [{"one": 1}]
        for ca in (None, stranger.ca):
            with pytest.raises(GraphUnavailableError):
                await Graph.connect(uri, neo4j_server.user, neo4j_server.password, ca=ca, retry_seconds=1)


async def test_what_is_wrong_with_the_authority_is_told(tmp_path: Path) -> None:
    no_certificate = tmp_path / "no.pem"
    no_certificate.write_text("hello")
    for ca, said in ((tmp_path / "missing.pem", "No such file"), (no_certificate, "no certificate in PEM")):
        with pytest.raises(SettingsError, match=said):
            await Graph.connect("bolt+s://127.0.0.1:1", "neo4j", "password", ca=ca)
    with pytest.raises(SettingsError, match="must begin with"):
        await Graph.connect("bolt://127.0.0.1:1", "neo4j", "password", ca=make_authority(tmp_path).ca)
