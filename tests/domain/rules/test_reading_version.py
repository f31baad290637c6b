"""Whoever changes how values are read says so: graphs of earlier versions are read anew then."""

from hashlib import blake2b

from identity_graph.domain.rules.difference import READING
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.rules.normalization import read_identifiers
from identity_graph.domain.values.identifiers import RawIdentifier

RULES = parse_rules("""
default_region: CN
namespaces:
  account: {limit: 1}
  openid: {scoped: true}
  phone: {normalize: phone}
  email: {normalize: email}
""")
VALUES = [
    "a",
    "A",
    "1",
    "007",
    "null",
    "NULL",
    '"null"',
    "{}",
    "[]",
    "${id}",
    "{{id}}",
    "%%EMAIL%%",
    "__IDFA__",
    "[object_Object]",
    "n/a",
    "-1",
    "0",
    "000-000",
    "test@test.com",
    "Ａ１",
    "a\u200bb",
    "Zoë",
    "a",
    "b",
    "wx1/oABC",
    "wx1/null",
    "ｗｘ１／o",
    "13800138000",
    "+86_138_0013_8000",
    "0086_13800138000",
    "+5215512345678",
    "13800138000.0",
    "11111111111",
    "12345678901",
    "+15550101234",
    "tel:13800138000",
    "Ada@Example.COM",
    "ada@shop.local",
    "ada..@docomo.ne.jp",
    "ada@localhost",
    "ａｄａ＠ｅｘａｍｐｌｅ．com",
    "ada@XN--STRAE-OQA.de",
    "Éve@example.com",
    "ada+shop@example.com",
]
KNOWN = {2: "cabafc51fe1d651c"}
"""What the values are read as, as a hash, for each reading."""


def test_another_reading_has_another_number() -> None:
    raw = [RawIdentifier(name, value.replace("_", " ")) for name in RULES.namespaces for value in VALUES]
    readings = [read_identifiers([one], RULES) for one in raw]
    told = repr([[i.key for i in usable] + [item.code for item in ignored] for usable, ignored in readings])
    assert {READING: blake2b(told.encode(), digest_size=8).hexdigest()}.items() <= KNOWN.items(), (
        "Values are read otherwise than READING says: add one to it (see CONTRIBUTING), and put the new hash here."
    )
