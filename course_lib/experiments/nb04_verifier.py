"""Train the citation verifier on corrupted training texts, and try it on labeled answers that it has not seen."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from course_lib.assistants.hybrid import before_validation
from course_lib.evaluation.gold import load_facts, load_questions
from course_lib.evaluation.judge import judge
from course_lib.evaluation.published import published_judgements
from course_lib.evaluation.verifier import WEIGHTS, Verifier, fit_verifier, save_verifier, with_threshold
from course_lib.evaluation.verifier_features import features_of
from course_lib.evaluation.verifier_pairs import Pair, training_pairs
from course_lib.evaluation.verifier_trials import answer_pairs, gold_pairs
from course_lib.experiments.sources import SITE_DATA
from course_lib.files import digest_of, read_jsonl, sha256_of, write_json
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.retrieval.dense import embed
from course_lib.settings import Settings

NAME = "nb04_verifier"
USES = (*SITE_DATA, "data/results/answers.jsonl", "data/train/sites.jsonl")
FOLDER = "verifier"  # under data/
MANIFEST = "manifest.json"
DEV = "dev questions"


def run(settings: Settings, say: Callable[[str], None]) -> list[dict]:
    """Train, keep the verifier with its manifest in ``data/verifier``, and return one row for each labeled answer.

    A row has ``set``, ``question``, ``article``, ``kind``, ``answer``, ``supported`` (the label), ``stated`` (what the
    string check says), ``verifier`` (probability that it is supported), ``flagged``, and ``shuffled`` (flagged by a
    verifier that was trained in the same way on shuffled labels: the negative control).
    """
    pairs = training_pairs(read_jsonl(settings.data / "train" / "sites.jsonl"), settings.seed)
    say(f"{len(pairs)} training pairs, {dict(Counter(pair.kind for pair in pairs))}")
    features, labels = features_of(pairs, lambda texts: embed(texts, settings)), [pair.supported for pair in pairs]
    random.Random(settings.seed).shuffle(shuffled := list(labels))
    sets = labeled_sets(settings)
    seen = {name: features_of(found, lambda texts: embed(texts, settings)) for name, found in sets.items()}
    say(f"{sum(map(len, sets.values()))} labeled answers")
    judged = [pair.supported for pair in sets[DEV]]
    trained, control = (with_threshold(fit_verifier(features, kept), seen[DEV], judged) for kept in (labels, shuffled))
    folder = settings.data / FOLDER
    save_verifier(trained, folder)
    write_json(folder / MANIFEST, training_manifest(pairs, settings) | {"weights_sha256": sha256_of(folder / WEIGHTS)})
    return [
        row
        for name, found in sets.items()
        for row in _rows(name, found, seen[name], trained, control.probabilities(seen[name]) < control.threshold)
    ]


def labeled_sets(settings: Settings) -> dict[str, list[Pair]]:
    """Return the labeled answers: made from the gold set of dev and test, and of the published run.

    The hybrid's answers are taken as its model wrote them, before its own checks.
    """
    date = snapshot_dates(settings.data)[-1]
    passages = chunk_all(load_snapshot(settings.data, date))
    site, facts = {passage.id: passage for passage in passages}, list(load_facts(settings.data).values())
    dev, test = (load_questions(settings.data, split) for split in ("dev", "test"))
    published = published_judgements(settings, test, site)
    return {
        DEV: gold_pairs(dev, facts, passages, date),
        "test questions": gold_pairs(test, facts, passages, date),
        "answers of rag": answer_pairs(published["rag"], site),
        "answers of hybrid, unchecked": answer_pairs(
            [judge(judged.question, before_validation(judged.answer), site) for judged in published["hybrid"]], site
        ),
    }


def _rows(
    name: str, pairs: Sequence[Pair], features: np.ndarray, trained: Verifier, control: Sequence[bool]
) -> list[dict]:
    return [
        {
            "set": name,
            "question": pair.question_id,
            "article": pair.article,
            "kind": pair.kind,
            "answer": pair.answer,
            "supported": pair.supported,
            "stated": bool(row[0]),
            "verifier": round(float(probability), 4),
            "flagged": bool(probability < trained.threshold),
            "shuffled": bool(flag),
        }
        for pair, row, probability, flag in zip(pairs, features, trained.probabilities(features), control)
    ]


def training_manifest(pairs: Sequence[Pair], settings: Settings) -> dict:
    """Return what a verifier was trained on, so that a change of it can be noticed."""
    return {
        "purpose": "tells whether a cited passage says that an answer is the answer to a question",
        "embedder": "all-MiniLM-L6-v2",
        "seed": settings.seed,
        "pairs": len(pairs),
        "supported": sum(pair.supported for pair in pairs),
        "data_digest": digest_of([_plain(pair) for pair in pairs]),
    }


def _plain(pair: Pair) -> Mapping:
    cited: Sequence[Passage] = pair.passages
    return {**{key: getattr(pair, key) for key in ("question", "answer", "kind")}, "cited": [p.indexed for p in cited]}
