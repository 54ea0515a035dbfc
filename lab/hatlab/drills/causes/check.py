"""Checks: that fail although all is well, and that pass, or are not asked, although mysqld is gone."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.drills.causes.status import answered_by, link, mysqld_process, next_answers, no_answer, states
from hatlab.drills.model import Cause, Kind, Sign, Symptom, Written
from hatlab.drills.places import conf, log, shell
from hatlab.drills.roles import Roles
from hatlab.drills.steps import change
from hatlab.lessons.model import SolutionStep

Change = tuple[str, str]
LONG = 900
"""Runs, or seconds, until a failure counts: nobody waits for it."""


def check_causes(lab: Roles) -> Iterator[Cause]:
    """Checks of MySQL servers whose own check asks mysqld a question."""
    if lab.check is None or not lab.is_pair:
        return
    command = lab.check_command
    yield _fails(
        lab,
        "check-user",
        f"the check on {lab.best} logs in as a user that is not there",
        (command, command.replace("--user=root", "--user=monitor --host=127.0.0.1")),
        "--user=monitor",
    )
    yield _fails(
        lab,
        "check-port",
        f"the check on {lab.best} asks a port where nobody listens",
        (command, command.replace("--user=root", "--user=root --host=127.0.0.1 --port=3307")),
        "--port=3307",
    )
    yield _fails(
        lab,
        "check-false",
        f"the check on {lab.best} always fails",
        (command, "/usr/bin/false"),
        "/usr/bin/false",
    )
    yield from _deceived(lab, command)


def _fails(lab: Roles, kind: str, name: str, edit: Change, seen: str) -> Cause:
    """mysqld is well, and the check says that it is not."""
    node, check = lab.best, lab.check
    pattern = seen.replace("--", "-{2}")
    return Cause(
        id=kind,
        kind=Kind.CHECK,
        level=2,
        fits=(Symptom.WRONG_SERVER,),
        name=name,
        begin=(change(node, edit), f"reload {node}"),
        until=next_answers(lab, f"state {node} FAULT {lab.instance}"),
        signs=(
            answered_by(lab, lab.next),
            states(lab, "FAULT", "MASTER"),
            link(node, up=True),
            mysqld_process(node, "up"),
            Sign(
                log(node),
                "check",
                f"{node} logs that {check} fails.",
                has=(rf"VRRP_Script\({check}\).*fail",),
            ),
            _script(lab, f"The check on {node} runs {seen}.", pattern),
        ),
        cure=(change(node, edit[::-1]), f"reload {node}"),
        gone=f"owner {node} {lab.vip}",
        advice=f"mysqld on {node} is well. Run the check by hand, and read what it says.",
        harm=(f"stop keepalived {lab.next}",),
        because="now nobody holds the address",
    )


def _deceived(lab: Roles, command: str) -> Iterator[Cause]:
    """mysqld is dead or hangs, and keepalived does not notice."""
    node, check = lab.best, lab.check
    spec = lab.topology.checks[check or ""]
    kill, frozen = f"kill mysqld {node}", f"freeze mysqld {node}"
    tracked: Written = f"checked {node} mysql"
    head = f"vrrp_instance {lab.instance} {{\n"
    block = f"    track_script {{\n        {check}\n    }}\n"
    yield _goes_on(
        lab,
        "check-untracked",
        f"nobody asks {node}'s mysqld",
        (change(node, drop=("track_script",)), f"reload {node}", kill),
        (change(node, (head, head + block)), f"reload {node}"),
        Sign(conf(node), "check", f"{node}'s vrrp_instance has no track_script.", lacks=("track_script",)),
        tracked,
    )
    for kind, name, wrong, seen in (
        ("check-true", f"the check on {node} always passes", "/usr/bin/true", "runs /usr/bin/true"),
        (
            "check-missing",
            f"the check on {node} names a program that is not there",
            "/usr/local/bin/check-db",
            "runs /usr/local/bin/check-db, which is not there",
        ),
    ):
        yield _goes_on(
            lab,
            kind,
            name,
            (change(node, (command, wrong)), f"reload {node}", kill),
            (change(node, (wrong, command)), f"reload {node}"),
            _script(lab, f"The check on {node} {seen}.", wrong),
            tracked,
        )
    for kind, name, wrong in (
        (
            "check-process",
            f"the check on {node} looks for a process and asks nothing",
            "/usr/bin/pgrep --exact mysqld",
        ),
        (
            "check-tcp",
            f"the check on {node} opens a connection and asks nothing",
            "/usr/bin/bash -c '</dev/tcp/127.0.0.1/3306'",
        ),
    ):
        yield _goes_on(
            lab,
            kind,
            name,
            (change(node, (command, wrong)), f"reload {node}", frozen),
            (change(node, (wrong, command)), f"reload {node}"),
            _script(lab, f"The check on {node} runs {wrong}.", wrong),
            f"checked {node} /usr/bin/mysql",
            state="frozen",
        )
    for keyword, value, unit in (("fall", spec.fall, "runs"), ("interval", spec.interval, "seconds")):
        right, wrong = f"    {keyword} {value}\n", f"    {keyword} {LONG}\n"
        yield _goes_on(
            lab,
            f"check-{keyword}",
            f"the check on {node} fails only after {LONG} runs"
            if keyword == "fall"
            else f"the check on {node} runs only every {LONG} seconds",
            (change(node, (right, wrong)), f"reload {node}", kill),
            (change(node, (wrong, right)), f"reload {node}"),
            Sign(
                conf(node),
                "check",
                f"The check on {node} has {keyword} {LONG}: {LONG} {unit}.",
                has=(rf"^\s*{keyword} {LONG}$",),
            ),
            f"setting {node} {keyword} <= 30",
            kind_of_fault=Kind.TIMERS,
        )
    least = lab.priority(node) - lab.priority(lab.next)
    weight = -max(1, least // 5)
    lowered = lab.priority(node) + weight
    yield _goes_on(
        lab,
        "weight",
        f"the weight of the check on {node} is too small",
        (f"set {node} weight {weight} {check}", kill),
        (f"set {node} weight {spec.weight} {check}",),
        Sign(
            conf(node), "check", f"The check on {node} has weight {weight}.", has=(rf"^\s*weight {weight}$",)
        ),
        {"any": [f"setting {node} weight = 0", f"setting {node} weight < {-least}"]},
        priority=lowered,
    )


def _goes_on(
    lab: Roles,
    kind: str,
    name: str,
    begin: tuple[SolutionStep, ...],
    repair: tuple[SolutionStep, ...],
    sign: Sign,
    gone: Written,
    *,
    state: str = "down",
    kind_of_fault: Kind = Kind.CHECK,
    priority: int | None = None,
) -> Cause:
    node = lab.best
    start = f"thaw mysqld {node}" if state == "frozen" else f"start mysqld {node}"
    return Cause(
        id=kind,
        kind=kind_of_fault,
        level=2,
        touches_data=True,
        fits=(Symptom.NO_ORDERS,),
        name=name,
        begin=begin,
        until=[
            f"owner {node} {lab.vip}",
            "cut_off",
            f"process mysqld {node} {state}",
            f"state {node} MASTER {lab.instance}",
        ],
        signs=(
            no_answer(lab),
            states(lab, "MASTER", "BACKUP", priority=priority),
            mysqld_process(node, state),
            sign,
        ),
        cure=(start, *repair),
        gone=gone,
        advice=f"Do two things on {node}: let mysqld run, and make the next failure count.",
        harm=(start,),
        because="clients are answered again, and the next failure goes unnoticed too",
    )


def _script(lab: Roles, shows: str, pattern: str) -> Sign:
    place = shell(lab.best, "grep script /etc/keepalived/keepalived.conf")
    return Sign(place, "check", shows, has=(rf"script .*{pattern}",))
