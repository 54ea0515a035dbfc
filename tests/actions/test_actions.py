"""Actions: one definition, read by menus, keys, scripts and `hatlab do`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.actions import VERBS, Action, ArgKind, free_text_actions, parse, parse_words, possible_actions
from hatlab.errors import ActionError
from hatlab.topology import Layout
from hatlab.topology.library import load_topology

NAMES = Layout.numbered("two-node", load_topology("two-node"))


@pytest.mark.parametrize("verb", VERBS.values(), ids=str)
def test_each_example_is_an_action_of_its_verb(verb) -> None:  # type: ignore[no-untyped-def]
    action = parse(verb.example)
    assert action.verb == verb.name
    assert parse(str(action)) == action
    assert verb.help
    assert "{" not in action.title


def test_set_may_name_an_instance() -> None:
    action = parse("set db1 priority 90 VI_2", NAMES)
    assert action.get(ArgKind.INSTANCE) == "VI_2"
    assert action.title == "Set priority to 90 on db1, VI_2"
    assert parse("set db1 priority 90", NAMES).get(ArgKind.INSTANCE) is None


def test_reload_takes_the_word_that_its_neighbours_need() -> None:
    assert parse("reload keepalived db1", NAMES) == parse("reload db1", NAMES)
    with pytest.raises(ActionError, match="too many words"):
        parse("reload mysqld db1", NAMES)
    with pytest.raises(ActionError, match="no node 'keepalived'"):
        parse("reload keepalived", NAMES)


@pytest.mark.parametrize("action", list(possible_actions(NAMES)), ids=str)
def test_each_choice_is_valid_in_its_lab(action: Action) -> None:
    assert parse(str(action), NAMES) == action


def test_what_makes_no_sense_is_not_offered() -> None:
    names = Layout.numbered("gateway", load_topology("gateway"))
    offered = {str(action) for action in possible_actions(names)}
    assert {"kill keepalived r1", "power off server", "link down far server", "cut far r1"} <= offered
    assert not {line for line in offered if "mysqld" in line}
    assert not {line for line in offered if line.endswith(" server")} - {
        *("power off server", "power on server", "pause server", "resume server"),
        *(f"link {way} {network} server" for way in ("up", "down") for network in ("lan", "far")),
    }
    assert [str(action) for action in free_text_actions(names)] == ["set r1", "set r2"]


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("", "no action", "kill"),
        ("kil mysqld db1", "unknown action 'kil'", "did you mean 'kill'?"),
        ("kill mysqld", "too few words", "usage: kill mysqld|keepalived NODE"),
        ("kill mysqld db1 now", "too many words", "usage"),
        ("kill mysql db1", "no service 'mysql'", "did you mean 'mysqld'?"),
        ("kill mysqld db3", "no node 'db3'", "did you mean 'db"),
        ("cut hearbeat", "no network 'hearbeat'", "did you mean 'heartbeat'?"),
        ("loss heartbeat 130", "not a percentage", "for example: loss heartbeat 60"),
        ("loss heartbeat nan", "not a percentage", "for example"),
        ("set db1 prio 3", "no setting 'prio'", "did you mean 'priority'?"),
        ("address delete db1 10.0.0.1", "no virtual address", "198.18.0.100"),
        ('sql client "SELECT', "cannot read", "quotes"),
    ],
)
def test_a_wrong_line_says_what_and_what_to_do(line: str, message: str, hint: str) -> None:
    with pytest.raises(ActionError) as caught:
        parse(line, NAMES)
    assert message in caught.value.message
    assert hint in caught.value.hint


@given(st.text())
def test_no_line_breaks_the_parser(line: str) -> None:
    try:
        action = parse(line, NAMES)
    except ActionError:
        return
    assert parse(str(action), NAMES) == action


@given(st.text(alphabet="{}!#\"'\n\\;a1", min_size=1))
def test_a_value_never_carries_configuration_syntax(value: str) -> None:
    try:
        action = parse_words(["set", "db1", "priority", value], NAMES)
    except ActionError:
        return
    assert not set(action.need(ArgKind.VALUE)) & set("{}!#\"'\n\\")


def test_undo_takes_back_what_can_be_taken_back() -> None:
    assert parse("kill mysqld db1").undo == parse("start mysqld db1")
    assert parse("cut heartbeat db2").undo == parse("heal heartbeat")
    assert parse("loss heartbeat 60 db1").undo == parse("heal heartbeat")
    assert parse("reload db1").undo is None
    for verb in VERBS.values():
        assert not verb.undo or verb.undo in VERBS


@pytest.mark.parametrize(
    ("line", "statement"),
    [
        ("sql client SELECT 1", "SELECT 1"),
        ("sql db1 SELECT id FROM a WHERE owner = 'eve'", "SELECT id FROM a WHERE owner = 'eve'"),
        ('sql db1 "SELECT 1"', "SELECT 1"),
        ("sql db1 SHOW\\ TABLES", "SHOW TABLES"),
        ("sql db1 SHOW", "SHOW"),
    ],
)
def test_the_rest_of_a_line_is_the_statement(line: str, statement: str) -> None:
    assert parse(line).args[-1] == statement


def test_words_of_a_shell_are_one_statement() -> None:
    assert parse_words(["sql", "db1", "SHOW", "REPLICA", "STATUS"]).args == ("db1", "SHOW REPLICA STATUS")
