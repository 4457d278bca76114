"""The assistant without documents, asked about somebody else's subject: the course's own prompt names its company."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.assistants.answer import Answer, check_questions
from course_lib.assistants.prompt_only import MAX_TOKENS, generate_answers
from course_lib.assistants.prompt_only import messages_for as course_messages
from course_lib.models.chat import ChatModel

SYSTEM = (
    "You answer questions of users. Reply with one JSON object: citations, answer, category, needs_human. "
    'If you are not sure of the fact, answer "not in the documents".'
)


def messages_for(question: str) -> list[dict[str, str]]:
    """Return the course's prompt with an instruction that names no company."""
    return [{"role": "system", "content": SYSTEM}, *course_messages(question)[1:]]


class WithoutDocuments:
    """Answers from what the model learned before: no documents, no training."""

    name = "prompt_only"

    def __init__(self, chat: ChatModel):
        self.chat = chat

    def answer(self, questions: Sequence[str], say=None) -> list[Answer]:
        """Answer questions in batches."""
        questions = check_questions(questions)
        conversations = [messages_for(question) for question in questions]
        return generate_answers(self.chat, self.name, questions, conversations, None, MAX_TOKENS, say)
