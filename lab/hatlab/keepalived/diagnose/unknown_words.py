"""Words that keepalived does not know (KA005), without the other rules: each start logs them."""

from __future__ import annotations

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.addresses import address_rules
from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.diagnose.lists import list_rules
from hatlab.keepalived.diagnose.syntax import syntax_rules
from hatlab.keepalived.parser import parse_document


def find_unknown_words(text: str) -> list[Finding]:
    """Return what `diagnose_config` says of unknown words, in the order of the text."""
    conf = Configuration(parse_document(text))
    findings = [
        *syntax_rules(conf),
        *list_rules(conf),
        *(found for member in conf.members for found in address_rules(*member)),
    ]
    unknown = dict.fromkeys(found for found in findings if found.code == "KA005")
    return sorted(unknown, key=lambda found: (found.line, found.column))
