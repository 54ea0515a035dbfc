"""Interfaces and addresses in a keepalived.conf: found, and replaced without touching any other byte."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from hatlab.keepalived.parser import Statement, Word, parse_config
from hatlab.topology import Layout

_KEYWORDS = {"interface", "default_interface", "lvs_sync_daemon_interface"}


def interface_words(root: Statement) -> Iterator[Word]:
    """The words that name an interface: of `interface` and `track_interface`, and behind `dev`."""
    todo = [root]
    while todo:
        statement = todo.pop()
        words = statement.words
        if statement.keyword in _KEYWORDS:
            yield from words[1:2]
        yield from (word for before, word in pairwise(words) if before.text == "dev")
        for inner in statement.body or ():
            if statement.keyword == "track_interface":
                yield from inner.words[:1]
            todo.append(inner)


def replace_words(text: str, words: Iterator[Word], new: Callable[[str], str]) -> str:
    """The text with these words replaced; those from a definition that holds more stay as they are."""
    for word in sorted({word for word in words if word.alone}, key=lambda word: -word.start):
        changed = new(word.text)
        if changed != word.text:
            text = text[: word.start] + changed + text[word.end :]
    return text


def localize_config(text: str, layout: Layout, interfaces: Mapping[str, str]) -> str:
    """A configuration written for any run of a topology, for one running lab.

    A network's name becomes its interface where an interface is named, `NETWORK.OCTET` becomes an address.
    The name of an interface stays, also where a network is called so: what a node has can be written back.
    """
    devices = set(interfaces.values())
    names = {network: device for network, device in interfaces.items() if network not in devices}
    text = replace_words(text, interface_words(parse_config(text)), lambda name: names.get(name, name))
    networks = "|".join(map(re.escape, sorted(layout.network_names, key=len, reverse=True)))
    reference = re.compile(rf"(?<![\w.@-])({networks})\.(\d{{1,3}})(?![\w.-])", re.A)

    def address(found: re.Match[str]) -> str:
        octet = int(found[2])
        return str(layout.subnets[found[1]].network_address + octet) if octet < 255 else found[0]

    return reference.sub(address, text)
