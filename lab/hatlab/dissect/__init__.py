"""A captured frame field by field, for a person: scapy's dissection with a plain sentence for each field.

scapy is imported inside, and slow to import (more than half a second): call this outside the event loop.
What is unsound comes from `hatlab.vrrp.codec`, as scapy accepts a wrong VRRP checksum silently.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hatlab.dissect.field_texts import DEFECT_TEXTS, FIELD_TEXTS, IP_DEFECTS, LAYER_NAMES, FieldText
from hatlab.vrrp import codec

_IP = ("IP", "IPv6")
_ETHERNET = 14
_OLD_VLAN_TAG = 0x9100
"""EtherType of outer VLAN tags before 802.1ad, which scapy does not know."""
_CARP = (
    "A CARP message: OpenBSD and FreeBSD use CARP to share addresses. It has VRRP's protocol "
    "number and group, "
    "but it is not VRRP, and keepalived rejects it."
)
_UNKNOWN = FieldText("bytes", "Bytes that scapy cannot read.")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a frame."""

    layer: str
    """Ethernet, VLAN, IPv4, IPv6, VRRPv2, VRRPv3, ARP, Raw, Padding or scapy's own name."""
    name: str
    """As the standards have it."""
    value: str
    """As a person reads it."""
    offset: int
    """Its first byte in the frame; fields smaller than a byte share theirs."""
    length: int
    """Bytes."""
    explanation: str
    """One sentence, or two if the field is unsound."""
    wrong: bool = False
    """True if it is unsound."""


def dissect(frame: bytes) -> tuple[Field, ...]:
    """Return an Ethernet frame's fields in order. Never raises; what scapy cannot read is one `Raw` field."""
    if len(frame) < _ETHERNET:
        problem = f"An Ethernet header has {_ETHERNET} bytes; these are fewer."
        return (_unreadable_frame(frame, problem),) if frame else ()
    try:
        fields = _read_fields(frame)
    except Exception as error:  # noqa: BLE001 - whatever scapy trips over, the bytes can still be shown
        return (_unreadable_frame(frame, f"scapy cannot read this frame ({error})."),)
    return tuple(_clip_to_frame(field, len(frame)) for field in fields)


def load_scapy() -> None:
    """Import scapy, so that the first frame somebody wants to read is read at once."""
    dissect(bytes(60))


def _unreadable_frame(frame: bytes, problem: str) -> Field:
    return Field("Raw", "bytes", frame.hex(" "), 0, len(frame), problem, wrong=True)


def _read_fields(frame: bytes) -> list[Field]:
    advert = codec.decode(frame)
    fields: list[Field] = []
    at = 0
    for layer in _layers(frame, "carp" in advert.defects if advert else False):
        layer_fields = list(_layer_fields(layer, at, advert))
        if layer_fields:
            at = layer_fields[-1].offset + layer_fields[-1].length
        fields += layer_fields
    return fields


def _clip_to_frame(field: Field, size: int) -> Field:
    """Point at no byte that is not there: scapy fills up fields of a frame cut short with its defaults."""
    offset = min(field.offset, size)
    length = min(field.length, size - offset)
    if (offset, length) == (field.offset, field.length):
        return field
    explanation = f"{field.explanation} The frame ends before this field does."
    return replace(field, offset=offset, length=length, wrong=True, explanation=explanation)


def _layers(frame: bytes, is_carp: bool) -> Iterator[Any]:
    """Yield a frame's layers, outermost first; what is in a packet of CARP as bytes."""
    logging.getLogger("scapy").setLevel(logging.ERROR)  # it would write on the screen
    import scapy.layers.inet
    import scapy.layers.inet6  # noqa: F401 - importing it teaches Ether about it
    from scapy.layers.ipsec import AH
    from scapy.layers.l2 import Dot1Q, Ether
    from scapy.layers.vrrp import VRRP
    from scapy.packet import NoPayload, Raw, bind_layers

    bind_layers(AH, VRRP, nh=codec.PROTOCOL)
    for outer in (Ether, Dot1Q):
        bind_layers(outer, Dot1Q, type=_OLD_VLAN_TAG)
    layer = Ether(frame)
    while not isinstance(layer, NoPayload):
        if is_carp and isinstance(layer, VRRP):
            layer = Raw(layer.original)
        yield layer
        layer = layer.payload


def _layer_fields(layer: Any, at: int, advert: codec.Advertisement | None) -> Iterator[Field]:
    kind = type(layer).__name__
    if kind == "Raw":
        yield _raw_field(layer, at, advert)
        return
    layer_name = LAYER_NAMES.get(kind, str(layer.name))
    bits = at * 8
    for field in layer.fields_desc:
        value = layer.getfieldval(field.name)
        if kind == "VRRP" and field.name == "auth2":
            continue  # shown with auth1
        for text, size in _values(layer, kind, field, value):
            unknown = FieldText(field.name, "A field of scapy's that VRRP does not use.")
            field_text = FIELD_TEXTS.get((kind, field.name), unknown)
            digits = field_text.hexadecimal
            shown = f"0x{int(value):0{digits}x}" if digits else text
            first, end = bits // 8, (bits + size + 7) // 8
            defects = _defect_sentences(kind, field.name, advert)
            explanation = " ".join([field_text.explain(text), *defects])
            yield Field(layer_name, field_text.name, shown, first, end - first, explanation, bool(defects))
            bits += size


def _values(layer: Any, kind: str, field: Any, value: Any) -> Iterator[tuple[str, int]]:
    """Yield what a field shows and its size in bits; of a list of addresses one by one."""
    if kind == "VRRP" and field.name == "auth1":
        start = 8 + 4 * len(layer.addrlist)
        secret = (layer.original or b"")[start : start + 8]
        yield secret.rstrip(b"\0").decode("ascii", "backslashreplace") or "(empty)", 64
    elif field.name == "addrlist":
        yield from ((str(address), 128 if ":" in str(address) else 32) for address in value)
    elif field.name == "options":
        yield from ((str(option), 8 * len(bytes(option))) for option in value)
    elif isinstance(getattr(field, "size", None), int):
        yield str(value) or "none", field.size
    else:
        text = value.decode("ascii", "backslashreplace") if isinstance(value, bytes) else str(value)
        yield text, 8 * len(field.addfield(layer, b"", value))


def _defect_sentences(kind: str, name: str, advert: codec.Advertisement | None) -> list[str]:
    defects = advert.defects if advert else ()
    is_message = kind in ("VRRP", "VRRPv3")
    return [
        DEFECT_TEXTS[defect][1]
        for defect in defects
        if defect in DEFECT_TEXTS
        and name in DEFECT_TEXTS[defect][0].split()
        and (is_message if defect not in IP_DEFECTS else kind in _IP)
    ]


def _raw_field(layer: Any, at: int, advert: codec.Advertisement | None) -> Field:
    data = bytes(layer.load)
    if advert is None:
        return Field("Raw", _UNKNOWN.name, data.hex(" "), at, len(data), _UNKNOWN.explain(""))
    if "carp" in advert.defects:
        return Field("Raw", "CARP message", data.hex(" "), at, len(data), _CARP, wrong=True)
    why = (
        f"An advert that scapy cannot read ({', '.join(advert.defects) or 'unknown'}), so here are its bytes."
    )
    if "truncated" in advert.defects:
        why = "An advert that was cut short: too little is left to read its fields."
    return Field("Raw", "VRRP message", data.hex(" "), at, len(data), why, wrong=True)
