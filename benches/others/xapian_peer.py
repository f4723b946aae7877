"""Xapian through its Python bindings, as its getting-started guide shows it: stemmed terms, titles with a prefix, BM25, snippets.

    apt-get install python3-xapian
    … --with 'xapian=/usr/bin/python3 benches/others/xapian_peer.py'

In its favour: stop words are dropped from queries, and the database is compact. Against it: the bindings cost some microseconds a call.
"""

import shutil
import time

import xapian

import common


def build(dir, compact):
    path = dir / "xapian"
    shutil.rmtree(path, ignore_errors=True)
    database = xapian.WritableDatabase(str(path), xapian.DB_CREATE_OR_OVERWRITE)
    terms = xapian.TermGenerator()
    terms.set_stemmer(xapian.Stem("en"))
    for title, body in common.corpus(dir):
        document = xapian.Document()
        terms.set_document(document)
        terms.index_text(title, 1, "S")
        terms.index_text(title)
        terms.increase_termpos()
        terms.index_text(body)
        document.set_data(title + "\n" + body)
        database.add_document(document)
    database.commit()
    database.close()
    unfinished = dir / "xapian-unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    xapian.Database(str(path)).compact(str(unfinished))
    unfinished.rename(compact)
    shutil.rmtree(path)


def main():
    dir = common.folder()
    path = dir / "xapian-compact"
    built = "kept from an earlier run"
    if not path.exists():
        started = time.time()
        build(dir, path)
        built = f"built in {time.time() - started:.1f} s"
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    about = f"{xapian.version_string()}, {built}, {size / 1e6:.1f} MB"
    database = xapian.Database(str(path))
    stemmer = xapian.Stem("en")
    parser = xapian.QueryParser()
    parser.set_database(database)
    parser.set_stemmer(stemmer)
    parser.set_stemming_strategy(xapian.QueryParser.STEM_SOME)

    def answer(question):
        if question["phrase"]:
            query = parser.parse_query('"' + " ".join(question["words"]) + '"', xapian.QueryParser.FLAG_PHRASE)
        else:
            query = parser.parse_query(" ".join(question["content"]), 0)
        enquire = xapian.Enquire(database)
        enquire.set_query(query)
        hits = enquire.get_mset(0, 10)
        titles = []
        for hit in hits:
            title, _, body = hit.document.get_data().decode().partition("\n")
            hits.snippet(body, 300, stemmer)
            titles.append(title)
        return titles

    common.serve(about, answer)


main()
