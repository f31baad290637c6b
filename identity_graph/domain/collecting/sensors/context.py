"""The context of a Sensors message: what its preset properties say, in the shape in which Segment's SDKs say it."""

from typing import Any

from identity_graph.domain.collecting.segment.fields import drop_absent

_PLACES: dict[str, tuple[str, ...]] = {
    "$url": ("page", "url"),
    "$url_path": ("page", "path"),
    "$url_query": ("page", "search"),
    "$title": ("page", "title"),
    "$referrer": ("page", "referrer"),
    "$utm_campaign": ("campaign", "name"),
    "$utm_source": ("campaign", "source"),
    "$utm_medium": ("campaign", "medium"),
    "$utm_term": ("campaign", "term"),
    "$utm_content": ("campaign", "content"),
    "$os": ("os", "name"),
    "$os_version": ("os", "version"),
    "$manufacturer": ("device", "manufacturer"),
    "$brand": ("device", "brand"),
    "$model": ("device", "model"),
    "$screen_width": ("screen", "width"),
    "$screen_height": ("screen", "height"),
    "$network_type": ("network", "type"),
    "$wifi": ("network", "wifi"),
    "$carrier": ("network", "carrier"),
    "$app_id": ("app", "namespace"),
    "$app_name": ("app", "name"),
    "$app_version": ("app", "version"),
    "$browser_language": ("locale",),
    "$ip": ("ip",),
    "$user_agent": ("userAgent",),
    "$scene": ("scene",),
}
_LATEST = "$latest_"
_LIBRARIES = {"js": "sa-sdk-javascript"}
_LONGEST_LIBRARY = 64


def read_context(message: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """Give the context of a message.

    ``library`` is the SDK: ``sa-sdk-javascript``, ``sa-sdk-miniprogram``, ``sa-sdk-python``. ``campaign`` is that of this
    very visit (``$utm_…``). ``latest`` holds what the SDK remembers of earlier ones (``$latest_…``). ``userAgent`` may come
    from the request, which the collector notes as ``_user_agent``.
    """
    context: dict[str, Any] = {}
    latest: dict[str, Any] = {}
    for name, value in drop_absent(properties).items():
        place = _PLACES.get(name)
        if place is not None:
            _put(context, place, value)
        elif name.startswith(_LATEST):
            latest[name.removeprefix(_LATEST)] = value
    if latest:
        context["latest"] = latest
    agent = message.get("_user_agent")
    if type(agent) is str and agent:
        context.setdefault("userAgent", agent)
    library = _read_library(message.get("lib"), properties)
    if library:
        context["library"] = library
    return context


def _put(context: dict[str, Any], place: tuple[str, ...], value: object) -> None:
    *groups, name = place
    for group in groups:
        context = context.setdefault(group, {})
    context[name] = value


def _read_library(lib: object, properties: dict[str, Any]) -> dict[str, Any]:
    own: dict[str, Any] = {**properties, **lib} if isinstance(lib, dict) else properties
    name = own.get("$lib")
    if type(name) is not str or not 0 < len(name) <= _LONGEST_LIBRARY:
        return {}
    library = {"name": _LIBRARIES.get(name, f"sa-sdk-{_as_product(name)}")}
    return library | drop_absent({"version": own.get("$lib_version"), "method": own.get("$lib_method")})


def _as_product(name: str) -> str:
    """Call the SDKs of all mini-programs so: ``MiniProgram`` is WeChat's, ``AlipayMini`` and others are named after theirs."""
    lowered = name.lower()
    return f"{lowered}program" if lowered.endswith("mini") else lowered
