"""Known weaknesses of the locked packages, and risky code in ``course_lib``: ``make audit``.

Two tools are asked, and their answers judged here, because neither fails when it has looked at nothing:

- **pip-audit** compares ``requirements.lock`` with a public list of weaknesses. It needs the network. Without it,
  it skips every package, says that none is known to be weak, and ends well.
- **bandit** reads the code. A file that it cannot read is left out of its count.

The tools are installed in an environment of their own. Its folder of programs is the one argument:
``python -m tests.security.audit build/audit-venv/bin``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError
from course_lib.settings import ROOT

LOCK = ROOT / "requirements.lock"
LIBRARY = ROOT / "course_lib"
PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
SECONDS = 600
# Findings of bandit that were looked at, by its test and the file, and why they stay.
ACCEPTED = {
    ("B608", "course_lib/operations/trace_log.py"): "the text of the SQL holds names of columns; values are bound",
    ("B608", "course_lib/operations/review_queue.py"): "the text of the SQL holds question marks; values are bound",
}


def main(arguments: Sequence[str]) -> int:
    """Ask both tools and print what is wrong; return 1 if anything is."""
    if len(arguments) != 1:
        print("Name one folder: the one that holds pip-audit and bandit. `make audit` makes it and does this.")
        return 1
    tools, wrong = Path(arguments[0]), []
    for ask in (packages_problems, code_problems):
        try:
            wrong += ask(tools)
        except CourseError as error:
            wrong.append(str(error))
    for line in wrong:
        print(f"FAIL  {line}")
    return 1 if wrong else 0


def packages_problems(tools: Path) -> list[str]:
    """Return what pip-audit finds in the locked packages; prints a line if it is nothing."""
    text = LOCK.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        # Weaknesses are listed under the public version: nobody lists any for torch's CPU build.
        public = Path(folder) / "requirements.txt"
        public.write_text(text.replace("+cpu", ""), encoding="utf-8")
        options = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
        report = _report([str(tools / "pip-audit"), *options, "-r", str(public)])
    problems = judge_packages(report, locked(text))
    if not problems:
        print(f"OK    packages: none of the {len(report['dependencies'])} in {LOCK.name} is known to be weak")
    return problems


def code_problems(tools: Path) -> list[str]:
    """Return what bandit finds in ``course_lib``; prints a line if it is nothing."""
    # Relative, so that the paths in the report are those of ACCEPTED.
    command = [str(tools / "bandit"), "-q", "-r", LIBRARY.name, "-c", "pyproject.toml", "-f", "json"]
    report = _report(command)
    files = {path.relative_to(ROOT).as_posix() for path in LIBRARY.rglob("*.py")}
    problems = judge_code(report, files)
    if not problems:
        low = report["metrics"]["_totals"]["SEVERITY.LOW"]
        print(f"OK    code: no finding of medium or high severity in {len(files)} files ({low} of low severity)")
    return problems


def locked(text: str) -> dict[str, str]:
    """Return the public version of each package that a lock file names, by its normalized name."""
    return {normalized(name): version.removesuffix("+cpu") for name, version in PIN.findall(text)}


def normalized(name: str) -> str:
    """Return a package's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def judge_packages(report: Mapping[str, Any], expected: Mapping[str, str]) -> list[str]:
    """Return what is wrong with a report of pip-audit; an empty list if every expected package was audited and is fine.

    Args:
        report: its JSON.
        expected: the versions that should have been audited, by normalized name.
    """
    rows = report.get("dependencies", [])
    done = {normalized(row["name"]): row for row in rows if "vulns" in row}
    skipped = [row for row in rows if "vulns" not in row]
    problems = []
    if not done:
        problems.append("Nothing was audited: this says nothing about the packages, good or bad.")
    if skipped:
        why = skipped[0].get("skip_reason", "no reason given")
        problems.append(
            f"{len(skipped)} of {len(rows)} packages were skipped; {skipped[0]['name']}: {why}\n"
            "  What to do: run `make audit` where pypi.org can be reached. A copy of the index lists no weaknesses."
        )
    named = {normalized(row["name"]) for row in rows}
    if missing := sorted(set(expected) - named):
        problems.append(f"{len(missing)} locked packages are not in the report: {', '.join(missing[:5])}")
    for name, row in done.items():
        if name in expected and row["version"] != expected[name]:
            problems.append(f"{name} was audited as {row['version']}, and {expected[name]} is locked.")
        for found in row["vulns"]:
            fixed = ", ".join(found.get("fix_versions", [])) or "no version yet"
            problems.append(f"{name} {row['version']} has {found['id']}; mended in {fixed}.")
    return problems


def judge_code(report: Mapping[str, Any], expected: set[str]) -> list[str]:
    """Return what is wrong with a report of bandit: files not read, and findings above low severity.

    Args:
        report: its JSON.
        expected: paths of the files that should have been read, such as ``course_lib/files.py``.
    """
    read = {path.removeprefix("./") for path in report["metrics"]} - {"_totals"}
    problems = [f"{row['filename']} could not be read: {row['reason']}" for row in report["errors"]]
    if missing := sorted(expected - read):
        problems.append(f"{len(missing)} files were not read, such as {missing[0]}.")
    for row in report["results"]:
        path = row["filename"].removeprefix("./")
        if row["issue_severity"] != "LOW" and (row["test_id"], path) not in ACCEPTED:
            problems.append(f"{path}:{row['line_number']}: {row['test_id']} {row['issue_text']}")
    return problems


def _report(command: list[str]) -> dict[str, Any]:
    """Run a tool and return its JSON. Its exit status is not looked at: it is 1 for findings, too."""
    program = Path(command[0]).name
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
        return json.loads(done.stdout)
    except FileNotFoundError as error:
        raise CourseError(f"There is no {program} in {Path(command[0]).parent}.", "Run `make audit`.") from error
    except subprocess.TimeoutExpired as error:
        raise CourseError(f"{program} did not answer in {SECONDS} seconds.", "Check the network.") from error
    except json.JSONDecodeError as error:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise CourseError(
            f"{program} gave no report. It said: {said}", "Check the network, and run it again."
        ) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
