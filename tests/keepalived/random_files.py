"""Configurations of lines picked at random from the table of keywords, for what they do to one another."""

from __future__ import annotations

from random import Random

from hatlab.keepalived.keywords import BLOCKS, VALUES
from tests.keepalived.mistakes import (
    ADDRESSES,
    INSTANCE,
    INSTANCES,
    PEER,
    SCRIPT,
    SECOND,
    TRACKS,
    address,
    grouped,
    instance,
    right_words,
    wrong_words,
)

_DECISIVE = (
    "state MASTER",
    "state BACKUP",
    "priority 255",
    "nopreempt",
    "strict_mode",
    "accept",
    "no_accept",
)
"""What much else depends on."""
_NOT_HERE = (
    *("script", "notify", "track_", "virtual_", "unicast_peer", "authentication", "group", "smtp", "lvs"),
    *("cpu_affinity", "rt_priority", "umask", "include", "_dir", "dump_file", "reload", "nftables_ipvs"),
    *("vmac", "ipvlan", "ipsets", "iptables", "vrf", "interface", "virtual_router_id", "random_seed"),
    *("disable_local_igmp", "linkbeat", "timer_expired_backup", "vrrp_rlimit"),
)
"""Parts of keywords that need more than a line, or the machine."""
_NOT_TWICE = ("{; }", "advert_in ", "$P", '"100"', "authentication", "use_vmac", "vrf", "eth0; }")


def random_files(seed: int, count: int) -> list[str]:
    """Return as many configurations, the same for the same seed."""
    random = Random(seed)
    own = [*_lines("vrrp_instance", random), *(x for x in INSTANCES if not any(n in x for n in _NOT_TWICE))]
    own += 6 * [PEER, *_DECISIVE, "version 2", "version 3"]
    everywhere = [*_lines("global_defs", random), *6 * ["vrrp_strict", "vrrp_version 3"]]
    return [_random_file(random, own, everywhere) for _ in range(count)]


def _lines(path: str, random: Random) -> list[str]:
    """A block's keywords with values that are right, and some that are not."""
    lines = []
    for keyword, _, _ in BLOCKS[path].entries():
        if any(part in keyword for part in _NOT_HERE):
            continue
        value = VALUES[path].get(keyword)
        if value is None or value.optional:
            lines.append(keyword)
        if value is not None:
            lines += [f"{keyword} {word}" for word in right_words(value)]
            lines += [f"{keyword} {word}" for word in wrong_words(value)[:1] if random.random() < 0.1]
    return lines


def _random_file(random: Random, own: list[str], everywhere: list[str]) -> str:
    text = address(random.choice(ADDRESSES)) if random.random() < 0.25 else INSTANCE
    for _ in range(random.choice((1, 1, 2, 2, 3, 4))):
        text = instance(random.choice(own), text)
    if random.random() < 0.4:
        second = SECOND
        for _ in range(random.choice((0, 1, 2))):
            second = instance(random.choice(own), second)
        second = second.replace("52", "51") if random.random() < 0.3 else second
        group = grouped("VI_1 VI_2").partition("vrrp_instance")[0] if random.random() < 0.5 else ""
        text = f"{group}{text}{second}"
    if random.random() < 0.4:
        text = SCRIPT + instance(f"track_script {{; {random.choice(TRACKS)}; }}", text)
    chosen = random.sample(everywhere, random.choice((0, 0, 1, 2, 3)))
    return "".join(f"global_defs {{\n    {line}\n}}\n" for line in chosen) + text
