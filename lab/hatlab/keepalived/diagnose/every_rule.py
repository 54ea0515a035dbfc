"""Every rule, on one configuration beside those of the other members."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.accept import accept_rules
from hatlab.keepalived.diagnose.conf import Configuration
from hatlab.keepalived.diagnose.effects import effect_rules
from hatlab.keepalived.diagnose.instance import instance_rules
from hatlab.keepalived.diagnose.lists import list_rules
from hatlab.keepalived.diagnose.pair import pair_rules
from hatlab.keepalived.diagnose.reported import mark_reported
from hatlab.keepalived.diagnose.required import required_rules
from hatlab.keepalived.diagnose.scripts import script_rules
from hatlab.keepalived.diagnose.syntax import syntax_rules
from hatlab.keepalived.diagnose.tracked_blocks import tracked_block_rules
from hatlab.keepalived.diagnose.tracking import tracking_rules
from hatlab.keepalived.diagnose.virtual_servers import virtual_server_rules


def find_all(conf: Configuration, others: Sequence[Configuration]) -> Iterable[Finding]:
    """Return each finding once, marked if `keepalived -t` reports it too.

    Args:
        conf: what is judged.
        others: the other members' configurations.
    """
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
    return dict.fromkeys(mark_reported(conf, findings))
