"""Rules about sync groups (KA216, KA234)."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.diagnostics.finding import Finding, did_you_mean
from hatlab.keepalived.diagnose.conf import Configuration, finding, list_entries
from hatlab.keepalived.parser import Statement
from hatlab.vrrp.router import OWNER


def group_rules(conf: Configuration) -> Iterator[Finding]:
    taken: dict[str, Statement] = {}
    groups: set[str] = set()
    for group in conf.root.all("vrrp_sync_group"):
        if group.value() in groups:
            continue  # KA216: keepalived skips it
        groups.add(group.value())
        members = []
        for entry in list_entries(group, "group"):
            for number, word in enumerate(entry.words):
                name = word.text
                if name not in conf.settings:
                    message = f"there is no vrrp_instance `{name[:60]}`{did_you_mean(name, conf.settings)}"
                    yield finding("KA216", entry, message, word=number, reported=True)
                elif name in taken:
                    message = f"`{name[:60]}` is already in sync group `{taken[name].value()[:60]}`"
                    yield finding("KA234", entry, message, word=number, reported=True)
                else:
                    taken[name] = group
                    members.append(name)
        yield from _members(conf, group, members)


def _members(conf: Configuration, group: Statement, members: list[str]) -> Iterator[Finding]:
    name = group.value()[:60]
    if not members:
        effect = "keepalived complains and removes the group"
        yield finding("KA234", group, f"sync group `{name}` has no members", effect=effect, reported=True)
    elif len(members) == 1:
        effect = "keepalived complains: there is nothing to keep in step"
        message = f"sync group `{name}` has only one member"
        yield finding("KA234", group, message, effect=effect, reported=True)
    owners = [conf.settings[member].priority == OWNER for member in members]
    if any(owners) and not all(owners):
        message = f"some members of sync group `{name}` own their addresses (priority 255), and others do not"
        effect = "a group is Master as a whole or not at all, so this cannot work"
        yield finding("KA234", group, message, effect=effect)
