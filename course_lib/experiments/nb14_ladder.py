"""The 2x2 grid on one chat model, trained with the same few examples as every other: a row of the size ladder."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_lib.assistants.hybrid import MAX_TOKENS, TOP_K
from course_lib.errors import WeightsError
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.slices import tour_slice
from course_lib.experiments.nb09_grid import CELLS, row_of
from course_lib.experiments.resume import Kept, Rows
from course_lib.experiments.sources import SITE_DATA
from course_lib.files import digest_of, read_jsonl
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.chat import ChatModel, Message, load_chat
from course_lib.models.digest import weight_digests
from course_lib.models.prompts import reading_messages
from course_lib.retrieval.fusion import best_retriever
from course_lib.settings import Settings
from course_lib.training.lora import ADAPTER_FILES, Recipe, save_adapter, train_lora
from course_lib.training.reading import Mix, reading_examples
from course_lib.training.runs import TRAINED

NAME = "nb14_ladder"
USES = (*SITE_DATA, "data/train/sites.jsonl")
QUESTIONS, STEPS = 48, 32
SHOWN = (1, 2, 2, 3)  # passages in a training example
SKIPPED = 3  # training leaves the lowest third of the layers alone


def run(settings: Settings, say: Callable[[str], None]) -> Rows:
    """Return one row for each cell and question, measured on the chat model that the settings name.

    Every model gets the same questions, passages and prompts, and learns from the same examples by the same recipe.

    A row has ``model``, ``parameters``, ``digest`` of the weights, and what ``row_of`` of the grid returns.
    """
    passages = chunk_all(load_snapshot(settings.data))
    questions, site = asked_of(settings), {passage.id: passage for passage in passages}
    found = best_retriever(passages, settings).search([question.text for question in questions], TOP_K)
    kept, chat = Kept(NAME, settings, say), load_chat(settings)
    about = about_model(chat, settings)
    folder = kept.folder / about["digest"]
    if not (folder / ADAPTER_FILES[-1]).exists():  # it is written last
        train(chat, folder, settings, say)
        del chat
        gc.collect()  # the trainer refers to itself
        chat = load_chat(settings)  # the one that was trained has an adapter inside
    chat.load_adapter(TRAINED, folder)

    def ask(cell: str, trained: bool, shown: bool) -> Rows:
        seen = found if shown else [[] for _ in questions]
        asked = [reading_messages(one.text, [hit.passage for hit in hits]) for one, hits in zip(questions, seen)]
        done = chat.generate(asked, MAX_TOKENS, TRAINED if trained else None)
        return [about | row_of(cell, *item, site) for item in zip(questions, seen, done)]

    rows = []
    for cell, (adapter, shown) in CELLS.items():
        part = f"{about['model']} {about['digest']}, {cell}"
        rows += kept.rows(part, lambda args=(cell, adapter is not None, shown): ask(*args))
    return rows


def asked_of(settings: Settings) -> list[Question]:
    """Return the questions: those of the test set that the documents answer, so that declining is never right."""
    return tour_slice([one for one in load_questions(settings.data, "test") if one.answerable], QUESTIONS)


def taught(settings: Settings) -> list[list[Message]]:
    """Return the training examples: one conversation about each of ``STEPS`` made-up organizations."""
    sites = read_jsonl(settings.data / "train" / "sites.jsonl")
    return list(reading_examples(random.Random(settings.seed).sample(sites, STEPS), 1, settings.seed, Mix(SHOWN)))


def recipe_for(layers: int, seed: int) -> Recipe:
    """Return the recipe for a model with so many layers."""
    return Recipe(16, 32, first_layer=layers // SKIPPED, learning_rate=1.5e-3, batch_size=1, dtype="float32", seed=seed)


def train(chat: ChatModel, folder: Path, settings: Settings, say: Callable[[str], None]) -> None:
    """Train an adapter and write it into a folder; the model has the adapter inside afterwards.

    Raises:
        WeightsError: the model has no layers of the names that an adapter is made for.
    """
    recipe = recipe_for(chat.model.config.num_hidden_layers, settings.seed)
    try:
        trained = train_lora(chat.model, chat.tokenizer, taught(settings), recipe, say, 4)
    except ValueError as error:
        raise WeightsError(
            f"{settings.chat_model} cannot be trained: {(str(error).splitlines() or [''])[0]}",
            f"Choose a model whose layers have the names {', '.join(recipe.targets)}.",
        ) from error
    save_adapter(trained.model, folder, model_name(settings))


def model_name(settings: Settings) -> str:
    """Return the model's name: that of a local folder without the way to it, or else as the settings have it."""
    place = Path(settings.chat_model).expanduser()
    return place.resolve().name if place.is_dir() else settings.chat_model


def about_model(chat: ChatModel, settings: Settings) -> dict[str, Any]:
    """Return ``model``, its name, ``parameters``, how many it has, and ``digest`` of all its weights."""
    digest = digest_of(weight_digests(chat))
    return {"model": model_name(settings), "parameters": chat.model.num_parameters(), "digest": digest}
