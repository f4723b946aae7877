"""Lucene through Pyserini: needs Java 21, or 11 with Pyserini 0.22, and a few gigabytes of Python packages.

    pip install pyserini faiss-cpu torch
    … --with 'lucene=python3 benches/others/lucene_peer.py'

In its favour: stemming, stop words dropped, one merged segment. Against it: calls cross from Python to Java, and the machine needs some
hundred searches to compile itself, of which the unmeasured round is all it gets. It cuts no snippets.
"""

import json
import subprocess
import sys
import time

from pyserini.search.lucene import LuceneSearcher

import common


def build(dir, path):
    input = dir / "lucene-json"
    input.mkdir(exist_ok=True)
    with open(input / "corpus.jsonl", "w", encoding="utf-8") as out:
        for place, (title, body) in enumerate(common.corpus(dir)):
            out.write(json.dumps({"id": str(place), "contents": title + "\n" + body}) + "\n")
    command = [sys.executable, "-m", "pyserini.index.lucene", "--collection", "JsonCollection", "--input", str(input)]
    command += ["--index", str(path), "--generator", "DefaultLuceneDocumentGenerator", "--threads", "1"]
    command += ["--storePositions", "--storeRaw", "--optimize"]
    subprocess.run(command, check=True, stdout=sys.stderr)


def main():
    dir = common.folder()
    path = dir / "lucene"
    built = "kept from an earlier run"
    if not path.exists():
        started = time.time()
        build(dir, path)
        built = f"built in {time.time() - started:.1f} s"
    searcher = LuceneSearcher(str(path))

    def answer(question):
        if question["phrase"]:
            return None
        hits = searcher.search(" ".join(question["words"]), k=10)
        return [json.loads(hit.lucene_document.get("raw"))["contents"].partition("\n")[0] for hit in hits]

    common.serve(built, answer)


main()
