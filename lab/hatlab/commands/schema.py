"""Print the JSON Schema of a kind of file, for completion, help and error marks in your editor.

With the YAML language server, put this line at the top of a file:
# yaml-language-server: $schema=topology.schema.json
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.schemas import SCHEMAS, read_schema, schema_text

EXAMPLE = """
hatlab schema topology > topology.schema.json
hatlab schema lesson > lesson.schema.json      the front matter; each block is one of its $defs
hatlab schema config > config.schema.json
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=SCHEMAS, help="the kind of file")
    add_json_option(parser, "print it as `schema` of one JSON object, as every command does")


def run(args: Namespace) -> int:
    if args.json:
        print_json({"kind": args.kind, "schema": read_schema(args.kind)})
    else:
        sys.stdout.write(schema_text(args.kind))
    return 0
