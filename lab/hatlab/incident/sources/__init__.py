"""What operators have of an incident, read into dated records: pure, streaming, each record with its place.

records        the records
reading        reads a source, whatever it is
text_reader    reads a text line by line, of whichever kind each is
source_file    opens it: compressed, encoded, within limits
cleaning       takes off what pasting and quoting have put around a line
log_lines      the forms in which logs write a line
journal_json   the same in JSON
collected_json the same of collectors of logs
journal_fields the same field by field
mysqld_log     mysqld's error log
tcpdump_text   what tcpdump prints
tshark_text    what tshark and Wireshark write
ip_monitor     what `ip monitor` prints
configuration  keepalived.conf, found among other things
relevance      which lines of other programs bear on an incident
dating         from the times of a file's lines to seconds since the epoch
common_time    when the files of one incident are about
file_ends      what a file's ends say of its times
written_time   times as sources write them
"""

from hatlab.incident.sources.common_time import find_hints
from hatlab.incident.sources.dating import Hints, find_zone
from hatlab.incident.sources.reading import read_source
from hatlab.incident.sources.records import (
    AddressRecord,
    ClockStep,
    ConfRecord,
    FrameRecord,
    LinkRecord,
    LogRecord,
    Place,
    Record,
    SourceNote,
    Stamp,
)

__all__ = [
    "AddressRecord",
    "ClockStep",
    "ConfRecord",
    "FrameRecord",
    "Hints",
    "LinkRecord",
    "LogRecord",
    "Place",
    "Record",
    "SourceNote",
    "Stamp",
    "find_hints",
    "find_zone",
    "read_source",
]
