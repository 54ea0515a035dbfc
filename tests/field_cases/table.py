"""What each field case must show: one entry a case, the same on both engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from _pytest.mark import ParameterSet

FILES = Path(__file__).parent / "files"
Aspect = Literal["check", "topology", "sim", "docker"]


@dataclass(frozen=True)
class FieldCase:
    """A case, by its folder in `files`."""

    folder: str
    confs: tuple[str, ...] = ("a.conf", "b.conf")
    """The files that are checked together, and become the nodes of one lab; none: it happens in two-node."""
    cause: str = ""
    """The code that is the true cause: the first error or warning of the pair, if it has one."""
    codes: tuple[str, ...] = ()
    """More codes that the check of the pair tells."""
    keeps: tuple[str, ...] = ()
    """Texts that the topology has."""
    told: tuple[str, ...] = ()
    """Texts of its first comment, which stderr says too."""
    seconds: float = 12
    """How long the lab runs after it was ready."""
    shows: tuple[str, ...] = ()
    """Conditions (docs/writing-lessons.md) that hold at the end."""
    log: tuple[str, ...] = ()
    """Texts in keepalived's log."""
    docker: bool = False
    """It runs on Docker too: where real keepalived, mysqld or a shell decides."""

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(FILES / self.folder / conf for conf in self.confs)

    @property
    def script(self) -> Path | None:
        """What happens in the lab, if anything does."""
        path = FILES / self.folder / "script.txt"
        return path if path.exists() else None


CASES = (
    FieldCase(
        "01-vrrp-strict",
        cause="KA250",
        shows=("master a", "cut_off", "condition address_refused"),
        log=(
            "State MASTER must match being address owner",
            "Strict mode does not support authentication. Ignoring.",
            "setting firewall drop rule",
        ),
        docker=True,
    ),
    FieldCase(
        "02-echo-not-exit",
        cause="KA130",
        keeps=("      /etc/keepalived/check.sh: |",),
        shows=("master a", "holds a", "not became a FAULT"),
        docker=True,
    ),
    FieldCase("04-dev-tcp", cause="KA123", shows=("state a FAULT", "state b FAULT", "owners 0"), docker=True),
    FieldCase(
        "05-pipe-in-script", cause="KA120", shows=("state a FAULT", "state b FAULT", "owners 0"), docker=True
    ),
    FieldCase(
        "07-own-address-in-peers",
        cause="KA320",
        keeps=("lan.11", "lan.12"),
        shows=("master a",),
        log=("equal priority advert received from remote host with our IP address",),
        docker=True,
    ),
    FieldCase(
        "08-empty-unicast-peer", cause="KA321", shows=("owners 2", "condition split_brain"), docker=True
    ),
    FieldCase(
        "09-security-without-user",
        cause="KA101",
        keeps=("      /opt/master.sh: |",),
        shows=("master a", "process mysqld a down"),
        log=("removing",),
        docker=True,
    ),
    FieldCase(
        "11-weight-and-nopreempt", cause="KA308", codes=("KA309",), shows=("master a", "priority a = 103")
    ),
    FieldCase(
        "13-include-relative",
        confs=("a/keepalived.conf", "b/keepalived.conf"),
        cause="KA301",
        shows=("owners 2", "condition split_brain"),
    ),
    FieldCase(
        "14-conditional-lines",
        confs=("both.conf",),
        cause="KA301",
        shows=("owners 2", "condition split_brain"),
    ),
    FieldCase("15-advert-half-second", cause="KA211", shows=("master a",)),
    FieldCase(
        "16-two-clusters-one-vrid",
        cause="KA330",
        confs=("a1.conf", "a2.conf", "b1.conf", "b2.conf"),
        shows=("holds a1", "owners 0 .200", "state b1 BACKUP"),
    ),
    FieldCase("18-no-garp-after-split", seconds=20, shows=("became b MASTER", "master a")),
    FieldCase("20-stalls-under-io", seconds=25, shows=("became b MASTER", "master a")),
    FieldCase("21-vip-deleted-by-hand", shows=("became a BACKUP", "master a", "owner a")),
    FieldCase("22-state-lower-case", cause="KA105", codes=("KA217",), shows=("master a", "owner a")),
    FieldCase("25-bad-password-and-typo", cause="KA302", codes=("KA005",), shows=("owners 2",)),
    FieldCase("27-mysqladmin-ping", seconds=25, shows=("owner b", "state a FAULT"), docker=True),
    FieldCase(
        "28-script-file",
        keeps=("      /etc/keepalived/check_mysql.sh: |",),
        shows=("owner b", "state a FAULT"),
        docker=True,
    ),
    FieldCase(
        "29-blank-line-before-shebang",
        cause="KA106",
        codes=("KA101", "KA110"),
        keeps=("      /etc/keepalived/chk.sh",),
        shows=("master a", "priority a = 100"),
        docker=True,
    ),
    FieldCase(
        "31-config-fine-network-not", codes=("KA331",), seconds=8, shows=("owners 2", "condition split_brain")
    ),
    FieldCase("32-auto-increment", confs=(), seconds=27, shows=("errno db1 = 1062", "errno db2 = 1062")),
    FieldCase("34-hang-with-process-check", cause="KA112", shows=("owner a", "cut_off")),
    FieldCase("35-track-interface-weight", cause="KA309", shows=("priority a = 98", "not became a FAULT")),
    FieldCase(
        "37-own-peer-and-master-nopreempt",
        cause="KA214",
        codes=("KA205", "KA320"),
        keeps=("lan.11", "lan.12"),
        shows=("master a", "owner a", "not condition split_brain"),
        docker=True,
    ),
    FieldCase(
        "password-in-script",
        keeps=("      /etc/keepalived/bin/mysql_check.sh: |",),
        told=(
            "/usr/local/mysql/bin/mysql of a and b is /usr/bin/mysql here.",
            "/etc/keepalived/bin/stop.sh of a and b is not among the files, so the lab has no such program.",
        ),
        shows=("owner b", "priority a = 60"),
        docker=True,
    ),
    FieldCase(
        "two-subnets",
        keeps=("router: {octet: 254, service: router}",),
        shows=("owner b", "cut_off", "heard b a 0"),
        docker=True,
    ),
    FieldCase("38-interval-timeout-hang", cause="KA114", seconds=35, shows=("owner b",)),
)

NOT_YET: dict[tuple[str, Aspect], str] = {}
"""(case, aspect) → what is not right yet. A test fails as soon as it is: then its line goes."""


def parameters(aspect: Aspect, wanted: Callable[[FieldCase], bool] = lambda _: True) -> list[ParameterSet]:
    """The cases of a test, by folder; one that is not right yet must fail."""
    return [
        pytest.param(case, id=case.folder, marks=_marks(case.folder, aspect))
        for case in CASES
        if wanted(case)
    ]


def _marks(folder: str, aspect: Aspect) -> list[pytest.MarkDecorator]:
    reason = NOT_YET.get((folder, aspect))
    return [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
