"""Train a small adapter in one process or in several that keep in step, with accelerate.

``python -m torch.distributed.run --nproc-per-node 2 -m course_lib.scale.in_step FOLDER`` writes to a folder what came
out; :func:`course_lib.scale.launch.train_in` calls it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
import torch
import torch.nn.functional as functional
from accelerate import Accelerator
from accelerate.utils import set_seed
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from course_lib.files import read_jsonl, write_json
from course_lib.models.weights import chat_folder, verify
from course_lib.settings import Settings, load_settings
from course_lib.training.examples import IGNORE, encode
from course_lib.training.lora import Recipe

STEPS, BATCH = 4, 4
LAYERS = 2  # of the model's 30: two processes with all of them need more memory than a small machine has
APART = "--apart"


class LossOf(torch.nn.Module):
    """A model whose forward pass is its loss, because only what passes through forward is kept in step."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return the mean over conversations of each one's mean loss; ids and labels have shape (n, length)."""
        base, wanted = self.model.get_base_model(), labels[:, 1:]  # the token after each position
        keep = wanted != IGNORE
        hidden = base.get_decoder()(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
        # Logits at labelled positions only: over all of them they would be most of the memory.
        losses = functional.cross_entropy(base.get_output_embeddings()(hidden[keep]), wanted[keep], reduction="none")
        share = (1 / keep.sum(1, keepdim=True)).expand_as(wanted)[keep]  # so that each conversation counts once
        return (losses * share).sum() / len(ids)


def batches(tokenizer, settings: Settings) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return ids and labels of the first conversations about the company's voice, ``BATCH`` to a step, padded.

    Padding is on the right and has no labels, so nothing that counts can see it.
    """
    rows = [row for row in read_jsonl(settings.data / "tickets" / "voice.jsonl") if row["split"] == "train"]
    examples = []
    for row in rows[: STEPS * BATCH]:
        turns = (("user", row["draft"]), ("assistant", row["rewrite"]))
        examples.append(encode(tokenizer, [{"role": role, "content": text} for role, text in turns]))
    made = []
    for start in range(0, len(examples), BATCH):
        group = examples[start : start + BATCH]
        longest = max(len(one.input_ids) for one in group)
        ids = [one.input_ids + [tokenizer.pad_token_id] * (longest - len(one.input_ids)) for one in group]
        labels = [one.labels + [IGNORE] * (longest - len(one.labels)) for one in group]
        made.append((torch.tensor(ids), torch.tensor(labels)))
    return made


def small_model(settings: Settings) -> torch.nn.Module:
    """Return the first layers of the course's model with a new adapter, in float32."""
    folder = chat_folder(settings)
    verify(folder)
    transformers_logging.set_verbosity_error()  # it would list the layers that are left out
    model = AutoModelForCausalLM.from_pretrained(folder, num_hidden_layers=LAYERS, dtype=torch.float32)
    recipe = Recipe()
    set_seed(settings.seed)
    return get_peft_model(
        model,
        LoraConfig(task_type="CAUSAL_LM", r=recipe.rank, lora_alpha=recipe.alpha, target_modules=list(recipe.targets)),
    )


def train(folder: Path, settings: Settings, apart: bool = False) -> None:
    """Train for ``STEPS`` steps; the first process writes ``run.json`` and ``weights.safetensors`` to a folder.

    Args:
        folder: where to write.
        settings: where weights and data are.
        apart: each process goes its own way, to see what keeping in step is good for.
    """
    accelerator = Accelerator(cpu=True)
    model = LossOf(small_model(settings))
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    optimizer = torch.optim.AdamW(trained.values(), lr=Recipe().learning_rate)
    if not apart:
        model, optimizer = accelerator.prepare(model, optimizer)  # from now on gradients are averaged
    mine = slice(accelerator.process_index, None, accelerator.num_processes)
    tokenizer = AutoTokenizer.from_pretrained(chat_folder(settings))
    losses, work = [], batches(tokenizer, settings)
    began = time.perf_counter()
    for ids, labels in work:
        loss = model(ids[mine], labels[mine])
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(accelerator.reduce(loss.detach(), "mean").item())
    seconds = (time.perf_counter() - began) / len(work)
    flat = torch.cat([weight.detach().flatten() for weight in trained.values()])
    everyone = accelerator.gather(flat[None])  # (processes, weights)
    memory = accelerator.gather(torch.tensor([psutil.Process().memory_info().rss]))
    if accelerator.is_main_process:
        found = {
            "processes": accelerator.num_processes,
            "losses": losses,
            "seconds_per_step": seconds,
            "bytes_per_process": int(memory.max()),
            "spread": float((everyone - everyone[0]).abs().max()),
        }
        write_json(folder / "run.json", found)
        save_file(
            {name: weight.detach().contiguous() for name, weight in trained.items()}, folder / "weights.safetensors"
        )
    accelerator.end_training()


if __name__ == "__main__":
    train(Path(sys.argv[1]), load_settings(), APART in sys.argv[2:])
