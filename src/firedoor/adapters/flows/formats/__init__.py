"""
The formats of flow records that can be read, and which of them a file is in.

Use: ``parser = format_named("hubble").parser()``, then ``for told in parser.parse(line, number)`` for
each line, then ``parser.finish()``; `Told` is a `FlowRecord`, a `LostFlows` or an `Ignored`.
A `BinaryFormat` takes the stream instead. A CSV file that is none of these needs a mapping:
``csv_format(read_mapping(text, place))``; rows of Parquet take ``record_of(mapping, row)``.
"""

from __future__ import annotations

from firedoor.adapters.flows.formats.contract import BinaryFormat, Format, Ignored, LineParser, MalformedLine, Told
from firedoor.adapters.flows.formats.csv_mapping import Mapping, read_mapping
from firedoor.adapters.flows.formats.csv_rows import csv_format, record_of
from firedoor.adapters.flows.formats.registry import FORMATS, detect, format_named

__all__ = [
    "FORMATS",
    "BinaryFormat",
    "Format",
    "Ignored",
    "LineParser",
    "MalformedLine",
    "Mapping",
    "Told",
    "csv_format",
    "detect",
    "format_named",
    "read_mapping",
    "record_of",
]
