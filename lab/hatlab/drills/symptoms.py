"""What clients and colleagues report: a symptom, never a cause."""

from __future__ import annotations

from hatlab.drills.model import Symptom

Story = tuple[str, str]
"""(title, what somebody says)."""

STORIES: dict[Symptom, tuple[Story, ...]] = {
    Symptom.SPLIT: (
        (
            "Two shops",
            "Two colleagues look at the same shop and see different orders. And our monitoring sends a mail "
            "every minute: *duplicate address*.",
        ),
        (
            "The order that came and went",
            "A customer saw her order, pressed reload, and it was gone. She pressed reload again, and it was "
            "back.",
        ),
    ),
}
QUESTIONS: dict[Symptom, str] = {
    Symptom.SPLIT: "Why do two servers hold the address?",
}
"""The question for the cause, where two things are wrong at once."""
