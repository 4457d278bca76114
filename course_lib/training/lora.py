"""Train a LoRA adapter (Hu et al. 2021) with peft and transformers' Trainer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import torch.nn.functional as functional
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from peft.helpers import disable_input_dtype_casting
from safetensors.torch import save
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments, set_seed

from course_lib.files import write_atomic, write_json
from course_lib.training.examples import IGNORE, Encoded, Message, encode

LENGTH_STEP = 32
ADAPTER_FILES = ("adapter_model.safetensors", "adapter_config.json")
LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how an adapter is trained.

    Attributes:
        rank, alpha: size and scale of the adapter.
        targets: names of the linear modules to adapt.
        first_layer: layers below this one are left alone, which also spares their backward pass.
        learning_rate: peak rate; warms up over 5 % of the steps, then falls along a cosine.
        epochs: passes over the examples.
        batch_size: conversations a step; run one by one and accumulated, so that none is padded much.
        dtype: number type of the frozen weights and the arithmetic; the adapter itself stays float32.
        seed: seed of the adapter's first weights and of the order of examples.
    """

    rank: int = 8
    alpha: int = 16
    targets: tuple[str, ...] = LINEAR
    first_layer: int = 0
    learning_rate: float = 8e-4
    epochs: float = 1.0
    batch_size: int = 4
    dtype: str = "bfloat16"
    seed: int = 7

    def as_dict(self) -> dict:
        """Return the recipe as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Trained:
    """What a training run gives: the adapted model, the log (step, loss, tokens) and the seconds it took."""

    model: torch.nn.Module
    log: list[dict]
    seconds: float


class _LabelledTrainer(Trainer):
    """Computes logits only at labelled positions: over all of them they are most of the time and the memory."""

    def __init__(self, *args, autocast: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self._autocast = autocast
        self.model_accepts_loss_kwargs = False  # so that Trainer averages the loss over accumulated examples

    def compute_loss(self, model, inputs, return_outputs=False, **_):
        base = model.get_base_model()
        labels = inputs["labels"][:, 1:]  # the token after each position
        # The context is entered at every step: one around the whole loop would keep stale casts of the adapter.
        # peft would first widen every input to the adapter's float32, only for autocast to narrow it again.
        with (
            torch.autocast("cpu", torch.bfloat16, enabled=self._autocast),
            disable_input_dtype_casting(model, active=self._autocast),
        ):
            hidden = base.get_decoder()(input_ids=inputs["input_ids"], use_cache=False).last_hidden_state[:, :-1]
            logits = base.get_output_embeddings()(hidden[labels != IGNORE])  # (labelled tokens, vocabulary)
        loss = functional.cross_entropy(logits.float(), labels[labels != IGNORE])
        return (loss, {"logits": logits}) if return_outputs else loss


def _padded(pad_id: int) -> Callable[[list[Encoded]], dict[str, torch.Tensor]]:
    """Return a collator for single examples that pads on the right, to a multiple of ``LENGTH_STEP``.

    Few different lengths let the processor's matrix library reuse its compiled kernels. Padding needs no mask:
    nothing looks to its right, and padding has no labels.
    """

    def collate(batch: list[Encoded]) -> dict[str, torch.Tensor]:
        (example,) = batch
        extra = -len(example.input_ids) % LENGTH_STEP
        return {
            "input_ids": torch.tensor([example.input_ids + [pad_id] * extra]),  # (1, length)
            "labels": torch.tensor([example.labels + [IGNORE] * extra]),
        }

    return collate


class _Progress(TrainerCallback):
    def __init__(self, log: list[dict], say: Callable[[str], None] | None):
        self.log, self.say, self.began = log, say, time.perf_counter()

    def on_log(self, args, state, control, logs=None, **_):
        if logs and "loss" in logs:
            self.log.append({"step": state.global_step, "loss": round(float(logs["loss"]), 4)})
            if self.say:
                step, steps = state.global_step, state.max_steps
                left = (time.perf_counter() - self.began) / step * (steps - step)
                self.say(f"step {step} of {steps}, loss {float(logs['loss']):.3f}, about {left:.0f} s left")


def train_lora(
    model,
    tokenizer,
    conversations: Sequence[Sequence[Message]],
    recipe: Recipe,
    say: Callable[[str], None] | None = None,
    log_every: int = 10,
    start: Path | None = None,
) -> Trained:
    """Train an adapter on conversations; the given model becomes part of the result.

    Args:
        model: a bare causal language model in the recipe's number type.
        tokenizer: its tokenizer, with a chat template.
        conversations: chat messages; every assistant turn is learned.
        recipe: how to train.
        say: called with a progress line every ``log_every`` steps.
        log_every: steps between two lines of the log.
        start: folder of an adapter, made with the same rank and targets, to go on from; a new one if None.

    Raises:
        DataError: an example has no assistant turn or is too long.
    """
    set_seed(recipe.seed)  # before the adapter is made: Trainer would seed only after
    adapted = _adapted(model, recipe) if start is None else PeftModel.from_pretrained(model, start, is_trainable=True)
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    examples = [encode(tokenizer, messages) for messages in conversations]
    log: list[dict] = []
    began = time.perf_counter()
    with TemporaryDirectory() as scratch:
        trainer = _LabelledTrainer(
            model=adapted,
            args=_arguments(recipe, scratch, log_every),
            train_dataset=examples,
            autocast=recipe.dtype == "bfloat16",
            data_collator=_padded(tokenizer.pad_token_id),
            callbacks=[_Progress(log, say)],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return Trained(adapted.eval(), log, time.perf_counter() - began)


def _adapted(model, recipe: Recipe) -> PeftModel:
    return get_peft_model(
        model,
        LoraConfig(
            task_type="CAUSAL_LM",
            r=recipe.rank,
            lora_alpha=recipe.alpha,
            target_modules=list(recipe.targets),
            layers_to_transform=list(range(recipe.first_layer, model.config.num_hidden_layers)),
        ),
    )


def _arguments(recipe: Recipe, scratch: str, log_every: int) -> TrainingArguments:
    return TrainingArguments(
        output_dir=scratch,
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=1,
        gradient_accumulation_steps=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=0.05,
        logging_steps=log_every,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        seed=recipe.seed,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )


def labelled_tokens(examples: Sequence[Encoded]) -> int:
    """Return how many tokens the loss is taken over."""
    return sum(label != IGNORE for example in examples for label in example.labels)


def save_adapter(model, folder: Path, base_name: str) -> None:
    """Write an adapter as ``adapter_model.safetensors`` (bfloat16) and ``adapter_config.json``.

    Args:
        model: the adapted model.
        folder: where to write; made if missing.
        base_name: what to record as the base model, instead of a path of this machine.
    """
    state = get_peft_model_state_dict(model)
    config = model.peft_config["default"].to_dict()
    config = {key: sorted(value) if isinstance(value, set) else value for key, value in config.items()}
    config.update(base_model_name_or_path=base_name, inference_mode=True)
    tensors = {name: tensor.to(torch.bfloat16).contiguous() for name, tensor in sorted(state.items())}
    write_atomic(folder / ADAPTER_FILES[0], save(tensors, metadata={"format": "pt"}))
    write_json(folder / ADAPTER_FILES[1], config)
