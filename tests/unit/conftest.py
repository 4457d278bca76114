"""What the tests of several rooms need to run a tiny model."""

from __future__ import annotations

import pytest

# torch and transformers are imported where they are needed: most rooms are tested without them.


@pytest.fixture(scope="module")
def one_thread():
    """Matrices this small gain nothing from a second thread, and lose much on a busy machine."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def tokenizer():
    """Return the tokenizer of the course's model."""
    from transformers import AutoTokenizer

    from course_lib.models.weights import chat_folder
    from course_lib.settings import load_settings

    return AutoTokenizer.from_pretrained(chat_folder(load_settings()))
