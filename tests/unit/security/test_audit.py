"""The audit fails when it looked at nothing, skipped something or found something, and only then passes."""

from __future__ import annotations

import json
import os
import sys

import pytest

from tests.security import audit
from tests.security.audit import ACCEPTED, judge_code, judge_packages, locked

EXPECTED = {"numpy": "2.4.6", "typing-extensions": "4.16.0"}
NUMPY = {"name": "numpy", "version": "2.4.6", "vulns": []}
TYPING = {"name": "typing_extensions", "version": "4.16.0", "vulns": []}
SKIPPED = {"name": "numpy", "skip_reason": "Dependency not found on PyPI and could not be audited: numpy (2.4.6)"}
WEAK = {**NUMPY, "vulns": [{"id": "PYSEC-1-2", "fix_versions": ["2.4.7"], "aliases": [], "description": "bad"}]}


def packages(*rows):
    return {"dependencies": list(rows), "fixes": []}


def code(*results, errors=(), files=("course_lib/a.py",)):
    return {
        "errors": list(errors),
        "results": list(results),
        "metrics": {"_totals": {}, **{name: {} for name in files}},
    }


def finding(severity, test="B602", path="course_lib/a.py"):
    return {
        "filename": path,
        "line_number": 3,
        "issue_severity": severity,
        "test_id": test,
        "issue_text": "shell=True",
    }


def test_a_clean_report_of_all_packages_passes_whatever_way_a_name_is_written():
    assert judge_packages(packages(NUMPY, TYPING), EXPECTED) == []


@pytest.mark.parametrize("report", [packages(), {}])
def test_a_report_about_nothing_fails(report):
    problems = judge_packages(report, EXPECTED)
    assert "Nothing was audited" in problems[0]
    assert any("2 locked packages are not in the report" in line for line in problems)


def test_nothing_to_audit_fails_too():
    assert judge_packages(packages(), {}) != []


def test_a_report_that_skipped_everything_says_that_nothing_was_audited_and_why():
    problems = judge_packages(packages(SKIPPED), {"numpy": "2.4.6"})
    assert "Nothing was audited" in problems[0]
    assert "1 of 1 packages were skipped" in problems[1] and "not found on PyPI" in problems[1]
    assert "What to do" in problems[1]


def test_one_skipped_package_fails_the_rest():
    [problem] = judge_packages(packages(SKIPPED, TYPING), EXPECTED)
    assert "1 of 2 packages were skipped" in problem


def test_a_package_that_the_report_leaves_out_is_named():
    [problem] = judge_packages(packages(NUMPY), EXPECTED)
    assert "typing-extensions" in problem


def test_another_version_than_the_locked_one_does_not_count():
    [problem] = judge_packages(packages({**NUMPY, "version": "2.4.5"}, TYPING), EXPECTED)
    assert "2.4.5" in problem and "2.4.6" in problem


@pytest.mark.parametrize(("fixes", "said"), [(["2.4.7"], "2.4.7"), ([], "no version yet")])
def test_a_weak_package_is_named_with_what_mends_it(fixes, said):
    row = {**WEAK, "vulns": [{**WEAK["vulns"][0], "fix_versions": fixes}]}
    [problem] = judge_packages(packages(row, TYPING), EXPECTED)
    assert "numpy 2.4.6 has PYSEC-1-2" in problem and said in problem


def test_the_lock_is_read_with_public_versions():
    text = "# a note\ntorch==2.13.0+cpu \\\n    --hash=sha256:aa\nTyping_Extensions==4.16.0 \\\n    --hash=sha256:bb\n"
    assert locked(text) == {"torch": "2.13.0", "typing-extensions": "4.16.0"}


@pytest.mark.parametrize(("severity", "count"), [("LOW", 0), ("MEDIUM", 1), ("HIGH", 1)])
def test_findings_above_low_severity_fail(severity, count):
    problems = judge_code(code(finding(severity)), {"course_lib/a.py"})
    assert len(problems) == count
    assert all("course_lib/a.py:3" in problem for problem in problems)


def test_an_accepted_finding_is_accepted_in_its_file_only():
    test, path = next(iter(ACCEPTED))
    files = {path, "course_lib/a.py"}
    assert judge_code(code(finding("MEDIUM", test, path), files=files), files) == []
    assert len(judge_code(code(finding("MEDIUM", test), files=files), files)) == 1
    assert len(judge_code(code(finding("HIGH", "B602", path), files=files), files)) == 1


def test_what_is_accepted_is_there_and_has_a_reason():
    assert all((audit.ROOT / path).is_file() and reason for (_, path), reason in ACCEPTED.items())


def test_a_file_that_was_not_read_fails():
    assert len(judge_code(code(files=()), {"course_lib/a.py"})) == 1
    error = {"filename": "course_lib/a.py", "reason": "syntax error while parsing AST from file"}
    assert "syntax error" in judge_code(code(errors=[error]), {"course_lib/a.py"})[0]


def pretended(folder, name, says, status=0):
    program = folder / name
    program.write_text(
        f"#!{sys.executable}\nimport sys\nprint({says!r})\nprint('no way', file=sys.stderr)\nsys.exit({status})\n"
    )
    program.chmod(0o755)


needs_scripts = pytest.mark.skipif(os.name != "posix", reason="the tools are pretended by scripts with a first line")


@needs_scripts
@pytest.mark.parametrize(
    ("says", "words"), [("", "gave no report. It said: no way"), (json.dumps(packages()), "Nothing was audited")]
)
def test_the_command_fails_when_the_service_cannot_be_reached(tmp_path, capsys, says, words):
    pretended(tmp_path, "pip-audit", says)
    assert audit.main([str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert words in said and "There is no bandit" in said


@needs_scripts
def test_the_command_passes_when_both_tools_looked_at_everything(tmp_path, capsys):
    rows = [{"name": name, "version": version, "vulns": []} for name, version in locked(audit.LOCK.read_text()).items()]
    files = [path.relative_to(audit.ROOT).as_posix() for path in audit.LIBRARY.rglob("*.py")]
    report = code(files=files)
    report["metrics"]["_totals"]["SEVERITY.LOW"] = 0
    pretended(tmp_path, "pip-audit", json.dumps(packages(*rows)))
    pretended(tmp_path, "bandit", json.dumps(report), status=1)
    assert audit.main([str(tmp_path)]) == 0
    assert f"none of the {len(rows)}" in capsys.readouterr().out


def test_the_command_needs_the_folder_of_the_tools(capsys):
    assert audit.main([]) == 1
    assert "make audit" in capsys.readouterr().out
