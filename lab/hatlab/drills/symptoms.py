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
            "Now you see it",
            "A customer saw her order, pressed reload, and it was gone. She pressed reload again, and it was "
            "back.",
        ),
        (
            "The switch complains",
            "The network team called. Their switch logs one address on two ports, and they want to know "
            "which of the two machines is ours.",
        ),
    ),
    Symptom.WRONG_SERVER: (
        (
            "The small machine works",
            "Everything is a bit slow today. The big server is bored, and the small one does all the work.",
        ),
        (
            "Never went back",
            "The service is up, but on the wrong machine. It should have gone back by itself, and it "
            "has not.",
        ),
        (
            "Licence on the other box",
            "Our backup runs on the machine that should be in charge, and since this morning it has had "
            "nothing to copy: somebody else is in charge.",
        ),
    ),
    Symptom.NO_ORDERS: (
        (
            "Nobody can order",
            "Nobody can place an order. I am getting calls from three shops, and it is not going away.",
        ),
        (
            "Orders fail",
            "Every order ends with an error. The failover should have taken care of this, shouldn't it?",
        ),
    ),
    Symptom.STALE: (
        (
            "The totals differ",
            "I added up the orders on both database servers, and the totals do not agree. What one of them "
            "gets does not arrive at the other.",
        ),
        (
            "Missing since this morning",
            "My report reads from the second database, and orders from this morning are missing. On the "
            "first one they are there. Or is it the other way round?",
        ),
    ),
}
