"""The commands for workshops: handout, preflight and slides."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from course_lib.settings import Settings

HANDOUT = Path("build/handout")
SLIDES = Path("build/slides")


def add_workshop_parsers(commands: argparse._SubParsersAction) -> None:
    """Add the commands to a command line; ``run(settings, options)`` is set as everywhere.

    Args:
        commands: what ``ArgumentParser.add_subparsers`` returned.
    """
    text = "write a copy of the course without solutions, answers and outputs"
    handout = commands.add_parser("handout", help=text, description=text)
    handout.add_argument("--to", type=Path, default=HANDOUT, help=f"its folder; by default {HANDOUT}")
    handout.set_defaults(run=_handout)

    text = "check in seconds whether this laptop is ready for a workshop"
    preflight = commands.add_parser("preflight", help=text, description=text)
    preflight.add_argument("--json", action="store_true", help="print one line of JSON, to be sent to the instructor")
    preflight.add_argument("--name", default="", help="with --json: who it is; by default the computer's name")
    preflight.add_argument("--collect", type=Path, metavar="FOLDER", help="sum the lines of many laptops up in a table")
    preflight.set_defaults(run=_preflight)

    text = "write slides of the notebooks, each one HTML file that needs no network"
    slides = commands.add_parser("slides", help=text, description=text)
    slides.add_argument("names", nargs="*", help="notebooks by name without .ipynb; all if none is named")
    slides.add_argument("--to", type=Path, default=SLIDES, help=f"their folder; by default {SLIDES}")
    slides.set_defaults(run=_slides)


def _handout(_settings: Settings, options: argparse.Namespace) -> int:
    from course_lib.teaching.handout import write_handout

    counts = write_handout(options.to)
    print(f"{options.to}: " + ", ".join(f"{count} files {what}" for what, count in counts.items()))
    return 0


def _preflight(settings: Settings, options: argparse.Namespace) -> int:
    from course_lib.teaching.preflight import json_line, preflight, print_preflight
    from course_lib.teaching.preflight_collect import print_collected

    if options.collect:
        return 0 if print_collected(options.collect) else 1
    if not options.json:
        return 0 if print_preflight(settings) else 1
    began = time.perf_counter()
    findings = preflight(settings)
    print(json_line(findings, options.name, time.perf_counter() - began))
    return 0 if all(finding.word != "FAIL" for finding in findings) else 1


def _slides(_settings: Settings, options: argparse.Namespace) -> int:
    from course_lib.teaching.slides import write_slides

    names = write_slides(options.to, options.names)
    print(f"{options.to / 'index.html'}: slides of {len(names)} notebooks")
    return 0
