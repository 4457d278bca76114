"""Small made files of every format, and stand-ins for the models."""

from __future__ import annotations

import json
from hashlib import sha256

import numpy as np

from course_lib.models.batching import Completion
from course_lib.models.prompts import house_answer
from course_lib.retrieval.bm25 import words_of

MARKDOWN = b"""---
title: "Orders of the mill"
tags: [a, b]
---

# Orders

A sack of rye flour costs $14 at the counter.

## Returns

Send a sack back within 30 days.

```sh
# this is a comment
grind --fine
```
"""
BARE_MARKDOWN = b"Opening hours\n=============\n\nThe mill opens at nine. See [the map](https://example.org/map).\n"
HTML = b"""<!doctype html><html><head><title>Delivery | Mill</title><style>p{}</style></head><body>
<nav>Home About Contact</nav><main><h1>Delivery</h1><p>The cart leaves
on Tuesday.</p><h2>Prices</h2><table><tr><th>Zone</th><th>Price</th></tr><tr><td>Valley</td><td>$6</td></tr></table>
<ul><li>Bring a bag</li><li>Bring a list</li></ul><pre># not a heading</pre><p hidden>secret words</p>
<script>alert(1)</script></main></body></html>"""
PLAIN = b"Notes\n\n# not a heading here\nThe millstone is dressed every 8 weeks.\n"
RST = b"""Millstones
==========

The stone weighs 900 kg. See :ref:`the yard <yard>` and ``code``.

Care
----

.. note::

   Sweep it daily.

.. versionadded:: 2.0
   Works with oat too.

- First item

=====  =====
Grain  Speed
=====  =====
Rye    slow
=====  =====

.. include:: /etc/hostname
"""


def pdf(*pages: str) -> bytes:
    """Write a PDF by hand, one line of text a page; an empty text makes a page without any."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        parts.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        parts.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    data, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{part}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(parts) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return data + f"{end}startxref\n{len(data)}\n%%EOF\n".encode()


def write_all(folder) -> None:
    """Write one readable file of each format, in folders of different depths."""
    files = {
        "orders.md": MARKDOWN,
        "hours.markdown": BARE_MARKDOWN,
        "web/delivery.html": HTML,
        "deep/er/notes.txt": PLAIN,
        "deep/stones.rst": RST,
        "manual.pdf": pdf("The hopper holds 40 kg of grain.", "Oil the axle every 6 months."),
    }
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def embed(texts):
    """Embed by words: each word adds a direction of its own, so that shared words mean nearness."""
    rows = np.zeros((len(texts), 64), dtype=np.float32)
    for row, text in zip(rows, texts):
        row[0] = 0.01
        for word in words_of(text):
            row[1 + int(sha256(word.encode()).hexdigest(), 16) % 63] += 1
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class FakeChat:
    """Answers with the first amount in its prompt, and declines where there is none."""

    def __init__(self):
        self.asked = []

    def render(self, messages):
        return json.dumps(list(messages))

    def generate(self, conversations, max_new_tokens=64, adapter=None, say=None):
        self.asked += [messages[-1]["content"] for messages in conversations]
        return [self._said(messages[-1]["content"]) for messages in conversations]

    def _said(self, text):
        words = [word.strip(".,") for word in text.split() if word.startswith("$")]
        text = house_answer(words[:1], [], "")
        return Completion(text, 100, 10, 0.5, -0.1, -0.1)
