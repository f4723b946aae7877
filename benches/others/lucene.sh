#!/usr/bin/env bash
# Lucene through Pyserini: needs Java 21 and a few gigabytes of Python packages.
#
#   pip install pyserini faiss-cpu torch
#   benches/others/lucene.sh DIR
#
# In its favour: stemming, stop words dropped, one merged segment. Against it: calls cross from Python to Java, and the machine needs some
# hundred searches to compile itself, of which the unmeasured round is all it gets. It cuts no snippets.
set -euo pipefail
dir=${1:?usage: lucene.sh DIR}
here=$(dirname "$0")
mkdir -p "$dir/lucene-json"
python3 - "$dir" <<'PYTHON'
import json, pathlib, sys
dir = pathlib.Path(sys.argv[1])
with open(dir / "corpus.jsonl") as lines, open(dir / "lucene-json/corpus.jsonl", "w") as out:
    for place, line in enumerate(lines):
        entry = json.loads(line)
        out.write(json.dumps({"id": str(place), "contents": entry["title"] + "\n" + entry["text"]}) + "\n")
PYTHON
python3 -m pyserini.index.lucene --collection JsonCollection --input "$dir/lucene-json" --index "$dir/lucene" \
    --generator DefaultLuceneDocumentGenerator --threads 1 --storePositions --storeRaw --optimize
PYTHONPATH=$here python3 - "$dir" <<'PYTHON'
import json
from pyserini.search.lucene import LuceneSearcher
import common

dir = common.folder()
searcher = LuceneSearcher(str(dir / "lucene"))

def answer(question):
    if question["phrase"]:
        return None
    hits = searcher.search(" ".join(question["words"]), k=10)
    return [json.loads(hit.lucene_document.get("raw"))["contents"].partition("\n")[0] for hit in hits]

common.measure("lucene", dir, answer)
PYTHON
