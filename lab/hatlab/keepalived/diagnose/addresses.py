"""Rules about the addresses of a vrrp_instance: its own, its peers' (KA204, KA215, KA230, KA231, KA251)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from itertools import pairwise

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import finding, list_entries
from hatlab.keepalived.numbers import whole_number
from hatlab.keepalived.parser import Statement
from hatlab.keepalived.preprocessor import undefined_name
from hatlab.keepalived.settings import InstanceSettings
from hatlab.keepalived.virtual_addresses import MOST_ADVERTISED, family_of

_LISTS = ("virtual_ipaddress", "virtual_ipaddress_excluded")
_Seen = dict[tuple[str, str], Statement]
"""Address and device (or `_ANYWHERE`, of a virtual one) → its line."""
_ANYWHERE = "*"
_BROADCAST = {"brd", "broadcast"}
_IPV4_ONLY = {"label", "scope", *_BROADCAST}
_SOURCES = ("unicast_src_ip", "mcast_src_ip", "mcast_dst_ip")


def address_rules(block: Statement, settings: InstanceSettings) -> Iterator[Finding]:
    family = family_of(block)
    seen: _Seen = {}
    count = 0
    for inner in (inner for inner in block.body or () if inner.keyword in _LISTS):
        excluded = inner.keyword != "virtual_ipaddress"
        for entry in (entry for entry in inner.body or () if entry.words):
            yield from bad_address(entry)
            yield from _looks(entry)
            if not excluded and _family(entry.keyword) not in {0, family}:
                yield _other_family(entry, family, 0)
            elif _family(entry.keyword):
                yield from _duplicate(entry, seen, excluded=excluded)
                count += not excluded
    for entry in list_entries(block, "unicast_peer"):
        if not _family(entry.keyword):
            message = f"`{entry.keyword[:60]}` is not an address"
            effect = "keepalived complains and ignores this peer"
            yield finding("KA215", entry, message, effect=effect, cure="give the peer's address")
        elif _family(entry.keyword) != family:
            yield _other_family(entry, family, 0)
    for statement in (s for s in block.body or () if s.keyword in _SOURCES):
        if _family(statement.value()) not in {0, family}:
            yield _other_family(statement, family, 1)
    if not settings.addresses and block.last("no_virtual_ipaddress") is None:
        yield finding("KA204", block, f"vrrp_instance `{settings.instance}` has no virtual address")
    if count > MOST_ADVERTISED[family]:
        message = f"{count} virtual addresses, but an advert carries only {MOST_ADVERTISED[family]}"
        yield finding("KA232", block, message)


def _family(word: str) -> int:
    """4 or 6; 0 for what is not an address to keepalived (inet_pton)."""
    text = word.partition("/")[0]
    try:
        return 0 if "%" in text else ip_address(text).version
    except ValueError:
        return 0


def bad_address(entry: Statement) -> Iterator[Finding]:
    word = entry.keyword
    family, (_, slash, length) = _family(word), word.partition("/")
    if name := undefined_name(word):
        message = f"`{word[:60]}` is not an address: `${name}` is not defined above this line"
        yield finding("KA215", entry, message)
        return
    if word == "$" and entry.body:
        message = (
            f"`${{{entry.body[0].keyword[:60]}}}` is not defined above this line, so its }} ends the list"
        )
        yield finding("KA215", entry, message)
        return
    if "$" in word:
        return
    if not family:
        yield finding("KA215", entry, f"`{word[:60]}` is not an address")
        return
    longest = 128 if family == 6 else 32
    number = whole_number(length)
    if slash and (number is None or number > longest):
        message = f"`{word[:60]}`: the prefix length must be a whole number from 0 to {longest}"
        effect = f"keepalived complains and uses /{longest}"
        yield finding("KA215", entry, message, effect=effect)


def _looks(entry: Statement) -> Iterator[Finding]:
    """Words of an address's line that do not fit the address."""
    words = [word.text for word in entry.words]
    family, length = _family(words[0]), words[0].partition("/")[2]
    if family == 4 and (whole_number(length) or 32) < 32 and ("dev", "lo") in pairwise(words):
        yield finding("KA251", entry, f"`{words[0][:60]}` on lo claims its whole network for this node")
    for number, word in enumerate(words[1:], 1):
        if family == 6 and word in _IPV4_ONLY:
            effect = "keepalived complains and ignores the whole line" if word in _BROADCAST else ""
            yield finding("KA005", entry, f"`{word}` is only for IPv4 addresses", word=number, effect=effect)
        elif word in _BROADCAST and entry.value(number + 1) in {"+", "-"} and length in {"", "31", "32"}:
            message = f"a network of /{length or 32} has no broadcast address"
            yield finding("KA007", entry, message, word=number, cure="remove it")
        elif word == "dev" and "dev" in words[1:number]:
            effect = "keepalived complains and ignores the whole line"
            yield finding(
                "KA007", entry, "`dev` is given twice", word=number, effect=effect, cure="keep one `dev`"
            )
        elif word == "peer" and length and length != ("128" if family == 6 else "32"):
            message = "an address with a peer cannot have a prefix length"
            yield finding("KA007", entry, message, word=number, cure="remove the prefix length")


def _other_family(statement: Statement, family: int, word: int) -> Finding:
    message = f"`{statement.words[word].text[:60]}` in an instance of IPv{family}"
    return finding("KA231", statement, message, word=word)


def _duplicate(entry: Statement, seen: _Seen, *, excluded: bool) -> Iterator[Finding]:
    """An address that keepalived has already: one may be virtual here and excluded on another interface."""
    words = [word.text for word in entry.words]
    device = words[words.index("dev") + 1] if "dev" in words[:-1] else ""
    address = str(ip_address(entry.keyword.partition("/")[0]))
    others = [(address, device), *([] if excluded else [(address, _ANYWHERE)])]
    other = next((seen[key] for key in others if key in seen), None)
    if other is not None:
        yield finding("KA230", entry, f"{address} is already in line {other.line}")
        return
    seen[address, device] = entry
    if not excluded:
        seen[address, _ANYWHERE] = entry
