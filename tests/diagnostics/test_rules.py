"""The rules are read from docs/checks.md, and from no page that is not written as one."""

from __future__ import annotations

import pytest

from hatlab.diagnostics.finding import Finding
from hatlab.diagnostics.rules import Rule, all_rules, codes_of, parse_rules

PAGE = """\
# Some words before

## A group

### KA001 a block is not closed

*error.* Everything behind it is read as part of it.

*Do:* add the missing `}`.

### KA006 a { sticks to the word before it

*warning.* Backup stays Backup.

*Older versions:* before 2.0 it did not exist.

*Do:* put a blank before `{`.

```diff
-vrrp_script sql{

+vrrp_script sql {
```
"""


def test_a_section_is_a_rule() -> None:
    assert parse_rules(PAGE) == {
        "KA001": Rule(
            "KA001",
            "a block is not closed",
            "error",
            "everything behind it is read as part of it",
            "add the missing `}`",
        ),
        "KA006": Rule(
            "KA006",
            "a { sticks to the word before it",
            "warning",
            "Backup stays Backup",
            "put a blank before `{`",
            "before 2.0 it did not exist",
            "-vrrp_script sql{\n\n+vrrp_script sql {\n",
        ),
    }


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("KA006", "KA001"),
        ("KA006", "KA6"),
        ("*warning.*", "*bad.*"),
        ("*Do:* put", "Put"),
        ("Backup stays Backup.\n", "Backup stays Backup\n"),
        ("\n\n*Older", "\n*Older"),
        ("```diff", "```yaml"),
        ("{\n```\n", "{\n"),
        ("```diff", "So:\n\n```diff"),
    ],
)
def test_a_section_that_is_no_rule_is_refused(good: str, bad: str) -> None:
    with pytest.raises(ValueError, match=r"docs/checks\.md"):
        parse_rules(PAGE.replace(good, bad))


@pytest.mark.parametrize(
    ("code", "effect"),
    [
        ("KA001", "everything after it"),
        ("TP002", "YAML allows"),
        ("KA305", "a Backup"),
        ("KA403", "IPVS never"),
        ("KA112", "a frozen"),
    ],
)
def test_an_effect_begins_with_a_capital_only_where_its_word_has_one(code: str, effect: str) -> None:
    assert all_rules()[code].effect.startswith(effect)


def test_each_kind_of_file_has_its_codes() -> None:
    kinds = [codes_of(kind) for kind in ("TP", "LS", "KA")]
    assert sum(kinds, ()) == tuple(all_rules())
    assert all(list(codes) == sorted(codes) for codes in kinds)


def test_a_finding_has_its_rule_s_words_unless_others_are_given() -> None:
    rule = parse_rules(PAGE)["KA006"]
    assert rule.finding(3, 7, "no blank") == Finding(
        "KA006", "warning", 3, 7, "no blank", rule.effect, rule.cure, rule.older
    )
    other = rule.finding(3, 7, "no blank", effect="nothing", cure="do so", file="b.conf")
    assert (other.effect, other.cure, other.older, other.file) == ("nothing", "do so", rule.older, "b.conf")
