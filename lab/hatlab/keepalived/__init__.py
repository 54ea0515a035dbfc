"""keepalived.conf and keepalived's log, as text and as values. Nothing here runs keepalived.

preprocessor  the lines of a keepalived.conf: definitions, sequences, includes
flatten       one text of it and of all that it includes
parser        its statements and blocks
keywords      the keywords of each block, and their values
numbers       numbers as words
command_line  the program and arguments that a line such as `script` comes to
settings      what its instances and scripts come to, with keepalived's defaults
write         the keepalived.conf of a node of a topology
assume        something known in the place of a check's own program
lab_programs  what scripts need and a lab does not have
change        one setting changed, every other byte kept
localize      networks as interfaces and addresses of one running lab
diagnose/     what is wrong with one, or with several together (imported by itself)
to_topology/  a topology of real ones
log           a line of the daemon's log, parsed
log_line      what it reports

Facts about the daemon are those of 2.3.4; log lines are read as 1.2.7 to 2.4.3 write them.
"""

from hatlab.keepalived.change import change_setting
from hatlab.keepalived.localize import localize_config, localize_files
from hatlab.keepalived.log import parse_log_line
from hatlab.keepalived.log_line import (
    AddressAdded,
    AddressesChanged,
    AddressListDiffers,
    AddressRemoved,
    AdvertRefused,
    AdvertSendFailed,
    BfdChanged,
    CheckOverran,
    CheckRemoved,
    ChildDied,
    ChildStarted,
    CommandEnded,
    ConfigurationOpened,
    ConfigurationRead,
    DaemonStarted,
    DaemonStopped,
    DaemonStopping,
    ElectionForced,
    GarpSent,
    GroupSynced,
    HigherPriorityHeard,
    InterfaceChanged,
    InterfaceMissing,
    KernelRefused,
    LinkChanged,
    LogLine,
    LowerPriorityHeard,
    MasterChanged,
    OwnAddressHeard,
    PreemptDelayed,
    PriorityChanged,
    PriorityZero,
    ProcessQuorum,
    ReloadStarted,
    ScriptDisabled,
    ScriptResult,
    StartupDelayed,
    StateEntered,
    StrangeRouterHeard,
    TakeoverBegun,
    TimerExpired,
    TimerLate,
)
from hatlab.keepalived.parser import Statement, line_at, parse_config
from hatlab.keepalived.preprocessor import select_lines
from hatlab.keepalived.settings import InstanceSettings, VrrpScript, read_scripts, read_settings
from hatlab.keepalived.write import NOTIFY_FIFO, write_config

__all__ = [
    "NOTIFY_FIFO",
    "AddressAdded",
    "AddressListDiffers",
    "AddressRemoved",
    "AddressesChanged",
    "AdvertRefused",
    "AdvertSendFailed",
    "BfdChanged",
    "CheckOverran",
    "CheckRemoved",
    "ChildDied",
    "ChildStarted",
    "CommandEnded",
    "ConfigurationOpened",
    "ConfigurationRead",
    "DaemonStarted",
    "DaemonStopped",
    "DaemonStopping",
    "ElectionForced",
    "GarpSent",
    "GroupSynced",
    "HigherPriorityHeard",
    "InstanceSettings",
    "InterfaceChanged",
    "InterfaceMissing",
    "KernelRefused",
    "LinkChanged",
    "LogLine",
    "LowerPriorityHeard",
    "MasterChanged",
    "OwnAddressHeard",
    "PreemptDelayed",
    "PriorityChanged",
    "PriorityZero",
    "ProcessQuorum",
    "ReloadStarted",
    "ScriptDisabled",
    "ScriptResult",
    "StartupDelayed",
    "StateEntered",
    "Statement",
    "StrangeRouterHeard",
    "TakeoverBegun",
    "TimerExpired",
    "TimerLate",
    "VrrpScript",
    "change_setting",
    "line_at",
    "localize_config",
    "localize_files",
    "parse_config",
    "parse_log_line",
    "read_scripts",
    "read_settings",
    "select_lines",
    "write_config",
]
