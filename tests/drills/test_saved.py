"""Repairs that destroy what they should save do not count, and the learner hears why."""

from __future__ import annotations

import pytest

from hatlab.drills.generate import build_drill
from hatlab.lessons.as_drill import WAS_RESET
from tests.support.drill_lab import DrillLab
from tests.support.drill_texts import DRILL
from tests.support.lesson_findings import parse


def play(cause: str) -> DrillLab:
    return DrillLab(build_drill(1, 2, "two-node", causes=(cause,)).lesson)


def test_both_accounts_of_one_number_must_survive() -> None:
    lab = play("duplicate-row")
    for node in ("db1", "db2"):
        lab.do(f'sql {node} "DELETE FROM lab.accounts WHERE id = 9"')
        lab.do(f'sql {node} "START REPLICA"')
    lab.run(20)
    assert not lab.drill.is_repaired
    (said,) = lab.said("wrong turn")
    assert "carol with balance 5 and dave with balance 7" in said
    lab.do("sql db2 \"INSERT INTO lab.accounts VALUES (12, 'dave', 7)\"", wait=20)
    assert not lab.drill.is_repaired
    lab.do("sql db2 \"INSERT INTO lab.accounts VALUES (9, 'carol', 5)\"", wait=20)
    assert lab.drill.is_repaired
    assert lab.said("wrong turn") == [said]


def test_a_row_that_is_missing_on_one_server_must_not_be_lost_on_both() -> None:
    lab = play("missing-row")
    lab.do("sql db2 \"INSERT INTO lab.accounts VALUES (7, 'erin', 30)\"")
    lab.do('sql db2 "START REPLICA"', wait=2)
    lab.do('sql db1 "DELETE FROM lab.accounts WHERE id = 7"', wait=20)
    assert not lab.drill.is_repaired
    assert "erin with balance 30" in lab.said("wrong turn")[0]


@pytest.mark.parametrize("cause", ["check-user", "check-port", "check-false"])
@pytest.mark.parametrize("cure", ["no check", "true", "weight"])
def test_a_check_must_still_notice_a_dead_mysqld(cause: str, cure: str) -> None:
    lab = play(cause)
    if cure == "weight":
        lab.do("set db1 weight -1 mysql")
    else:
        conf = lab.state.nodes["db1"].conf
        head, _, rest = conf.partition("    track_script {")
        script = next(line for line in conf.splitlines() if line.strip().startswith("script "))
        texts = {
            "no check": head + rest.partition("}\n")[2],
            "true": conf.replace(script, '    script "/usr/bin/true"'),
        }
        lab.do("edit db1 keepalived.conf", texts[cure])
        lab.do("reload db1")
    lab.run(25)
    assert not lab.drill.is_repaired
    assert lab.said("wrong turn")
    assert all("mysqld" in said for said in lab.said("wrong turn"))


def test_a_reset_from_elsewhere_is_told() -> None:
    lab = play("deaf")
    lab.do("reset", wait=3)
    assert "can no longer be solved" in lab.said("wrong turn")[0]


_SAVES = """\
saves:
  - holds: checked db1 mysql
    lost: No check on db1 asks mysqld any more. Give it back.
solution: heal heartbeat
"""


def written(text: str = DRILL) -> DrillLab:
    """A drill that an author wrote as a lesson file."""
    lesson = parse(text).lesson
    assert lesson is not None
    return DrillLab(lesson)


def test_a_reset_solves_no_drill_of_an_author() -> None:
    lab = written()
    lab.do("reset", wait=20)
    assert not lab.drill.is_repaired
    assert WAS_RESET in lab.said("wrong turn")


def test_what_an_author_wants_saved_belongs_to_the_fix() -> None:
    lab = written(DRILL.replace("solution: heal heartbeat\n", _SAVES))
    conf = lab.state.nodes["db1"].conf
    head, _, rest = conf.partition("    track_script {")
    lab.do("edit db1 keepalived.conf", head + rest.partition("}\n")[2])
    lab.do("reload db1")
    lab.do("heal heartbeat", wait=20)
    assert not lab.drill.is_repaired
    assert lab.said("wrong turn") == ["No check on db1 asks mysqld any more. Give it back."]
    lab.do("edit db1 keepalived.conf", conf)
    lab.do("reload db1", wait=20)
    assert lab.drill.is_repaired
