"""Hashes of addresses, cells that are no formulas, and what transitions come to."""

import pytest

from identity_graph.domain.activation.cells import defuse
from identity_graph.domain.activation.hashing import (
    Platform,
    hash_address,
    normalize_email_for_google,
    normalize_email_for_meta,
    normalize_email_for_uid2,
    normalize_phone_as_e164,
    normalize_phone_for_meta,
)
from identity_graph.domain.activation.net_changes import find_net_changes
from tests.worlds.activation import transition


@pytest.mark.parametrize(
    ("platform", "namespace", "value", "hashed"),
    [
        # The answers that the documentation of UID2 and of Meta gives for these examples.
        (Platform.UID2, "email", "user@example.com", "tMmiiTI7IaAcPpQPFQ65uMVCWH8av9jw4cwf/F5HVRQ="),
        (Platform.UID2, "phone", "+12345678901", "EObwtHBUqDNZR33LNSMdtt5cafsYFuGmuY4ZLenlue4="),
        (Platform.UID2, "email", "JANESaoirse+work@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="),
        (Platform.META, "phone", "+1 (650) 555-1212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        (Platform.META, "email", "John_Smith@gmail.com", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
        (Platform.META, "phone", "+15559876543", "1ef970831d7963307784fa8688e8fce101a15685d62aa765fed23f3a2c576a4e"),
        # Google names the form and SHA-256 in hex: the hash of what its rules make of the address.
        (Platform.GOOGLE, "email", "user@example.com", "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514"),
        (Platform.GOOGLE, "phone", "+12345678901", "10e6f0b47054a83359477dcb35231db6de5c69fb1816e1a6b98e192de9e5b9ee"),
        (Platform.GOOGLE, "user_id", "42", None),
    ],
)  # fmt: skip
def test_a_hash_is_what_the_platform_expects(
    platform: Platform, namespace: str, value: str, hashed: str | None
) -> None:
    assert hash_address(platform, namespace, value) == hashed


@pytest.mark.parametrize(
    ("address", "google", "meta", "uid2"),
    [
        (" User@Example.com ", "user@example.com", "user@example.com", "user@example.com"),
        ("Jane.Saoirse@Gmail.com", "janesaoirse@gmail.com", "jane.saoirse@gmail.com", "janesaoirse@gmail.com"),
        ("jane.saoirse+work@gmail.com", "janesaoirse+work@gmail.com", "jane.saoirse+work@gmail.com", "janesaoirse@gmail.com"),
        ("jane.doe@googlemail.com", "janedoe@googlemail.com", "jane.doe@googlemail.com", "jane.doe@googlemail.com"),
        ("jane.doe+x@example.com", "jane.doe+x@example.com", "jane.doe+x@example.com", "jane.doe+x@example.com"),
        ("no address", "noaddress", "no address", "no address"),
    ],
)  # fmt: skip
def test_each_platform_normalises_addresses_in_its_own_way(address: str, google: str, meta: str, uid2: str) -> None:
    assert normalize_email_for_google(address) == google
    assert normalize_email_for_meta(address) == meta
    assert normalize_email_for_uid2(address) == uid2


def test_phone_numbers_are_e164_but_for_meta() -> None:
    assert normalize_phone_as_e164("+1 (616) 954-78 88") == "+16169547888"
    assert normalize_phone_for_meta("+1 (616) 954-78 88") == "16169547888"
    assert normalize_phone_for_meta("0049 30 123") == "4930123"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Li", "Li"),
        ("", ""),
        ("+8613800138000", "+8613800138000"),
        ("-12.50", "-12.50"),
        ("=1+1", "'=1+1"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1+1", "'＝1+1"),
        ("a=1", "a=1"),
    ],
)
def test_a_cell_is_no_formula(text: str, cell: str) -> None:
    assert defuse(text) == cell


def test_only_what_differs_in_the_end_is_a_change() -> None:
    steps = [
        transition("cus_in", 1),
        transition("cus_out", 2),
        transition("cus_in_and_out", 1),
        transition("cus_in_and_out", 2),
        transition("cus_out_and_in", 2),
        transition("cus_out_and_in", 3),
        transition("cus_in_out_in", 1),
        transition("cus_in_out_in", 2),
        transition("cus_in_out_in", 3),
    ]
    assert find_net_changes(steps) == {"cus_in": True, "cus_out": False, "cus_in_out_in": True}
