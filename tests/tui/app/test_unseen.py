"""What is drawn at once, and what waits a moment."""

from __future__ import annotations

from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.model import ClientState, LabState
from hatlab.tui.app.unseen import Unseen

SHOWN = LabState(clients={"client": ClientState("client", server="db1")})


def batch(*found: e.Event, at: float = 1.0, rewound: bool = False) -> Batch:
    return Batch(found, LabState(at=at), rewound)


def answer(server: str = "db1", *, ok: bool = True) -> e.Probe:
    return e.Probe(at=1.0, client="client", ok=ok, server=server)


def test_mere_numbers_wait_and_come_at_once_in_the_end() -> None:
    unseen = Unseen(3)
    drawn = []
    for k in range(6):
        unseen.add(batch(answer(), e.Tick(at=1.0 + k), at=1.0 + k))
        drawn.append(unseen.take(SHOWN))
    assert [len(batches) for batches in drawn] == [0, 0, 1, 0, 0, 1]
    assert len(drawn[2][0].events) == 6
    assert drawn[2][0].state.at == 3.0


def test_news_are_drawn_at_once_with_what_waited() -> None:
    news = [
        answer(ok=False),
        answer("db2"),
        e.Process(at=1.0, node="db1", service="mysqld", state="down"),
        e.Probe(at=1.0, client="another", ok=True, server="db1"),
    ]
    for event in news:
        unseen = Unseen(3)
        unseen.add(batch(answer()))
        assert not unseen.take(SHOWN)
        unseen.add(batch(event))
        (drawn,) = unseen.take(SHOWN)
        assert drawn.events == (answer(), event)


def test_an_answer_after_failed_tries_is_news() -> None:
    unseen = Unseen(3)
    unseen.add(batch(answer()))
    assert unseen.take(LabState(clients={"client": ClientState("client", server="db1", failed=2)}))


def test_nothing_waits_while_somebody_types() -> None:
    unseen = Unseen(3)
    unseen.note_input()
    for _ in range(5):
        unseen.add(batch(answer()))
        assert len(unseen.take(SHOWN)) == 1


def test_a_rewound_batch_stays_one_of_its_own() -> None:
    unseen = Unseen(3)
    unseen.add(batch(answer()))
    unseen.add(batch(answer(), rewound=True))
    unseen.add(batch(e.Tick(at=2.0), at=2.0))
    before, back = unseen.take(SHOWN)
    assert not before.rewound
    assert back.rewound
    assert (len(back.events), back.state.at) == (2, 2.0)


def test_an_empty_batch_is_not_drawn() -> None:
    unseen = Unseen(1)
    unseen.add(batch())
    assert unseen.take(SHOWN) == []
