"""The values that people leave behind, written the many ways in which people and systems write them."""

from random import Random

_MOBILE_PREFIXES = (
    "130",
    "131",
    "132",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "158",
    "159",
    "180",
    "186",
    "189",
)
_MAIL_DOMAINS = (
    "example.com",
    "example.net",
    "example.org",
    "mail.example.com",
    "post.example.net",
    "inbox.example.org",
)
_MISTYPED_DOMAINS = ("exmaple.com", "exampel.net", "example.co", "mail.exmaple.com")
_FAMILY = (
    "wang",
    "li",
    "zhang",
    "liu",
    "chen",
    "yang",
    "huang",
    "zhao",
    "wu",
    "zhou",
    "xu",
    "sun",
    "ma",
    "zhu",
    "hu",
    "guo",
)
_GIVEN = (
    "wei",
    "fang",
    "na",
    "min",
    "jing",
    "lei",
    "jun",
    "yan",
    "tao",
    "ming",
    "chao",
    "juan",
    "xia",
    "ping",
    "gang",
    "hui",
)
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

JUNK_ACCOUNTS = ("undefined", "null", "anonymous", "-1", "0")
"""What a front-end sends as ``userId`` when it forgot to wait for the login."""

JUNK_EMAIL = "test@test.com"
JUNK_PHONES = ("00000000000", "null", "undefined", "n/a")
ZERO_ADVERTISING_ID = "00000000-0000-0000-0000-000000000000"
PLACEHOLDER = "anonymous"
"""What tills and call centres send as ``anonymousId``, since their client insists on one."""


def make_uuid(rng: Random) -> str:
    """Make a random UUID in its usual form, lower case."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def make_wechat_id(rng: Random) -> str:
    """Make an OpenID or a UnionID: ``o`` and 27 characters of URL-safe base64."""
    bits = rng.getrandbits(162)
    return "o" + "".join(_BASE64[(bits >> shift) & 63] for shift in range(0, 162, 6))


def make_mobile(rng: Random) -> str:
    """Make a Chinese mobile number in E.164 form: ``+86`` and 11 digits."""
    return f"+86{rng.choice(_MOBILE_PREFIXES)}{rng.randrange(10**8):08d}"


def make_neighbour(rng: Random, phone: str) -> str:
    """Change one of the last eight digits of a mobile number; the result is a valid number too."""
    at = len(phone) - 1 - rng.randrange(8)
    digit = (int(phone[at]) + rng.randrange(1, 10)) % 10
    return f"{phone[:at]}{digit}{phone[at + 1 :]}"


def shorten(rng: Random, phone: str) -> str:
    """Lose two of the last digits of a mobile number, so that no valid one is left."""
    national = phone[3:]
    at = 4 + rng.randrange(6)
    return national[:at] + national[at + 2 :]


def write_phone(rng: Random, phone: str) -> str:
    """Write an E.164 number the way some till, form or agent would."""
    national = phone[3:]
    a, b, c = national[:3], national[3:7], national[7:]
    forms = (
        national,
        national,
        national,
        phone,
        f"+86 {a} {b} {c}",
        f"{a}-{b}-{c}",
        f"0086{national}",
        f"(+86){a} {b}{c}",
        f" {a} {b} {c} ",
    )
    return forms[rng.randrange(len(forms))]


def make_name(rng: Random) -> tuple[str, str]:
    """Make a family name and a given name, in Latin letters and lower case."""
    return rng.choice(_FAMILY), rng.choice(_GIVEN)


def make_email(rng: Random, name: tuple[str, str], number: int) -> str:
    """Make an address in its normal form; ``number`` keeps the addresses of namesakes apart."""
    return f"{name[1]}.{name[0]}{number}@{rng.choice(_MAIL_DOMAINS)}"


def write_email(rng: Random, email: str) -> str:
    """Write an address with the capitals and spaces that forms let through; it stays the same address."""
    form = rng.randrange(12)
    if form == 0:
        return f" {email}"
    if form == 1:
        local, _, domain = email.partition("@")
        return f"{local}@{domain.upper()}"
    return email


def mistype_email(rng: Random, email: str) -> str:
    """Mistype the domain of an address: another valid address, which is nobody else's."""
    return f"{email.partition('@')[0]}@{rng.choice(_MISTYPED_DOMAINS)}"


def break_email(email: str) -> str:
    """Lose the @ of an address: no valid address is left."""
    return email.replace("@", ".")
