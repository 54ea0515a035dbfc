"""Tries what would explain an incident on the simulator, and keeps what agrees with it best."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from hatlab.compare.comparison import Comparison, compare_courses
from hatlab.compare.course import Course, read_course
from hatlab.errors import EngineError
from hatlab.incident.reproduce.asked_hosts import with_asked_hosts
from hatlab.incident.reproduce.faults import Episode, Explanation, InferredFault
from hatlab.incident.reproduce.rules import infer
from hatlab.incident.reproduce.seen import Seen
from hatlab.incident.reproduce.strangers import find_strangers, play_strangers, still_deaf, with_strangers
from hatlab.incident.reproduce.timetable import script_length, script_lines
from hatlab.incident.reproduce.trial import EngineName, Trial, play
from hatlab.state.steps import derive_steps
from hatlab.topology import Topology

MOST_TRIALS, FEWEST_TRIALS = 80, 6
"""Runs on the simulator at most, and how many of a long incident at least."""
_MOST_SIMULATED = 40_000.0
"""Seconds of all runs together, about: a minute or two of real time."""
SEEDS = 12
"""Runs in which chance is drawn anew."""
EQUAL = 0.004
"""Difference of two agreements that says nothing."""
_LEADS = (0.5, 1.0, 1.5)
"""Seconds by which all comes later, tried where nothing says how a check's runs lay."""
_MOST_LEADS = 3
"""Further ones that are tried, each better than the one before."""
_EARLIER = 0.2
"""Seconds before the first fault from which on something may follow from it, as its time is not exact."""
_PARTS = (0.25, 0.5, 0.75)
"""Shares of the time that a fault may have been earlier, that are tried."""

Choice = tuple[Explanation | None, ...]
"""What explains each episode; None where it is left to follow from the rest."""
Progress = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One candidate, and how far it agrees."""

    choice: Choice
    lead: float
    faults: tuple[InferredFault, ...]
    """What was played, in order of time."""
    topology: Topology
    comparison: Comparison
    trial: Trial
    seed: int = 0
    """Of what the simulator drew."""

    @property
    def agreement(self) -> float:
        return self.comparison.agreement


@dataclass(slots=True)
class Reproduction:
    """What was inferred, tried and found."""

    seen: Seen
    incident: Course
    topology: Topology
    episodes: tuple[Episode, ...]
    best: Attempt
    tried: int
    alternatives: dict[int, dict[str, float]] = field(default_factory=dict)
    """Episode → explanation → how far it agrees, the rest being as in the best; where there were several."""

    def undecided(self) -> Iterator[tuple[str, ...]]:
        """Yield names of explanations of one episode that agree equally well, the chosen one first."""
        for number, agreements in self.alternatives.items():
            chosen = self.best.choice[number]
            if chosen is None:
                continue
            best = agreements[chosen.name]
            alike = [c.name for c in self.episodes[number].candidates if c.by_chance == chosen.by_chance]
            others = [n for n in alike if n != chosen.name and best - agreements.get(n, 0.0) < EQUAL]
            if others:
                yield (chosen.name, *others)

    def as_seen(self) -> tuple[Explanation, float] | None:
        """Return what does by cuts exactly what chance did, and how far it agrees; None without chance."""
        for number, chosen in enumerate(self.best.choice):
            if chosen is not None and chosen.by_chance:
                cuts = self.episodes[number].candidates[-1]
                return cuts, self.alternatives.get(number, {}).get(cuts.name, 0.0)
        return None


class Search:
    """Searches for what explains a recording.

    Args:
        seen: the recording.
        episodes: what must have happened; inferred if left out.
        progress: told in words what is being tried.
    """

    def __init__(
        self, seen: Seen, episodes: Sequence[Episode] | None = None, progress: Progress = lambda _: None
    ) -> None:
        self._seen = seen
        self._strangers = find_strangers(seen)
        found = [*infer(seen), *play_strangers(seen, self._strangers)] if episodes is None else episodes
        self._episodes = tuple(sorted(found, key=lambda one: one.candidates[0].faults[0].at))
        seen.anchor = self._episodes[0].candidates[0].faults[0].at if self._episodes else seen.ready
        self._progress = progress
        self._incident = read_course(derive_steps(seen.facts))
        self._topology = with_asked_hosts(seen.layout, seen.asked)
        length = max(1.0, seen.ends - seen.ready)
        self._most = max(FEWEST_TRIALS, min(MOST_TRIALS, int(_MOST_SIMULATED / length)))
        self._tried: dict[tuple[tuple[InferredFault, ...], float, int], Attempt | None] = {}

    def run(self) -> Reproduction:
        """Try the likeliest explanation of each episode, then the others one by one.

        Raises:
            EngineError: no lab of the topology starts.
        """
        first: Choice = tuple(episode.candidates[0] for episode in self._episodes)
        best = self._attempt(first, 0.0)
        if best is None:
            play(self._seen.lab.name, self._topology, (), 1.0)  # says why it does not start
            raise EngineError("the lab of this incident does not start", "hatlab check tells more")
        if not self._seen.has_ready and best.faults:
            best = self._better(best, ((first, lead) for lead in _LEADS))
            best = self._fit_lead(best, first)
        alternatives: dict[int, dict[str, float]] = {}
        for number in range(len(self._episodes)):
            best = self._try_alternatives(best, number, alternatives)
        for number in range(len(self._episodes)):
            best = self._fit_times(best, number)
        best = self._try_seeds(best)
        return Reproduction(
            self._seen, self._incident, best.topology, self._episodes, best, len(self._tried), alternatives
        )

    def _try_seeds(self, best: Attempt) -> Attempt:
        """Draw again, where what follows depends on chance."""
        if not any(fault.verb == "loss" for fault in best.faults):
            return best
        for seed in range(1, SEEDS):
            attempt = self._attempt(best.choice, best.lead, seed)
            if attempt is not None and attempt.agreement > best.agreement + EQUAL:
                best = attempt
        return best

    def _fit_lead(self, best: Attempt, choice: Choice) -> Attempt:
        """Move all faults together, by as much as what follows from the first one is off."""
        for _ in range(_MOST_LEADS):
            off = _first_delay(best.comparison, best.faults[0].at - _EARLIER, "sent", "heard")
            if off is None:
                break
            before, best = best, self._better(best, [(choice, best.lead - off)])
            if best is before:
                break
        return best

    def _try_alternatives(
        self, best: Attempt, number: int, alternatives: dict[int, dict[str, float]]
    ) -> Attempt:
        episode = self._episodes[number]
        if episode.certain:
            return best
        agreements: dict[str, float] = {}
        base = best
        for candidate in episode.candidates:
            choice = _with_choice(base.choice, number, candidate)
            attempt = self._attempt(choice, base.lead)
            if attempt is not None:
                attempt = self._fit_times(attempt, number)
                agreements[candidate.name] = attempt.agreement
                is_chosen = episode.candidates[0].by_chance and not candidate.by_chance
                if attempt.agreement > best.agreement + EQUAL and not is_chosen:
                    best = attempt
        if episode.may_follow:
            attempt = self._attempt(_with_choice(base.choice, number, None), base.lead)
            if attempt is not None and attempt.agreement >= best.agreement - EQUAL:
                best = attempt
        if episode.may_not_matter:
            attempt = self._attempt(_with_choice(base.choice, number, None), base.lead)
            if attempt is not None and attempt.agreement > best.agreement + EQUAL:
                best = attempt
        if len(agreements) > 1:
            alternatives[number] = agreements
        return best

    def _fit_times(self, best: Attempt, number: int) -> Attempt:
        """Move an episode's faults whose times are not known exactly: by as much as what follows is off."""
        chosen = best.choice[number]
        for place, fault in enumerate(chosen.faults if chosen else ()):
            if not fault.slack and not fault.later:
                continue
            best = self._fit_to_first(best, number, place)
            for most in (-fault.slack, fault.later):
                if most and not best.comparison.same:
                    best = self._move(best, number, place, [part * most for part in _PARTS])
            if fault.later:
                best = self._fit_to_first(best, number, place)
        return best

    def _fit_to_first(self, best: Attempt, number: int, place: int) -> Attempt:
        """Move a fault by as much as the first thing behind it is off, as far as it may have been later."""
        chosen = best.choice[number]
        assert chosen is not None
        fault = chosen.faults[place]
        off = _first_delay(best.comparison, fault.at, "sent")
        if off is None or (not fault.slack and -off > fault.later):
            return best
        return self._move(best, number, place, [-off])

    def _move(self, best: Attempt, number: int, place: int, offsets: Sequence[float]) -> Attempt:
        """Try the chosen explanation of an episode with one of its faults moved."""
        current = best.choice[number]
        assert current is not None
        tries = [
            (_with_choice(best.choice, number, _with_time(current, place, seconds)), best.lead)
            for seconds in offsets
        ]
        return self._better(best, tries)

    def _better(
        self, best: Attempt, tries: Iterator[tuple[Choice, float]] | list[tuple[Choice, float]]
    ) -> Attempt:
        for choice, lead in tries:
            attempt = self._attempt(choice, lead)
            if attempt is not None and attempt.agreement > best.agreement + EQUAL:
                best = attempt
        return best

    def _attempt(self, choice: Choice, lead: float, seed: int = 0) -> Attempt | None:
        """Play a candidate and compare; None if no lab starts, or enough was tried."""
        found = tuple(fault for chosen in choice if chosen is not None for fault in chosen.faults)
        key = (found, lead, seed)
        if key in self._tried:
            known = self._tried[key]
            return None if known is None else replace(known, choice=choice)
        if len(self._tried) >= self._most:
            return None
        self._progress(f"candidate {len(self._tried) + 1}")
        faults = tuple(sorted(still_deaf(found, self._strangers), key=lambda fault: fault.at))
        topology = with_strangers(self._seen, self._topology, self._strangers, faults)
        try:
            trial, comparison = run_faults(self._seen, self._incident, topology, faults, lead, seed=seed)
            self._tried[key] = Attempt(choice, lead, faults, topology, comparison, trial, seed)
        except EngineError:
            self._tried[key] = None
        return self._tried[key]


def run_faults(
    seen: Seen,
    incident: Course,
    topology: Topology,
    faults: Sequence[InferredFault],
    lead: float,
    engine: EngineName = "sim",
    seed: int = 0,
) -> tuple[Trial, Comparison]:
    """Play faults in a lab of the incident's topology, and compare.

    Raises:
        EngineError: the lab cannot start.
    """
    lines, length = script_lines(seen, faults, lead), script_length(seen, lead)
    trial = play(seen.lab.name, topology, lines, length, engine, seed)
    strangers = {*topology.nodes} - {*seen.layout.node_names}
    return trial, compare_courses(incident, trial.course(strangers))


def _first_delay(comparison: Comparison, after: float, *kinds: str) -> float | None:
    """Return by how much the first transition since a moment that is not in time comes too late (negative:
    too early).

    Args:
        kinds: of what counts beside transitions.
    """
    found = [match for kind in ("state", *kinds) for match in comparison.of(kind)]
    late = (m for m in found if m.first is not None and m.first.at > after and m.apart)
    first = min(late, key=lambda m: m.first.at if m.first else 0.0, default=None)
    return first.seconds if first is not None else None


def _with_choice(choice: Choice, number: int, chosen: Explanation | None) -> Choice:
    return (*choice[:number], chosen, *choice[number + 1 :])


def _with_time(explanation: Explanation, place: int, seconds: float) -> Explanation:
    """Return an explanation with one of its faults moved."""
    faults = explanation.faults
    return replace(explanation, faults=(*faults[:place], faults[place].moved(seconds), *faults[place + 1 :]))
