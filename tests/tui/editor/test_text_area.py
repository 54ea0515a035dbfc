"""Which line a finding of keepalived names."""

from __future__ import annotations

from hatlab.tui.editor.findings import named_line


def test_a_finding_of_keepalived_names_its_line() -> None:
    assert named_line("(/etc/keepalived/keepalived.conf: Line 7) Unknown keyword 'x'") == 7
    assert named_line("config error") is None
