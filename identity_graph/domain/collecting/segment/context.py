"""What an event keeps of the context of its message: all but what it keeps elsewhere, and no whole network address."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, cast

from identity_graph.domain.collecting.segment.fields import OddFields
from identity_graph.domain.journeys.channels import SENT_CHANNEL
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.numbers import InexactNumberError, read_id

_EXTERNAL_IDS = ("externalIds", "externalId")
_DEVICE_IDS = ("id", "advertisingId")


def keep_context(
    context: Mapping[str, Any],
    own_channel: str,
    *,
    identifiers: Collection[RawIdentifier],
    traits: Mapping[str, Any],
    keep_ip: bool,
    odd: OddFields,
) -> dict[str, Any]:
    """Give what is kept of a context.

    Left out is what the event keeps as ``identifiers`` and ``traits``. An advertising id that may not be used is not kept
    either. ``ip`` is shortened unless ``keep_ip``; what is no address is added to ``odd``. The message's own channel, which
    stands beside the context, comes along.
    """
    kept = {name: value for name, value in context.items() if value is not None and value != ""}
    if "traits" in kept:
        _leave_out_traits(kept, traits)
    if "device" in kept and type(kept["device"]) is dict:
        kept["device"] = {name: value for name, value in kept["device"].items() if name not in _DEVICE_IDS}
    for name in _EXTERNAL_IDS:
        if name in kept:
            _leave_out_ids(kept, name, identifiers)
    if "ip" in kept and not keep_ip:
        shortened = shorten_ip(kept["ip"]) if type(kept["ip"]) is str else None
        if shortened is None:
            odd.add("context.ip", kept.pop("ip"), "must be an IP address")
        else:
            kept["ip"] = shortened
    if own_channel:
        kept[SENT_CHANNEL] = own_channel
    return kept


@lru_cache(maxsize=4096)
def shorten_ip(text: str) -> str | None:
    """Leave the network of an address: three of four numbers of IPv4, 48 bits of IPv6; None when it is no address."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(IPv6Network((int(address), 48), strict=False).network_address)
        address = address.ipv4_mapped
    return str(IPv4Network((int(address), 24), strict=False).network_address)


def _leave_out_traits(kept: dict[str, Any], traits: Mapping[str, Any]) -> None:
    """Leave out the traits that the event has; others were said as well, and the message's own ones won."""
    said = kept.pop("traits")
    if type(said) is dict:
        of_context = cast("dict[str, Any]", said)
        other = {
            name: value
            for name, value in of_context.items()
            if value != "" and (name not in traits or traits[name] != value)
        }
        if other:
            kept["traits"] = other


def _leave_out_ids(kept: dict[str, Any], name: str, identifiers: Collection[RawIdentifier]) -> None:
    """Leave out the entries that the event has as identifiers."""
    entries = kept.pop(name)
    listed = cast("list[Any]", entries) if isinstance(entries, list) else [entries]
    other = [entry for entry in listed if _identifier_of(entry) not in identifiers]
    if other:
        kept[name] = other


def _identifier_of(entry: object) -> RawIdentifier | None:
    if type(entry) is not dict:
        return None
    of_user = cast("dict[str, Any]", entry)
    try:
        value = read_id(of_user.get("id"))
    except InexactNumberError:
        return None
    return RawIdentifier(str(of_user.get("type")), value or "")
