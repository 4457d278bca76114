"""Contrastive training of the embedding model: batches, scores, and learning."""

from __future__ import annotations

import copy
import random

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from course_lib.files import read_jsonl
from course_lib.models.weights import embedder_folder
from course_lib.retrieval.dense import embed
from course_lib.settings import ROOT, Settings, load_settings
from course_lib.training.contrastive import ContrastiveRecipe, _scores, contrastive_batches, train_contrastive

ROWS = read_jsonl(ROOT / "data" / "train" / "sites.jsonl")[:6]
SETTINGS = load_settings({})
PLAIN = Settings(cache=SETTINGS.cache, retrieval_adapter="")


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(embedder_folder(SETTINGS))


def batches(rounds=1, sites=2, questions=2, seed=7):
    return list(contrastive_batches(ROWS, rounds, sites, questions, seed))


def test_every_organization_comes_up_once_a_round():
    found = batches(rounds=2, sites=4)
    assert len(found) == 4  # six organizations, four at a time, twice
    passages = sum(len(row["passages"]) for row in ROWS)
    assert sum(len(batch["passages"]) for batch in found) == 2 * passages


def test_a_question_belongs_to_the_passage_that_states_its_answer():
    for batch in batches(questions=99):
        assert len(batch["questions"]) == len(batch["answers"]) > 0
        assert len(batch["sentences"]) == len(batch["owners"])
        for piece, owner in zip(batch["sentences"], batch["owners"]):
            assert piece in batch["passages"][owner]
    texts = {passage["text"].split("{")[0]: passage for row in ROWS for passage in row["passages"]}
    (batch, *_) = batches(questions=99)
    for question, answer in zip(batch["questions"], batch["answers"]):
        source = next(row for start, row in texts.items() if start and start in batch["passages"][answer])
        assert any(asked["q"].split("{")[0] in question for asked in source["questions"])


def test_no_more_questions_are_drawn_for_a_passage_than_asked_for():
    for batch in batches(questions=2):
        assert max(batch["answers"].count(answer) for answer in set(batch["answers"])) <= 2


def test_values_are_drawn_anew_each_round_and_the_seed_decides_them():
    assert batches(seed=7) == batches(seed=7) != batches(seed=8)
    first, second = ({text for batch in part for text in batch["passages"]} for part in (batches(), batches(2)[3:]))
    assert first != second


def test_a_score_is_the_cosine_of_the_whole_passage_and_of_its_best_sentence(tokenizer):
    texts = ["A bell costs $9. It rings when the thumb slides.", "Lights are free with every plan. Ask at the depot."]
    questions = ["How much is a bell?", "Who pays for lights?"]
    pieces = [(owner, piece) for owner, text in enumerate(texts) for piece in text.replace(". ", ".|").split("|")]
    batch = {
        "questions": questions,
        "passages": texts,
        "sentences": [piece for _, piece in pieces],
        "owners": [owner for owner, _ in pieces],
    }
    asked, whole, parts = (embed(batch[name], PLAIN) for name in ("questions", "passages", "sentences"))
    best = [
        [max(one @ part for part, (at, _) in zip(parts, pieces) if at == owner) for owner in (0, 1)] for one in asked
    ]
    model = AutoModel.from_pretrained(embedder_folder(SETTINGS)).eval()
    with torch.inference_mode():
        trained = _scores(model, tokenizer, batch)
    np.testing.assert_allclose(trained, asked @ whole.T + np.array(best), atol=1e-4)


def test_training_lowers_the_loss_and_leaves_the_encoder_alone(tokenizer):
    torch.manual_seed(1)
    model = BertModel(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=64,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
    )
    before = copy.deepcopy(model.state_dict())
    recipe = ContrastiveRecipe(rank=4, alpha=8, learning_rate=2e-2, dtype="float32")
    said: list[str] = []
    trained = train_contrastive(model, tokenizer, batches(rounds=1) * 8, recipe, said.append, log_every=3)
    losses = [row["loss"] for row in trained.log]
    assert losses[-1] < 0.8 * losses[0]
    assert len(said) == len(losses) == 8 and trained.seconds > 0
    after = trained.model.get_base_model().state_dict()
    kept = {name.replace(".base_layer", ""): value for name, value in after.items() if "lora" not in name}
    assert kept.keys() == before.keys()
    assert all(torch.equal(kept[name], before[name]) for name in before)


def test_only_a_share_of_the_learned_change_is_kept(tokenizer):
    def change(strength):
        torch.manual_seed(1)
        model = BertModel(
            BertConfig(vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2)
        )
        recipe = ContrastiveRecipe(rank=2, alpha=4, strength=strength, dtype="float32")
        trained = train_contrastive(model, tokenizer, batches()[:2], recipe)
        return {name: value for name, value in trained.model.named_parameters() if "lora_B" in name}

    whole, half = change(1.0), change(0.5)
    assert any(value.abs().max() > 0 for value in whole.values())
    assert all(torch.allclose(0.5 * whole[name], half[name]) for name in whole)


def test_the_same_seed_gives_the_same_adapter(tokenizer):
    def adapter():
        torch.manual_seed(random.randrange(1000))
        config = BertConfig(
            vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
        )
        model = BertModel(config)
        for parameter in model.parameters():
            torch.nn.init.constant_(parameter, 0.01)
        recipe = ContrastiveRecipe(rank=2, alpha=4, dtype="float32")
        trained = train_contrastive(model, tokenizer, batches()[:1], recipe)
        return {name: value for name, value in trained.model.state_dict().items() if "lora" in name}

    ours, theirs = adapter(), adapter()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
