"""Greedy, batched text generation with one local chat model and its adapters."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LogitsProcessor, LogitsProcessorList
from transformers.utils import logging as transformers_logging

from course_lib.errors import WeightsError
from course_lib.models.weights import chat_folder, verify
from course_lib.settings import DEFAULT_CHAT_MODEL, Settings

Message = dict[str, str]
transformers_logging.disable_progress_bar()


@dataclass(frozen=True)
class Completion:
    """One generated text.

    Attributes:
        text: what the model wrote, without special tokens.
        tokens_in: tokens of the prompt.
        tokens_out: generated tokens, the end mark included.
        seconds: this item's share of its batch's time.
        first_logprob: log-probability of the first generated token (natural log).
        min_logprob: the least log-probability among the generated tokens.
    """

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float
    first_logprob: float
    min_logprob: float


class _ChosenLogprobs(LogitsProcessor):
    """Records, step by step, how sure the greedy choice was; changes nothing."""

    def __init__(self) -> None:
        self.steps: list[torch.Tensor] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        self.steps.append(scores.max(dim=-1).values - scores.logsumexp(dim=-1))  # (batch,)
        return scores


class ChatModel:
    """A causal language model with a chat template and any number of LoRA adapters."""

    def __init__(self, model, tokenizer, batch_size: int = 16):
        self.model, self.tokenizer, self.batch_size = model.eval(), tokenizer, batch_size
        self.tokenizer.padding_side = "left"
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        self._adapters: set[str] = set()

    def render(self, messages: Sequence[Message]) -> str:
        """Return the text the model is given for a conversation, ready for its answer."""
        return self.tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True)

    def generate(self, conversations: Sequence[Sequence[Message]], max_new_tokens: int = 64,
                 adapter: str | None = None, say: Callable[[str], None] | None = None) -> list[Completion]:
        """Answer conversations greedily, in batches of similar length.

        Args:
            conversations: lists of messages, each ending with the user's.
            max_new_tokens: longest answer, in tokens.
            adapter: name of a loaded adapter; None for the base model.
            say: called with a progress line after each batch.

        Returns:
            One completion a conversation, in the order given.
        """
        prompts = [self.render(messages) for messages in conversations]
        order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
        done: dict[int, Completion] = {}
        with self.using(adapter):
            for start in range(0, len(order), self.batch_size):
                batch = order[start:start + self.batch_size]
                done.update(zip(batch, self._batch([prompts[index] for index in batch], max_new_tokens)))
                if say:
                    say(f"{len(done)} of {len(prompts)} answered")
        return [done[index] for index in range(len(prompts))]

    @torch.inference_mode()
    def _batch(self, prompts: list[str], max_new_tokens: int) -> list[Completion]:
        began = time.perf_counter()
        inputs = self.tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False).to(self.model.device)
        chosen = _ChosenLogprobs()
        output = self.model.generate(
            **inputs, max_new_tokens=max_new_tokens, do_sample=False, pad_token_id=self.tokenizer.pad_token_id,
            eos_token_id=self.tokenizer.eos_token_id, logits_processor=LogitsProcessorList([chosen]))
        share = (time.perf_counter() - began) / len(prompts)
        generated = output[:, inputs["input_ids"].shape[1]:]
        logprobs = torch.stack(chosen.steps, dim=1).float()  # (batch, steps)
        completions = []
        for row, tokens in enumerate(generated):
            ends = (tokens == self.tokenizer.eos_token_id).nonzero()
            length = int(ends[0]) + 1 if len(ends) else len(tokens)
            completions.append(Completion(
                text=self.tokenizer.decode(tokens[:length], skip_special_tokens=True).strip(),
                tokens_in=int(inputs["attention_mask"][row].sum()), tokens_out=length, seconds=share,
                first_logprob=float(logprobs[row, 0]), min_logprob=float(logprobs[row, :length].min())))
        return completions

    def load_adapter(self, name: str, folder: Path) -> None:
        """Add a trained LoRA adapter under a name; loading the same name again does nothing.

        Raises:
            WeightsError: the folder holds no adapter that fits this model.
        """
        if name in self._adapters:
            return
        from peft import PeftModel
        try:
            if self._adapters:
                self.model.load_adapter(str(folder), adapter_name=name)
            else:
                self.model = PeftModel.from_pretrained(self.model, str(folder), adapter_name=name).eval()
        except (OSError, ValueError, RuntimeError) as error:
            raise WeightsError(f"The adapter in {folder} cannot be loaded: {str(error).splitlines()[0]}",
                               "Restore it with `git checkout`, or rebuild it with `python -m course_lib retrain`.") from error
        self._adapters.add(name)

    @contextmanager
    def using(self, adapter: str | None) -> Iterator[None]:
        """Answer with this adapter (None: the bare base model) inside the block."""
        if adapter is not None and adapter not in self._adapters:
            raise WeightsError(f"No adapter named {adapter!r} is loaded.", "Call load_adapter first.")
        if not self._adapters:
            yield
        elif adapter is None:
            with self.model.disable_adapter():
                yield
        else:
            self.model.set_adapter(adapter)
            yield


def load_chat(settings: Settings) -> ChatModel:
    """Load the chat model named in the settings.

    Raises:
        WeightsError: the weights are missing or damaged, or the model's name is unknown.
    """
    if settings.threads:
        torch.set_num_threads(settings.threads)
    folder = chat_folder(settings)
    builtin = settings.chat_model == DEFAULT_CHAT_MODEL
    if builtin:
        verify(folder)
    source = str(folder) if builtin or folder.is_dir() else settings.chat_model
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForCausalLM.from_pretrained(source, dtype=getattr(torch, settings.dtype))
    except (OSError, ValueError) as error:
        raise WeightsError(f"The model {settings.chat_model!r} cannot be loaded: {str(error).splitlines()[0]}",
                           "Set COURSE_CHAT_MODEL to a hub id you have downloaded or a local folder, or unset it.") from error
    return ChatModel(model, tokenizer, settings.batch_size)
