"""keepalived.conf and keepalived's log: write, read, change and diagnose the one, read the other.

Pure text in, values out; nothing here runs keepalived. Facts about the daemon are those of 2.3.4.
"""

from hatlab.keepalived.change import change
from hatlab.keepalived.diagnose import ScriptFile, diagnose
from hatlab.keepalived.localize import localize
from hatlab.keepalived.log import (
    Announced,
    ConfigurationRead,
    Entered,
    LinkReport,
    LogLine,
    MasterKnown,
    Outranked,
    PriorityChanged,
    PriorityZero,
    Refused,
    ScriptResult,
    SendFailed,
    TimerExpired,
    Underbid,
    read_log,
)
from hatlab.keepalived.parser import Document, Statement, Word, line, parse, read
from hatlab.keepalived.preprocessor import Fault
from hatlab.keepalived.settings import Script, Settings, scripts, settings
from hatlab.keepalived.write import NOTIFY_FIFO, write

__all__ = [
    "NOTIFY_FIFO",
    "Announced",
    "ConfigurationRead",
    "Document",
    "Entered",
    "Fault",
    "LinkReport",
    "LogLine",
    "MasterKnown",
    "Outranked",
    "PriorityChanged",
    "PriorityZero",
    "Refused",
    "Script",
    "ScriptFile",
    "ScriptResult",
    "SendFailed",
    "Settings",
    "Statement",
    "TimerExpired",
    "Underbid",
    "Word",
    "change",
    "diagnose",
    "line",
    "localize",
    "parse",
    "read",
    "read_log",
    "scripts",
    "settings",
    "write",
]
