"""Two sequences aligned by an edit distance."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hatlab.compare.course import Moment
from hatlab.compare.sequence import align

MOMENTS = st.lists(
    st.builds(Moment, at=st.floats(0, 100), value=st.sampled_from(["MASTER", "BACKUP", "FAULT"])), max_size=8
).map(lambda moments: sorted(moments, key=lambda moment: moment.at))


def _moments(text: str) -> list[Moment]:
    """`M1 B2.5`: Master at 1 s, Backup at 2.5 s."""
    return [Moment(float(word[1:]), word[0]) for word in text.split()]


def test_what_is_alike_is_paired_though_it_comes_much_later() -> None:
    pairs = align(_moments("M1 B2 M3"), _moments("M1 B62 M63"), 0.0)
    assert all(one is not None and other is not None for one, other in pairs)


def test_of_several_alike_the_nearest_in_time_are_paired() -> None:
    pairs = align(_moments("M1 B2 M10 B11"), _moments("M20 B21"), -10.0)
    assert [(one.at, other.at if other else None) for one, other in pairs if one] == [
        (1.0, None),
        (2.0, None),
        (10.0, 20.0),
        (11.0, 21.0),
    ]


@given(MOMENTS, MOMENTS)
def test_each_moment_is_in_one_pair_in_its_order_and_pairs_are_alike(
    first: list[Moment], other: list[Moment]
) -> None:
    pairs = align(first, other, 0.0)
    assert [one for one, _ in pairs if one is not None] == first
    assert [two for _, two in pairs if two is not None] == other
    assert all(one.value == two.value for one, two in pairs if one is not None and two is not None)


@given(MOMENTS)
def test_a_sequence_is_like_itself(moments: list[Moment]) -> None:
    assert all(one is two for one, two in align(moments, moments, 0.0))
