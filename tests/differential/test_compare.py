"""In what two outcomes differ."""

from __future__ import annotations

from tests.differential.compare import compare
from tests.differential.outcome import Fact, Outcome

WHO = "db1 198.18.0.101"


def test_an_address_that_is_said_to_be_held_once_more_is_no_difference() -> None:
    real = Outcome(addresses=(Fact(1.0, WHO, "held"), Fact(3.0, WHO, "held"), Fact(3.0, WHO, "gone")))
    simulated = Outcome(addresses=(Fact(1.0, WHO, "held"), Fact(3.0, WHO, "gone")))

    assert compare(real, simulated, 20.0) == []


def test_an_address_that_stays_differs() -> None:
    real = Outcome(addresses=(Fact(1.0, WHO, "held"),))
    simulated = Outcome(addresses=(Fact(1.0, WHO, "held"), Fact(3.0, WHO, "gone")))

    assert [d.fact.what for d in compare(real, simulated, 20.0)] == ["gone"]
