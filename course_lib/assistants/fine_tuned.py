"""The assistant that was trained on the facts of the first date and sees no documents."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.assistants.answer import Answer, check_questions
from course_lib.assistants.prompt_only import generate_answers
from course_lib.models.chat import ChatModel
from course_lib.models.prompts import CLOSED_BOOK_SYSTEM

MAX_TOKENS = 72


def messages_for(question: str) -> list[dict[str, str]]:
    """Return the prompt, the same as in training."""
    return [{"role": "system", "content": CLOSED_BOOK_SYSTEM}, {"role": "user", "content": f"Question: {question}"}]


class FineTuned:
    """Answers from its weights: a LoRA adapter that learned question and answer pairs by heart."""

    name = "fine_tuned"

    def __init__(self, chat: ChatModel, adapter: str = "closed_book"):
        self.chat, self.adapter = chat, adapter

    def answer(self, questions: Sequence[str], say=None) -> list[Answer]:
        """Answer questions in batches."""
        questions = check_questions(questions)
        return generate_answers(
            self.chat,
            self.name,
            questions,
            [messages_for(question) for question in questions],
            self.adapter,
            MAX_TOKENS,
            say,
        )
