"""Which findings `keepalived -t` of 2.3.4 reports too, measured on the daemon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration

_REPORTED = frozenset(
    {
        *("KA001", "KA002", "KA003", "KA005", "KA007", "KA009", "KA011", "KA019"),
        *("KA103", "KA104", "KA107"),
        *("KA201", "KA202", "KA203", "KA204", "KA205", "KA208", "KA211", "KA212", "KA213", "KA215"),
        *("KA217", "KA218", "KA230", "KA231", "KA232", "KA233", "KA235", "KA236", "KA237", "KA238"),
    }
)
"""Rules of which every finding is reported; of others each finding says it itself."""
_WITH_SECURITY = frozenset({"KA101"})
"""Those of which it is only with enable_script_security."""


def mark_reported(conf: Configuration, findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each marked if its rule is one that is reported."""
    secure = conf.global_setting("enable_script_security") is not None
    codes = _REPORTED | _WITH_SECURITY if secure else _REPORTED
    return [replace(found, reported=True) if found.code in codes else found for found in findings]
