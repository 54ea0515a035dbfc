from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatlab.vrrp import codec
from tests.support.present import present
from tests.vrrp.frames import ADVERTS, V2, V2_NO_PASSWORD, V3_IPV6, V3_TWO_ADDRESSES

V4 = st.integers(0x01000000, 0xDFFFFFFF).map(lambda n: str(IPv4Address(n)))
V6 = st.integers(0, 2**120).map(lambda n: str(IPv6Address(0xFE << 120 | n)))
PASSWORDS = st.none() | st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)


@st.composite
def adverts(draw: st.DrawFn) -> dict[str, Any]:
    family = draw(st.sampled_from([V4, V6]))
    version = 3 if family is V6 else draw(st.sampled_from([2, 3]))
    whole = draw(st.integers(1, 255 if version == 2 else 4095))
    return {
        "version": version,
        "vrid": draw(st.integers(1, 255)),
        "priority": draw(st.integers(0, 255)),
        "addresses": tuple(draw(st.lists(family, min_size=1, max_size=20))),
        "source": draw(family),
        "interval": float(whole) if version == 2 else whole / 100,
        "auth_pass": draw(PASSWORDS) if version == 2 else None,
    }


def test_reads_keepalived_version_2() -> None:
    advert = codec.decode(V2)
    assert advert == codec.Advertisement(
        source="172.17.0.2",
        destination="224.0.0.18",
        ttl=255,
        version=2,
        type=1,
        vrid=51,
        priority=250,
        interval=1.0,
        auth_type=1,
        auth="hatlab",
        addresses=("198.18.7.100",),
    )


def test_reads_keepalived_version_2_without_a_password() -> None:
    advert = present(codec.decode(V2_NO_PASSWORD))
    assert (advert.auth_type, advert.auth, advert.interval, advert.defects) == (0, None, 2.0, ())


def test_reads_keepalived_version_3() -> None:
    advert = present(codec.decode(V3_TWO_ADDRESSES))
    assert (advert.version, advert.interval, advert.defects) == (3, 0.5, ())
    assert advert.addresses == ("198.18.7.101", "198.18.7.102")


def test_reads_keepalived_version_3_over_ipv6() -> None:
    advert = present(codec.decode(V3_IPV6))
    assert (advert.source, advert.destination) == ("fe80::42:acff:fe11:2", "ff02::12")
    assert advert.addresses == ("fe80::100", "2001:db8::100")
    assert (advert.priority, advert.interval, advert.defects) == (250, 1.0, ())


@pytest.mark.parametrize(
    ("frame", "ident"), [(V2, 1), (V2_NO_PASSWORD, 1), (V3_TWO_ADDRESSES, 1)], ids=["v2", "v2 open", "v3"]
)
def test_writes_what_keepalived_wrote(frame: bytes, ident: int) -> None:
    advert = present(codec.decode(frame))
    assert advert.version is not None
    assert advert.vrid is not None
    assert advert.priority is not None
    assert advert.interval is not None
    written = codec.encode(
        version=advert.version,
        vrid=advert.vrid,
        priority=advert.priority,
        addresses=advert.addresses,
        source=advert.source,
        interval=advert.interval,
        auth_pass=advert.auth,
        source_mac="02:42:ac:11:00:02",
        ident=ident,
    )
    assert written == frame


@given(adverts())
def test_round_trip(fields: dict[str, Any]) -> None:
    advert = present(codec.decode(codec.encode(**fields)))
    assert advert.defects == ()
    assert (advert.ttl, advert.type) == (255, 1)
    assert advert.auth == fields.pop("auth_pass")
    assert all(getattr(advert, name) == value for name, value in fields.items())


@given(adverts(), st.data())
def test_a_flipped_bit_of_the_packet_is_named(fields: dict[str, Any], data: st.DataObject) -> None:
    frame = codec.encode(**fields)
    bit = data.draw(st.integers(14 * 8, len(frame) * 8 - 1))
    advert = codec.decode(_flip(frame, bit))
    ipv6_unprotected = ":" in fields["source"] and bit < (14 + 4) * 8
    if advert is None:  # the protocol number was hit: it is no VRRP any more
        at = 14 + (6 if ":" in fields["source"] else 9)
        assert bit // 8 == at
    elif ipv6_unprotected and not advert.defects:  # traffic class and flow label: nothing to find
        assert advert == codec.decode(frame)
    else:
        assert advert.defects


@given(adverts(), st.data())
def test_a_frame_cut_short_is_truncated(fields: dict[str, Any], data: st.DataObject) -> None:
    frame = codec.encode(**fields)
    advert = codec.decode(frame[: data.draw(st.integers(0, len(frame) - 1))])
    assert advert is None or "truncated" in advert.defects


@given(st.binary(max_size=120))
def test_random_bytes_never_raise(raw: bytes) -> None:
    codec.decode(raw)


@given(st.sampled_from(ADVERTS), st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), max_size=6))
def test_mangled_adverts_never_raise(frame: bytes, changes: list[tuple[int, int]]) -> None:
    raw = bytearray(frame)
    for at, value in changes:
        raw[at % len(raw)] = value
    codec.decode(bytes(raw))


@pytest.mark.parametrize("frame", ADVERTS, ids=["v2", "v2 open", "v3", "v3 ipv6"])
def test_tags_and_padding_change_nothing(frame: bytes) -> None:
    plain = codec.decode(frame)
    tagged = frame[:12] + bytes.fromhex("88a8000a81000007") + frame[12:]
    assert codec.decode(tagged) == plain
    assert codec.decode(frame + bytes(6)) == plain


def test_reads_and_writes_version_2_over_ipv6_as_keepalived_sends_it() -> None:
    """No RFC has it; an explicit `version 2` before IPv6 addresses makes keepalived 2.3.4 do it."""
    frame = bytes.fromhex(
        "3333000000120242c612030b86dd6c06ff58001870fffe800000000000000042c6fffe12030bff02000000000000"
        "00000000000000122134960100018297fd000198001800020000000000000101"
    )
    advert = codec.decode(frame)
    assert advert is not None
    assert (advert.version, advert.auth_type, advert.defects) == (2, 0, ("version",))
    fields: dict[str, Any] = {"version": 2, "vrid": 52, "priority": 150}
    fields |= {"source": "fe80::42:c6ff:fe12:30b", "source_mac": "02:42:c6:12:03:0b"}
    written = codec.encode(**fields, addresses=advert.addresses)
    assert written[:14] + written[18:] == frame[:14] + frame[18:], "all but the flow label"


def _sound(**changes: Any) -> bytes:
    fields: dict[str, Any] = {"version": 2, "vrid": 51, "priority": 150}
    fields |= {"addresses": ("198.18.7.100",), "source": "198.18.7.11"}
    return codec.encode(**{**fields, **changes})


@pytest.mark.parametrize(
    ("frame", "defects"),
    [
        (_sound(ttl=64), ("ttl",)),
        (_sound(ttl=64, destination="198.18.1.12", destination_mac="02:42:c6:12:01:0c"), ()),
        (_sound(wrong_checksum=True), ("checksum",)),
        (_sound(version=3, wrong_checksum=True), ("checksum",)),
        (_sound(vrid=0), ("vrid",)),
        (_sound(kind=2), ("type",)),
        (_sound(version=4), ("version",)),
        (_sound(auth_type=7), ("auth_type",)),
        (_sound(addresses=()), ("no_addresses",)),
        (_sound(version=3, interval=0), ("interval",)),
        (_sound(destination="239.1.2.3"), ("destination",)),
        (_sound(destination="198.18.7.12"), ()),  # a unicast peer
    ],
)
def test_names_the_defect(frame: bytes, defects: tuple[str, ...]) -> None:
    advert = present(codec.decode(frame))
    assert advert.defects == defects


def test_names_ip_header_defects() -> None:
    raw = bytearray(_sound())
    raw[24] ^= 1
    advert = present(codec.decode(bytes(raw)))
    assert advert.defects == ("ip_checksum",)
    raw = bytearray(_sound())
    raw[20] = 0x20  # more fragments
    advert = present(codec.decode(bytes(raw)))
    assert advert.defects == ("ip_checksum", "fragment")
    assert advert.vrid is None


def test_a_wrong_address_count_is_a_wrong_length() -> None:
    raw = bytearray(_sound())
    raw[14 + 20 + 3] = 2
    advert = present(codec.decode(bytes(raw)))
    assert "length" in advert.defects


def test_version_2_rounds_its_interval_to_whole_seconds() -> None:
    for asked, sent in ((0.5, 1.0), (0.1, 1.0), (1.4, 1.0), (2.5, 3.0)):
        advert = present(codec.decode(_sound(interval=asked)))
        assert advert.interval == sent


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": 256},
        {"vrid": -1},
        {"interval": 300},
        {"version": 3, "interval": 41},
        {"addresses": ("2001:db8::1",)},
        {"source": "db1"},
        {"source_mac": "02:00"},
    ],
)
def test_refuses_what_does_not_fit(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        _sound(**changes)


def test_a_password_is_cut_to_eight_bytes() -> None:
    advert = present(codec.decode(_sound(auth_pass="much too long")))
    assert advert.auth == "much too"


def _flip(frame: bytes, bit: int) -> bytes:
    raw = bytearray(frame)
    raw[bit // 8] ^= 0x80 >> bit % 8
    return bytes(raw)
