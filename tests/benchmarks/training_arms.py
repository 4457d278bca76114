"""The ways to train that ``training`` compares; each is called in a fresh process and returns plain numbers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    PrinterCallback,
    Trainer,
    TrainingArguments,
    set_seed,
)

from course_lib.models.weights import chat_folder
from course_lib.settings import Settings
from course_lib.training.examples import Message, encode
from course_lib.training.lora import Recipe, labelled_tokens, train_lora
from course_lib.training.runs import held_out_loss
from tests.benchmarks.processes import peak, resident
from tests.benchmarks.work import matrix_peak, training_work

Conversations = Sequence[Sequence[Message]]


def train_course(settings: Settings, learned: Conversations, held_out: Conversations, recipe: Recipe) -> dict[str, Any]:
    """Train as the course does."""
    model, tokenizer = _loaded(settings, recipe)
    loaded = peak()
    trained = train_lora(model, tokenizer, learned, recipe)
    measured = {"seconds": trained.seconds, "loaded": loaded, "resident": resident(), "peak": peak()}
    return measured | _compared(trained.model, tokenizer, learned, held_out, recipe, trained.seconds)


def train_plainly(
    settings: Settings, learned: Conversations, held_out: Conversations, recipe: Recipe
) -> dict[str, Any]:
    """Train with ``Trainer`` as it comes: the model's own loss, whole batches, all linear modules."""
    set_seed(recipe.seed)
    model, tokenizer = _loaded(settings, recipe)
    loaded = peak()
    wanted = LoraConfig(task_type="CAUSAL_LM", r=recipe.rank, lora_alpha=recipe.alpha, target_modules="all-linear")
    model = get_peft_model(model, wanted)
    encoded = [encode(tokenizer, messages) for messages in learned]
    rows = [{"input_ids": one.input_ids, "labels": one.labels} for one in encoded]
    began = time.perf_counter()
    with TemporaryDirectory() as scratch:
        trainer = Trainer(
            model=model,
            args=_arguments(recipe, scratch),
            train_dataset=rows,
            data_collator=DataCollatorForSeq2Seq(tokenizer),
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    seconds = time.perf_counter() - began
    measured = {"seconds": seconds, "loaded": loaded, "resident": resident(), "peak": peak()}
    return measured | _compared(model.eval(), tokenizer, learned, held_out, replace(recipe, first_layer=0), seconds)


def _loaded(settings: Settings, recipe: Recipe) -> tuple[Any, Any]:
    if settings.threads:
        torch.set_num_threads(settings.threads)
    folder = chat_folder(settings)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, recipe.dtype))
    return model, AutoTokenizer.from_pretrained(folder)


def _arguments(recipe: Recipe, scratch: str) -> TrainingArguments:
    """Return what both ways must have in common, and otherwise Trainer's defaults."""
    return TrainingArguments(
        output_dir=scratch,
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=0.05,
        seed=recipe.seed,
        use_cpu=True,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )


def _compared(
    model: Any, tokenizer: Any, learned: Conversations, held_out: Conversations, recipe: Recipe, seconds: float
) -> dict[str, Any]:
    """Return tokens a second (padding not counted), the share of the matrix peak, and the loss on examples held out."""
    examples = [encode(tokenizer, messages) for messages in learned]
    work = sum(
        training_work(model.config, len(one.input_ids), labelled_tokens([one]), recipe.rank, recipe.first_layer)
        for one in examples
    )
    return {
        "tokens_per_second": sum(len(one.input_ids) for one in examples) / seconds,
        "peak_share": work / seconds / matrix_peak(getattr(torch, recipe.dtype)),
        "held_out_loss": held_out_loss(model, tokenizer, held_out),
        "threads": torch.get_num_threads(),
    }
