"""A log as viewers, forums, tickets, collectors and shells hand it on: the same lines, whatever is around."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.incident.sources.texts import AT, logs, read

TEXTS = (
    "Starting VRRP child process, pid=812",
    "(VI_1) Entering BACKUP STATE (init)",
    "(VI_1) Entering MASTER STATE",
)
LINES = [f"Nov 30 03:12:{44 + second} db1 Keepalived_vrrp[812]: {text}" for second, text in enumerate(TEXTS)]
BARE = [line.removeprefix("Nov 30 ").partition(" db1 ")[2] for line in LINES]
ISO = [f"2026-11-30T03:12:{44 + second}+01:00" for second in range(3)]

AROUND = {
    "mail": [f"> > {line}" for line in LINES],
    "other mail": [f"| {line}" for line in LINES],
    "list": [f"* {line}" for line in LINES],
    "other list": [f"- {line}" for line in LINES],
    "code": [f"`{line}`" for line in LINES],
    "page": [f"{line}<br />" for line in LINES],
    "page's block": ["<pre><code>" + LINES[0], LINES[1], LINES[2] + "</code></pre>"],
    "forum": ["[CODE]" + LINES[0], LINES[1], LINES[2] + "[/CODE]"],
    "ticket": ["{noformat}" + LINES[0], LINES[1], LINES[2] + "{noformat}"],
    "unseen characters": [f"\u200b{line}\u200b" for line in LINES],
    "cat -n": [f"{number:6}\t{line}" for number, line in enumerate(LINES, 1)],
    "grep -n": [f"{number}:{line}" for number, line in enumerate(LINES, 99)],
    "grep -H": [f"/var/log/messages:{line}" for line in LINES],
    "grep -Hn": [f"/var/log/messages.1:{number}:{line}" for number, line in enumerate(LINES, 99)],
    "pssh": [f"db1: {line}" for line in LINES],
    "stern": [f"db1 keepalived {at} {bare}" for at, bare in zip(ISO, BARE, strict=True)],
    "a level": [f"{at} INFO db1 {bare}" for at, bare in zip(ISO, BARE, strict=True)],
    "a table": [f'"{at}","db1","{line}"' for at, line in zip(ISO, LINES, strict=True)],
    "columns": [
        "\t".join(["9", at, "db1", "10.0.0.1", "Daemon", "Info", bare.replace("]: ", "]\t")])
        for at, bare in zip(ISO, BARE, strict=True)
    ],
    "the year first": [f"2026 {line}" for line in LINES],
    "a colon": [line.replace(" db1", ": db1") for line in LINES],
    "a German date": [line.replace("Nov 30", "30.11.2026") for line in LINES],
    "an American date": [line.replace("Nov 30", "11/30/2026") for line in LINES],
    "a web server's date": [line.replace("Nov 30 ", "30/Nov/2026:") for line in LINES],
}


@pytest.mark.parametrize("form", AROUND)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_log_is_read_whatever_is_around_its_lines(tmp_path: Path, form: str, end: str) -> None:
    found = logs(read(tmp_path, end.join(AROUND[form]) + end))
    assert [(line.text, line.stamp and line.stamp.unix) for line in found] == [
        (text, AT + second) for second, text in enumerate(TEXTS)
    ]
    assert {(line.host, "eepalived" in line.program) for line in found} == {("db1", True)}


def test_a_date_that_may_be_of_two_days_is_not_guessed(tmp_path: Path) -> None:
    assert logs(read(tmp_path, LINES[2].replace("Nov 30", "10/11/2026"))) == []


COLLECTED: dict[str, list[dict[str, object]]] = {
    "rsyslog": [
        {"timestamp": at, "hostname": "db1", "program": "Keepalived_vrrp", "message": text}
        for at, text in zip(ISO, TEXTS, strict=True)
    ],
    "Elastic": [
        {"_source": {"@timestamp": at, "host": {"name": "db1"}, "message": line}}
        for at, line in zip(ISO, LINES, strict=True)
    ],
    "Splunk": [
        {"preview": False, "result": {"_time": at, "host": "db1", "_raw": line}}
        for at, line in zip(ISO, LINES, strict=True)
    ],
    "Fluent Bit": [
        {"date": AT + n, "hostname": "db1", "ident": "Keepalived_vrrp", "log": text}
        for n, text in enumerate(TEXTS)
    ],
    "Loki": [
        {"timestamp": str(int(AT + n) * 10**9), "labels": {"a": "b"}, "line": line}
        for n, line in enumerate(LINES)
    ],
    "journal": [
        {
            "__REALTIME_TIMESTAMP": str(int((AT + n) * 1e6)),
            "__CURSOR": "s=1",
            "_HOSTNAME": "db1",
            "SYSLOG_IDENTIFIER": "Keepalived_vrrp",
            "_PID": "812",
            "MESSAGE": text,
        }
        for n, text in enumerate(TEXTS)
    ],
}


@pytest.mark.parametrize("form", COLLECTED)
@pytest.mark.parametrize("shape", ["lines", "tabs", "list", "pretty list", "cut list"])
def test_what_a_collector_exports_is_read(tmp_path: Path, form: str, shape: str) -> None:
    objects = COLLECTED[form]
    written = {
        "lines": "\n".join(map(json.dumps, objects)),
        "tabs": "\n".join(json.dumps(one, indent="\t") for one in objects),
        "list": json.dumps(objects),
        "pretty list": json.dumps(objects, indent=2),
        "cut list": json.dumps([*objects, {"a": 1}])[:-9],
    }[shape]
    found = logs(read(tmp_path, written))
    assert [(line.text, line.stamp and line.stamp.unix, line.host) for line in found] == [
        (text, AT + second, "db1") for second, text in enumerate(TEXTS)
    ]


def test_a_short_log_with_its_newest_lines_first_is_known_by_its_start(tmp_path: Path) -> None:
    few = [LINES[1], LINES[1], LINES[0]]
    assert [line.text for line in logs(read(tmp_path, "\n".join(few)))] == [TEXTS[0], TEXTS[1], TEXTS[1]]
    assert {line.stamp and line.stamp.unix > AT - 9 for line in logs(read(tmp_path, "\n".join(few)))} == {
        True
    }
