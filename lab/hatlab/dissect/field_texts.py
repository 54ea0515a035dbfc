"""A name and a plain sentence for each field of a frame. Data only.

Keys are scapy's names of layers and fields; a sentence may use {value}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

LAYER_NAMES = {
    "Ether": "Ethernet",
    "Dot1Q": "VLAN",
    "IP": "IPv4",
    "IPv6": "IPv6",
    "AH": "AH",
    "VRRP": "VRRPv2",
    "VRRPv3": "VRRPv3",
    "ARP": "ARP",
    "ICMPv6ND_NS": "Neighbour solicitation",
    "ICMPv6ND_NA": "Neighbour advertisement",
    "ICMPv6NDOptSrcLLAddr": "Option",
    "ICMPv6NDOptDstLLAddr": "Option",
    "Raw": "Raw",
    "Padding": "Padding",
}


class FieldText(NamedTuple):
    """A field's name and its sentence, which may depend on its value."""

    name: str
    sentence: str | Callable[[str], str]
    hexadecimal: int = 0
    """Hex digits to show the number with; 0: as scapy shows it."""

    def explain(self, value: str) -> str:
        return self.sentence(value) if callable(self.sentence) else self.sentence.format(value=value)


def _among(known: dict[str, str], other: str) -> Callable[[str], str]:
    return lambda value: known.get(value, other).format(value=value)


_PRIORITY = _among(
    {
        "0": "The Master says it is leaving: a Backup waits only one skew before it takes over.",
        "255": "The sender owns the address itself, so nobody outranks it.",
    },
    "The sender's rank: the highest becomes Master.",
)
_AUTHENTICATION = _among(
    {
        "0": "No authentication.",
        "1": "A password follows in clear text. It guards against mistakes, not against attackers.",
        "2": "An authentication header (AH) protects the packet.",
    },
    "An unknown type of authentication.",
)
_PROTOCOL = _among(
    {
        "51": "51 is an authentication header (AH), which protects what follows it.",
        "58": "58 is ICMPv6, to which neighbour discovery belongs.",
        "112": "112 is VRRP: what follows is an advertisement.",
    },
    "The protocol that follows.",
)
_ND_CHECKSUM = FieldText("checksum", "Protects the message and the addresses of the IPv6 header.", 4)
_VLAN = FieldText("VLAN", "The virtual LAN the frame belongs to.")
_VERSION = FieldText("version", "Version {value} of VRRP: 2 is RFC 3768, 3 is RFC 9568.")
_TYPE = FieldText("type", "1 is an advertisement, the only kind of message VRRP has.")
_VRID = FieldText(
    "virtual router id", "The virtual router that it speaks for; every member has the same number."
)
_COUNT = FieldText("address count", "The number of virtual addresses listed below.")
_ADDRESS = FieldText("virtual address", "An address that the Master holds and the members share.")

FIELD_TEXTS: dict[tuple[str, str], FieldText] = {
    ("Ether", "dst"): FieldText(
        "destination",
        _among(
            {
                "01:00:5e:00:00:12": "The multicast address that all VRRP routers on this network listen to.",
                "33:33:00:00:00:12": "The IPv6 multicast address that all VRRP routers listen to.",
                "33:33:00:00:00:01": "The IPv6 multicast address that every machine listens to.",
                "ff:ff:ff:ff:ff:ff": "Broadcast: every machine on this network receives it.",
            },
            "The network card the frame is for.",
        ),
    ),
    ("Ether", "src"): FieldText(
        "source", "The network card that sent the frame. Switches learn from it where that card is."
    ),
    ("Ether", "type"): FieldText("type", "What the frame carries: 0x0800 IPv4, 0x86dd IPv6, 0x0806 ARP.", 4),
    ("AH", "nh"): FieldText("next header", _PROTOCOL),
    ("AH", "payloadlen"): FieldText("length", "Length of this header in words of 4 bytes, less 2."),
    ("AH", "reserved"): FieldText("reserved", "Always 0."),
    ("AH", "spi"): FieldText(
        "security parameters index", "The key it was made with; keepalived uses the sender's address.", 8
    ),
    ("AH", "seq"): FieldText(
        "sequence number", "Counts up with each advert, so that an old advert cannot be replayed."
    ),
    ("AH", "icv"): FieldText(
        "digest", "Made from the packet and the password: nobody can make it without the password."
    ),
    ("Dot1Q", "prio"): FieldText("priority", "Priority of the frame, 0 to 7; nothing to do with VRRP's."),
    ("Dot1Q", "dei"): FieldText("drop eligible", "Whether a switch under load may drop it first."),
    ("Dot1Q", "vlan"): _VLAN,
    ("Dot1Q", "type"): FieldText("type", "What follows the VLAN tag.", 4),
    ("IP", "version"): FieldText("version", "Version {value} of the Internet Protocol."),
    ("IP", "ihl"): FieldText(
        "header length", "Length of this header in words of 4 bytes: 5 is one without options."
    ),
    ("IP", "tos"): FieldText(
        "type of service", "0xc0 asks routers and switches to forward it before ordinary traffic.", 2
    ),
    ("IP", "len"): FieldText("total length", "Length of the packet from this header on, in bytes."),
    ("IP", "id"): FieldText(
        "identification", "A number that the sender counts up; it is used to put fragments together."
    ),
    ("IP", "flags"): FieldText("flags", "Whether the packet may be, or was, cut into fragments."),
    ("IP", "frag"): FieldText(
        "fragment offset", "Where in the whole packet this fragment begins; 0 for a whole one."
    ),
    ("IP", "ttl"): FieldText(
        "time to live", "255 proves that no router forwarded it: VRRP accepts nothing less."
    ),
    ("IP", "proto"): FieldText("protocol", _PROTOCOL),
    ("IP", "chksum"): FieldText("header checksum", "Protects the IP header, not what follows.", 4),
    ("IP", "src"): FieldText(
        "source", "The sender's own address; between equal priorities the higher one wins."
    ),
    ("IP", "dst"): FieldText(
        "destination", "224.0.0.18 is the group of all VRRP routers; another host means unicast."
    ),
    ("IP", "options"): FieldText("options", "IP options, which VRRP does not use."),
    ("IPv6", "version"): FieldText("version", "Version {value} of the Internet Protocol."),
    ("IPv6", "tc"): FieldText("traffic class", "0xc0 asks routers and switches to forward it first.", 2),
    ("IPv6", "fl"): FieldText("flow label", "Marks packets that belong together; VRRP does not use it.", 5),
    ("IPv6", "plen"): FieldText("payload length", "Length of what follows this header, in bytes."),
    ("IPv6", "nh"): FieldText("next header", _PROTOCOL),
    ("IPv6", "hlim"): FieldText(
        "hop limit",
        "255 proves that no router forwarded it: VRRP and neighbour discovery accept nothing less.",
    ),
    ("IPv6", "src"): FieldText(
        "source",
        "The sender's address: its link-local one for an advert, the new one for an announcement.",
    ),
    ("IPv6", "dst"): FieldText(
        "destination",
        _among(
            {"ff02::1": "ff02::1 is the group of all machines on this link."},
            "ff02::12 is the group of all VRRP routers on this link; ff02::1:ff… asks the holder "
            "of one address.",
        ),
    ),
    ("VRRP", "version"): _VERSION,
    ("VRRP", "type"): _TYPE,
    ("VRRP", "vrid"): _VRID,
    ("VRRP", "priority"): FieldText("priority", _PRIORITY),
    ("VRRP", "ipcount"): _COUNT,
    ("VRRP", "authtype"): FieldText("authentication type", _AUTHENTICATION),
    ("VRRP", "adv"): FieldText("advert interval", "Seconds between adverts; all members must agree on it."),
    ("VRRP", "chksum"): FieldText("checksum", "Protects the whole VRRP message, password included.", 4),
    ("VRRP", "addrlist"): _ADDRESS,
    ("VRRP", "auth1"): FieldText("authentication data", "The password, readable by anyone on this network."),
    ("VRRPv3", "version"): _VERSION,
    ("VRRPv3", "type"): _TYPE,
    ("VRRPv3", "vrid"): _VRID,
    ("VRRPv3", "priority"): FieldText("priority", _PRIORITY),
    ("VRRPv3", "ipcount"): _COUNT,
    ("VRRPv3", "res"): FieldText("reserved", "Always 0, and ignored."),
    ("VRRPv3", "adv"): FieldText(
        "advert interval", "Hundredths of a second between adverts; Backups adopt the Master's."
    ),
    ("VRRPv3", "chksum"): FieldText(
        "checksum", "Protects the VRRP message and the addresses of the IP header.", 4
    ),
    ("VRRPv3", "addrlist"): _ADDRESS,
    ("ARP", "hwtype"): FieldText("hardware type", "1 is Ethernet."),
    ("ARP", "ptype"): FieldText("protocol type", "0x0800 is IPv4: it asks about IPv4 addresses.", 4),
    ("ARP", "hwlen"): FieldText("hardware length", "Length of a hardware address: 6 bytes."),
    ("ARP", "plen"): FieldText("protocol length", "Length of an IPv4 address: 4 bytes."),
    ("ARP", "op"): FieldText("operation", "1 asks who has an address, 2 answers."),
    ("ARP", "hwsrc"): FieldText("sender hardware", "The network card that has the sender's address now."),
    ("ARP", "psrc"): FieldText(
        "sender address", "Everyone who hears this remembers: this address is at that card."
    ),
    ("ARP", "hwdst"): FieldText(
        "target hardware", "Not known yet in a question; keepalived writes broadcast here."
    ),
    ("ARP", "pdst"): FieldText(
        "target address", "The address asked about; the same as the sender's in an announcement."
    ),
    ("ICMPv6ND_NS", "type"): FieldText(
        "type", "135 is a neighbour solicitation: it asks who has an address."
    ),
    ("ICMPv6ND_NS", "code"): FieldText("code", "Always 0."),
    ("ICMPv6ND_NS", "cksum"): _ND_CHECKSUM,
    ("ICMPv6ND_NS", "res"): FieldText("reserved", "Always 0, and ignored."),
    ("ICMPv6ND_NS", "tgt"): FieldText("target address", "The address asked about."),
    ("ICMPv6ND_NA", "type"): FieldText(
        "type", "136 is a neighbour advertisement: it says who has an address."
    ),
    ("ICMPv6ND_NA", "code"): FieldText("code", "Always 0."),
    ("ICMPv6ND_NA", "cksum"): _ND_CHECKSUM,
    ("ICMPv6ND_NA", "R"): FieldText("router", "1: the sender forwards packets for others."),
    ("ICMPv6ND_NA", "S"): FieldText(
        "solicited", "1: this answers a question. 0: nobody asked; it is an announcement."
    ),
    ("ICMPv6ND_NA", "O"): FieldText("override", "1: forget any other network card known for this address."),
    ("ICMPv6ND_NA", "res"): FieldText("reserved", "Always 0, and ignored."),
    ("ICMPv6ND_NA", "tgt"): FieldText(
        "target address", "Everyone who hears this remembers: this address is at the card named below."
    ),
    **{
        (option, name): text
        for option in ("ICMPv6NDOptSrcLLAddr", "ICMPv6NDOptDstLLAddr")
        for name, text in {
            "type": FieldText("type", "1 is the asking network card, 2 the one that holds the address."),
            "len": FieldText("length", "Length of this option in words of 8 bytes."),
            "lladdr": FieldText("network card", "The hardware address of that card."),
        }.items()
    },
    ("Padding", "load"): FieldText(
        "padding", "Bytes after the end of the packet that fill up a short frame."
    ),
}

DEFECT_TEXTS: dict[str, tuple[str, str]] = {
    "ip_checksum": ("chksum", "It is wrong: the header was damaged on the way."),
    "ttl": ("ttl hlim", "It is not 255, so VRRP rejects this packet."),
    "destination": ("dst", "It is neither the group nor a host, so no VRRP router expects it."),
    "fragment": ("frag flags", "It is a fragment, which VRRP cannot use."),
    "version": ("version", "It is not a version of VRRP."),
    "type": ("type", "It is a different number, so the message is rejected."),
    "vrid": ("vrid", "It is 0, which is not a valid virtual router ID."),
    "no_addresses": ("ipcount", "It is 0: the message announces nothing."),
    "length": ("ipcount", "The message does not have the length that this says."),
    "checksum": ("chksum", "It is wrong, so the message is rejected."),
    "auth_type": ("authtype", "It is a type that does not exist."),
    "interval": ("adv", "It is 0, and a timer cannot use that."),
}
"""Defect of `hatlab.vrrp.codec` → the scapy fields it shows in, and the sentence added to theirs."""

IP_DEFECTS = frozenset({"ip_checksum", "ttl", "destination", "fragment"})
"""Defects of the IP header; the others are the message's."""
