"""Random cases: a seed always makes the same, and the bench uses nearly every keyword that is modelled."""

from __future__ import annotations

from functools import cache

from hatlab.keepalived.keywords import BLOCKS, Effect
from hatlab.keepalived.parser import Statement, parse_config
from tests.differential.case import Case
from tests.differential.generate import case_of

MANY = 400
ELSEWHERE = {
    "global_defs": {
        *(
            "notify_fifo",
            "notify_fifo_script",
            "vrrp_notify_fifo_script",
            "startup_script",
            "shutdown_script",
        ),
        *("startup_script_timeout", "shutdown_script_timeout"),
        *("vrrp_mcast_group6", "disable_local_igmp", "v3_checksum_as_v2", "vmac_prefix", "vmac_addr_prefix"),
        *("vrrp_garp_interval", "vrrp_gna_interval", "vrrp_garp_extra_if", "vrrp_vmac_garp_intvl"),
        *("nftables", "nftables_priority", "nftables_ifindex", "nftables_counters", "vrrp_ipsets"),
        *("default_interface", "reload_check_config", "log_unknown_vrids"),
    },
    "vrrp_instance": {
        *("notify_backup", "notify_fault", "notify_stop", "notify_deleted", "notify_master_rx_lower_pri"),
        *("track_process", "track_bfd", "old_unicast_checksum", "no_virtual_ipaddress", "garp_extra_if"),
        *("use_vmac_addr", "vmac_xmit_base", "use_ipvlan", "vmac_garp_intvl", "virtual_routes"),
        *("virtual_rules", "timer_expired_backup", "thread_timer_expired", "linkbeat_use_polling", "vrf"),
    },
    "vrrp_sync_group": {
        *("notify_backup", "notify_fault", "notify_stop", "notify", "track_process", "track_bfd"),
    },
    "vrrp_script": {"user"},
}
"""Block → modelled keywords that the bench leaves to tests of their own."""


@cache
def cases() -> tuple[Case, ...]:
    """Many cases."""
    return tuple(map(case_of, range(1, MANY + 1)))


def test_a_seed_always_makes_the_same_case() -> None:
    assert case_of(7) == case_of(7)
    assert Case.from_data(case_of(7).to_data()) == case_of(7)


def test_every_case_starts_each_node_and_keeps_its_steps_in_order() -> None:
    for case in cases():
        started = {step.node for step in case.steps if step.verb == "start"}
        assert started == set(case.confs)
        assert [step.at for step in case.steps] == sorted(step.at for step in case.steps)


def test_the_bench_uses_what_is_modelled() -> None:
    used = {block: set[str]() for block in ELSEWHERE}
    for case in cases():
        for conf in case.confs.values():
            for block, keywords in used.items():
                keywords |= _keywords_in(parse_config(conf), block)

    for block, elsewhere in ELSEWHERE.items():
        entries = BLOCKS[block].entries()
        modelled = {keyword for keyword, effect, _ in entries if effect is Effect.MODELLED}
        assert modelled - used[block] - elsewhere == set(), block


def _keywords_in(root: Statement, block: str) -> set[str]:
    return {inner.keyword for outer in root.all(block) for inner in outer.body or ()}
