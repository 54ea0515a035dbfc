"""The short demonstration for where there is no terminal: election, failure, failover, recovery, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from hatlab import events as e
from hatlab.actions import Action
from hatlab.commands.support.headless import EventPrinter, log_printer, stop_and_drain
from hatlab.errors import EngineError, LabError
from hatlab.session import Reader, Session
from hatlab.state.model import LabState

START_WITHIN = 120.0
FAILOVER_WITHIN = 15.0
RECOVERY_WITHIN = 20.0
STEADY = 2.0


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the demonstration needs to go on."""

    session: Session
    reader: Reader
    show: EventPrinter
    out: IO[str]

    def say(self, text: str) -> None:
        self.out.write(f"\n── {text}\n")
        self.out.flush()

    def until(self, true: Callable[[LabState], bool], within: float, what: str) -> None:
        """Shows events until a condition holds.

        Raises:
            LabError: it did not within so many seconds, or the lab ended.
        """
        end = self.session.engine.now() + within
        while not true(self.session.state):
            self.show(self.reader.drain(timeout=0.1).events)
            self._check(end, within, what)
        self.show(self.reader.drain().events)

    def watch(self, seconds: float) -> None:
        """Shows events for a while."""
        end = self.session.engine.now() + seconds
        while self.session.engine.now() < end and not self.session.ended:
            self.show(self.reader.drain(timeout=0.1).events)

    def _check(self, end: float, within: float, what: str) -> None:
        if self.session.error is not None:
            raise self.session.error
        stopping = self.session.state.stopping
        if self.session.ended or stopping is not None:
            raise EngineError(
                f"the lab ended in the middle: {stopping or 'someone asked for it'}", "hatlab status"
            )
        if self.session.engine.now() > end:
            raise LabError(f"{what} did not happen within {within:g} s", "hatlab doctor; then try again")


def demonstrate(session: Session, out: IO[str]) -> int:
    """Plays the demonstration on a session that is not started yet; 0 if it went as it should."""
    out.write(
        "This is no terminal, so instead of the screen here is a short demonstration.\n"
        "(A lab without a screen: hatlab start --headless)\n"
    )
    stage = _Stage(session, session.reader(), log_printer(out), out)
    session.start_in_background()
    stage.say("Two servers start and elect a Master.")
    stage.until(lambda s: s.ready, START_WITHIN, "the start")
    stage.watch(STEADY)
    victim = _master(session.state)
    count = _outages(session.state)
    harm, fails, returns = _harm(session.state, victim)
    stage.say(fails)
    session.act(harm)
    stage.until(lambda s: _outages(s) > count, FAILOVER_WITHIN, "the failover")
    stage.watch(STEADY)
    cure = harm.undo
    assert cure is not None
    stage.say(returns)
    session.act(cure)
    stage.until(lambda s: _is_master(s, victim), RECOVERY_WITHIN, "the recovery")
    stage.watch(STEADY)
    stop_and_drain(session, stage.reader, stage.show)
    for text in summary(session.state, count):
        out.write(text + "\n")
    return 0


def _masters(state: LabState) -> list[str]:
    found = [
        n.name for n in state.nodes.values() if any(i.reported == "MASTER" for i in n.instances.values())
    ]
    return sorted(found, key=lambda n: -max(i.priority for i in state.nodes[n].instances.values()))


def _master(state: LabState) -> str:
    """The node that fails: the Master (of the highest priority, if there are more)."""
    masters = _masters(state)
    if not masters:
        raise LabError("nobody is Master, so there is nothing to demonstrate", "try: hatlab start two-node")
    return masters[0]


def _harm(state: LabState, victim: str) -> tuple[Action, str, str]:
    """What makes the Master fail, said before it and before it is mended: mysqld, or where there is none the
    power.
    """
    if state.layout is not None and "mysqld" not in state.layout.services(victim):
        off = Action("power off", (victim,))
        return off, f"{victim}, the Master, loses its power.", f"{victim} is powered on again."
    kill = Action("kill", ("mysqld", victim))
    return kill, f"mysqld on {victim}, the Master, is killed.", f"mysqld on {victim} is started again."


def _is_master(state: LabState, node: str) -> bool:
    return any(i.reported == "MASTER" for i in state.nodes[node].instances.values())


def _outages(state: LabState) -> int:
    return sum(len(client.outages) for client in state.clients.values())


def summary(state: LabState, skip: int = 0) -> list[str]:
    """What happened to the clients and why, in a few lines; the first `skip` outages are left out."""
    out = ["", "── What happened"]
    outages = [o for c in state.clients.values() for o in c.outages][skip:]
    for outage in outages:
        out.append(
            f"{outage.client} had no answer for {outage.seconds:.2f} s ({outage.failed} tries failed): "
            f"{outage.before} answered before, {outage.after} after."
        )
        out += [f"  {text}" for text in _reasons(state, outage)]
    if not outages:
        out.append("No client noticed anything.")
    out += ["", "Now with your own hands, in a terminal: hatlab start"]
    return out


def _reasons(state: LabState, outage: e.Outage) -> list[str]:
    """The explanations of the transitions within an outage, with their arithmetic."""
    within = [w for w in state.whys if outage.began <= w.at <= outage.ended + 0.001]
    out = []
    for why in within:
        out.append(why.text)
        if why.arithmetic:
            out.append(f"  {why.arithmetic}")
    return out
