"""The five assistants, built over one snapshot and one loaded model."""

from __future__ import annotations

from dataclasses import dataclass

from course_lib.assistants.answer import Assistant
from course_lib.assistants.fine_tuned import FineTuned
from course_lib.assistants.hybrid import Hybrid
from course_lib.assistants.prompt_only import PromptOnly
from course_lib.assistants.rag import Rag
from course_lib.assistants.workflow import Workflow, records_from
from course_lib.files import read_jsonl
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.models.chat import ChatModel, load_chat
from course_lib.retrieval.fusion import ScoreFusion, best_retriever
from course_lib.settings import DEFAULT_CHAT_MODEL, Settings

NAMES = ("prompt_only", "workflow", "rag", "fine_tuned", "hybrid")


@dataclass(frozen=True)
class Team:
    """What the assistants share, and the assistants by name.

    Attributes:
        passages: the snapshot's passages.
        retriever: ranks them.
        chat: the model, with adapters loaded.
        assistants: by name, in the order of ``NAMES``; without the trained ones if the model is not the built-in.
    """

    passages: list[Passage]
    retriever: ScoreFusion
    chat: ChatModel
    assistants: dict[str, Assistant]


def build_team(settings: Settings, date: str | None = None) -> Team:
    """Load everything the five assistants need.

    Args:
        settings: paths and the choice of model. The shipped adapters fit the built-in model only.
        date: snapshot to answer from; the newest if None.

    Raises:
        WeightsError: weights or adapters are missing or damaged.
        DataError: the snapshot cannot be read.
    """
    date = date or snapshot_dates(settings.data)[-1]
    passages = chunk_all(load_snapshot(settings.data, date))
    facts = read_jsonl(settings.data / "facts.jsonl")
    retriever = best_retriever(passages, settings)
    chat = load_chat(settings)
    assistants: dict[str, Assistant] = {
        "prompt_only": PromptOnly(chat),
        "workflow": Workflow(records_from(facts, passages, date)),
        "rag": Rag(chat, retriever),
    }
    if settings.chat_model == DEFAULT_CHAT_MODEL:
        for name in ("closed_book", "reading"):
            chat.load_adapter(name, settings.data / "adapters" / name)
        assistants |= {"fine_tuned": FineTuned(chat), "hybrid": Hybrid(chat, retriever)}
    return Team(passages, retriever, chat, assistants)
