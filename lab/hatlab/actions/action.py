"""A verb with its arguments: what an engine receives and carries out."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

from hatlab.actions.verbs import VERBS, ArgKind


@dataclass(frozen=True, slots=True)
class Action:
    """A verb with its arguments, in the order of its parameters (an absent optional one is left out).

    `text` carries the new content of an `edit`; it is never part of the written form.
    """

    verb: str
    args: tuple[str, ...] = ()
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return " ".join([self.verb, *(shlex.quote(arg) if " " in arg else arg for arg in self.args)])

    def get(self, place: ArgKind) -> str | None:
        """The argument that stands at `place`, None if it was left out."""
        for parameter, arg in zip(VERBS[self.verb].parameters, self.args, strict=False):
            if parameter.kind is place:
                return arg
        return None

    def need(self, place: ArgKind) -> str:
        """The argument at `place` of a verb that requires it."""
        value = self.get(place)
        assert value is not None, f"{self.verb} takes no {place}"
        return value

    @property
    def title(self) -> str:
        """A line for people: the verb's title with its arguments put in."""
        verb = VERBS[self.verb]
        words = {p.kind.name.lower(): a for p, a in zip(verb.parameters, self.args, strict=False)}
        title = verb.title_at if verb.title_at and "node" in words else verb.title
        node = f" at {self.get(ArgKind.NODE)}" if "{node}" not in title and "node" in words else ""
        part = f", {words['instance']}" if "instance" in words else ""
        blank = {p.kind.name.lower(): str(p) for p in verb.parameters}
        return title.format(**{**blank, **words}) + node + part

    @property
    def undo(self) -> Action | None:
        """The action that takes this one back, None if there is none."""
        verb = VERBS[self.verb]
        if not verb.undo:
            return None
        other = VERBS[verb.undo]
        args = [self.get(p.kind) for p in other.parameters]
        return Action(other.name, tuple(arg for arg in args if arg is not None))
