"""Sending one message: signatures, limits, and receivers that misbehave."""

import asyncio
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook, WebhookVerificationError

from identity_graph.domain.activation.retrying import Attempt, Outcome
from identity_graph.service.activation import checked_network, sending
from identity_graph.service.activation.sending import Message, Sender, Target, headers_of
from identity_graph.service.clock import now_instant
from tests.receivers import OK, Answer, Received, always, receiver, status
from tests.worlds.activation import SECRET

OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
MESSAGE = Message("msg_1", '{"type":"segment.entered","data":{"city":"北京"}}')


async def attempt(url: str, *, seconds: float = 1.0, allow_private: bool = True) -> Attempt:
    async with Sender(connections=1, allow_private=allow_private, seconds=seconds) as sender:
        return await sender.send(Target(url, [SECRET]), MESSAGE, now_instant())


async def test_a_receiver_can_verify_what_it_gets() -> None:
    async with receiver() as there:
        assert (await attempt(there.url)).outcome is Outcome.DELIVERED
        (got,) = there.received
    assert Webhook(SECRET).verify(got.body, got.headers) == {"type": "segment.entered", "data": {"city": "北京"}}
    assert got.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(got.body + " ", got.headers)


def test_while_a_secret_is_rotated_receivers_with_either_can_verify() -> None:
    headers = {
        name.decode(): value.decode() for name, value in headers_of(Target("", [OTHER, SECRET]), MESSAGE, now_instant())
    }
    assert Webhook(OTHER).verify(MESSAGE.payload, headers)
    assert Webhook(SECRET).verify(MESSAGE.payload, headers)


def test_the_signature_does_not_depend_on_the_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    made = set[bytes]()
    try:
        for zone in ("UTC", "Asia/Shanghai", "America/Los_Angeles"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            made.add(dict(headers_of(Target("", [SECRET]), MESSAGE, 1_769_904_000_000_000))[b"webhook-signature"])
    finally:
        monkeypatch.undo()
        time.tzset()
    assert len(made) == 1


async def hang(_: Received, __: asyncio.StreamWriter) -> bytes:
    await asyncio.sleep(30)
    return OK


async def drip_the_head(_: Received, writer: asyncio.StreamWriter) -> bytes:
    for byte in OK:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.2)
    return b""


async def break_off(_: Received, writer: asyncio.StreamWriter) -> bytes:
    writer.close()
    return b""


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (hang, "No answer within 1 seconds"),
        (drip_the_head, "No answer within 1 seconds"),
        (break_off, "not HTTP"),
        (always(b"\x00\xffgarbage\r\n\r\n"), "not HTTP"),
        (always(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 1_000_000), "not HTTP"),
        (always(status(500)), "answered 500"),
        (always(status(302, "Location: http://127.0.0.1:1/")), "redirect"),
        (always(status(307, "Location: /elsewhere")), "redirect"),
        (always(status(400)), "answered 400"),
    ],
)
async def test_a_bad_receiver_is_a_failure_with_a_reason_and_in_time(answer: Answer, error: str) -> None:
    async with receiver(answer) as there:
        begun = time.monotonic()
        result = await attempt(there.url)
        assert time.monotonic() - begun < 3
        assert result.outcome is Outcome.FAILED
        assert error in (result.error or "")
        assert len(there.received) == 1


async def test_410_means_that_nothing_more_is_wanted() -> None:
    async with receiver(always(status(410))) as there:
        assert (await attempt(there.url)).outcome is Outcome.GONE


async def test_retry_after_is_read() -> None:
    async with receiver(always(status(503, "Retry-After: 7"))) as there:
        assert (await attempt(there.url)).wait == 7_000_000


async def endless(_: Received, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def drip_the_body(_: Received, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("answer", [endless, drip_the_body])
async def test_once_the_status_is_there_the_body_is_cut_off(answer: Answer) -> None:
    async with receiver(answer) as there:
        begun = time.monotonic()
        assert (await attempt(there.url, seconds=5)).outcome is Outcome.DELIVERED
        assert time.monotonic() - begun < 3


async def test_a_name_that_leads_to_a_private_address_is_not_called() -> None:
    async with receiver() as there:
        for host in ("localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]"):
            result = await attempt(f"http://{host}:{there.port}/", allow_private=False)
            assert "may not go to" in (result.error or ""), host
        for host in ("0.0.0.0", "0", "[::]"):  # noqa: S104
            assert "may not go to" in ((await attempt(f"http://{host}:{there.port}/")).error or ""), host
        assert there.connections == 0


async def test_only_the_address_that_was_checked_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that gives a good address at first and a private one a moment later gains nothing."""
    asked: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        asked.append(host)
        return [(0, 0, 0, "", (address, port)) for address in (["203.0.113.9"] if len(asked) == 1 else ["127.0.0.1"])]

    monkeypatch.setattr(checked_network.socket, "getaddrinfo", resolve)
    async with receiver() as there:
        for turn in (1, 2, 3):
            result = await attempt(f"http://rebinding.example:{there.port}/", allow_private=False)
            assert "may not go to" in (result.error or "")
            assert asked.count("rebinding.example") == turn
        assert (await attempt(f"http://rebinding.example:{there.port}/")).outcome is Outcome.DELIVERED
        assert there.connections == 1


async def test_the_certificate_must_be_trusted_and_be_that_of_the_host(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = make_certificate(tmp_path, "hooks.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    names: list[str | None] = []
    context.sni_callback = lambda _, name, __: names.append(name)

    def resolve(_: str, port: int, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(0, 0, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(checked_network.socket, "getaddrinfo", resolve)
    async with receiver(context=context) as there:
        assert "certificate" in ((await attempt(f"https://hooks.example:{there.port}/")).error or "")
        trusted = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(sending, "tls_context", lambda: trusted)
        assert (await attempt(f"https://hooks.example:{there.port}/")).outcome is Outcome.DELIVERED
        assert "certificate" in ((await attempt(f"https://other.example:{there.port}/")).error or "")
    assert names == ["hooks.example", "hooks.example", "other.example"]


def make_certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


async def test_a_name_that_leads_nowhere_and_a_closed_port_are_failures() -> None:
    assert "leads nowhere" in ((await attempt("http://nowhere.invalid/", seconds=10)).error or "")
    async with receiver() as there:
        pass
    assert "Cannot connect" in ((await attempt(there.url)).error or "")


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as there, receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await attempt(there.url)).outcome is Outcome.DELIVERED
        assert (there.connections, proxy.connections) == (1, 0)
