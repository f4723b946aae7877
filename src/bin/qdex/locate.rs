//! Which folder holds the index, and where the program keeps what belongs to the user.
//!
//! `qdex index` writes where the other commands look: an index that was named, else `./index`, else the user's data
//! folder.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use qdex::Index;

use crate::report::Failure;

/// What there is to search.
pub(crate) enum Place {
    /// An index, or a folder that was named as one.
    Index(PathBuf),
    /// No index, but a corpus that one can be built from.
    Corpus {
        /// The corpus.
        corpus: PathBuf,
        /// Where its index belongs.
        index: PathBuf,
    },
}

/// Returns what to search. An index that was named, by whomever, is not looked for elsewhere.
pub(crate) fn for_reading(named: Option<&Path>) -> Result<Place, Failure> {
    if let Some(index) = named {
        return Ok(Place::Index(index.to_owned()));
    }
    let of_user = of_user();
    let candidates = [Some(here()), of_user.clone()];
    if let Some(index) = candidates
        .into_iter()
        .flatten()
        .find(|index| Index::exists(index))
    {
        return Ok(Place::Index(index));
    }
    if is_corpus_here() {
        return Ok(Place::Corpus {
            corpus: corpus_here(),
            index: here(),
        });
    }
    let elsewhere = of_user.map_or(String::new(), |index| format!(" or `{}`", index.display()));
    Err(Failure::Request {
        message: format!("there is no index at `{}`{elsewhere}", here().display()),
        hint: Some("build one with `qdex index PATH…`, or name one with `--index DIR`".to_owned()),
    })
}

/// Returns where `qdex index` writes: the index that was named, else `./index` if an index is there or a corpus stands
/// beside it, else the user's data folder. A folder `index` that is something else is left alone.
pub(crate) fn for_writing(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(index) = named {
        return Ok(index.to_owned());
    }
    if Index::exists(&here()) || is_corpus_here() {
        return Ok(here());
    }
    of_user().ok_or_else(|| Failure::Request {
        message: "there is no home folder to put the index into".to_owned(),
        hint: Some("name a folder with `--index DIR`".to_owned()),
    })
}

/// Returns whether a corpus stands in the current folder.
pub(crate) fn is_corpus_here() -> bool {
    corpus_here().is_dir()
}

/// Returns a file in which the program keeps something for the user from one run to the next; `None` when the user has no
/// home folder.
pub(crate) fn state(name: &str) -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Some(state.join("qdex").join(name))
}

fn here() -> PathBuf {
    PathBuf::from("index")
}

fn corpus_here() -> PathBuf {
    PathBuf::from("corpus")
}

fn of_user() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.data_dir().join("qdex").join("index"))
}
