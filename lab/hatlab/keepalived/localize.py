"""Finds interfaces and addresses in a node's files, and replaces them without touching any other byte."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from hatlab.keepalived.parser import Statement, Word, parse_document
from hatlab.keepalived.preprocessor import config_ids

if TYPE_CHECKING:  # reading a keepalived.conf needs no topology, whose models take longer to import
    from hatlab.topology import Family, Layout, NodeFile


_MOST_IDS = 16
_KEYWORDS = {"interface", "default_interface", "lvs_sync_daemon_interface"}

_LISTS = {"track_interface", "interfaces", "linkbeat_interfaces"}


def interface_words(root: Statement) -> Iterator[Word]:
    """The words that name an interface: of `interface`, in lists of interfaces, and behind `dev`."""
    todo = [root]
    while todo:
        statement = todo.pop()
        words = statement.words
        if statement.keyword in _KEYWORDS:
            yield from words[1:2]
        yield from (word for before, word in pairwise(words) if before.text == "dev")
        for inner in statement.body or ():
            if statement.keyword in _LISTS:
                yield from inner.words[:1]
            todo.append(inner)


def replace_words(text: str, words: Iterator[Word], rename: Callable[[str], str]) -> str:
    """The text with these words replaced; those from a definition that holds more stay as they are."""
    for word in sorted({word for word in words if word.alone}, key=lambda word: -word.start):
        replacement = rename(word.text)
        if replacement != word.text:
            text = text[: word.start] + replacement + text[word.end :]
    return text


def localize_config(text: str, layout: Layout, interfaces: Mapping[str, str]) -> str:
    """Turn a configuration for any run of a topology into that for one running lab.

    A network's name becomes its interface where an interface is named, `NETWORK.OCTET` becomes an address,
    and `NETWORK::OCTET` one of IPv6.
    An interface's own name stays, also where a network is called so: what a node has can be written back.
    """
    devices = set(interfaces.values())
    names = {network: device for network, device in interfaces.items() if network not in devices}
    read = (parse_document(text, config_id=id_).root for id_ in ("", *config_ids(text)[:_MOST_IDS]))
    words = (word for root in read for word in interface_words(root))
    text = replace_words(text, words, lambda name: names.get(name, name))
    return _with_addresses(text, layout)


def localize_files(layout: Layout, node: str, interfaces: Mapping[str, str]) -> dict[str, NodeFile]:
    """The files of a node in one running lab, by path: `@NETWORK@` becomes its interface, `NETWORK.OCTET` an
    address.
    """
    return {
        path: file.model_copy(update={"content": _localize_text(file.content, layout, interfaces)})
        for path, file in layout.topology.nodes[node].files.items()
    }


def _localize_text(text: str, layout: Layout, interfaces: Mapping[str, str]) -> str:
    for network, device in interfaces.items():
        text = text.replace(f"@{network}@", device)
    return _with_addresses(text, layout)


def _with_addresses(text: str, layout: Layout) -> str:
    networks = "|".join(map(re.escape, sorted(layout.network_names, key=len, reverse=True)))
    name = rf"({networks})(?:\.(\d{{1,3}})|::(\d{{1,3}}))"
    reference = re.compile(rf"@{name}@|(?<![\w.:@-]){name}(?![\w.-]|::|:[^\d])", re.A)

    def address(match: re.Match[str]) -> str:
        network, four, six = (match[k] or match[k + 3] for k in (1, 2, 3))
        octet = int(four or six)
        family: Family = "ipv4" if four else "ipv6"
        return layout.host_address(network, octet, family) if octet < 255 else match[0]

    return reference.sub(address, text)
