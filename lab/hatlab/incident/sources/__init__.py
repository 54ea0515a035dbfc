"""What operators have of an incident, read into dated records: pure, streaming, each record with its place.

records        the records
reading        reads a source, whatever it is
source_file    opens it: compressed, encoded, within limits
dating         from the times of a file's lines to seconds since the epoch
log_lines      the forms in which logs write a line
written_time   times as sources write them
"""

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
    "find_zone",
    "read_source",
]
