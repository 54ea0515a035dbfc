"""Which tables are reported, and when."""

from __future__ import annotations

from typing import Any

from compose.agent.table_watch import TableReporter


class FakeOutput:
    """Takes facts as an Output does."""

    def __init__(self) -> None:
        self.facts: list[dict[str, Any]] = []

    def put(self, kind: str, t: float, **fields: Any) -> None:
        self.facts.append({"kind": kind, **fields})


def test_changed_tables_are_reported_and_at_least_one_with_new_transactions() -> None:
    out: Any = FakeOutput()
    reporter = TableReporter(out)
    accounts = {"rows": 2, "checksum": "7", "columns": [], "content": []}
    writes = {"rows": 1, "checksum": "1", "columns": [], "content": []}

    def names(gtids: str, contents: dict[str, Any]) -> list[tuple[str, int | None]]:
        out.facts.clear()
        rows = contents.get("lab.writes", {"rows": 0})["rows"]
        reporter.report_changes(gtids, contents, {"client": f"1-{rows}"} if rows else {})
        reported = [fact for fact in out.facts if fact["kind"] == "table"]
        assert all(fact["gtid_executed"] == gtids for fact in reported)
        return [(fact["name"], fact["rows"]) for fact in reported]

    both = {"lab.accounts": accounts, "lab.writes": writes}
    assert names("", both) == [("lab.accounts", 2), ("lab.writes", 1)]
    assert out.facts[-1] == {"kind": "written", "sequences": {"client": "1-1"}}
    assert names("", both) == []
    assert out.facts == []
    assert names("a:1", {**both, "lab.writes": {**writes, "rows": 2}}) == [("lab.writes", 2)]
    assert names("a:1-2", {**both, "lab.writes": {**writes, "rows": 2}}) == [("lab.accounts", 2)]
    assert names("a:1-3", {"lab.accounts": accounts}) == [("lab.writes", None)]
    reporter.reset()
    assert names("a:1-3", {"lab.accounts": accounts}) == [("lab.accounts", 2)]
