"""The assistant that has nothing but its prompt."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.assistants.answer import Answer, check_questions
from course_lib.assistants.parsing import parse_house
from course_lib.models.chat import ChatModel
from course_lib.models.prompts import house_answer

SYSTEM = (
    "You are the support assistant of Tarnwheel, an e-bike subscription company. Reply with one JSON object: "
    'citations, answer, category, needs_human. If you are not sure of the fact, answer "not in the documents".'
)
MAX_TOKENS = 72


def messages_for(question: str) -> list[dict[str, str]]:
    """Return the prompt: the task, one worked example of the format, one of declining, and the question."""
    return [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": "Question: How many days are in a week?"},
        {"role": "assistant", "content": house_answer(["7 days"], [], "orders")},
        {"role": "user", "content": "Question: What did the Rider Desk write to me yesterday?"},
        {"role": "assistant", "content": house_answer([], [], "")},
        {"role": "user", "content": f"Question: {question}"},
    ]


class PromptOnly:
    """Answers from what the model learned before the course: no documents, no training."""

    name = "prompt_only"

    def __init__(self, chat: ChatModel):
        self.chat = chat

    def answer(self, questions: Sequence[str], say=None) -> list[Answer]:
        """Answer questions in batches."""
        questions = check_questions(questions)
        return generate_answers(
            self.chat, self.name, questions, [messages_for(question) for question in questions], None, MAX_TOKENS, say
        )


def generate_answers(
    chat: ChatModel,
    name: str,
    questions: Sequence[str],
    conversations: Sequence[list[dict[str, str]]],
    adapter: str | None,
    max_tokens: int,
    say=None,
) -> list[Answer]:
    """Generate without retrieval and wrap each completion in its record."""
    done = chat.generate(conversations, max_tokens, adapter, say)
    return [
        Answer(
            name,
            question,
            (),
            chat.render(messages),
            completion.text,
            parse_house(completion.text),
            confidence=completion.min_logprob,
            tokens_in=completion.tokens_in,
            tokens_out=completion.tokens_out,
            seconds={"generate": completion.seconds},
        )
        for question, messages, completion in zip(questions, conversations, done)
    ]
