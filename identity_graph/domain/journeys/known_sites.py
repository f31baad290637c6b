"""Sites that send visitors, click ids that ad platforms append to addresses, and the scenes of WeChat mini-programs.

``channels`` of the catalogue adds to them.
"""

SEARCH = "organic"
SOCIAL = "social"
EMAIL = "email"
REFERRAL = "referral"
PAID = "cpc"
"""The mediums as web analytics names them."""

SEARCH_SITES = {
    "ask.com": "ask",
    "baidu.com": "baidu",
    "bing.com": "bing",
    "brave.com": "brave",
    "daum.net": "daum",
    "duckduckgo.com": "duckduckgo",
    "ecosia.org": "ecosia",
    "haosou.com": "360",
    "naver.com": "naver",
    "qwant.com": "qwant",
    "seznam.cz": "seznam",
    "sm.cn": "shenma",
    "so.com": "360",
    "so.toutiao.com": "toutiao",
    "sogou.com": "sogou",
    "startpage.com": "startpage",
}
"""Search engines by host; a host stands for all below it."""

SEARCH_NAMES = {"google": "google", "yahoo": "yahoo", "yandex": "yandex"}
"""Search engines that have a domain in many countries, by the label in front of the country."""

SOCIAL_SITES = {
    "b23.tv": "bilibili",
    "bilibili.com": "bilibili",
    "discord.com": "discord",
    "douban.com": "douban",
    "douyin.com": "douyin",
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "instagram.com": "instagram",
    "kuaishou.com": "kuaishou",
    "line.me": "line",
    "linkedin.com": "linkedin",
    "lnkd.in": "linkedin",
    "pinterest.com": "pinterest",
    "qzone.qq.com": "qzone",
    "quora.com": "quora",
    "reddit.com": "reddit",
    "snapchat.com": "snapchat",
    "t.cn": "weibo",
    "t.co": "x",
    "t.me": "telegram",
    "threads.com": "threads",
    "threads.net": "threads",
    "tiktok.com": "tiktok",
    "twitter.com": "x",
    "vk.com": "vk",
    "wa.me": "whatsapp",
    "weibo.cn": "weibo",
    "weibo.com": "weibo",
    "weixin.qq.com": "wechat",
    "whatsapp.com": "whatsapp",
    "x.com": "x",
    "xhslink.com": "xiaohongshu",
    "xiaohongshu.com": "xiaohongshu",
    "youtu.be": "youtube",
    "youtube.com": "youtube",
    "zhihu.com": "zhihu",
}
"""Social networks by host; a host stands for all below it."""

MAIL_SITES = {
    "mail.163.com": "163",
    "mail.aol.com": "aol",
    "mail.google.com": "gmail",
    "mail.qq.com": "qq",
    "mail.yahoo.com": "yahoo",
    "outlook.live.com": "outlook",
    "outlook.office.com": "outlook",
}
"""Web mail by host."""

CLICK_IDS = {
    "gclid": ("google", PAID),
    "wbraid": ("google", PAID),
    "gbraid": ("google", PAID),
    "dclid": ("google", "display"),
    "msclkid": ("bing", PAID),
    "gdt_vid": ("tencent", PAID),
    "qz_gdt": ("tencent", PAID),
    "bd_vid": ("baidu", PAID),
    "qhclickid": ("360", PAID),
    "clickid_oceanengine": ("oceanengine", PAID),
    "ttclid": ("tiktok", PAID),
    "twclid": ("x", PAID),
    "li_fat_id": ("linkedin", PAID),
    "yclid": ("yandex", PAID),
    "ScCid": ("snapchat", PAID),
    "epik": ("pinterest", PAID),
    "rdt_cid": ("reddit", PAID),
    "fbclid": ("facebook", SOCIAL),
    "mc_eid": ("mailchimp", EMAIL),
}
"""Parameters of an address by which a platform knows its click again, with source and medium; the first one found counts."""

WECHAT = "wechat"
SCENES = {
    scene: medium
    for medium, scenes in {
        SEARCH: (1005, 1006, 1027, 1042, 1053, 1054),
        "share": (1007, 1008, 1036, 1044, 1073, 1096, 1154, 1155),
        "qr-code": (1011, 1012, 1013, 1025, 1031, 1032, 1047, 1048, 1049, 1150),
        "message": (1014, 1043, 1081, 1107),
        "official-account": (1020, 1035, 1058, 1074, 1082, 1091, 1102, 1144, 1152),
        PAID: (1045, 1046, 1067, 1068, 1084, 1095, 1200),
        "payment": (1019, 1034, 1057, 1060, 1071, 1072, 1097),
        "mini-program": (1037,),
        "app": (1069,),
        "link": (1167, 1194),
        "nearby": (1026, 1077, 1092, 1146),
        "channels": (1175, 1176, 1177, 1184, 1191, 1193, 1195),
    }.items()
    for scene in scenes
}
"""How a person came into a WeChat mini-program, by the scene that WeChat names. Scenes by which a person opens it anew, such as the
list of recent ones, are none: nobody sent the visitor."""
