"""A node's packet filter: rules made by hand that drop what arrives from other servers, and keepalived's own
about its virtual addresses."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that drops."""

    text: str
    handle: int
    device: str
    """The interface that it holds for; empty for every one."""
    adverts_only: bool
    """It drops protocol 112 and nothing else."""
    percent: float
    """The share of packets that it drops."""
    families: frozenset[int] = frozenset({4, 6})
    """The kinds of packets that it looks at."""


@dataclass(slots=True)
class Chain:
    """A chain of rules."""

    hook: str
    """As nft lists it."""
    device: str = ""
    """Of an ingress hook."""
    rules: list[Rule] = field(default_factory=list)


class Firewall:
    """The tables of a node's kernel."""

    def __init__(self) -> None:
        self.refused: list[str] | None = None
        """The addresses in keepalived's own table, to and from which every packet is dropped (`no_accept`);
        None if there is no such table."""
        self.tables: dict[tuple[str, str], dict[str, Chain]] = {}
        """(family, name) → chain's name → chain, of those made by hand."""
        self.handles = 0

    def refuses(self, address: str) -> bool:
        """True if keepalived's own rule drops every packet to an address."""
        return self.refused is not None and address in self.refused

    def rules_on(self, device: str) -> list[Rule]:
        """Return the rules that drop what arrives at an interface."""
        chains = (chain for table in self.tables.values() for chain in table.values() if chain.hook)
        return [rule for chain in chains for rule in chain.rules if rule.device in {"", device}]

    def drop_percent(self, device: str, *, adverts: bool, family: int | None = None) -> float:
        """Return the share of other servers' frames that is dropped: of adverts, or of everything alike; of
        one family, or of any."""
        kept = 1.0
        for rule in self.rules_on(device):
            if (adverts or not rule.adverts_only) and (family is None or family in rule.families):
                kept *= 1 - rule.percent / 100
        return 100 * (1 - kept)

    def remove_rules_on(self, device: str) -> None:
        """Remove every rule that drops what arrives at an interface."""
        for table in self.tables.values():
            for chain in table.values():
                chain.rules = [rule for rule in chain.rules if rule.device not in {"", device}]
