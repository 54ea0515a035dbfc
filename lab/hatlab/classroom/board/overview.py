"""The class as a whole: where most are, and what was predicted, as a histogram to talk about. Pure.

What is right is not told: the teacher may show the page to everybody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor, isfinite, log10
from typing import Any

from hatlab.classroom.board.report import Asked, LessonReport
from hatlab.lessons.templates import with_unit

MOST_BARS = 8
MOST_PLACES = 6
MOST_QUESTIONS = 12


def find_places(lessons: Mapping[str, LessonReport], needing: Iterable[str]) -> list[dict[str, Any]]:
    """Return where people are, first where most need help, then where most are: each with their names."""
    needing = set(needing)
    found: defaultdict[tuple[str, int, str], list[str]] = defaultdict(list)
    for name, lesson in lessons.items():
        if not lesson.finished:
            found[lesson.title, lesson.step, lesson.task].append(name)
    places: list[dict[str, Any]] = [
        {
            "title": title,
            "step": step,
            "task": task,
            "names": sorted(names),
            "needing": len(needing.intersection(names)),
        }
        for (title, step, task), names in found.items()
    ]
    places.sort(key=lambda p: (-p["needing"], -len(p["names"]), p["title"], p["step"]))
    return places[:MOST_PLACES]


def count_predictions(lessons: Iterable[LessonReport]) -> list[dict[str, Any]]:
    """Return each question that somebody has predicted an answer to, the one most answered first."""
    asked: dict[tuple[str, str], Asked] = {}
    answers: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for lesson in lessons:
        for question, answer in lesson.predictions.items():
            key = (lesson.lesson, question)
            answers[key].append(answer)
            asked.setdefault(key, lesson.questions.get(question) or Asked(ask=question))
    most = sorted(answers, key=lambda key: -len(answers[key]))[:MOST_QUESTIONS]
    return [
        {
            "id": " ".join(key),
            "ask": asked[key].ask,
            "answers": len(answers[key]),
            "bars": make_bars(answers[key], asked[key]),
        }
        for key in most
    ]


def make_bars(answers: Sequence[str], asked: Asked) -> list[dict[str, Any]]:
    """Return how many gave which answer: one bar a choice, also where nobody took it; numbers in ranges."""
    numbers = None if asked.choices else _numbers(answers)
    if numbers is None:
        counts = Counter(answers)
        labels = [*sorted(asked.choices), *(a for a, _ in counts.most_common() if a not in asked.choices)]
        return _as_bars([(label, counts[label]) for label in labels[:MOST_BARS]], sum(counts.values()))
    unit = f" {asked.unit}" if asked.unit else ""
    if len(set(numbers)) <= MOST_BARS:
        return _as_bars(
            [
                (with_unit(f"{number:g}", asked.unit), count)
                for number, count in sorted(Counter(numbers).items())
            ]
        )
    return _ranges(numbers, unit)


def _numbers(answers: Sequence[str]) -> list[float] | None:
    try:
        numbers = [float(answer) for answer in answers]
    except ValueError:
        return None
    return numbers if all(map(isfinite, numbers)) else None


def _ranges(numbers: Sequence[float], unit: str) -> list[dict[str, Any]]:
    """Return equal ranges of a round width; what lies far above the others is in a last, open one."""
    ordered = sorted(numbers)
    low, high = ordered[0], ordered[ceil(len(ordered) * 0.9) - 1]
    width = _round_width((high - low) / (MOST_BARS - 1) or 1.0)
    start = floor(low / width) * width
    edges = [start + width * n for n in range(MOST_BARS)]
    bars = [
        (f"{edge:g} to {edge + width:g}{unit}", sum(edge <= number < edge + width for number in numbers))
        for edge in edges[:-1]
    ]
    bars.append((f"{edges[-1]:g}{unit} or more", sum(number >= edges[-1] for number in numbers)))
    while bars and not bars[-1][1]:
        bars.pop()
    return _as_bars(bars)


def _round_width(least: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at least as wide as needed."""
    power = 10.0 ** floor(log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least * (1 - 1e-9))


def _as_bars(counts: Sequence[tuple[str, int]], whole: int = 0) -> list[dict[str, Any]]:
    """Return bars; what is missing of the whole is one more."""
    missing = whole - sum(count for _, count in counts)
    rest = [("another answer", missing)] if missing > 0 else []
    return [{"label": label, "count": count} for label, count in [*counts, *rest]]
