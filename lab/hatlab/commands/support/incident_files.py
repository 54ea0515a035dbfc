"""Options and output of `hatlab import`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from hatlab import events as e
from hatlab.errors import LabError, UserError
from hatlab.incident.recording import Incident, Window
from hatlab.util.files import replacing

_FORMS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f")


@dataclass
class WrittenRecording:
    """What an import wrote."""

    kinds: Counter[str] = field(default_factory=Counter)
    """Kind of event → how many."""
    seconds: float = 0.0
    transitions: list[e.Vrrp] = field(default_factory=list)


def read_window(begin: str | None, end: str | None, zone: tzinfo | None) -> Window:
    """Read --from and --to.

    Raises:
        UserError: one is no time.
    """
    return Window(_read_time("--from", begin, zone), _read_time("--to", end, zone))


def _read_time(option: str, text: str | None, zone: tzinfo | None) -> float | str | None:
    """Seconds since the epoch, or the time of day, which counts on the day of the incident."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and len(text) > len("2026-11-30"):
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone).astimezone()).timestamp()
    for form in _FORMS:
        try:
            datetime.strptime(text, form)  # noqa: DTZ007  a time of day
        except ValueError:
            continue
        return text
    raise UserError(
        f"{option} {text[:40]} is no time", f"as in: {option} 03:12, or {option} '2026-11-30 03:12'"
    )


def read_clocks(words: Sequence[str]) -> dict[str, float]:
    """Read --clock NODE=SECONDS.

    Raises:
        UserError: it is not of that form.
    """
    clocks = {}
    for word in words:
        node, _, seconds = word.partition("=")
        try:
            clocks[node] = float(seconds)
        except ValueError:
            raise UserError(f"--clock {word[:60]} is no clock", "as in: --clock db2=1.5") from None
    return clocks


def write_recording(incident: Incident, out: Path) -> WrittenRecording:
    """Write all events of an incident to a file, which gets its name once it is whole.

    Raises:
        LabError: it cannot be written.
    """
    written = WrittenRecording()
    try:
        with replacing(out, 0o600) as file:
            for event in incident.events:
                file.write((e.to_json(event) + "\n").encode())
                written.kinds[event.kind] += 1
                written.seconds = event.at
                if isinstance(event, e.Vrrp) and len(written.transitions) < 1000:
                    written.transitions.append(event)
    except OSError as error:
        raise LabError(f"cannot write {out}: {error.strerror}") from None
    return written
