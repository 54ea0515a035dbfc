"""Small configurations with one mistake or none each, most of them made from the table of keywords."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.keepalived.keywords import VALUES, Value
from hatlab.keepalived.keywords.values import Address, Name, Range, Words

INSTANCE = """\
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 150
    virtual_ipaddress {
        198.18.0.100/24
    }
}
"""
"""A sound instance."""
SCRIPT = """\
vrrp_script chk {
    script "/usr/bin/true"
    interval 1
    user root
}
"""
SECURE = "global_defs {\n    enable_script_security\n}\n"
TRACKING = INSTANCE.replace("    virtual_ip", "    track_script {\n        chk\n    }\n    virtual_ip")

AUTHENTICATION = """\
    authentication {
        auth_type PASS
        auth_pass secret
        %s
    }
"""

BASES: dict[str, str] = {
    "": f"%s\n{INSTANCE}",
    "global_defs": f"global_defs {{\n    %s\n}}\n{INSTANCE}",
    "vrrp_instance": INSTANCE.replace("    virtual_ip", "    %s\n    virtual_ip"),
    "vrrp_script": SECURE + SCRIPT.replace("    user", "    %s\n    user") + TRACKING,
    "track_file": f"track_file f {{\n    file /tmp/f\n    %s\n}}\n{INSTANCE}",
    "bfd_instance": f"bfd_instance b {{\n    neighbor_ip 198.18.0.9\n    %s\n}}\n{INSTANCE}",
    "garp_group": f"garp_group {{\n    interface eth0\n    gna_interval 1\n    %s\n}}\n{INSTANCE}",
    "vrrp_sync_group": (
        "vrrp_sync_group G {\n    group {\n        VI_1\n        VI_2\n    }\n    %s\n}\n"
        + INSTANCE
        + INSTANCE.replace("VI_1", "VI_2").replace("51", "52").replace(".100", ".101")
    ),
    "vrrp_instance/authentication": INSTANCE.replace("    virtual_ip", f"{AUTHENTICATION}    virtual_ip"),
}
"""Path of a block → a configuration with a place for one more line in it."""


def wrong_values() -> Iterator[tuple[str, str]]:
    """Name and text of a configuration for each way in which a value can be wrong."""
    for path, base in BASES.items():
        for keyword, value in VALUES.get(path, {}).items():
            if f"{path}/{keyword}" in HARD:
                continue
            text = _without(base, keyword)
            for word in _wrong_words(value):
                yield f"{path}/{keyword} {word}", text.replace("%s", f"{keyword} {word}")
            if not value.optional:
                yield f"{path}/{keyword}", text.replace("%s", keyword)


def right_values() -> Iterator[tuple[str, str]]:
    """And for the least and the most that each may be."""
    for path, base in BASES.items():
        for keyword, value in VALUES.get(path, {}).items():
            if f"{path}/{keyword}" in HARD:
                continue
            text = _without(base, keyword)
            for word in _right_words(value):
                yield f"{path}/{keyword} {word} (right)", text.replace("%s", f"{keyword} {word}")


HARD: set[str] = set()


def _without(base: str, keyword: str) -> str:
    lines = base.splitlines(keepends=True)
    return "".join(line for line in lines if line.split()[:1] != [keyword])


def _wrong_words(value: Value) -> list[str]:
    match value:
        case Range():
            step = 1 if value.whole else 10**-value.places
            return [_number(value.least - step), _number(value.most + step), "x", "1x"]
        case Words():
            return ["nonsense"]
        case Address():
            return ["198.18.0.300", *(["198.18.0.9"] if value.multicast else [])]
        case Name():
            return ["n" * (value.longest + 1)] if value.longest < 255 else []
        case _:
            return []


def _right_words(value: Value) -> list[str]:
    match value:
        case Range():
            return [_number(value.least), _number(value.most)]
        case Words():
            return list(value.choices)
        case Address():
            group = "224.0.0.99" if value.family != 6 else "ff02::99"
            return [group] if value.multicast else ["198.18.0.9"]
        case _:
            return []


def _number(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")
