"""Build the node image (MySQL, keepalived and the agent that watches a node), or move it in a file.

The tag is made from the image's content, so an image from another version of hatlab is never used.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from contextlib import closing
from pathlib import Path

from hatlab.commands.support.json_output import add_json_option, print_json
from hatlab.commands.support.open_settings import add_setting_options
from hatlab.commands.support.output import print_line, print_progress
from hatlab.commands.support.progress import progress_bar
from hatlab.errors import UserError

EXAMPLE = """
hatlab image build
hatlab image build --bootstrap        where no registry can be reached (needs root and debootstrap)
hatlab image save node.tar.gz         on a machine with a network …
hatlab image load node.tar.gz         … then in the classroom
hatlab image tag
"""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "what", choices=("build", "save", "load", "tag"), help="what to do; tag prints the image's name"
    )
    parser.add_argument(
        "file", nargs="?", metavar="FILE", type=Path, help="for save and load; .gz compresses it"
    )
    parser.add_argument("--base", metavar="IMAGE", help="build on this image (default: debian:sid)")
    parser.add_argument("--bootstrap", action="store_true", help="make the base image with debootstrap")
    add_json_option(parser, "print one JSON object in the end; progress goes to stderr")
    add_setting_options(parser, "docker_context")


def run(args: Namespace) -> int:
    takes_file = args.what in {"save", "load"}
    if takes_file and args.file is None:
        raise UserError(f"hatlab image {args.what} needs a file", f"hatlab image {args.what} node.tar.gz")
    if not takes_file and args.file is not None:
        raise UserError(f"hatlab image {args.what} takes no file", f"hatlab image {args.what}")
    if args.what != "build" and (args.base or args.bootstrap):
        raise UserError("--base and --bootstrap are for build only", "hatlab image build --bootstrap")
    if args.what == "load" and not args.file.is_file():
        raise UserError(f"there is no file {args.file}", "`hatlab image save FILE` writes one")
    from hatlab.engine.docker.connection import connect
    from hatlab.engine.docker.image.archive import load_image, save_image
    from hatlab.engine.docker.image.build import build_image
    from hatlab.engine.docker.image.name import image_name

    if args.what == "tag":
        if args.json:
            print_json({"image": image_name()})
        else:
            print_line(image_name())
        return 0
    with closing(connect(args.context, on_slow=print_progress)) as client, progress_bar() as bar:
        report = print_progress if args.json else bar.print_line
        match args.what:
            case "build":
                build_image(client, report, base=args.base, bootstrap=args.bootstrap, on_work=bar.show)
            case "save":
                save_image(client, args.file, report, bar.show)
            case _:
                load_image(client, args.file, report, bar.show)
    if args.json:
        file = {"file": str(args.file), "bytes": args.file.stat().st_size} if takes_file else {}
        print_json({"image": image_name(), **file})
    return 0
