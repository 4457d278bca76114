"""Greedy, batched text generation with one local chat model and its adapters."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache, LogitsProcessor, LogitsProcessorList
from transformers.utils import logging as transformers_logging

from course_lib.errors import WeightsError
from course_lib.models.weights import chat_folder, verify
from course_lib.settings import DEFAULT_CHAT_MODEL, Settings

Message = dict[str, str]
LEAST_SHARED = 32
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
        # A customer's question or a document must not be able to end a turn and speak as somebody else.
        safe = [{**message, "content": message["content"].replace("<|", "< |")} for message in messages]
        return self.tokenizer.apply_chat_template(safe, tokenize=False, add_generation_prompt=True)

    def generate(
        self,
        conversations: Sequence[Sequence[Message]],
        max_new_tokens: int = 64,
        adapter: str | None = None,
        say: Callable[[str], None] | None = None,
    ) -> list[Completion]:
        """Answer conversations greedily, in batches of similar length.

        Args:
            conversations: lists of messages, each ending with the user's.
            max_new_tokens: longest answer, in tokens.
            adapter: name of a loaded adapter; None for the base model.
            say: called with a progress line after each batch.

        Returns:
            One completion a conversation, in the order given.
        """
        prompts = [self._tokens(messages) for messages in conversations]
        order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
        done: dict[int, Completion] = {}
        with self.using(adapter):
            shared = self._prefill(shared_start(prompts))
            for start in range(0, len(order), self.batch_size):
                batch = order[start : start + self.batch_size]
                done.update(zip(batch, self._batch([prompts[index] for index in batch], max_new_tokens, shared)))
                if say:
                    say(f"{len(done)} of {len(prompts)} answered")
        return [done[index] for index in range(len(prompts))]

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        return self.tokenizer(self.render(messages), add_special_tokens=False)["input_ids"]

    @torch.inference_mode()
    def _prefill(self, start: list[int]) -> DynamicCache | None:
        """Read the tokens that all prompts begin with once, instead of once for each prompt."""
        if not start:
            return None
        ids = torch.tensor([start], device=self.model.device)
        return self.model(
            input_ids=ids, use_cache=True, logits_to_keep=1, past_key_values=DynamicCache()
        ).past_key_values

    @torch.inference_mode()
    def _batch(self, prompts: list[list[int]], max_new_tokens: int, shared: DynamicCache | None) -> list[Completion]:
        began = time.perf_counter()
        start = shared.get_seq_length() if shared else 0
        inputs = self._padded(prompts, start)
        if shared:
            inputs["past_key_values"] = copy.deepcopy(shared)
            inputs["past_key_values"].batch_repeat_interleave(len(prompts))
        chosen = _ChosenLogprobs()
        output = self.model.generate(
            **inputs,
            max_new_tokens=max_new_tokens,
            do_sample=False,
            pad_token_id=self.tokenizer.pad_token_id,
            eos_token_id=self.tokenizer.eos_token_id,
            logits_processor=LogitsProcessorList([chosen]),
        )
        share = (time.perf_counter() - began) / len(prompts)
        generated = output[:, inputs["input_ids"].shape[1] :]
        logprobs = torch.stack(chosen.steps, dim=1).float()  # (batch, steps)
        completions = []
        for row, tokens in enumerate(generated):
            ends = (tokens == self.tokenizer.eos_token_id).nonzero()
            length = int(ends[0]) + 1 if len(ends) else len(tokens)
            completions.append(
                Completion(
                    text=self.tokenizer.decode(tokens[:length], skip_special_tokens=True).strip(),
                    tokens_in=len(prompts[row]),
                    tokens_out=length,
                    seconds=share,
                    first_logprob=float(logprobs[row, 0]),
                    min_logprob=float(logprobs[row, :length].min()),
                )
            )
        return completions

    def _padded(self, prompts: list[list[int]], start: int) -> dict[str, torch.Tensor]:
        """Pad prompts to one length, between the shared start and what follows it; shapes are (batch, length)."""
        longest = max(len(prompt) for prompt in prompts)
        gaps = [longest - len(prompt) for prompt in prompts]
        pad = self.tokenizer.pad_token_id
        rows = [prompt[:start] + [pad] * gap + prompt[start:] for prompt, gap in zip(prompts, gaps)]
        mask = [[1] * start + [0] * gap + [1] * (longest - start - gap) for gap in gaps]
        device = self.model.device
        return {"input_ids": torch.tensor(rows, device=device), "attention_mask": torch.tensor(mask, device=device)}

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
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise WeightsError(
                f"The adapter in {folder} cannot be loaded: {str(error).splitlines()[0]}",
                "Restore it with `git checkout`, or rebuild it with `python -m course_lib retrain`.",
            ) from error
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


def shared_start(prompts: Sequence[list[int]]) -> list[int]:
    """Return the tokens that all prompts begin with; none if they are too few to be worth a step of their own.

    At least one token of every prompt is left over, because the model has to read something to answer.
    """
    if len(prompts) < 2:
        return []
    most = min(len(prompt) for prompt in prompts) - 1
    same = next((at for at in range(most) if len({prompt[at] for prompt in prompts}) > 1), most)
    return prompts[0][:same] if same >= LEAST_SHARED else []


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
        raise WeightsError(
            f"The model {settings.chat_model!r} cannot be loaded: {str(error).splitlines()[0]}",
            "Set COURSE_CHAT_MODEL to a hub id you have downloaded or a local folder, or unset it.",
        ) from error
    return ChatModel(model, tokenizer, settings.batch_size)
