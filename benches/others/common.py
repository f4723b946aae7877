"""What the scripts beside this one share: the corpus, and answering questions as `benches/peers/other.rs` asks them.

    cargo bench --features peers --bench peers -- --entries 100k --engines qdex,tantivy --keep DIR --with 'NAME=python3 benches/others/NAME.py'
"""

import json
import sys
import time
from pathlib import Path

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


def serve(about, answer):
    """Says what was built, then answers a question a line. `answer` returns the titles of the ten best, or `None` for what the engine
    does not do. The time is taken here, so that it is that of the engine alone."""
    answers = sys.stdout
    # What a library prints is no answer.
    sys.stdout = sys.stderr
    print(f"ready: {about}", file=answers, flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        reply = None
        if question["class"] in CLASSES:
            started = time.perf_counter()
            titles = answer(question)
            took = time.perf_counter() - started
            if titles is not None:
                reply = {"titles": titles, "us": took * 1e6}
        print(json.dumps(reply), file=answers, flush=True)
