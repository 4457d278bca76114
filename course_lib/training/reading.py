"""Examples that teach reading: passages of many made-up organizations with values drawn anew each time.

Because every value, id and order is random, nothing in an example can be remembered; the only way to lower the
loss is to find the value in the passages, or to notice that it is not there.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from course_lib.knowledge.chunking import Passage
from course_lib.models.prompts import house_answer, reading_messages
from course_lib.training.examples import Message
from course_lib.training.random_values import draw_values

TURNS = 8
MERGED = 0.25  # share of conversations with one long passage


@dataclass(frozen=True)
class Mix:
    """What conversations are made of.

    Attributes:
        sizes: numbers of passages to show, each as likely as often as it stands here.
        near: share of conversations in which the passages shown are much alike, as those that a search finds are.
        untold: share of turns that ask what no passage tells.
        lost: share of turns whose passage is not shown.
        paired: share of turns that ask two questions in one.
        joins: what may stand between the two.
    """

    sizes: tuple[int, ...] = (1, 2, 2, 3, 3, 4)
    near: float = 0
    untold: float = 0.15
    lost: float = 0.13
    paired: float = 0.12
    joins: tuple[str, ...] = (" And also: ",)


@dataclass(frozen=True)
class Asked:
    """A question with its values (none: the documents do not tell) and the position of its passage in the site."""

    text: str
    values: tuple[str, ...]
    source: int


@dataclass
class Site:
    """Passages of one organization with values filled in, and what can be asked about them."""

    passages: list[Passage]
    asked: list[Asked] = field(default_factory=list)


def fill_site(row: dict, rng: random.Random) -> Site:
    """Draw values for one organization and write them into its passages and questions.

    Args:
        row: one line of ``data/train/sites.jsonl``.
        rng: source of the values and of the passages' ids.
    """
    site = Site([])
    numbers = rng.sample(range(1, 1000), len(row["passages"]))
    for index, source in enumerate(row["passages"]):
        values = draw_values(source["slots"], rng)
        text = re.sub(r"\{(\w+)\}", lambda match, drawn=values: drawn[match.group(1)], source["text"])
        name = f"kb-{numbers[index]:03d}"
        site.passages.append(
            Passage(
                f"{name}.{rng.randrange(1, 10)}", name, source["title"], source["section"], source["category"], text
            )
        )
        for question in source["questions"]:
            wrong = draw_values(source["slots"], rng)
            asked = re.sub(r"\{wrong:(\w+)\}", lambda match, drawn=wrong: drawn[match.group(1)], question["q"])
            site.asked.append(Asked(asked, tuple(values[slot] for slot in question["slots"]), index))
        site.asked += [Asked(text, (), index) for text in source["unanswerable"]]
    return site


def conversation(site: Site, others: Sequence[Passage], rng: random.Random, mix: Mix) -> list[Message]:
    """Make one conversation: a few passages, then several questions about them in turn.

    A question whose passage was left out, or that nothing answers, is answered with "not in the documents":
    near-duplicates of its passage may still be in view, which is what makes refusing hard.

    Args:
        site: the organization asked about.
        others: passages of other organizations, shown now and then.
        rng: source of every choice.
        mix: what it is made of.
    """
    count = min(rng.choice(mix.sizes), len(site.passages))
    alike = bool(mix.near) and rng.random() < mix.near
    shown = _shown(site, count, rng, alike)
    passages = {index: site.passages[index] for index in shown}
    if rng.random() < MERGED and count > 2:  # now and then a long passage
        first, second = shown[:2]
        merged = site.passages[first]
        merged = Passage(
            merged.id,
            merged.article,
            merged.title,
            merged.section,
            merged.category,
            f"{merged.text}\n{site.passages[second].heading}: {site.passages[second].text}",
        )
        passages[first] = passages[second] = merged
    view = list(dict.fromkeys(passages.values()))
    if others and rng.random() < 0.3:
        view.append(rng.choice(others))
    rng.shuffle(view)
    turns = [_answered(asked, passages, mix.joins, rng) for asked in _choose(site, set(shown), rng, mix)]
    messages = reading_messages(turns[0][0], view)
    for position, (question, answer) in enumerate(turns):
        if position:
            messages.append({"role": "user", "content": f"Question: {question}"})
        messages.append({"role": "assistant", "content": answer})
    return messages


def _shown(site: Site, count: int, rng: random.Random, alike: bool) -> list[int]:
    """Pick positions of passages, at least one of which can be asked about; the rest are like it, or any."""
    anchor = rng.choice([asked.source for asked in site.asked if asked.values])
    rest = [index for index in range(len(site.passages)) if index != anchor]
    if alike:
        rest = sorted(rest, key=lambda index: -_shared(site.passages[index], site.passages[anchor]))[: count - 1]
    return rng.sample([anchor, *rng.sample(rest, count - 1)], count)


def _shared(one: Passage, other: Passage) -> float:
    """Return the share of words that two passages have in common, numbers aside."""
    first, second = (set(re.findall(r"[a-z]+", passage.indexed.lower())) for passage in (one, other))
    return len(first & second) / len(first | second)


def _choose(site: Site, shown: set[int], rng: random.Random, mix: Mix) -> list[list[Asked]]:
    """Pick questions: most can be answered, some have no answer anywhere, and some lost their passage."""
    told = [asked for asked in site.asked if asked.values and asked.source in shown]
    untold = [asked for asked in site.asked if not asked.values and asked.source in shown]
    lost = [asked for asked in site.asked if asked.values and asked.source not in shown]
    chosen: list[list[Asked]] = []
    for asked in rng.sample(told, min(TURNS, len(told))):
        roll = rng.random()
        if roll < mix.untold and untold:
            chosen.append([untold.pop(rng.randrange(len(untold)))])
        elif roll < mix.untold + mix.lost and lost:
            chosen.append([lost.pop(rng.randrange(len(lost)))])
        elif roll < mix.untold + mix.lost + mix.paired and len(asked.values) == 1:
            second = rng.choice(told)
            pair = second.source != asked.source and len(second.values) == 1
            chosen.append([asked, second] if pair else [asked])
        else:
            chosen.append([asked])
    return chosen


def _answered(
    group: list[Asked], passages: dict[int, Passage], joins: Sequence[str], rng: random.Random
) -> tuple[str, str]:
    question = group[0].text
    if len(group) == 2:
        join = joins[0] if len(joins) == 1 else rng.choice(joins)
        question = f"{question.rstrip()}{join}{group[1].text}"
    if not group[0].values or group[0].source not in passages:
        return question, house_answer((), (), "")
    cited = list(dict.fromkeys(passages[asked.source].id for asked in group))
    values = [value for asked in group for value in asked.values]
    return question, house_answer(values, cited, passages[group[0].source].category)


def reading_examples(rows: Sequence[dict], rounds: int, seed: int, mix: Mix = Mix()) -> Iterator[list[Message]]:
    """Yield ``rounds`` conversations for each organization, each time with new values.

    Args:
        rows: lines of ``data/train/sites.jsonl``.
        rounds: conversations an organization.
        seed: seed of every choice.
        mix: what the conversations are made of.
    """
    rng = random.Random(seed)
    for _ in range(rounds):
        sites = [fill_site(row, rng) for row in rows]
        for site in sites:
            others = [passage for other in sites if other is not site for passage in other.passages]
            yield conversation(site, others, rng, mix)
