"""The context of an event as the graph keeps it: JSON, packed with a dictionary of what SDKs usually say.

A web SDK sends some 800 bytes of context with each event, nearly the same ones each time. One event is too short to be
packed by itself; with a dictionary that holds the usual words it shrinks to a fifth.
"""

import zlib
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from identity_graph.domain.values.json_reader import write_json

_VERSION = 1
_DICTIONARIES = {
    1: (
        b'{"active":true,"app":{"name":"","version":"1.0.0","build":"1","namespace":"com."},"network":{"bluetooth":false,'
        b'"carrier":"","cellular":false,"wifi":true},"screen":{"density":2,"height":844,"width":390,"innerHeight":'
        b',"innerWidth":},"miniProgram":{"appId":"wx","scene":1001,"path":"pages/index/index"},"scene":1001,"consent":{'
        b'"categoryPreferences":{"Advertising":false,"Analytics":true,"Functional":true,"DataSharing":false}},"groupId":"'
        b'","sessionId":17,"sessionStart":true,"instanceId":"","traits":{"location":{"city":"","country":"China"},'
        b'"referrer":{"type":"","url":"https://www.baidu.com/"},"channel":"STORE","_channel":"mobile","_channel":"server",'
        b'"library":{"name":"analytics-python","version":"2.3.0"},"library":{"name":"@segment/analytics-node","version":"'
        b'"library":{"name":"RudderLabs JavaScript SDK","version":"3.","snippetVersion":"3.0."},"library":{"name":"analytics-'
        b'ios","analytics-kotlin","analytics-android","version":"4.1.8"},"library":{"name":"sa-sdk-miniprogram","version":"'
        b'"device":{"manufacturer":"Apple","model":"iPhone15,2","name":"iPhone","type":"ios","adTrackingEnabled":false},'
        b'"device":{"manufacturer":"HUAWEI","Xiaomi","samsung","model":"","name":"","type":"android"},"os":{"name":"iOS",'
        b'"version":"17.5.1"},"os":{"name":"Android","version":"14"},"timezone":"America/New_York","timezone":"Europe/'
        b'London","timezone":"Europe/Berlin","timezone":"Asia/Shanghai","locale":"en-US","locale":"zh-CN","userAgent":"'
        b"Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36 "
        b"MicroMessenger/8.0.50 NetType/WIFI Language/zh_CN miniProgram/wx XWEB/1160 MMWEBSDK/2024 Mozilla/5.0 (iPhone; CPU "
        b"iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1 "
        b"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/"
        b"605.1.15 Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 Mozilla/5.0 (Windows NT 10.0; "
        b'Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0","userAgentData":{'
        b'"brands":[{"brand":"Google Chrome","version":"126"},{"brand":"Not/A)Brand","version":"8"},{"brand":"Chromium",'
        b'"version":"126"}],"mobile":false,"platform":"Windows"},"page":{"path":"/products/","referrer":"https://www.google.'
        b'com/","search":"?utm_source=google&utm_medium=cpc&utm_campaign=&utm_content=&utm_term=&gclid=&fbclid=","title":"'
        b'","url":"https://www."initial_referrer":"$direct","initial_referring_domain":"","referring_domain":"","tab_url":"'
        b'https://www."campaign":{"name":"","source":"newsletter","medium":"email","term":"","content":""},"ip":"0.0",'
        b'"page":{"path":"/","referrer":"","search":"","title":"","url":"https://"},"locale":"en-US","library":{"name":'
        b'"analytics.js","version":"npm:next-1.84.3"},"timezone":"Europe/"}'
    )
}
"""What was packed with a dictionary needs the very same one again: a better one gets a number of its own."""

_WINDOW_BITS, _MEMORY_LEVEL, _LEVEL = 13, 5, 6
"""A window of 8 KiB holds the dictionary and the usual context; a smaller state is quicker to set up than the usual one."""


_KEPT, _LONGEST_KEPT = 1024, 2000
"""Packed contexts that are remembered, and characters that each may have: apps, servers and tills send the same one each time."""


def pack_context(context: Mapping[str, Any]) -> bytes | None:
    """Pack a context: the number of the dictionary in the first byte, then deflated JSON; None when it is empty."""
    if not context:
        return None
    text = write_json(context)
    return _pack_and_keep(text) if len(text) <= _LONGEST_KEPT else _pack(text)


def unpack_context(packed: bytes | None) -> str:
    """Give the JSON of a packed context; ``{}`` where there is none."""
    if packed is None:
        return "{}"
    return zlib.decompressobj(-_WINDOW_BITS, zdict=_DICTIONARIES[packed[0]]).decompress(packed[1:]).decode()


def _pack(text: str) -> bytes:
    packer = _start_packing().copy()
    return b"".join((bytes((_VERSION,)), packer.compress(text.encode()), packer.flush()))


_pack_and_keep = lru_cache(_KEPT)(_pack)


@cache
def _start_packing() -> "zlib._Compress":
    """Make what packs once it is copied: reading the dictionary takes longer than a copy."""
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, -_WINDOW_BITS, _MEMORY_LEVEL, zdict=_DICTIONARIES[_VERSION])
