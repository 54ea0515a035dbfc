from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hatlab.events import Advert, Arp, from_dict, to_dict
from hatlab.vrrp import codec
from hatlab.vrrp.capture import observe_frame
from tests.vrrp.frames import GRATUITOUS_ARP, V2


def test_an_advert_becomes_an_event() -> None:
    event = observe_frame(3.4, "db2", "received", "heartbeat", V2)
    assert event == Advert(
        at=3.4,
        node="db2",
        direction="received",
        network="heartbeat",
        source="172.17.0.2",
        destination="224.0.0.18",
        version=2,
        vrid=51,
        priority=250,
        interval=1.0,
        auth="hatlab",
        addresses=("198.18.7.100",),
        frame=V2.hex(),
    )


def test_a_bad_checksum_is_an_event_with_that_defect() -> None:
    frame = codec.encode(
        version=2,
        vrid=51,
        priority=150,
        addresses=("198.18.7.100",),
        source="198.18.7.11",
        wrong_checksum=True,
    )
    event = observe_frame(1.0, "db2", "received", "heartbeat", frame)
    assert isinstance(event, Advert)
    assert event.defects == ("checksum",)
    assert event.priority == 150


def test_an_announcement_becomes_an_event() -> None:
    event = observe_frame(3.5, "db1", "sent", "lan", GRATUITOUS_ARP)
    assert isinstance(event, Arp)
    assert (event.gratuitous, event.address, event.mac) == (True, "198.18.7.101", "02:42:ac:11:00:02")


@given(st.binary(max_size=100))
def test_whatever_is_captured_can_be_recorded(raw: bytes) -> None:
    for frame in (raw, V2[:14] + raw, V2[:34] + raw):
        event = observe_frame(0.0, "db1", "received", "lan", frame)
        assert event is None or from_dict(to_dict(event)) == event
