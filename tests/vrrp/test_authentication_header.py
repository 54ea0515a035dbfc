"""Adverts behind an authentication header, held to digests that keepalived 2.3.4 sent."""

from __future__ import annotations

from typing import Any

import pytest

from hatlab.vrrp import codec
from tests.support.present import present


def frame(**changes: Any) -> bytes:
    """An advert as measured: seconds apart, the number and the IP identification count up together."""
    fields: dict[str, Any] = {"version": 2, "vrid": 51, "priority": 150, "addresses": ("192.0.2.100",)}
    fields |= {"source": "192.0.2.11", "auth_pass": "hatlab", "sequence": 2, "ident": 2}
    return codec.encode(**{**fields, **changes})


@pytest.mark.parametrize(
    ("changes", "digest"),
    [
        ({"sequence": 1, "ident": 1}, "0ebd91b868ac786e853018d4"),
        ({}, "a282bf304f072d61dda89f86"),
        ({"sequence": 3, "ident": 3}, "46ef45b23b6e2eca7ccffd56"),
        ({"sequence": 4, "ident": 4, "priority": 0}, "1f3a091d67175f3e02850e9e"),
        (
            {"source": "192.0.2.12", "priority": 100, "auth_pass": "other", "sequence": 3, "ident": 3},
            "929f490e20c3b1e940b43e7e",
        ),
    ],
)
def test_the_digest_is_keepalived_s(changes: dict[str, Any], digest: str) -> None:
    advert = present(codec.decode(frame(**changes)))
    assert present(advert.header).digest.hex() == digest


def test_an_advert_behind_a_header_is_read_whole() -> None:
    advert = present(codec.decode(frame()))
    assert (advert.vrid, advert.priority, advert.addresses) == (51, 150, ("192.0.2.100",))
    assert (advert.auth_type, advert.auth, advert.defects) == (2, None, ())
    header = present(advert.header)
    assert header.sequence == 2
    assert header.matches("hatlab")
    assert not header.matches("other")


def test_without_a_header_there_is_none() -> None:
    assert present(codec.decode(frame(sequence=None))).header is None


def test_a_unicast_s_digest_does_not_count_its_ttl() -> None:
    to_peer = {"destination": "192.0.2.12", "destination_mac": "02:00:00:00:00:02"}
    headers = [present(codec.decode(frame(ttl=ttl, **to_peer))).header for ttl in (255, 9)]
    assert present(headers[0]).digest == present(headers[1]).digest
    assert present(headers[1]).matches("hatlab")


@pytest.mark.parametrize("length", range(34, 58))
def test_a_header_that_is_cut_short_is_none(length: int) -> None:
    assert codec.decode(frame()[:length]) is None


def test_another_protocol_behind_a_header_is_no_advert() -> None:
    data = bytearray(frame())
    data[34] = 6
    assert codec.decode(bytes(data)) is None
