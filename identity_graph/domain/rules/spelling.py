"""One spelling: a value as people, keyboards and spreadsheets write it, brought to the form that all of them mean."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from identity_graph.domain.rules.blocked import is_placeholder_number

BLOCKED = "blocked"
INVALID = "invalid"

Form = tuple[str | None, str]
"""The normal form and an empty string, or None and the code that says why there is none."""

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What Unicode calls default ignorable: soft hyphens, zero-width characters, marks of direction, byte order marks and so on."""

_BLANK = re.compile("[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
"""White space beyond ASCII: no-break spaces and spaces of other widths."""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""The signs of ASCII as East Asian keyboards type them."""

_PHONE = re.compile(r"(?:tel:)?\s*\(?\+?[\d\s()\[\]./~\-\u2010-\u2015\u2212]+", re.IGNORECASE)
"""Digits and what sets groups of them apart. Letters, extensions and second numbers are not guessed at."""

_DECIMAL = re.compile(r"[^.]*\.\d{1,2}")
"""A number with decimals, as a spreadsheet writes a phone number (``3012345678.0``): no more digits of a line."""

_MEXICO = 52
_MEXICAN = re.compile(r"(?:1|01|044|045)([2-9]\d{9})")
"""A number with a prefix for mobile or long distance. Mexico gave them up in 2019; every number has ten digits."""

_END = ".com"
_DOTS = re.compile(r"\.+")
_UNDER_A_NAME = re.compile(r"\.[^.]*[a-z]$")
"""A domain of two parts at least, of which the last is no number: ``localhost`` is another machine everywhere."""


def tidy(raw: str) -> str:
    """Leave out what cannot be seen, and write what looks alike alike; white space around it goes.

    Invisible characters come along when a value is copied from a web page or a chat. Full-width signs are those of
    ASCII; accents are composed (NFC). Case and all else stay.
    """
    if raw.isascii():
        return raw.strip()
    plain = _BLANK.sub(" ", _INVISIBLE.sub("", raw)).translate(_FULL_WIDTH)
    return unicodedata.normalize("NFC", plain).strip()


def spell_email(text: str) -> Form:
    """Lower-case the whole address: no mail provider of note tells users apart by case, but people type either.

    It must have the form of an address and need not be one that the world can write to: people sign up from
    ``.local`` networks, and mobile providers of Japan gave out addresses with dots beside each other and before the @.
    """
    local, _, domain = text.lower().rpartition("@")
    dotted = _DOTS.sub(".", local).strip(".")
    try:
        # Behind another ending the names that are reserved for special use pass as any other name does.
        found = validate_email(f"{dotted}@{domain}{_END}", check_deliverability=False)
    except EmailNotValidError:
        return None, INVALID
    if _UNDER_A_NAME.search(found.ascii_domain.removesuffix(_END)) is None:
        return None, INVALID
    return f"{unicodedata.normalize('NFC', local)}@{found.domain.removesuffix(_END)}", ""


def spell_phone(text: str, default_region: str) -> Form:
    """Bring a phone number to E.164.

    With its country code a number is taken when its length is possible there: new ranges are handed out faster than
    numbering plans are updated. Without one the country is a guess, so the number must fit the plan of that country.
    """
    visible = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if _PHONE.fullmatch(visible) is None or _DECIMAL.fullmatch(visible) is not None:
        return None, INVALID
    try:
        number = _as_today(phonenumbers.parse(visible, default_region, keep_raw_input=True))
        if is_placeholder_number(str(number.national_number)):
            return None, BLOCKED
        form = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        again = phonenumbers.format_number(phonenumbers.parse(form), PhoneNumberFormat.E164)
    except NumberParseException:
        return None, INVALID
    # With zeros or a carrier's prefix left in front, a number would come out shorter each time it is read.
    return (form, "") if again == form and _is_plausible(number) else (None, INVALID)


def _as_today(number: PhoneNumber) -> PhoneNumber:
    """Leave out a prefix that a country has given up."""
    if number.country_code == _MEXICO:
        found = _MEXICAN.fullmatch(phonenumbers.national_significant_number(number))
        if found is not None:
            source = number.country_code_source
            return PhoneNumber(_MEXICO, int(found[1]), country_code_source=source)
    return number


def _is_plausible(number: PhoneNumber) -> bool:
    has_country_code = number.country_code_source in {
        CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN,
        CountryCodeSource.FROM_NUMBER_WITH_IDD,
    }
    if not has_country_code:
        return phonenumbers.is_valid_number(number)
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
