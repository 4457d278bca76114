"""Train an adapter for one experiment: get a model that answers with it, or watch its loss on examples held out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from course_lib.models.chat import ChatModel, load_base, load_chat
from course_lib.settings import Settings
from course_lib.training.examples import IGNORE, Message, encode
from course_lib.training.lora import Recipe, save_adapter, train_lora

TRAINED = "trained"  # the name under which the new adapter is loaded
Say = Callable[[str], None]


def trained_chat(
    settings: Settings,
    conversations: Sequence[Sequence[Message]],
    recipe: Recipe,
    folder: Path,
    start: Path | None = None,
    say: Say | None = None,
) -> tuple[ChatModel, float]:
    """Train an adapter and return a model in the settings' number type that has it loaded as ``trained``.

    Args:
        settings: which model is trained, the built-in one or the learner's own.
        conversations: what is learned.
        recipe: how.
        folder: where to write the adapter.
        start: folder of an adapter to go on from; a new one if None.
        say: called with progress lines.

    Returns:
        The model, and the seconds that training took.

    Raises:
        WeightsError: the base weights are missing or damaged, or the model's name is unknown.
        DataError: an example has no assistant turn or is too long.
    """
    model, tokenizer = load_base(settings, recipe.dtype)
    if tokenizer.pad_token is None:  # many a published model has none
        tokenizer.pad_token = tokenizer.eos_token
    trained = train_lora(model, tokenizer, conversations, recipe, say, 25, start)
    save_adapter(trained.model, folder, settings.chat_model)
    seconds = trained.seconds
    del model, trained
    gc.collect()  # the trainer refers to itself; dozens of runs in a row would fill the memory
    chat = load_chat(settings)
    chat.load_adapter(TRAINED, folder)
    return chat, seconds


def losses_by_epoch(
    model, tokenizer, conversations: Sequence[Sequence[Message]], held_out: Sequence[Sequence[Message]], recipe: Recipe
) -> list[dict[str, float]]:
    """Train, and measure the loss on held-out conversations after every epoch.

    Args:
        model: a bare causal language model in the recipe's number type; it becomes the trained one.
        tokenizer: its tokenizer.
        conversations: what is learned; a whole number of steps makes an epoch.
        held_out: what is only measured.
        recipe: how to train; a whole number of epochs.

    Returns:
        A row an epoch: ``epoch``, ``train`` (mean loss of its steps) and ``held_out`` (loss after it), in nats a token.
    """
    steps = -(-len(conversations) // recipe.batch_size)
    after = [held_out_loss(model, tokenizer, held_out)]

    def measure(_: str) -> None:  # training tells its progress at the end of every epoch, and only then
        after.append(held_out_loss(model, tokenizer, held_out))

    log = train_lora(model, tokenizer, conversations, recipe, measure, steps).log
    told = [{"epoch": 0, "train": None, "held_out": round(after[0], 4)}]
    return told + [
        {"epoch": epoch, "train": row["loss"], "held_out": round(loss, 4)}
        for epoch, (row, loss) in enumerate(zip(log, after[1:], strict=True), 1)
    ]


@torch.no_grad()
def held_out_loss(model, tokenizer, conversations: Sequence[Sequence[Message]]) -> float:
    """Return the mean loss of the assistant's tokens, in nats a token; the model is left as it is.

    Args:
        model: a causal language model, with an adapter inside or not.
        tokenizer: its tokenizer.
        conversations: solved examples.
    """
    total, count = 0.0, 0
    for messages in conversations:
        example = encode(tokenizer, messages)
        labels = torch.tensor(example.labels[1:])  # the token after each position
        kept = labels != IGNORE
        hidden = model.get_decoder()(input_ids=torch.tensor([example.input_ids]), use_cache=False).last_hidden_state
        logits = model.get_output_embeddings()(hidden[0, :-1][kept])  # (labeled tokens, vocabulary)
        total += float(torch.nn.functional.cross_entropy(logits.float(), labels[kept], reduction="sum"))
        count += int(kept.sum())
    return total / count
