"""Each mistake is found at the line that `keepalived -t` gives it, and nothing beside it."""

from __future__ import annotations

import pytest

from hatlab.keepalived.diagnose import diagnose_config

CHECK = """\
global_defs {
    router_id R
    enable_script_security
}
vrrp_script chk {
    script "/usr/bin/true"
    interval 1
    user root
}
"""
PLAIN = """\
global_defs {
    router_id R
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    virtual_ipaddress {
        198.18.0.100/24
    }
}
"""
TRACKING = CHECK + PLAIN[PLAIN.index("vrrp_instance") :].replace(
    "    virtual_ip", "    track_script {\n        chk\n    }\n    virtual_ip"
)
NOT_REPORTED = {"KA017", "KA018", "KA113", "KA214", "KA250"}
"""What `keepalived -t` says nothing of, and these files are not about."""

Expected = dict[str, tuple[int, str]]
"""Code → line and severity."""
NOTHING: Expected = {}
CASES: dict[str, tuple[str, str, str, Expected]] = {
    "no mistake": (PLAIN, "    ", "\t", NOTHING),
    "a comment behind a number": (PLAIN, "150", "150!comment", NOTHING),
    "its own address among its peers": (
        PLAIN,
        "advert_int 1",
        "advert_int 1\n    unicast_src_ip 198.18.0.11\n    unicast_peer {\n        198.18.0.11\n    }",
        {"KA320": (11, "warning")},
    ),
    "version 3 counts to 40.95 s": (
        PLAIN,
        "advert_int 1",
        "advert_int 41\n    version 3",
        {"KA235": (8, "warning")},
    ),
    "a long password": (
        PLAIN,
        "advert_int 1",
        "authentication {\n        auth_type PASS\n        auth_pass toolongpassword\n    }",
        {"KA208": (10, "warning")},
    ),
    "no address": (PLAIN, "198.18.0.100", "198.18.0.", {"KA204": (4, "error"), "KA215": (10, "error")}),
    "an address twice": (
        PLAIN,
        "198.18.0.100/24",
        "198.18.0.100/24\n        198.18.0.100/24",
        {"KA230": (11, "warning")},
    ),
    "a brace too many": (PLAIN, "    }\n}\n", "    }\n}\n}\n", {"KA002": (13, "error")}),
    "a brace too few": (PLAIN, "    }\n}\n", "    }\n", {"KA001": (4, "error")}),
    "fall 0": (TRACKING, "interval 1", "fall 0", {"KA007": (7, "error")}),
    "interval 0": (TRACKING, "interval 1", "interval 0", {"KA007": (7, "error")}),
    "weight 300": (TRACKING, "interval 1", "weight 300", {"KA007": (7, "error")}),
    "an interval of nothing between announcements": (
        PLAIN,
        "router_id R",
        "vrrp_garp_interval 0",
        {"KA007": (2, "error")},
    ),
    "a loopback interface": (PLAIN, "eth0", "lo", {"KA236": (5, "error")}),
    "IPv6 beside IPv4": (
        PLAIN,
        "198.18.0.100/24",
        "198.18.0.100/24\n        fe80::1/64",
        {"KA231": (11, "error")},
    ),
    "no VRID": (PLAIN, "    virtual_router_id 51\n", "", {"KA202": (4, "error")}),
    "nopreempt of an owner": (PLAIN, "150", "255\n    nopreempt", {"KA237": (8, "warning")}),
    "priority 256": (PLAIN, "priority 150", "priority 256", {"KA007": (7, "error")}),
    "an unknown state": (PLAIN, "advert_int 1", "state SLAVE", {"KA217": (8, "warning")}),
    "a password in strict mode": (
        PLAIN.replace("router_id R", "vrrp_strict"),
        "advert_int 1",
        "authentication {\n        auth_type PASS\n        auth_pass 1111\n    }",
        {"KA233": (8, "warning")},
    ),
    "a group with somebody unknown": (
        PLAIN,
        "vrrp_instance",
        "vrrp_sync_group G {\n    group {\n        VI_1\n        VI_7\n    }\n}\nvrrp_instance",
        {"KA216": (7, "error"), "KA234": (4, "warning")},
    ),
    "an unknown check": (
        PLAIN,
        "advert_int 1",
        "track_script {\n        nope\n    }",
        {"KA104": (9, "error")},
    ),
    "a check that is defined below": (
        PLAIN + CHECK[CHECK.index("vrrp_script") :],
        "advert_int 1",
        "track_script {\n        chk\n    }",
        {"KA102": (16, "warning"), "KA104": (9, "error")},
    ),
    "an unknown user": (TRACKING, "user root", "user nobodyhere", {"KA128": (8, "warning")}),
    "a prefix length of 33": (PLAIN, "100/24", "100/33", {"KA215": (10, "error")}),
    "neither on nor off": (PLAIN, "router_id R", "vrrp_strict maybe", {"KA007": (2, "error")}),
    "a value that is missing": (PLAIN, "priority 150", "priority", {"KA007": (7, "error")}),
}


@pytest.mark.parametrize(("text", "old", "new", "expected"), CASES.values(), ids=CASES)
def test_a_mistake_is_found_where_keepalived_reports_it(
    text: str, old: str, new: str, expected: Expected
) -> None:
    assert old in text
    found = diagnose_config(text.replace(old, new))
    assert {f.code: (f.line, f.severity) for f in found if f.code not in NOT_REPORTED} == expected
    silent = {"KA320"}  # keepalived takes its own address among its peers without a word
    assert {f.code for f in found if f.reported} == expected.keys() - silent
