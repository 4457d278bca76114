"""The other side of ``answering``: llama.cpp answers one prompt after the other, in a Python of its own.

It reads one JSON object from the standard input (model, prompts as token ids, the most tokens of an answer, threads)
and writes one to the standard output. It imports nothing of the course, for llama-cpp-python may be installed apart.

Of the settings that may matter for one stream on a processor (flash attention, and how many prompt tokens are
computed together), the fastest on the first prompts is used. Prompts begin alike, and the binding reuses that.
"""

from __future__ import annotations

import json
import sys
import time

from llama_cpp import Llama, __version__

TRIED = 4  # prompts on which settings are compared; the first of them only warms up


def main() -> None:
    """Answer what the standard input asks."""
    asked = json.load(sys.stdin)
    tried = {}
    for flash in (False, True):
        for block in (256, 512):
            settings = {"flash_attn": flash, "n_batch": block, "n_ubatch": block}
            model = load(asked, settings)
            rows = [answer(model, prompt, asked["max_tokens"]) for prompt in asked["prompts"][:TRIED]]
            tried[json.dumps(settings)] = sum(row["seconds"] for row in rows[1:])
            model.close()
    best = min(tried, key=tried.get)
    model = load(asked, json.loads(best))
    answer(model, asked["prompts"][0], asked["max_tokens"])
    model.reset()  # or the first prompt would not have to be read again
    began = time.perf_counter()
    rows = [answer(model, prompt, asked["max_tokens"]) for prompt in asked["prompts"]]
    seconds = time.perf_counter() - began
    json.dump({"version": __version__, "settings": best, "seconds": seconds, "rows": rows}, sys.stdout)


def load(asked: dict, settings: dict) -> Llama:
    """Load the model with room for the longest prompt and its answer."""
    room = max(map(len, asked["prompts"])) + asked["max_tokens"] + 8
    threads = asked["threads"]
    return Llama(asked["model"], n_ctx=room, n_threads=threads, n_threads_batch=threads, verbose=False, **settings)


def answer(model: Llama, prompt: list[int], max_tokens: int) -> dict:
    """Answer one prompt greedily, and return its text, seconds in all and to the first token, and tokens written."""
    began, first, written = time.perf_counter(), 0.0, []
    for token in model.generate(prompt, temp=0.0, repeat_penalty=1.0):
        first = first or time.perf_counter() - began
        written.append(token)
        if token == model.token_eos() or len(written) == max_tokens:
            break
    seconds = time.perf_counter() - began
    text = model.detokenize([token for token in written if token != model.token_eos()]).decode("utf-8", "replace")
    return {"text": text.strip(), "seconds": seconds, "first": first, "written": len(written)}


if __name__ == "__main__":
    main()
