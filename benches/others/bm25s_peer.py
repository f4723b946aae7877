"""bm25s: BM25 with every score computed beforehand, kept in memory as sparse matrices.

    pip install bm25s PyStemmer numba
    … --with 'bm25s=python3 benches/others/bm25s_peer.py'

In its favour: stop words are dropped, nothing is read from a disk, no snippet is cut. Against it: it is Python, though what costs is compiled.
It has no phrases, filters or updates.
"""

import time

import Stemmer
import bm25s

import common


def main():
    titles, texts = [], []
    for title, body in common.corpus(common.folder()):
        titles.append(title)
        texts.append(title + "\n" + body)
    stemmer = Stemmer.Stemmer("english")
    started = time.time()
    try:
        import numba  # noqa: F401

        retriever = bm25s.BM25(backend="numba")
    except ImportError:
        retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)
    about = f"{bm25s.__version__} ({retriever.backend}), built in {time.time() - started:.1f} s"

    def answer(question):
        if question["phrase"]:
            return None
        tokens = bm25s.tokenize(question["text"], stopwords="en", stemmer=stemmer, show_progress=False)
        if not tokens.vocab:
            return []
        places, _ = retriever.retrieve(tokens, k=10, show_progress=False)
        return [titles[place] for place in places[0]]

    common.serve(about, answer)


main()
