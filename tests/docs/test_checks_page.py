"""docs/checks.md and the codes are one: `python -m tests.docs.test_checks_page` writes the page anew."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from hatlab.commands.support.file_checks import RULES
from hatlab.diagnostics.finding import Rule

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"
GROUPS = {
    "TP0": "Topology files",
    "LS0": "Lesson files",
    "KA0": "keepalived.conf: the text",
    "KA1": "keepalived.conf: scripts",
    "KA2": "keepalived.conf: one vrrp_instance",
    "KA3": "keepalived.conf: members together",
    "KA4": "keepalived.conf: virtual_server and checkers",
}
INTRODUCTION = """\
# What `hatlab check` finds

```
hatlab check my-lab.yaml                 # a topology
hatlab check my-lesson.md                # a lesson
hatlab check node1.conf node2.conf       # keepalived.conf files, as the members of one lab
hatlab check my-lab/ --watch             # all in a folder, again on every change
hatlab check my-lab/ --json              # for programs
hatlab check --explain KA106             # this page, one code
```

Each finding is `file:line:column: CODE severity: message`, the line, what it leads to, and what to do. The
exit code is 1 if there is an error and 0 otherwise.

- **error**: it is refused, or what it is for cannot work;
- **warning**: it works, but not as written;
- **note**: worth knowing.

Codes never change their meaning. Effects are those of keepalived 2.3.4; where older versions differ, that is
said. Configurations given together are checked as a pair (or more); in a folder, those that name the same
instances are. Scripts that stand beside a configuration are read, and files that it includes if they are
inside its folder. On a node, `keepalived -t` has the last word: it also sees interfaces, permissions and the
kernel.
"""


def page() -> str:
    parts = [INTRODUCTION]
    for group, rules in groupby(RULES.values(), key=lambda rule: rule.code[:3]):
        parts.append(f"\n## {GROUPS[group]}\n")
        parts += [_section(rule) for rule in rules]
    return "".join(parts)


def _section(rule: Rule) -> str:
    older = f"\n*Older versions:* {rule.older}.\n" if rule.older else ""
    effect = rule.effect[:1].upper() + rule.effect[1:]
    return f"\n### {rule.code} {rule.title}\n\n*{rule.severity}.* {effect}.\n{older}\n*Do:* {rule.cure}.\n"


def test_the_page_describes_every_code_and_no_other() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.docs.test_checks_page"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
