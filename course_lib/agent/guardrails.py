"""Checks in code around the model: before it reads a message, and before an answer leaves."""

from __future__ import annotations

from agents import GuardrailFunctionOutput, InputGuardrail, OutputGuardrail

from course_lib.agent.desk import Desk
from course_lib.assistants.answer import parse_house
from course_lib.assistants.hybrid import LEAST_CONFIDENCE
from course_lib.assistants.validators import mend_citations, validate
from course_lib.errors import QuestionError
from course_lib.operations.limits import check_question
from course_lib.operations.redaction import find_private

PRIVATE = ("card", "iban")  # payment data: no model needs it, and a hosted one must not get it


def input_problem(text: str) -> str:
    """Return why a message must not reach a model; empty if it may."""
    try:
        check_question(text)
    except QuestionError as error:
        return error.cause
    found = sorted({item.kind for item in find_private(text)} & set(PRIVATE))
    return f"The message contains payment data: {', '.join(found)}." if found else ""


def input_guardrail(desk: Desk) -> InputGuardrail:
    """Return the check that runs before the first call of the model, not beside it."""

    def check(_context, _agent, _input) -> GuardrailFunctionOutput:
        problem = input_problem(desk.question)
        return GuardrailFunctionOutput(output_info=problem, tripwire_triggered=bool(problem))

    return InputGuardrail(check, name="message", run_in_parallel=False)


def output_guardrail(desk: Desk) -> OutputGuardrail:
    """Return the check of a last answer: the validators of the hybrid, on the passages that the search tool found.

    What follows the call of a workflow is not the model's text, and passes.
    """

    def check(_context, _agent, text: str) -> GuardrailFunctionOutput:
        if desk.written is not None:
            parsed = mend_citations(parse_house(text), desk.hits)
            sure = desk.written.min_logprob >= LEAST_CONFIDENCE
            desk.verdicts = {**validate(desk.question, parsed, desk.hits), "confident": sure}
        failed = [name for name, passed in desk.verdicts.items() if not passed]
        return GuardrailFunctionOutput(output_info=", ".join(failed), tripwire_triggered=bool(failed))

    return OutputGuardrail(check, name="answer")
