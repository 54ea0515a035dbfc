"""Rules about what a script does, in a file or behind `sh -c` (KA110, KA112, KA13x and KA14x)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.commands import SHELLS, Command
from hatlab.keepalived.diagnose.conf import Configuration, finding
from hatlab.keepalived.diagnose.exit_status import LETS_THROUGH, can_fail
from hatlab.keepalived.diagnose.shell_reading import (
    Block,
    Pipeline,
    Script,
    Simple,
    read_shell,
    substitutions,
)

_ENDS_KEEPALIVED = re.compile(
    r"\b(killall|pkill)\s+(-\S+\s+)*keepalived|\b(systemctl|service|rc-service)\s+.*\bkeepalived|"
    r"\bkeepalived\s+stop|\bkill\s[^\n]*keepalived[\w./-]*pid"
)
_STARTS_KEEPALIVED = re.compile(r"(re)?start\b.*keepalived|keepalived\s+(re)?start")
_LEAVES_KEEPALIVED = re.compile(r"\b(killall|pkill|kill)\s+(-0|-s\s*0)\b|\b(is-active|status|reload)\b")
_STATUS = re.compile(
    r"\bkillall\s+(?:-q\s+)?-0|\bpidof\b|\bpgrep\b|\bkill\s+-0|\bps\b[^\n|]*\|\s*grep|\bps\s+-C|"
    r"\bsystemctl\b[^\n]*\b(?:is-active|status)\b|\bservice\s+\S+\s+status\b|/etc/init\.d/\S+\s+status\b|"
    r"\b(?:nc|ncat|netcat)\s+(?:-\w+\s+)*-\w*z|\bss\s+-|\bnetstat\s+-|\blsof\s+-|/dev/tcp/|\btelnet\s"
)
_DATABASE = re.compile(r"mysql|mariadb|\b3306\b", re.I)
_ASKS_DATABASE = re.compile(
    r"\b(?:mysql|mariadb|mysqlcheck)\b[^\n;|]*\s(?:-\w*e|--execute)|\b(?:mysqladmin|mariadb-admin)\b|"
    r"\bselect\s+\S|\bmysql\.connector|pymysql|\bshow\s+(?:status|variables|slave|replica|global)\b|"
    r"\$\{?\w*mysql\w*\}?[^\n;|]*\s-\w*e\b",
    re.I,
)
_FENCES = re.compile(r"read_only|fence|stonith|poweroff|ipmitool", re.I)
_PASSWORD = re.compile(
    r"\b(?:mysql|mysqladmin|mariadb|mariadb-admin|mysqldump|sshpass|psql|redis-cli)\b[^\n;|]*?\s"
    r"(?:-p(?![ \t])(?![\"']?\s)[^\s\"'$]\S*|--password=[^\s\"'$]\S*|-p[\"'][^$\"']+[\"'])|"
    r"\bMYSQL_PWD=[\"']?[^\s$\"']"
)
_BASHISM = re.compile(
    r"/dev/(?:tcp|udp)/|(?:^|[;&|(]|\bif\b|\bwhile\b|!)[ \t]*\[\[(?=\s)|<<<|^[ \t]*function\s+\w+|"
    r"(?:^|\s)&>(?!&)|^[ \t]*(?:declare|shopt)\s",
    re.M,
)
_STARTS = re.compile(r"\b(?:systemctl|service|rc-service)\s.*\b(?:re)?start\b|/init\.d/\S+\s+(?:re)?start\b")
_COUNTS_FROM_TWO = re.compile(r"-(?:lt|ge)\s+[\"']?2\b|-(?:le|gt|eq)\s+[\"']?1\b|[<>=]=?\s*[\"']?[12]\b")


@dataclass(frozen=True)
class ShellText:
    """A command and the shell text that it runs."""

    command: Command
    text: str
    """Without its comments."""
    shell: str
    """The shell that runs it: `sh`, `bash` …"""

    @cached_property
    def script(self) -> Script:
        return read_shell(self.text)


def script_text_rules(conf: Configuration, commands: list[Command]) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for command in commands:
        kind = "check" if command.is_check else command.statement.keyword
        key = (kind, command.text)
        if key in seen:
            continue
        seen.add(key)
        yield from _any_program(conf, command)
        if shell := shell_text(command):
            yield from _any_shell(shell)
            if command.is_check:
                yield from _verdict(shell)
                yield from _times(conf, shell)


def shell_text(command: Command) -> ShellText | None:
    """The shell text that a command runs; None if it runs none, or one that is not known."""
    if command.inline_shell:
        shell = next(w for w in command.line.words if w.rpartition("/")[2] in SHELLS)
        return ShellText(command, command.inline_shell, shell.rpartition("/")[2])
    if command.file is None:
        return None
    first, _, rest = command.file.text.lstrip("\ufeff\xef\xbb\xbf \t\r\n").partition("\n")
    named = command.program if command.is_interpreted else first[2:].strip() if first[:2] == "#!" else "sh"
    words = [word.rpartition("/")[2] for word in named.split()]
    shell = next((word for word in words if word in SHELLS), "")
    text = re.sub(r"(?m)^[ \t]*#[^\n]*$", "", rest if first[:2] == "#!" else command.file.text)
    return ShellText(command, text.replace("\r\n", "\n"), shell) if shell else None


def _any_program(conf: Configuration, command: Command) -> Iterator[Finding]:
    """What a line or file tells without being a shell's."""
    at, text = command.statement, command.plain_text
    if _ends_keepalived(text):
        yield finding("KA110", at, f"{command.called} ends keepalived on this node", word=1)
    if command.is_check and (status := _STATUS.search(text)) and not _ASKS_DATABASE.search(text):
        port = re.match(r"nc|ss|net|lsof|/dev|telnet", status[0])
        what = "whether a port is open" if port else "whether a process exists"
        message = f"{command.called} asks only {what}"
        if conf.is_paired and _DATABASE.search(text):
            effect = (
                "a mysqld that hangs still has its process and its port: the check passes, "
                "and the virtual address stays where nobody can log in"
            )
            yield finding("KA112", at, message, word=1, effect=effect, severity="warning")
        else:
            yield finding("KA112", at, message, word=1)
    if command.is_notify and _FENCES.search(text):
        yield finding("KA116", at, f"{command.called} fences, but runs only while keepalived lives", word=1)
    if secret := _PASSWORD.search(text):
        program = secret[0].split()[0][:20]
        yield finding(
            "KA144", at, f"{command.called} gives {program[:20]} its password as an argument", word=1
        )


def _ends_keepalived(text: str) -> bool:
    lines = [line for line in text.split("\n") if _ENDS_KEEPALIVED.search(line)]
    lines = [line for line in lines if not _LEAVES_KEEPALIVED.search(line)]
    return bool(lines) and not _STARTS_KEEPALIVED.search(text)


def _any_shell(shell: ShellText) -> Iterator[Finding]:
    at, called = shell.command.statement, shell.command.called
    if shell.shell in {"sh", "dash"} and (bashism := _BASHISM.search(shell.text)):
        word = bashism[0].split()[-1].strip("/;&|(")[:20] or bashism[0].strip()
        name = f"/{word}" if word.startswith("dev") else word
        yield finding("KA145", at, f"{called} is run by sh, and uses `{name}`, which only bash has", word=1)


def _verdict(shell: ShellText) -> Iterator[Finding]:
    """How a check comes to its exit status."""
    at, called, script = shell.command.statement, shell.command.called, shell.script
    if script.pipelines and not can_fail(script) and not _ends_keepalived(shell.text):
        yield finding("KA130", at, f"no way through {called} ends with a failure", word=1)
    elif lost := next(_lost_statuses(script), ""):
        yield finding("KA132", at, f"{called} goes by the status of `{lost}`, which never fails", word=1)
    if not _COUNTS_FROM_TWO.search(shell.text) and (message := _finds_itself(shell)):
        yield finding("KA133", at, message, word=1)
    started = next((line.strip() for line in shell.text.split("\n") if _STARTS.search(line)), "")
    if started and "keepalived" not in started:
        yield finding("KA134", at, f"{called} is a check, and starts the service: `{started[:50]}`", word=1)


def _lost_statuses(script: Script) -> Iterator[str]:
    """The last commands of pipelines whose status counts though it says nothing."""
    if any("pipefail" in c.text or "PIPESTATUS" in c.text for c in script.commands()):
        return
    for level in _levels(script):
        for this, following in pairwise((*level.pipelines, Pipeline(()))):
            asked = following.joined or any("$?" in c.text for c in _simple(following))
            conditions = (c for block in _block(following) for c in block.conditions)
            first = next((p for c in conditions for p in c.pipelines), None)
            if asked or (first and any("$?" in c.text for c in _simple(first))):
                yield from _always_succeeds(this)
        for block in (b for p in level.pipelines for b in _block(p) if b.kind in {"if", "while", "until"}):
            for condition in block.conditions:
                if condition.pipelines:
                    yield from _always_succeeds(condition.pipelines[-1])


def _levels(script: Script) -> Iterator[Script]:
    yield script
    for pipeline in script.walk():
        for block in _block(pipeline):
            yield from (*block.conditions, *block.branches)


def _simple(pipeline: Pipeline) -> Iterator[Simple]:
    return (command for command in pipeline.commands if isinstance(command, Simple))


def _block(pipeline: Pipeline) -> Iterator[Block]:
    return (command for command in pipeline.commands if isinstance(command, Block))


def _always_succeeds(pipeline: Pipeline) -> Iterator[str]:
    last = pipeline.commands[-1] if len(pipeline.commands) > 1 else None
    if isinstance(last, Simple) and last.name in LETS_THROUGH:
        yield last.name


def _finds_itself(shell: ShellText) -> str:
    """How a search in the list of processes finds the search or the check itself; empty if it does not."""
    name = shell.command.script_path.rpartition("/")[2]
    for pipeline in _all_pipelines(shell.script):
        words = [command for command in pipeline.commands if isinstance(command, Simple)]
        names = [command.name for command in words]
        if not words or names[0] != "ps" or "grep" not in names or re.search(r"-\w*C\b", words[0].text):
            continue
        greps = [command for command in words if command.name in {"grep", "egrep"}]
        wanted = [g for g in greps if not re.search(r"\s-\w*v", g.text)]
        excluded = [a.strip("\"'") for g in greps if re.search(r"\s-\w*v", g.text) for a in g.arguments]
        pattern = next((a for g in wanted for a in g.arguments if not a.startswith("-")), "").strip("\"'")
        if not pattern or "[" in pattern or "$" in pattern:
            continue
        shows_arguments = re.search(r"\bps\s+(?:-?\w*[afuxl]|-o\s*\S*(?:args|cmd|command))", words[0].text)
        if shows_arguments and not any("grep" in word or word == pattern for word in excluded):
            return f"`{pattern[:30]}` is among the words of its own grep, which is always in the list"
        if pattern in name and not any(word and word in name for word in excluded):
            return f"`{pattern[:30]}` is part of its own name, `{name[:40]}`, which is always in the list"
    return ""


def _all_pipelines(script: Script) -> Iterator[Pipeline]:
    """The pipelines of a script and of all `$( )` in it."""
    for pipeline in script.walk():
        yield pipeline
        for command in _simple(pipeline):
            for word in command.words:
                for inner in substitutions(word):
                    yield from _all_pipelines(read_shell(inner))


def _times(conf: Configuration, shell: ShellText) -> Iterator[Finding]:
    vrrp_script = conf.scripts.get(shell.command.owner.value())
    if vrrp_script is None or shell.command.owner.keyword != "vrrp_script":
        return
    sleeps = (c for c in shell.script.commands() if c.name == "sleep" and len(c.arguments) == 1)
    numbers = [float(c.arguments[0].rstrip("s")) for c in sleeps if re.fullmatch(r"[\d.]+s?", c.arguments[0])]
    if numbers and sum(numbers) >= vrrp_script.timeout:
        message = (
            f"{shell.command.called} sleeps {sum(numbers):g} s, and is killed after {vrrp_script.timeout:g} s"
        )
        yield finding("KA148", shell.command.statement, message, word=1)
