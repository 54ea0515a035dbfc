"""Which name is which program."""

from __future__ import annotations

from hatlab.engine.simulator.console import (
    capture,
    files,
    ip,
    mysql,
    nft,
    ping,
    processes,
    services,
    small_programs,
)
from hatlab.engine.simulator.console.host import Program

PROGRAMS: dict[str, Program] = {
    "ip": ip.ip,
    "ps": processes.ps,
    **dict.fromkeys(("pgrep", "pidof"), processes.pgrep),
    "kill": processes.kill,
    "killall": processes.killall,
    "pkill": processes.pkill,
    "service": services.service,
    "systemctl": services.systemctl,
    "journalctl": services.journalctl,
    **dict.fromkeys(("cat", "less", "more"), files.cat),
    **dict.fromkeys(("grep", "head", "tail", "wc", "sort"), files.filter_file),
    **dict.fromkeys(("ls", "ll"), files.ls),
    **dict.fromkeys(("nano", "vi", "vim", "vim.tiny"), files.run_editor),
    "sed": files.sed,
    "keepalived": files.keepalived,
    "tcpdump": capture.tcpdump,
    "mysql": mysql.mysql,
    "ping": ping.ping,
    "ping6": ping.ping,
    "nft": nft.nft,
    "help": small_programs.show_help,
    "hostname": small_programs.hostname,
    "date": small_programs.show_date,
    "uptime": small_programs.uptime,
    "echo": small_programs.echo,
    "clear": small_programs.clear,
    "history": small_programs.history,
    "sleep": small_programs.sleep,
    **dict.fromkeys(("true", ":", "false"), small_programs.exit_status),
    **dict.fromkeys(("which", "type"), small_programs.which),
    "whoami": small_programs.make_printer("root"),
    "pwd": small_programs.make_printer("/root"),
    "id": small_programs.make_printer("uid=0(root) gid=0(root) groups=0(root)"),
}
