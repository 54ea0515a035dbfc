"""Rules about what a script does, in a file or behind `sh -c` (KA110, KA112, KA13x and KA14x)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from hatlab.diagnostics.finding import Finding
from hatlab.keepalived.diagnose.conf import Configuration, finding
from hatlab.keepalived.diagnose.scripts.commands import BEFORE_SHEBANG, SHELLS, Command
from hatlab.keepalived.diagnose.scripts.python_text import python_rules
from hatlab.keepalived.diagnose.scripts.shell_tree import seconds_asleep
from hatlab.keepalived.diagnose.scripts.verdicts import ends_keepalived, restarts_keepalived, verdict_rules
from hatlab.shell import Script, parse_script

_STATUS = re.compile(
    r"\bkillall\s+(?:-q\s+)?-0|\bpidof\b|\bpgrep\b|\bkill\s+-0|\bps\b[^\n|]*\|\s*grep|\bps\s+-C|"
    r"\bsystemctl\b[^\n]*\b(?:is-active|status)\b|\bservice\s+\S+\s+status\b|/etc/init\.d/\S+\s+status\b|"
    r"\b(?:nc|ncat|netcat)\s+(?:-\w+\s+)*-\w*z|\bss\s+-|\bnetstat\s+-|\blsof\s+-|/dev/tcp/|\btelnet\s"
)
_ITSELF = re.compile(r"^\S*\b(?:killall\s+(?:-q\s+)?-0|pidof|pgrep\s+-x|pgrep)\s+keepalived\s*$", re.M)
_DATABASE = re.compile(r"mysql|mariadb|\b3306\b", re.I)
_ASKS_DATABASE = re.compile(
    r"\b(?:mysql|mariadb|mysqlcheck)\b[^\n;|]{0,500}\s(?:-\w{0,20}e|--execute)|\b(?:mysqladmin|mariadb-admin)\b|"
    r"\bselect\s+\S|\bmysql\.connector|pymysql|\bshow\s+(?:status|variables|slave|replica|global)\b|"
    r"\$\{?\w{0,40}mysql\w{0,40}+\}?[^\n;|]{0,500}\s-\w{0,20}e\b",
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

_OWN_WORDS = {"(", "<", ">", "do"}
"""At these the tree may end though bash reads on: `<(ls)`, `declare -A x=(…)`, `select`."""


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
        return parse_script(self.text)


def script_text_rules(conf: Configuration, commands: list[Command]) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    held = {address for settings in conf.settings.values() for address in settings.addresses}
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
                yield from verdict_rules(shell.command, shell.script)
                yield from _times(conf, shell)
        elif command.is_check:
            yield from python_rules(command, held)


def shell_text(command: Command) -> ShellText | None:
    """The shell text that a command runs; None if it runs none, or one that is not known."""
    if command.inline_shell:
        shell = next(w for w in command.line.words if w.rpartition("/")[2] in SHELLS)
        return ShellText(command, command.inline_shell, shell.rpartition("/")[2])
    if command.file is None:
        return None
    first, _, rest = command.file.text.lstrip(BEFORE_SHEBANG).partition("\n")
    named = "sh" if command.interpreter is None else command.interpreter
    words = [word.rpartition("/")[2] for word in named.split()]
    shell = next((word for word in words if word in SHELLS), "")
    text = re.sub(r"(?m)^[ \t]*#[^\n]*$", "", rest if first[:2] == "#!" else command.file.text)
    return ShellText(command, text.replace("\r\n", "\n"), shell) if shell else None


def _any_program(conf: Configuration, command: Command) -> Iterator[Finding]:
    """What a line or file tells without being a shell's."""
    at, text = command.statement, command.plain_text
    if ends_keepalived(command.local_text):
        yield finding("KA110", at, f"{command.called} ends keepalived on this node", word=1)
    elif restarts_keepalived(command.local_text):
        message = f"{command.called} restarts keepalived, which runs it"
        effect = "every time this runs, keepalived gives up its addresses and its state and starts over"
        yield finding("KA110", at, message, word=1, effect=effect)
    if command.is_check and (asked := _ITSELF.search(command.plain_text)):
        yield finding("KA136", at, f"`{asked[0][:40]}` finds keepalived, which runs this very check", word=1)
    elif command.is_check and (status := _STATUS.search(text)) and not _ASKS_DATABASE.search(text):
        port = re.match(r"nc|ss|net|lsof|/dev|telnet", status[0])
        what = "whether a port is open" if port else "whether a process exists"
        message = f"{command.called} checks only {what}"
        if conf.is_paired and _DATABASE.search(text):
            effect = (
                "a mysqld that hangs still has its process and its port: the check passes, "
                "and the virtual address stays on a server where nobody can log in"
            )
            yield finding("KA112", at, message, word=1, effect=effect, severity="warning")
        else:
            effect = "a frozen or refusing service still has its process, and the kernel answers at its port"
            yield finding("KA112", at, message, word=1, effect=effect)
    if command.is_notify and _FENCES.search(text):
        yield finding(
            "KA116", at, f"{command.called} fences, but it runs only while keepalived is alive", word=1
        )
    if secret := _PASSWORD.search(text):
        program = secret[0].split()[0][:20]
        yield finding(
            "KA144", at, f"{command.called} passes a password to {program[:20]} as an argument", word=1
        )


def _any_shell(shell: ShellText) -> Iterator[Finding]:
    at, called = shell.command.statement, shell.command.called
    error = shell.script.error
    if error and error.token not in _OWN_WORDS and error.unclosed != "}":
        message = (
            f"{called}, line {error.line}: {error.describe('dash' if shell.shell == 'dash' else 'bash')}"
        )
        yield finding("KA131", at, message, word=1)
    if shell.shell in {"sh", "dash"} and (bashism := _BASHISM.search(shell.text)):
        word = bashism[0].split()[-1].strip("/;&|(")[:20] or bashism[0].strip()
        name = f"/{word}" if word.startswith("dev") else word
        yield finding("KA145", at, f"{called} runs in sh but uses `{name}`, which only bash has", word=1)


def _times(conf: Configuration, shell: ShellText) -> Iterator[Finding]:
    vrrp_script = conf.scripts.get(shell.command.owner.value())
    if vrrp_script is None or shell.command.owner.keyword != "vrrp_script":
        return
    asleep = seconds_asleep(shell.script)
    if asleep and asleep >= vrrp_script.timeout:
        message = f"{shell.command.called} sleeps {asleep:g} s but is killed after {vrrp_script.timeout:g} s"
        yield finding("KA148", shell.command.statement, message, word=1)
