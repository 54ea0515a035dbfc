"""Finds what is wrong with a keepalived.conf, alone or beside those of the other members.

conf             one configuration as the rules need it, and the making of findings
effects          settings that a lab does not follow (KA017, KA018)
syntax           rules about the text itself: braces, quotes, keywords, values (KA0xx)
required         what a block needs to be of use (KA019)
reported         which findings `keepalived -t` reports too
lists            rules about the lines of list blocks (KA005, KA007, KA230)
scripts/         rules about the programs that keepalived runs (KA1xx)
tracking         rules about what is tracked (KA104)
tracked_blocks   rules about the blocks that define it (KA007, KA230)
instance         rules about one vrrp_instance (KA2xx)
accept           the rule about addresses that accept nothing (KA250)
pair/            rules about members together (KA3xx)
order            what explains an incident first
virtual_servers  rules about virtual_server blocks (KA4xx)
every_rule       all of them, on one configuration
unknown_words    those that keepalived's own log names

Pure: opens no file and runs nothing. `keepalived -t` on a node has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, ScriptFile
from hatlab.keepalived.diagnose.order import by_cause, explains
from hatlab.keepalived.parser import parse_document
from hatlab.keepalived.preprocessor import Include

__all__ = [
    "ScriptFile",
    "by_cause",
    "diagnose_config",
    "explains",
]


def diagnose_config(
    text: str,
    *peers: str | Configuration,
    names: Sequence[str] = (),
    scripts: Mapping[str, ScriptFile] | None = None,
    addresses: Iterable[str] = (),
    include: Include | None = None,
    config_id: str = "",
) -> list[Finding]:
    """Find what is wrong with a keepalived.conf, in the order of the text. Never raises, in bounded time.

    Args:
        text: the file.
        peers: the other members' files; what they get wrong together is found too, at its place in `text`.
        names: how messages call the peers that are texts.
        scripts: path or file name → script, for those whose contents are known.
        addresses: the node's own addresses, where they are known.
        include: finds included files; without it they are not read.
        config_id: keepalived's `-i`, by default the host's name.
    """
    conf = Configuration(
        parse_document(text, config_id=config_id, include=include),
        files=scripts or {},
        addresses=frozenset(addresses),
        is_paired=bool(peers),
    )
    others = [
        peer if isinstance(peer, Configuration) else Configuration(parse_document(peer), name=name)
        for peer, name in zip_longest(peers, names[: len(peers)], fillvalue="the other file")
    ]
    from hatlab.keepalived.diagnose.every_rule import find_all  # much to load: a lab that starts needs none

    return sorted(find_all(conf, others), key=lambda f: (f.file, f.line, f.column, f.code))
