"""What `nft list ruleset` prints: the lab's cuts, keepalived's own table, and rules made by hand."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.engine.simulator.node import Node
from hatlab.util.addresses import is_ipv6

_SET = """\
	set vips {
		type ipv4_addr
ELEMENTS	}
"""
_MAP = """\
	map vmac_map {
		type iface_index : iface_index
		elements = { MAP }
	}
"""
_OUT = """\
	chain out {
		type filter hook output priority filter - 1; policy accept;
RULES	}
"""
_IN = """\
	chain in {
		type filter hook input priority filter - 1; policy accept;
		ip daddr @vips drop
	}
"""
_NO_IGMP = '\t\tip protocol igmp meta oifkind "macvlan" dup to ip daddr device oif map @vmac_map drop\n'
_NO_SENDER = "\t\tip saddr @vips drop\n"
_OWN_TABLE_IPV6 = """\
table ip6 keepalived {
	set parent_link_local {
		type ipv6_addr . ifname
	}

	set vips {
		type ipv6_addr
ELEMENTS	}

	set neighbor-discovery {
		type icmpv6_type
		flags constant
		elements = { nd-neighbor-solicit,
\t\t\t     nd-neighbor-advert }
	}

	set vips_link_local {
		type ipv6_addr . iface_index
LINK_LOCAL	}

	chain out {
		type filter hook output priority filter - 1; policy accept;
		icmpv6 type nd-neighbor-advert meta oifkind "macvlan" ip6 saddr . oifname @parent_link_local drop
		icmpv6 type @neighbor-discovery accept
		ip6 saddr fe80::/10 goto out_link_local
		ip6 saddr @vips drop
	}

	chain in {
		type filter hook input priority filter - 1; policy accept;
		icmpv6 type @neighbor-discovery accept
		ip6 daddr fe80::/10 goto in_link_local
		ip6 daddr @vips drop
	}

	chain in_link_local {
		ip6 daddr . iif @vips_link_local drop
	}

	chain out_link_local {
		ip6 saddr . oif @vips_link_local drop
	}
}"""
"""keepalived's tables as nft lists them, measured on 2.3.4."""


def list_ruleset(node: Node, *, handles: bool) -> Iterator[str]:
    """Yield the lines of a node's rules."""
    for port in node.ports.values():
        if rule_text := node.drop_rule(port):
            yield "table netdev hatlab {"
            yield f"\tchain from_servers_{port.network} {{"
            yield f'\t\ttype filter hook ingress device "{port.device}" priority filter; policy accept;'
            yield f"\t\t{rule_text}"
            yield "\t}"
            yield "}"
    yield from _list_own_tables(node)
    yield from _list_tables_by_hand(node, handles)


def _list_own_tables(node: Node) -> Iterator[str]:
    """Yield keepalived's own tables: of addresses that it refuses, and of virtual MACs."""
    refused = node.firewall.refused or []
    vmacs = [f'"{vmac.device}" : "{port.device}"' for port in node.ports.values() for vmac in port.vmacs]
    six = [address for address in refused if is_ipv6(address)]
    has_set = node.firewall.refused is not None and (not six or len(six) < len(refused))
    if has_set or vmacs:
        addresses = [address for address in refused if not is_ipv6(address)]
        parts = [_MAP.replace("MAP", ", ".join(vmacs))] if vmacs else []
        parts += [_SET.replace("ELEMENTS", _elements(addresses))] if has_set else []
        rules = (_NO_IGMP if vmacs else "") + (_NO_SENDER if has_set else "")
        parts += [_OUT.replace("RULES", rules), *([_IN] if has_set else [])]
        yield from ("table ip keepalived {\n" + "\n".join(parts) + "}").splitlines()
    if six:
        link_local = [address for address in six if address.startswith("fe80:")]
        bound = [
            f'{address} . "{port.device}"' for address in link_local if (port := node.port_holding(address))
        ]
        others = [address for address in six if address not in link_local]
        table = _OWN_TABLE_IPV6.replace("ELEMENTS", _elements(others))
        yield from table.replace("LINK_LOCAL", _elements(bound)).splitlines()


def _elements(values: list[str]) -> str:
    return f"\t\telements = {{ {', '.join(values)} }}\n" if values else ""


def _list_tables_by_hand(node: Node, handles: bool) -> Iterator[str]:
    for (family, name), chains in node.firewall.tables.items():
        yield f"table {family} {name} {{"
        for number, (chain_name, chain) in enumerate(chains.items()):
            if number:
                yield ""
            yield f"\tchain {chain_name} {{"
            if chain.hook:
                device = f' device "{chain.device}"' if chain.device else ""
                yield f"\t\ttype filter hook {chain.hook}{device} priority filter; policy accept;"
            for rule in chain.rules:
                yield f"\t\t{rule.text}" + (f" # handle {rule.handle}" if handles else "")
            yield "\t}"
        yield "}"
