"""Where webhooks may go."""

import pytest

from identity_graph.domain.activation.addresses import Reach, may_call, reach_of
from identity_graph.domain.activation.urls import find_fault

PRIVATE = [
    "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "::1", "fc00::1",
    "fd12::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    "2002:c0a8:101::1", "::127.0.0.1", "::ffff:0:127.0.0.1",
]  # fmt: skip
FORBIDDEN = [
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192",  # noqa: S104
    "224.0.0.1",
    "255.255.255.255", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "fd00:ec2::254", "fd20:ce::254",
    "::ffff:169.254.169.254", "::ffff:0.0.0.0", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "2002:a9fe:a9fe::", "2001::1",
    "2001:db8::1", "198.18.0.1", "::169.254.169.254", "127.0.0", "2130706433", "0177.0.0.1", "0x7f.0.0.1", "example.com", "",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8", "2002:808:808::1",
]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        *((address, Reach.PRIVATE) for address in PRIVATE),
        *((address, Reach.FORBIDDEN) for address in FORBIDDEN),
        *((address, Reach.PUBLIC) for address in PUBLIC),
    ],
)
def test_an_address_leads_somewhere(address: str, reach: Reach) -> None:
    assert reach_of(address) is reach
    assert may_call(address, allow_private=False) is (reach is Reach.PUBLIC)
    assert may_call(address, allow_private=True) is (reach is not Reach.FORBIDDEN)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a?b=c", "http://example.com:8080", "https://8.8.8.8/x", "https://[2606:4700::1111]/x",
        "https://xn--mnchen-3ya.example/", "https://example.com./x",
    ],
)  # fmt: skip
def test_a_good_address_has_no_fault(url: str) -> None:
    assert find_fault(url, allow_private=False) is None


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("ftp://example.com/", "begin with https"),
        ("file:///etc/passwd", "begin with https"),
        ("example.com/x", "begin with https"),
        ("https:///x", "no host"),
        ("https://user:pw@example.com/", "name or password"),
        ("https://user@example.com/", "name or password"),
        ("https://example.com/#x", "after #"),
        ("https://example.com:0/", "port 0"),
        ("https://example.com:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("https://example.com/a b", "characters"),
        ("https://example.com/\n", "characters"),
        ("https://münchen.example/", "characters"),
        ("https://example.com\\@evil.example/", "characters"),
        ("https://exa$mple.com/", "no name of a host"),
        ("https://-a.example/", "no name of a host"),
        ("https://2130706433/", "no plain address"),
        ("https://0x7f000001/", "no plain address"),
        ("https://0177.0.0.1/", "no plain address"),
        ("https://127.1/", "no plain address"),
        ("https://127.0.0.1./", "no plain address"),
        ("https://127.0.0.1/", "may not go to"),
        ("https://999.1.1.1/", "may not go to"),
        ("https://[::ffff:127.0.0.1]/", "may not go to"),
        ("https://169.254.169.254/latest/meta-data", "may not go to"),
        ("http://localhost:9000/", "may not go to"),
        ("http://a.localhost/", "may not go to"),
        ("https://example.com/" + "x" * 2000, "longer than"),
    ],
)
def test_a_bad_address_is_refused_with_the_reason(url: str, fault: str) -> None:
    assert fault in (find_fault(url, allow_private=False) or "")


def test_private_addresses_can_be_allowed_and_metadata_never() -> None:
    assert find_fault("http://localhost:9000/", allow_private=True) is None
    assert find_fault("http://127.0.0.1:9000/", allow_private=True) is None
    assert find_fault("http://169.254.169.254/", allow_private=True) is not None
    assert find_fault("http://0.0.0.0/", allow_private=True) is not None
