"""Greedy, batched text generation with one local chat model and its adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from course_lib.errors import WeightsError
from course_lib.models.batching import Completion, Limit, batches, complete, read_start, shared_start
from course_lib.models.weights import chat_folder, verify, verify_adapter
from course_lib.settings import DEFAULT_CHAT_MODEL, Settings

Message = dict[str, str]
transformers_logging.disable_progress_bar()


class ChatModel:
    """A causal language model with a chat template and any number of LoRA adapters."""

    def __init__(self, model, tokenizer, batch_size: int = 32):
        self.model, self.tokenizer, self.batch_size = model.eval(), tokenizer, batch_size
        self.tokenizer.padding_side = "left"
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        self.new_limit: Callable[[], Limit] | None = None  # makes what limits the choices in one batch
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
        lengths = [len(prompt) for prompt in prompts]
        order = sorted(range(len(prompts)), key=lengths.__getitem__)
        done: dict[int, Completion] = {}
        with self.using(adapter):
            shared = read_start(self.model, shared_start(prompts))
            for batch in batches(order, lengths, self.batch_size):
                asked = [prompts[index] for index in batch]
                limit = self.new_limit() if self.new_limit else None
                written = complete(self.model, self.tokenizer, asked, max_new_tokens, shared, limit)
                done.update(zip(batch, written))
                if say:
                    say(f"{len(done)} of {len(prompts)} answered")
        return [done[index] for index in range(len(prompts))]

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        return self.tokenizer(self.render(messages), add_special_tokens=False)["input_ids"]

    def load_adapter(self, name: str, folder: Path) -> None:
        """Add a trained LoRA adapter under a name; loading the same name again does nothing.

        Raises:
            WeightsError: the folder holds no adapter that fits this model, or not the one of its manifest.
        """
        if name in self._adapters:
            return
        from peft import PeftModel

        verify_adapter(folder)
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


def load_chat(settings: Settings) -> ChatModel:
    """Load the chat model named in the settings.

    Raises:
        WeightsError: the weights are missing or damaged, or the model's name is unknown.
    """
    if settings.threads:
        torch.set_num_threads(settings.threads)
    return ChatModel(*load_base(settings, settings.dtype), settings.batch_size)


def load_base(settings: Settings, dtype: str):
    """Load the bare model named in the settings and its tokenizer.

    Args:
        settings: which model, and where the built-in one is.
        dtype: number type of the weights, as torch calls it.

    Raises:
        WeightsError: the weights are missing, damaged or pickled, or the model's name is unknown.
    """
    folder = chat_folder(settings)
    builtin = settings.chat_model == DEFAULT_CHAT_MODEL
    if builtin:
        verify(folder)
    source = str(folder) if builtin or folder.is_dir() else settings.chat_model
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForCausalLM.from_pretrained(source, dtype=getattr(torch, dtype), use_safetensors=True)
    except (OSError, ValueError, SafetensorError) as error:
        raise WeightsError(
            f"The model {settings.chat_model!r} cannot be loaded: {str(error).splitlines()[0]}",
            "Set COURSE_CHAT_MODEL to a hub id you have downloaded or a local folder, or unset it. The weights have to "
            "be safetensors, as `save_pretrained` writes them; pickled ones (pytorch_model.bin) could run code.",
        ) from error
    return model, tokenizer
