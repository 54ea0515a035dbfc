import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatlab import events as e
from hatlab.describe.packets import SHORTEST, packet_title
from hatlab.tui.packets.draw import Columns, format_interval, header_line, packet_line
from hatlab.tui.widgets.filter_match import compile_filter
from hatlab.util.safe_text import safe_text
from hatlab.views.packets.model import PacketsModel
from hatlab.views.packets.packet import Packet, arrival_text, search_text
from hatlab.vrrp import ndisc
from hatlab.vrrp.arp import ArpPacket, announcement
from hatlab.vrrp.arp import encode as encode_arp
from hatlab.vrrp.capture import observe_frame
from tests.support.present import present
from tests.support.story import MAC, VIP, advert_frame, story

BEGIN = story(1.2)


def advert(
    at: float,
    node: str,
    direction: str = "sent",
    *,
    ident: int = 0,
    priority: int = 150,
    to: str | None = None,
) -> e.Event:
    sender = node if direction == "sent" else "db2" if node == "db1" else "db1"
    frame = bytearray(advert_frame(sender, priority, to))
    frame[18:20] = ident.to_bytes(2, "big")
    return present(observe_frame(at, node, direction, "heartbeat", bytes(frame)))


def garp(at: float, node: str, direction: str, sender: str) -> e.Event:
    return present(observe_frame(at, node, direction, "lan", announcement(VIP, MAC[sender])))


def fed(*events: e.Event, until: float = 100.0) -> PacketsModel:
    model = PacketsModel()
    model.feed([*BEGIN, *events, e.Tick(at=until)])
    return model


def whole_story() -> PacketsModel:
    model = PacketsModel()
    model.feed(story())
    return model


def table(model: PacketsModel) -> list[tuple[str, ...]]:
    return [(p.sender, *(arrival_text(p, n)[0] for n in model.node_names)) for p in model.packets]


def test_what_was_sent_and_received_is_one_row() -> None:
    model = fed(advert(5.0, "db1"), advert(5.0002, "db2", "received"))
    assert table(model) == [("db1", "sent", "received +0.20 ms")]


def test_what_never_arrives_says_so_after_a_second_and_not_before() -> None:
    model = fed(advert(5.0, "db1"), until=5.9)
    assert table(model) == [("db1", "sent", "…")]
    assert model.feed([e.Tick(at=6.1)])
    assert table(model) == [("db1", "sent", "✖ never arrived")]
    assert model.packets[0].missing == ("db2",)


def test_a_frame_received_before_its_sender_reports_it_is_the_same_row() -> None:
    model = fed(advert(5.0002, "db2", "received"), until=5.4)
    assert table(model) == [("db1", "", "received")]
    model.feed([advert(5.0, "db1"), e.Tick(at=8)])
    assert table(model) == [("db1", "sent", "received +0.20 ms")]
    assert model.packets[0].at == 5.0


def test_a_frame_captured_only_by_its_receiver_is_missing_nowhere() -> None:
    model = fed(advert(5.0, "db2", "received"))
    assert table(model) == [("db1", "", "received")]
    assert model.packets[0].missing == ()


def test_nobody_can_measure_less_than_a_tenth_of_a_millisecond() -> None:
    """Two nodes capture a frame, and the receiver may be the first to read its clock."""
    early = fed(advert(9.00004, "db1"), advert(9.0, "db2", "received"))
    slow = fed(advert(9.0, "db1"), advert(9.00021, "db2", "received"))
    assert (table(early)[0][2], table(slow)[0][2]) == ("received < 0.1 ms", "received +0.21 ms")


def test_a_node_that_boots_is_not_missed_before_it_is_heard_of() -> None:
    off, on = (e.Node(at=at, node="db2", state=state) for at, state in ((8.0, "off"), (9.0, "on")))
    booted = e.Process(at=9.6, node="db2", service="keepalived", state="up", pid=7)
    lost = advert(11.0, "db1", ident=1)
    model = fed(off, on, garp(9.3, "db1", "sent", "db1"), booted, lost)
    assert [packet.missing for packet in model.packets] == [(), ("db2",)]


def test_equal_frames_a_second_apart_are_never_confused() -> None:
    """A simulator's adverts are byte for byte the same; one of them is lost."""
    times = [5.0, 6.0, 7.0, 8.0]
    sent = [advert(t, "db1") for t in times]
    received = [advert(t + 0.3, "db2", "received") for t in times if t != 6.0]
    model = fed(*sorted([*sent, *received], key=lambda event: event.at))
    assert [arrival_text(p, "db2")[1] for p in model.packets] == ["arrived", "lost", "arrived", "arrived"]


def test_five_gratuitous_arps_are_one_row() -> None:
    events = [garp(5 + k / 10_000, "db1", "sent", "db1") for k in range(5)]
    events += [garp(5.00005 + k / 10_000, "db2", "received", "db1") for k in range(5)]
    model = fed(*events)
    assert table(model) == [("db1", "sent ×5", "received < 0.1 ms")]
    assert model.packets[0].count == 5


def test_five_gratuitous_arps_are_one_row_when_all_are_received_first() -> None:
    events = [garp(5.00005 + k / 10_000, "db2", "received", "db1") for k in range(5)]
    events += [garp(5 + k / 10_000, "db1", "sent", "db1") for k in range(5)]
    assert table(fed(*events)) == [("db1", "sent ×5", "received < 0.1 ms")]


def test_how_many_of_several_equal_frames_were_lost_is_shown() -> None:
    events = [garp(5 + k / 10_000, "db1", "sent", "db1") for k in range(5)]
    events += [garp(5.01, "db2", "received", "db1"), garp(5.011, "db2", "received", "db1")]
    assert table(fed(*events)) == [("db1", "sent ×5", "✖ 2 of 5 arrived")]


def test_two_masters_answering_each_other_stay_in_order() -> None:
    priority = {"db1": 150, "db2": 100}
    senders = ["db1", "db2", "db1", "db2"]
    events = [advert(5 + k / 1000, node, priority=priority[node]) for k, node in enumerate(senders)]
    assert [p.sender for p in fed(*events).packets] == senders


def test_the_interval_is_the_senders_own_and_on_a_takeover_the_one_before() -> None:
    model = PacketsModel()
    model.feed(story(16.0))
    adverts = [p for p in model.packets if p.kind == "vrrp"]
    assert format_interval(adverts[0]) == ""
    assert format_interval(adverts[1]) == "+1.000"
    taken = next(p for p in adverts if p.sender == "db2")
    assert (format_interval(taken), taken.taken_over_from) == ("↳0.611", "db1")


def test_the_interval_of_unicast_is_the_one_to_the_same_peer() -> None:
    sent = [advert(5.0 + k + n / 10_000, "db1", to=f"198.18.1.1{n}") for k in range(2) for n in (2, 3)]
    model = fed(*sent)
    assert [p.interval and round(p.interval, 3) for p in model.packets] == [None, None, 1.0, 1.0]


def test_the_story_of_the_split() -> None:
    model = whole_story()
    lost = [p for p in model.packets if p.missing]
    assert {p.sender for p in lost} == {"db1", "db2"}
    assert all(30 < p.at < 38 and p.kind == "vrrp" for p in lost)
    zero = [p for p in model.packets if p.priority == 0]
    assert [(p.sender, p.count) for p in zero] == [("db1", 1), ("db1", 1)]


def test_a_node_without_power_is_not_missed() -> None:
    model = fed(e.Node(at=4, node="db2", state="off"), advert(5.0, "db1"))
    assert table(model) == [("db1", "sent", "")]


def test_an_answer_to_one_node_is_not_missed_elsewhere() -> None:
    answer = encode_arp(
        ArpPacket(False, MAC["db1"], VIP, "02:42:c6:12:00:32", "198.18.0.50"),
        destination_mac="02:42:c6:12:00:32",
    )
    sent = present(observe_frame(5.0, "db1", "sent", "lan", answer))
    model = fed(sent)
    assert table(model) == [("db1", "sent", "")]


def test_a_clients_question_comes_from_the_client() -> None:
    frame = encode_arp(ArpPacket(True, "02:42:c6:12:00:32", "198.18.0.50", "00:00:00:00:00:00", VIP))
    asked = [observe_frame(5.0 + k / 1e4, n, "received", "lan", frame) for k, n in enumerate(("db1", "db2"))]
    model = fed(*[a for a in asked if a])
    assert table(model) == [("client", "received", "received")]
    assert packet_title(model.packets[0].event) == "ARP who-has 198.18.0.100 tell 198.18.0.50"
    assert packet_title(model.packets[0].event, SHORTEST) == "ARP who-has .100 tell .50"


@given(st.randoms(use_true_random=False), st.integers(1, 40))
def test_any_order_within_the_delay_gives_the_same_table(rnd: random.Random, count: int) -> None:
    """Nodes report up to half a second apart; each keeps its own order."""
    sent = [advert(5 + k, "db1", ident=k) for k in range(count)]
    received = [advert(5.0002 + k, "db2", "received", ident=k) for k in range(count) if k % 3]
    late = [(event.at + rnd.random() / 2, event) for event in (*sent, *received)]
    model = PacketsModel()
    model.feed(BEGIN)
    for _, event in sorted(late, key=lambda pair: pair[0]):
        model.feed([event])
    model.feed([e.Tick(at=1000.0)])
    assert [p.at for p in model.packets] == [event.at for event in sent]
    assert [bool(p.missing) for p in model.packets] == [not k % 3 for k in range(count)]
    assert [p.interval is None for p in model.packets].count(True) == 1


@settings(max_examples=10)
@given(st.floats(0, 0.5), st.floats(0, 0.5))
def test_nodes_that_report_late_change_nothing_in_the_end(db1: float, db2: float) -> None:
    delay = {"db1": db1, "db2": db2}
    straight, late = PacketsModel(), PacketsModel()
    told = [event for event in story() if event.kind in {"lab", "node", "advert", "arp"}]
    straight.feed(told)
    for event in sorted(told, key=lambda x: x.at + delay.get(getattr(x, "node", ""), 0)):
        late.feed([event])
    for model in (straight, late):
        model.feed([e.Tick(at=60.0)])
    assert table(late) == table(straight)
    assert [(p.at, p.interval, p.taken_over_from) for p in late.packets] == [
        (p.at, p.interval, p.taken_over_from) for p in straight.packets
    ]


def test_the_oldest_go_when_there_are_too_many() -> None:
    model = PacketsModel(keep=100)
    model.feed(BEGIN)
    for k in range(250):
        model.feed([advert(5 + k, "db1", ident=k)])
    assert len(model.packets) == 100
    assert model.packets[0].at == 155


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 4),
        ("vrrp", 3),
        ("VR", 3),
        ("prio 0", 1),
        ("prio 1", 0),
        ("prio 15", 0),
        ("prio 150", 1),
        ("db2 vrrp", 3),
        ("arp gratuitous", 1),
        ("never arrived", 1),
        ("never", 1),
        ("checksum", 1),
        ("heartbeat v2", 3),
        ("(*", 0),
    ],
)
def test_filters(text: str, count: int) -> None:
    bad = advert(8.0, "db2", priority=100)
    assert isinstance(bad, e.Advert)
    model = fed(
        advert(5.0, "db1"),
        advert(6.0, "db1", priority=0),
        advert(5.0002, "db2", "received"),
        advert(6.0002, "db2", "received", priority=0),
        replace(bad, defects=("checksum",)),
        garp(9.0, "db1", "sent", "db1"),
        garp(9.0001, "db2", "received", "db1"),
    )
    pattern = compile_filter(text)
    assert sum(pattern is None or bool(pattern.match(search_text(p))) for p in model.packets) == count


def words(packet: Packet, width: int) -> str:
    return "".join(text for text, _ in packet_line(packet, Columns(width, ("db1", "db2"))))


@pytest.mark.parametrize("width", [60, 78, 100, 138, 198])
def test_every_row_is_as_wide_as_its_columns(width: int) -> None:
    model = whole_story()
    columns = Columns(width, model.node_names)
    wide = {len("".join(t for t, _ in packet_line(p, columns))) for p in model.packets}
    assert wide == {len("".join(t for t, _ in header_line(columns)))}
    assert max(wide) <= width


def test_rows_say_what_matters_at_any_width() -> None:
    model = whole_story()
    zero = next(p for p in model.packets if p.priority == 0)
    assert "prio 0" in words(zero, 60)
    assert "prio 0, leaving" in words(zero, 198)
    lost = next(p for p in model.packets if p.missing)
    assert "✖ never" in words(lost, 60)
    assert "✖ never arrived" in words(lost, 198)


def test_an_announcement_is_shown_as_fully_as_there_is_room() -> None:
    found = fed(garp(5.0, "db1", "sent", "db1")).packets[0]
    assert "gratuitous ARP 198.18.0.100 is-at 02:42:c6:12:00:0b" in words(found, 198)
    assert "GARP 198.18.0.100 is-at 02:42:c6:12:00:0b" in words(found, 98)
    assert "GARP .100 is-at …00:0b" in words(found, 78)


CARD, SIX, CLIENT = "02:42:c6:12:00:0b", "fd00:198:18::100", "fd00:198:18::50"


def neighbour_discovery(packet: ArpPacket) -> Packet:
    event = observe_frame(5.0, "db1", "sent", "lan", ndisc.encode(packet))
    assert event is not None
    return fed(event).packets[0]


@pytest.mark.parametrize(
    ("packet", "full", "short", "filters"),
    [
        (
            ArpPacket(False, CARD, SIX, ndisc.ALL_NODES_MAC, SIX),
            f"unsolicited NA {SIX} is-at {CARD}",
            "NA ::100 is-at …00:0b",
            {"na", "unsolicited", "gratuitous", SIX},
        ),
        (
            ArpPacket(True, CARD, SIX, ndisc.UNKNOWN_MAC, CLIENT),
            f"NS who-has {CLIENT} tell {SIX}",
            "NS who-has ::50 tell ::100",
            {"ns", "who-has"},
        ),
        (
            ArpPacket(False, CARD, SIX, "02:42:c6:12:00:32", CLIENT),
            f"NA {SIX} is-at {CARD}",
            "NA ::100 is-at …00:0b",
            {"na", "is-at"},
        ),
    ],
)
def test_neighbour_discovery_is_named_and_fits(
    packet: ArpPacket, full: str, short: str, filters: set[str]
) -> None:
    found = neighbour_discovery(packet)
    assert full in words(found, 198)
    assert short in words(found, 78)
    for text in ("na", "ns", "unsolicited", "gratuitous", "who-has", "is-at", SIX, "arp"):
        pattern = compile_filter(text)
        assert pattern is not None
        matches = bool(pattern.match(search_text(found)))
        assert matches or text not in filters
        assert not matches or text in {*filters, SIX}


def test_text_from_the_wire_is_made_plain() -> None:
    event = e.Arp(
        at=5.0, node="db1", direction="sent", network="lan", gratuitous=True, address="\x1b[31m", mac="\u202e"
    )
    assert safe_text(packet_title(event)) == "gratuitous ARP \\x1b[31m is-at \\u202e"
    assert "gratuitous" in search_text(Packet(1, 5.0, event, "db1"))
