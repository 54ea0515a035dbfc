"""An honest test of `hatlab reproduce`: labs whose faults are known, of which it sees only the effects."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import floor
from pathlib import Path

from hatlab import events as e
from hatlab.actions.timed_script import read_script
from hatlab.api import run_lab
from hatlab.incident.reproduce.faults import InferredFault
from hatlab.incident.reproduce.search import Reproduction, Search
from hatlab.incident.reproduce.seen import Seen
from tests.field_cases.lab import write_topology
from tests.field_cases.table import CASES, FieldCase
from tests.parity import play
from tests.parity.scenarios import SCENARIOS, Scenario

_BROUGHT = (e.Lab, e.Conf, e.Advert, e.Arp, e.Log, e.Vrrp, e.Address)
"""What an incident may have that is imported."""
_FILES = {"edit", "set"}
"""Changes of files, which nothing but adverts tells of an incident."""


@dataclass(frozen=True)
class Story:
    """A lab in which something was done."""

    name: str
    acts: tuple[str, ...]
    events: Sequence[e.Event]
    zero: float = 0.0
    """When it began, in seconds since the epoch; 0 if that does not matter."""
    captures: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """What tcpdump captured on its nodes."""


def scenario_story(scenario: Scenario) -> Story:
    """Play a parity scenario on the simulator."""
    acts = tuple(line for _, line in scenario.acts)
    return Story(scenario.title, acts, play.on_simulator(scenario, seed=3).events)


def field_case_story(case: FieldCase, folder: Path) -> Story:
    """Play a field case on the simulator."""
    with run_lab(write_topology(case, folder)) as lab:
        began, acts = lab.now, []
        for line in read_script(case.script, lab.layout) if case.script else ():
            lab.run_for(began + line.at - lab.now)
            lab.act(shlex.join(line.words))
            acts.append(" ".join(line.words))
        lab.run_for(began + case.seconds - lab.now)
        return Story(case.folder, tuple(acts), lab.events())


def stories(folder: Path) -> Iterator[Story]:
    """Play all of both."""
    yield from map(scenario_story, SCENARIOS)
    yield from (field_case_story(case, folder) for case in CASES)


# -- what is shown of them


def effects(events: Sequence[e.Event]) -> list[e.Event]:
    """All that a lab recorded, but not what was done to it, nor what hatlab concluded."""
    return [event for event in events if not (event.derived or isinstance(event, e.Action))]


def logs_and_captures(events: Sequence[e.Event]) -> list[e.Event]:
    """As an import of every node's log, capture, addresses and first configuration."""
    return _brought(events, lambda node: ("conf", "log", "capture", "addresses"))


def logs(events: Sequence[e.Event]) -> list[e.Event]:
    """Without captures."""
    return _brought(events, lambda node: ("conf", "log"))


def logs_to_the_second(events: Sequence[e.Event]) -> list[e.Event]:
    """Logs whose stamps have no fractions."""
    return [
        replace(event, at=float(floor(event.at)), about=1.0) if not isinstance(event, e.Lab) else event
        for event in logs(events)
    ]


def one_capture(events: Sequence[e.Event]) -> list[e.Event]:
    """Both logs, and a capture of the node that was Backup at first."""
    return _brought(events, lambda node: ("conf", "log", "capture")[: 2 + (node in ("db2", "b"))])


def one_node(events: Sequence[e.Event]) -> list[e.Event]:
    """Log and capture of the node that was Backup at first; of the other nothing but its configuration."""
    return _brought(events, lambda node: ("conf", "log", "capture")[: 3 if node in ("db2", "b") else 1])


Shown = Callable[[Sequence[e.Event]], list[e.Event]]
SHOWN: tuple[Shown, ...] = (effects, logs_and_captures, one_capture, logs, logs_to_the_second, one_node)


def _brought(events: Sequence[e.Event], sources: Callable[[str], tuple[str, ...]]) -> list[e.Event]:
    found: list[e.Event] = []
    configured: set[str] = set()
    for event in effects(events):
        node = getattr(event, "node", "")
        match event:
            case e.Lab():
                nodes = event.topology["nodes"]
                event = replace(event, engine="import", sources={name: sources(name) for name in nodes})
            case e.Conf():
                if node in configured:
                    continue
                configured.add(node)
            case e.Advert() | e.Arp() if "capture" not in sources(node):
                continue
            case e.Log() | e.Vrrp() if "log" not in sources(node):
                continue
            case e.Address() if "addresses" not in sources(node):
                continue
        if isinstance(event, _BROUGHT):
            found.append(event)
        if isinstance(event, e.Lab):  # as an import has it: nobody waits for anything there
            found.append(e.Phase(at=event.at, name="ready", done=True))
    return found


# -- how it was judged


@dataclass(frozen=True)
class Judgement:
    """What was found of a story."""

    story: Story
    found: Reproduction
    right: bool
    """Exactly the faults that there were."""
    among: bool
    """They are among those that cannot be told apart."""
    traceless: bool
    """What was left out left no trace: the run is the same without it."""

    @property
    def agreement(self) -> float:
        return self.found.best.agreement


def judge(story: Story, shown: Shown) -> Judgement:
    found = Search(Seen(shown(story.events))).run()
    return verdict_on(story, found, changes_files=shown is not effects)


def verdict_on(story: Story, found: Reproduction, *, changes_files: bool) -> Judgement:
    """Judge what was found of a story; `changes_files`: nothing tells what was written to a file."""
    wanted = sorted(_words(story.acts, changes_files))
    got = _faults(found.best.faults, changes_files)
    right, same = got == wanted, found.best.comparison.same
    among = any(wanted == other for other in _undecided(found, changes_files))
    traceless = same and not right and len(got) < len(wanted) and set(got) <= set(wanted)
    return Judgement(story, found, right, among, traceless)


def _undecided(found: Reproduction, changes_files: bool) -> Iterator[list[str]]:
    """Yield the faults of each combination that agrees as well as the best one."""
    equal = {names[0]: names for names in found.undecided()}
    options: list[list[tuple[InferredFault, ...]]] = []
    for episode, chosen in zip(found.episodes, found.best.choice, strict=True):
        if chosen is None:
            options.append([()])
            continue
        names = equal.get(chosen.name, (chosen.name,))
        options.append([c.faults for c in episode.candidates if c.name in names])
    for combination in product(*options):
        yield _faults([fault for faults in combination for fault in faults], changes_files)


def _faults(faults: Sequence[InferredFault], changes_files: bool) -> list[str]:
    return sorted(_words([fault.words for fault in faults], changes_files))


def _words(lines: Sequence[str], changes_files: bool) -> Iterator[str]:
    """Yield actions, each as one can tell it: an edit without its file; of imports, none at all."""
    for line in lines:
        verb, *rest = line.split()
        if line.startswith("hand kill-child"):
            yield f"kill keepalived {rest[-1]}"
            yield f"start keepalived {rest[-1]}"
        elif verb == "edit":
            if not changes_files:
                yield f"edit {rest[0]}"
        elif verb == "sql" or (verb in _FILES and changes_files):
            continue
        else:
            yield line
