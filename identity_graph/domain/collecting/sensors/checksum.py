"""The checksum that Sensors SDKs send beside their data: ``ext=crc=<number>``."""

import re

_CRC = re.compile(r"crc=(-?[0-9]{1,20})")
_BITS = 2**32
_SIGN = 2**31


def checksum(text: str) -> int:
    """Sum up a text as Java's ``String.hashCode`` does, over its UTF-16 code units, as a signed number of 32 bits."""
    units = text.encode("utf-16-be", "surrogatepass")
    total = 0
    for high, low in zip(units[::2], units[1::2], strict=True):
        total = (31 * total + (high << 8) + low) % _BITS
    return total - _BITS if total >= _SIGN else total


def is_intact(data: str, ext: str) -> bool:
    """Tell whether data arrived as it was sent: its checksum is the one in ``ext``, or ``ext`` has none."""
    found = _CRC.search(ext)
    return found is None or int(found[1]) == checksum(data)
