"""What the scripts beside this one share: the corpus and questions that `--write` left, timing, and the table.

    cargo bench --features peers --bench peers -- --entries 100k --engines qdex --write DIR
    python3 benches/others/NAME.py DIR
"""

import json
import math
import statistics
import sys
import time
from pathlib import Path

ROUNDS = 7
# Literal code, misspellings and half-typed words are left out: these engines have no equal of them as they are set up here.
CLASSES = ["rare-word", "common-word", "words", "question", "phrase", "identifier", "paste"]


def folder():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    return Path(sys.argv[1])


def corpus(dir):
    """Yields title and body of each entry."""
    with open(dir / "corpus.jsonl", encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            yield entry["title"], entry["text"]


def questions(dir):
    with open(dir / "questions.jsonl", encoding="utf-8") as lines:
        return [question for question in map(json.loads, lines) if question["class"] in CLASSES]


def measure(name, dir, answer):
    """Asks every question once unmeasured and then in rounds. `answer` returns the titles of the ten best, or `None`
    for what the engine does not do. Prints a table; the ratios are to what qdex took when the questions were written, in another
    process on the same machine: quote them with that in mind."""
    asked = questions(dir)
    found, took = {}, {}
    for place, question in enumerate(asked):
        titles = answer(question)
        if titles is not None:
            found[place] = question["expected"] is not None and question["expected"].strip() in [t.strip() for t in titles]
    for _ in range(ROUNDS):
        for place in found:
            started = time.perf_counter()
            answer(asked[place])
            took.setdefault(place, []).append((time.perf_counter() - started) * 1e6)
    print(f"\n| class | {name} p50 | : qdex | found |\n|---|---:|---:|---:|")
    for of in CLASSES:
        places = [place for place in found if asked[place]["class"] == of]
        if not places:
            print(f"| {of} | does no such questions | | |")
            continue
        medians = [statistics.median(took[place]) for place in places]
        ratios = [math.log(median / asked[place]["qdex_us"]) for median, place in zip(medians, places)]
        expecting = [place for place in places if asked[place]["expected"] is not None]
        share = f"{100 * sum(found[place] for place in expecting) / len(expecting):.0f}%" if expecting else ""
        ratio = math.exp(statistics.fmean(ratios))
        print(f"| {of} | {statistics.median(medians) / 1e3:.2f} ms | {ratio:.2f} | {share} |")
