"""nft: the packet filter, as far as rules that drop what other servers send, to cut a heartbeat by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

from hatlab.engine.simulator.network.firewall import Chain, Rule
from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.node import Node
from hatlab.engine.simulator.programs.context import Context, Run, fail
from hatlab.engine.simulator.programs.nft_listing import list_ruleset

_RULE = re.compile(
    r'(?:iif(?:name)? "?(?P<device>\w+)"? ?)?'
    r"(?:(?P<adverts>(?:ip protocol|ip6 nexthdr|meta l4proto) (?:112|vrrp))"
    r"|(?P<senders>(?:ip|ip6|ether) saddr (?:\{ ?)?[\w:., ]+?(?: ?\})?))?"
    r"(?: ?numgen random mod (?P<modulus>[1-9]\d{0,5}) < (?P<below>\d{1,6}))? ?(?:counter )?drop"
)

_BOTH = frozenset({4, 6})
_FAMILIES = {"ip": frozenset({4}), "ip6": frozenset({6}), "inet": _BOTH, "netdev": _BOTH}
"""A table's family → those of the packets that come to it."""
_NAMES: tuple[Callable[[Port], str], ...] = (
    lambda port: port.address,
    lambda port: port.mac,
    lambda port: port.ipv6_source,
)
"""How a rule may name a server."""


def nft(ctx: Context) -> Run:
    """nft [-a] list ruleset · flush ruleset · add table|chain|rule … · delete table|rule …"""
    words = [w for part in ctx.argv[1:] for w in part.split()]
    options = {w for w in words if w.startswith("-") and w[1:].isalpha()}
    words = [w for w in words if w not in options]
    if ctx.node is None:
        return (yield from ctx.unsupported("a filter on a client"))
    match words:
        case ["list", "ruleset"]:
            yield from list_ruleset(ctx.node, handles="-a" in options)
            return 0
        case ["flush", "ruleset"]:
            ctx.node.firewall.tables.clear()
            ctx.node.set_refused(None)
            for network in ctx.node.ports:
                ctx.node.set_filter(network, percent=0.0)
            ctx.node.on_firewall_changed()
            return 0
        case ["add" | "create", "table", family, name] if family in _FAMILIES:
            ctx.node.firewall.tables.setdefault((family, name), {})
            return 0
        case ["add" | "create", "chain", family, table, name, *rest]:
            return (yield from _add_chain(ctx, ctx.node, (family, table), name, " ".join(rest)))
        case ["add" | "insert", "rule", family, table, chain, *rest]:
            return (yield from _add_rule(ctx, ctx.node, (family, table), chain, " ".join(rest)))
        case ["delete", "table", "ip" | "ip6", "keepalived"] if ctx.node.firewall.refused is not None:
            ctx.node.set_refused(None)
        case ["delete", "table", family, name]:
            if ctx.node.firewall.tables.pop((family, name), None) is None:
                return (yield from _not_found())
        case ["delete", "rule", family, table, chain, "handle", number]:
            holder = ctx.node.firewall.tables.get((family, table), {}).get(chain)
            kept = [r for r in holder.rules if str(r.handle) != number] if holder else []
            if holder is None or len(kept) == len(holder.rules):
                return (yield from _not_found())
            holder.rules = kept
        case _:
            what = "but list ruleset, flush ruleset, add table|chain|rule, delete table|rule"
            return (yield from ctx.unsupported(what))
    ctx.node.on_firewall_changed()
    return 0


def _not_found() -> Run:
    return fail(1, "Error: Could not process rule: No such file or directory")


def _add_chain(ctx: Context, node: Node, table: tuple[str, str], name: str, spec: str) -> Run:
    if table not in node.firewall.tables:
        return _not_found()
    hook = re.search(r"hook (\w+)", spec)
    if spec and (hook is None or hook[1] not in {"input", "ingress"} or "policy drop" in spec):
        return ctx.unsupported("chains but those at the hooks input and ingress that accept by default")
    device = re.search(r'device "?(\w+)"?', spec)
    chain = Chain(hook[1] if hook else "", device[1] if device else "")
    node.firewall.tables[table].setdefault(name, chain)
    return fail(0)


def _add_rule(ctx: Context, node: Node, table: tuple[str, str], name: str, text: str) -> Run:
    chain = node.firewall.tables.get(table, {}).get(name)
    if chain is None:
        return (yield from _not_found())
    match = _RULE.fullmatch(text)
    if match is None or not (match["adverts"] or _name_all_servers(ctx, match["senders"] or "")):
        match_on = "[iifname DEVICE] ip protocol 112|ip6 nexthdr 112|ip saddr SERVER|ether saddr MAC"
        return (yield from ctx.unsupported(f"rules but: {match_on} [numgen random mod N < M] drop"))
    percent = min(100.0, 100 * int(match["below"]) / int(match["modulus"])) if match["modulus"] else 100.0
    node.firewall.handles += 1
    text = re.sub(r'iifname "?(\w+)"?', r'iifname "\1"', text)
    text = re.sub(r"(ip protocol|nexthdr|l4proto) 112", r"\1 vrrp", text)
    device = match["device"] or chain.device
    families = _FAMILIES[table[0]] & _families_matched(text)
    chain.rules.append(Rule(text, node.firewall.handles, device, bool(match["adverts"]), percent, families))
    node.on_firewall_changed()
    return 0


def _families_matched(text: str) -> frozenset[int]:
    """The families that a rule's matches let through to its verdict."""
    named = {word for word in text.split() if word in {"ip", "ip6"}}
    return _FAMILIES[named.pop()] if len(named) == 1 else _BOTH


def _name_all_servers(ctx: Context, senders: str) -> bool:
    """True if a match on senders names every other server of a network: only those are modelled."""
    named = set(re.findall(r"[\w:.]+", senders)) - {"ip", "ip6", "ether", "saddr"}
    for network in ctx.host.ports:
        others = [p for p in ctx.lab.networks[network].ports if p.host.server and p.host is not ctx.host]
        if others and any({name(p) for p in others} <= named for name in _NAMES):
            return True
    return False
