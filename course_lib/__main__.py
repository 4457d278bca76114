"""The course's commands: ``python -m course_lib COMMAND``."""

from __future__ import annotations

import argparse
import sys
import time

try:
    from course_lib.errors import CourseError
    from course_lib.operations.review_commands import add_review_parser
    from course_lib.own_documents.command import add_parser as add_diagnose_parser
    from course_lib.settings import Settings, load_settings
    from course_lib.teaching.workshop_commands import add_workshop_parsers
except ModuleNotFoundError as missing:  # most often the machine's own Python, instead of the course's environment
    sys.exit(
        f"Error: this Python, {sys.executable}, has no {missing.name}. What to do: use the course's own, "
        ".venv/bin/python (on Windows .venv\\Scripts\\python), or install with "
        "`python -m pip install -r requirements.txt`."
    )


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status (0 is success)."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if "run" not in options:
        parser.print_help(sys.stderr)
        return 2
    try:
        return options.run(load_settings(), options)
    except CourseError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Nothing half-written was kept.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m course_lib", description="RAG or fine-tuning: the course's commands."
    )
    commands = parser.add_subparsers(metavar="COMMAND")

    def add(name: str, run, help_text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(run=run)
        return command

    add("check-env", _check_env, "check that this machine can run the course")
    add("prepare", _prepare, "fetch, verify and convert the model weights (once)")
    add("tour", _tour, "ask the five assistants a slice of the test questions and show the scoreboard")
    add("report", _report, "ask the whole frozen test set, write data/results and its figures").add_argument(
        "--limit", type=int, default=0, help="only so many questions, and nothing is written"
    )
    ask = add("ask", _ask, "ask one question and see the answer of each assistant")
    ask.add_argument("question")
    retrain = add("retrain", _retrain, "train shipped adapters again (tens of minutes)")
    retrain.add_argument("names", nargs="*", help="adapters to train; all if none is named")
    experiment = add("experiment", _experiment, "run a stored experiment again, write data/results/experiments")
    experiment.add_argument("name", nargs="?", help="its name, or all")
    experiment.add_argument("--list", action="store_true", help="list the experiments and whether their results fit")
    experiment.add_argument("--stale", action="store_true", help="with all: only those whose results do not fit")
    experiment.add_argument(
        "--confirm", action="store_true", help="run the quickest ones that can tell whether changed code alters rows"
    )
    add_review_parser(commands)
    add_diagnose_parser(commands)
    add_workshop_parsers(commands)
    return parser


def _check_env(settings: Settings, _options) -> int:
    from course_lib.environment import check_environment, print_checks

    return 0 if print_checks(check_environment(settings)) else 1


def _prepare(settings: Settings, _options) -> int:
    from course_lib.models.weights import prepare

    prepare(settings)
    return 0


def _tour(settings: Settings, _options) -> int:
    from course_lib.evaluation.tour import run_tour

    run_tour(settings)
    return 0


def _report(settings: Settings, options) -> int:
    from course_lib.evaluation.tour import run_full_report

    run_full_report(settings, options.limit)
    return 0


def _ask(settings: Settings, options) -> int:
    from course_lib.assistants.answer import check_questions
    from course_lib.assistants.team import build_team

    question = check_questions([options.question])
    for name, assistant in build_team(settings).assistants.items():
        (answer,) = assistant.answer(question)
        print(f"{name:12} {answer.parsed.text}  {list(answer.parsed.citations)}")
    return 0


def _retrain(settings: Settings, options) -> int:
    from course_lib.evaluation.held_out import record_held_out
    from course_lib.training.adapters import train_adapter
    from course_lib.training.plans import PLANS, plan_for

    names = options.names or list(PLANS)
    for name in names:
        plan_for(name)
    for name in names:
        began = time.perf_counter()
        train_adapter(name, settings)
        print(f"{name}: trained in {(time.perf_counter() - began) / 60:.1f} minutes", flush=True)
    for name in names:  # after all are trained: scoring an adapter loads the others too
        if held_out := record_held_out(name, settings):
            print(
                f"{name}: {held_out['metric']}: {held_out['value']:.2f} [{held_out['low']:.2f}, {held_out['high']:.2f}]"
            )
    return 0


def _experiment(settings: Settings, options) -> int:
    from course_lib.experiments.registry import find_experiments, get_experiment
    from course_lib.experiments.store import problems, run_experiment, to_confirm

    if options.list or not (options.name or options.confirm):
        for name, experiment in find_experiments().items():
            print(f"{name:24} {'; '.join(problems(name, settings)) or 'fits'}\n    {experiment.says}")
        return 0
    if options.confirm:
        names = to_confirm(settings)
    else:
        names = list(find_experiments()) if options.name == "all" else [get_experiment(options.name).name]
    for name in names:
        if options.stale and not problems(name, settings):
            continue
        began = time.perf_counter()
        rows = run_experiment(name, settings, lambda text, name=name: print(f"  {name}: {text}", flush=True))
        print(f"{name}: {len(rows)} rows in {time.perf_counter() - began:.0f} seconds", flush=True)
    return 0


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):  # a terminal that lacks a letter is shown its code, as in error messages
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
