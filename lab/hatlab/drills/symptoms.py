"""What clients and colleagues report: a symptom, never a cause."""

from __future__ import annotations

from typing import NamedTuple

from hatlab.drills.model import Symptom


class Story(NamedTuple):
    """A report, and a title for it."""

    title: str
    text: str
    needs_data: bool = True
    """It speaks of orders and the like, which only labs with databases have."""


STORIES: dict[Symptom, tuple[Story, ...]] = {
    Symptom.SPLIT: (
        Story(
            "Two shops",
            "Two colleagues look at the same shop and see different orders. And our monitoring sends a mail "
            "every minute: *duplicate address*.",
        ),
        Story(
            "Now you see it",
            "A customer saw her order, pressed reload, and it was gone. She pressed reload again, and it was "
            "back.",
        ),
        Story(
            "The switch complains",
            "The network team called. Their switch logs one address on two ports, and they want to know "
            "which of the two machines is ours.",
            needs_data=False,
        ),
        Story(
            "One address too many",
            "Our monitoring found one address with two MAC addresses. It says so every minute, and I would "
            "like it to stop.",
            needs_data=False,
        ),
    ),
    Symptom.WRONG_SERVER: (
        Story(
            "The small machine works",
            "Everything is a bit slow today. The big machine is bored, and the small one does all the work.",
            needs_data=False,
        ),
        Story(
            "Never went back",
            "The service is up, but on the wrong machine. It should have gone back by itself by now.",
            needs_data=False,
        ),
        Story(
            "The new box is idle",
            "We bought the big server for this, and look at its graphs: nothing since this morning. The old "
            "one answers every query.",
        ),
    ),
    Symptom.NO_ORDERS: (
        Story(
            "Nobody can order",
            "Nobody can place an order. I am getting calls from three shops, and it is not going away.",
        ),
        Story(
            "Orders fail",
            "Every order ends with an error. The failover should have taken care of this, shouldn't it?",
        ),
        Story(
            "Friday, ten to six",
            "The till in the shop says *cannot save*, the web shop says *please try again later*. I have a "
            "queue to the door, and the weekend begins in ten minutes.",
        ),
    ),
    Symptom.STALE: (
        Story(
            "The totals differ",
            "I added up the orders on both database servers, and the totals do not agree. What one of them "
            "gets does not arrive at the other.",
        ),
        Story(
            "Missing since this morning",
            "My report reads from the second database, and orders from this morning are missing. On the "
            "first one they are there. Or is it the other way round?",
        ),
        Story(
            "Two inventories",
            "The warehouse reads one database, the web shop the other. The warehouse swears that there are "
            "no new orders. The web shop is full of them.",
        ),
    ),
}
