"""What is inferred: faults in hatlab's own verbs, each with why, and candidates where several explain it."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class InferredFault:
    """Something that must have been done, or have happened, as an action that does it in a lab."""

    at: float
    """When, s of the recording."""
    verb: str
    targets: tuple[str, ...]
    why: str
    """What says so, in a sentence."""
    evidence: tuple[str, ...] = ()
    """Where that stands, if it was imported."""
    slack: float = 0.0
    """It may have been so many seconds earlier."""
    later: float = 0.0
    """It may have been so many seconds later: the line that tells of it has only a whole second."""
    text: str = ""
    """The file of an `edit`."""

    @property
    def words(self) -> str:
        """As `hatlab do` takes it."""
        return " ".join((self.verb, *self.targets))

    def moved(self, seconds: float) -> InferredFault:
        return replace(self, at=self.at + seconds)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Faults that explain an episode together: a cut and its end."""

    name: str
    """In words, for a list of what was tried: `power cut of db1`."""
    faults: tuple[InferredFault, ...]
    by_chance: bool = False
    """What follows differs from run to run: nothing that agrees better is taken instead."""


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that was seen, and what would explain it; the likeliest explanation comes first."""

    candidates: tuple[Explanation, ...]
    may_follow: bool = False
    """It may follow from the rest without a fault of its own, as where a script stops a service."""
    may_not_matter: bool = False
    """It was there, but a lab may take more of it than the nodes did: then it is left out."""

    @property
    def certain(self) -> bool:
        """True if only one explanation fits what was seen."""
        return len(self.candidates) == 1 and not (self.may_follow or self.may_not_matter)


def single(fault: InferredFault, *, may_follow: bool = False) -> Episode:
    """Return an episode that is one fault."""
    return Episode((Explanation(fault.words, (fault,)),), may_follow)
