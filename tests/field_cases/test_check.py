"""`hatlab check` of the field cases' files: the true cause, and nothing that is false in between."""

from __future__ import annotations

import pytest

from hatlab.commands.support.file_checks import check_files, find_files
from tests.field_cases.table import FieldCase, parameters


@pytest.mark.parametrize("case", parameters("check", lambda case: bool(case.cause or case.codes)))
def test_the_true_cause_is_told(case: FieldCase) -> None:
    checked = check_files(find_files(map(str, case.paths)), together=len(case.paths) > 1)
    findings = [finding for each in checked for finding in each.findings]
    codes = [finding.code for finding in findings if finding.severity != "note"]
    if case.cause:
        assert codes[:1] == [case.cause], codes
    assert {*case.codes} <= {finding.code for finding in findings}
