"""Says what is wrong with a keepalived.conf: each fault with its place, what it leads to, and the cure.

Pure: opens no file and runs nothing. `keepalived -t` on a node has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, ScriptFile
from hatlab.keepalived.diagnose.instance import instance_rules
from hatlab.keepalived.diagnose.pair import pair_rules
from hatlab.keepalived.diagnose.scripts import script_rules
from hatlab.keepalived.diagnose.servers import server_rules
from hatlab.keepalived.diagnose.text import text_rules
from hatlab.keepalived.parser import parse_document
from hatlab.keepalived.preprocessor import Include

__all__ = ["ScriptFile", "diagnose"]


def diagnose(
    text: str,
    *peers: str,
    names: Sequence[str] = (),
    scripts: Mapping[str, ScriptFile] | None = None,
    addresses: Iterable[str] = (),
    include: Include | None = None,
    config_id: str = "",
) -> list[Finding]:
    """What is wrong with a keepalived.conf, in the order of the text. Never raises, in bounded time.

    Args:
        text: the file.
        peers: the other members' files: what they get wrong together is found too (placed in `text`).
        names: how messages call the peers.
        scripts: path or file name → script, for those whose contents are known.
        addresses: the node's own addresses, where they are known.
        include: finds included files; without it they are not read.
        config_id: keepalived's `-i`.
    """
    conf = Configuration(
        parse_document(text, config_id=config_id, include=include),
        files=scripts or {},
        addresses=frozenset(addresses),
    )
    others = [
        Configuration(
            parse_document(peer, config_id=config_id, include=include),
            name=names[k] if k < len(names) else "the other file",
        )
        for k, peer in enumerate(peers)
    ]
    found = [
        *text_rules(conf),
        *script_rules(conf),
        *instance_rules(conf),
        *pair_rules(conf, others),
        *server_rules(conf),
    ]
    return sorted(dict.fromkeys(found), key=lambda f: (f.file, f.line, f.column, f.code))
