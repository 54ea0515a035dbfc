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

Pure: opens no file and runs nothing. `keepalived -t` on a node has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.accept import accept_rules
from hatlab.keepalived.diagnose.conf import Configuration, ScriptFile
from hatlab.keepalived.diagnose.effects import effect_rules, unmodelled_settings
from hatlab.keepalived.diagnose.instance import instance_rules
from hatlab.keepalived.diagnose.lists import list_rules
from hatlab.keepalived.diagnose.order import by_cause, explains
from hatlab.keepalived.diagnose.pair import agreement_note, pair_rules
from hatlab.keepalived.diagnose.reported import mark_reported
from hatlab.keepalived.diagnose.required import required_rules
from hatlab.keepalived.diagnose.scripts import script_rules
from hatlab.keepalived.diagnose.syntax import syntax_rules
from hatlab.keepalived.diagnose.tracked_blocks import tracked_block_rules
from hatlab.keepalived.diagnose.tracking import tracking_rules
from hatlab.keepalived.diagnose.virtual_servers import virtual_server_rules
from hatlab.keepalived.parser import parse_document
from hatlab.keepalived.preprocessor import Include

__all__ = [
    "ScriptFile",
    "agreement_note",
    "by_cause",
    "diagnose_config",
    "explains",
    "unmodelled_settings",
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
    findings = [
        *syntax_rules(conf),
        *effect_rules(conf),
        *list_rules(conf),
        *required_rules(conf),
        *script_rules(conf),
        *tracking_rules(conf),
        *tracked_block_rules(conf),
        *instance_rules(conf),
        *accept_rules(conf),
        *pair_rules(conf, others),
        *virtual_server_rules(conf),
    ]
    findings = mark_reported(conf, findings)
    return sorted(dict.fromkeys(findings), key=lambda f: (f.file, f.line, f.column, f.code))
