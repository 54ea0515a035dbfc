"""The short demonstration for where there is no terminal: election, failure, failover, recovery, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from hatlab import events as e
from hatlab.actions import Action
from hatlab.commands.support.headless import EventPrinter, log_printer, stop_and_drain
from hatlab.errors import EngineError, LabError
from hatlab.session import Reader, Session
from hatlab.state.model import LabState, NodeState
from hatlab.util.text import plural

START_WITHIN = 120.0
FAILOVER_WITHIN = 15.0
RECOVERY_WITHIN = 20.0
STEADY = 2.0
"""Seconds that the log runs on before the next thing happens; those above are limits."""


@dataclass(frozen=True, slots=True)
class _Narrator:
    """Says what happens next, and shows the lab's events until it has happened."""

    session: Session
    reader: Reader
    print_events: EventPrinter
    out: IO[str]

    def say(self, text: str) -> None:
        self.out.write(f"\n── {text}\n")
        self.out.flush()

    def show_until(self, condition: Callable[[LabState], bool], within: float, what: str) -> None:
        """Show events until a condition holds.

        Raises:
            LabError: it did not within so many seconds, or the lab ended.
        """
        end = self.session.engine.now() + within
        while not condition(self.session.state):
            self.print_events(self.reader.drain(timeout=0.1).events)
            self._check_lab(end, within, what)
        self.print_events(self.reader.drain().events)

    def show_for(self, seconds: float) -> None:
        """Show events for a while."""
        end = self.session.engine.now() + seconds
        while self.session.engine.now() < end and not self.session.ended:
            self.print_events(self.reader.drain(timeout=0.1).events)

    def _check_lab(self, end: float, within: float, what: str) -> None:
        if self.session.error is not None:
            raise self.session.error
        stopping = self.session.state.stopping
        if self.session.ended or stopping is not None:
            raise EngineError(
                f"the lab ended in the middle: {stopping or 'someone ended it'}", "hatlab status"
            )
        if self.session.engine.now() > end:
            raise LabError(f"{what} did not happen within {within:g} s", "run hatlab doctor, then try again")


def demonstrate(session: Session, out: IO[str]) -> int:
    """Play the demonstration on a session that is not started yet; return 0 if it went as it should."""
    out.write(
        "This is not a terminal, so here is a short demonstration instead of the screen.\n"
        "(For a lab without a screen: hatlab start --headless)\n"
    )
    narrator = _Narrator(session, session.reader(), log_printer(out), out)
    session.start_in_background()
    narrator.say("Two servers start and elect a Master.")
    narrator.show_until(lambda s: s.ready, START_WITHIN, "the start")
    narrator.show_for(STEADY)
    victim = _highest_master(session.state)
    outages = _count_outages(session.state)
    fault, on_fault, on_cure = _choose_fault(session.state, victim)
    narrator.say(on_fault)
    session.act(fault)
    narrator.show_until(lambda s: _count_outages(s) > outages, FAILOVER_WITHIN, "the failover")
    narrator.show_for(STEADY)
    cure = fault.undo
    assert cure is not None
    narrator.say(on_cure)
    session.act(cure)
    narrator.show_until(lambda s: _is_master(s.nodes[victim]), RECOVERY_WITHIN, "the recovery")
    narrator.show_for(STEADY)
    stop_and_drain(session, narrator.reader, narrator.print_events)
    out.writelines(f"{line}\n" for line in _summary_lines(session.state, outages))
    return 0


def _is_master(node: NodeState) -> bool:
    return any(instance.reported == "MASTER" for instance in node.instances.values())


def _highest_master(state: LabState) -> str:
    """Return the node that is to fail: the Master, of several the one of highest priority."""
    masters = [node for node in state.nodes.values() if _is_master(node)]
    if not masters:
        raise LabError("no node is Master, so there is nothing to demonstrate", "try: hatlab start two-node")
    return max(masters, key=lambda node: max(i.priority for i in node.instances.values())).name


def _choose_fault(state: LabState, victim: str) -> tuple[Action, str, str]:
    """Return what makes the Master fail, and what to say of it and of its cure.

    mysqld is killed; where there is none, the power goes off.
    """
    if state.layout is not None and "mysqld" not in state.layout.services(victim):
        off = Action("power off", (victim,))
        return off, f"{victim}, the Master, loses power.", f"{victim} is powered on again."
    kill = Action("kill", ("mysqld", victim))
    return kill, f"mysqld on {victim}, the Master, is killed.", f"mysqld on {victim} is started again."


def _count_outages(state: LabState) -> int:
    return sum(len(client.outages) for client in state.clients.values())


def _summary_lines(state: LabState, skip: int) -> list[str]:
    """Return what happened to the clients and why, in a few lines; the first `skip` outages are left out."""
    lines = ["", "── What happened"]
    outages = [outage for client in state.clients.values() for outage in client.outages][skip:]
    for outage in outages:
        lines.append(
            plural(
                outage.failed,
                "{client} had no answer for {seconds:.2f} s ({count} failed try). {before} answered before, "
                "{after} after.",
                "{client} had no answer for {seconds:.2f} s ({count} failed tries). {before} "
                "answered before, "
                "{after} after.",
                client=outage.client,
                seconds=outage.seconds,
                before=outage.before,
                after=outage.after,
            )
        )
        lines += [f"  {text}" for text in _explanation_lines(state, outage)]
    if not outages:
        lines.append("No client noticed anything.")
    return [*lines, "", "Now try it yourself, in a terminal: hatlab start"]


def _explanation_lines(state: LabState, outage: e.Outage) -> Iterator[str]:
    """Yield the explanations of the transitions within an outage, with their arithmetic."""
    for why in state.whys:
        if outage.began <= why.at <= outage.ended + 0.001:
            yield why.text
            if why.arithmetic:
                yield f"  {why.arithmetic}"
