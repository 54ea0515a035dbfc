"""A captured frame field by field, for a person: scapy's dissection with a plain sentence for each field.

scapy is imported inside, and slow to import (more than half a second): call this outside the event loop.
What is unsound comes from `hatlab.vrrp.codec`, as scapy accepts a wrong VRRP checksum silently.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hatlab.dissect.words import DEFECTS, FIELDS, IP_DEFECTS, LAYERS, Words
from hatlab.vrrp import codec

_IP = ("IP", "IPv6")
_ETHERNET = 14
_UNKNOWN = Words("bytes", "What scapy does not know how to read.")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a frame.

    Attributes:
        layer: Ethernet, VLAN, IPv4, IPv6, VRRPv2, VRRPv3, ARP, Raw, Padding or scapy's own name.
        name: the field's name in the standards.
        value: as a person reads it.
        offset, length: its bytes in the frame; fields smaller than a byte share theirs.
        explanation: one sentence, or two if the field is unsound.
        wrong: whether it is.
    """

    layer: str
    name: str
    value: str
    offset: int
    length: int
    explanation: str
    wrong: bool = False


def dissect(frame: bytes) -> tuple[Field, ...]:
    """Every field of an Ethernet frame in order. Never raises; what scapy cannot read is one `Raw` field."""
    if len(frame) < _ETHERNET:
        why = f"An Ethernet header has {_ETHERNET} bytes; these are fewer."
        return (Field("Raw", "bytes", frame.hex(" "), 0, len(frame), why, wrong=True),) if frame else ()
    try:
        fields = _dissect(frame)
    except Exception as error:  # noqa: BLE001 - whatever scapy trips over, the bytes can still be shown
        why = f"scapy cannot read this frame ({error})."
        return (Field("Raw", "bytes", frame.hex(" "), 0, len(frame), why, wrong=True),)
    return tuple(_inside(field, len(frame)) for field in fields)


def _dissect(frame: bytes) -> list[Field]:
    advert = codec.decode(frame)
    fields: list[Field] = []
    at = 0
    for layer in _layers(frame):
        end = at
        for found in _fields(layer, at, advert):
            fields.append(found)
            end = found.offset + found.length
        at = end
    return fields


def _inside(field: Field, size: int) -> Field:
    """scapy fills up fields of a frame cut short with its defaults: point at no byte that is not there."""
    length = max(0, min(field.length, size - field.offset))
    if length == field.length:
        return field
    return replace(
        field, length=length, wrong=True, explanation=f"{field.explanation} The frame ends before it does."
    )


def _layers(frame: bytes) -> Iterator[Any]:
    logging.getLogger("scapy").setLevel(logging.ERROR)  # it would write on the screen
    import scapy.layers.inet
    import scapy.layers.inet6
    import scapy.layers.vrrp  # noqa: F401 - importing it teaches Ether about it
    from scapy.layers.l2 import Ether
    from scapy.packet import NoPayload

    layer = Ether(frame)
    while not isinstance(layer, NoPayload):
        yield layer
        layer = layer.payload


def _fields(layer: Any, at: int, advert: codec.Advertisement | None) -> Iterator[Field]:
    kind = type(layer).__name__
    if kind == "Raw":
        yield _raw(layer, at, advert)
        return
    name = LAYERS.get(kind, str(layer.name))
    bits = at * 8
    for field in layer.fields_desc:
        value = layer.getfieldval(field.name)
        if kind == "VRRP" and field.name == "auth2":
            continue  # shown with auth1
        for text, size in _values(layer, kind, field, value):
            words = FIELDS.get(
                (kind, field.name), Words(field.name, "A field of scapy's that VRRP does not use.")
            )
            shown = f"0x{int(value):0{words.hexadecimal}x}" if words.hexadecimal else text
            first, last = bits // 8, (bits + size + 7) // 8
            wrong = _wrong(kind, field.name, advert)
            sentence = " ".join([words.explain(text), *wrong])
            yield Field(name, words.name, shown, first, last - first, sentence, bool(wrong))
            bits += size


def _values(layer: Any, kind: str, field: Any, value: Any) -> Iterator[tuple[str, int]]:
    """What a field shows and its size in bits; a list of addresses is one field each."""
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


def _wrong(kind: str, name: str, advert: codec.Advertisement | None) -> list[str]:
    defects = advert.defects if advert else ()
    message = kind in ("VRRP", "VRRPv3")
    return [
        DEFECTS[defect][1]
        for defect in defects
        if defect in DEFECTS
        and name in DEFECTS[defect][0].split()
        and (message if defect not in IP_DEFECTS else kind in _IP)
    ]


def _raw(layer: Any, at: int, advert: codec.Advertisement | None) -> Field:
    data = bytes(layer.load)
    if advert is None:
        return Field("Raw", _UNKNOWN.name, data.hex(" "), at, len(data), _UNKNOWN.explain(""))
    why = (
        f"An advert that scapy cannot read ({', '.join(advert.defects) or 'unknown'}), so here are its bytes."
    )
    if "truncated" in advert.defects:
        why = "An advert cut short: too little is left of it to read its fields."
    return Field("Raw", "VRRP message", data.hex(" "), at, len(data), why, wrong=True)
