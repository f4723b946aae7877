//! Which sources a build reads, and how.

use qdex::index::{IndexerOptions, Source};
use qdex::{Error, Index, Indexer};

use super::Build;
use crate::report::{self, Failure};

impl Build<'_> {
    /// Returns the indexer, whether it updates a former index, and the sources to read, in the order of the index.
    pub(super) fn begin(
        &self,
        options: IndexerOptions,
    ) -> Result<(Indexer, bool, Vec<Source>), Failure> {
        let given = self.paths.iter().map(|path| Source::new(path, &self.read));
        let given: Vec<Source> = given.collect::<qdex::Result<_>>()?;
        let opened = match self.rebuild {
            true => None,
            false => match Indexer::update(self.index, options.clone()) {
                Ok(indexer) => Some(indexer),
                Err(Error::NoIndex { .. }) => None,
                Err(error @ (Error::IndexVersion { .. } | Error::IndexDamaged { .. })) => {
                    report::note(&format!("{error}; it is built anew"));
                    None
                }
                Err(error) => return Err(error.into()),
            },
        };
        let known = match &opened {
            Some(indexer) => indexer.sources(),
            // What is built anew from given paths has those alone.
            None if self.rebuild && !given.is_empty() => Vec::new(),
            None => Index::known_sources(self.index),
        };
        let hidden = opened.as_ref().map(Indexer::hidden_sources);
        let hidden = hidden.unwrap_or_default();
        let reads_all = given.is_empty() || opened.is_none();
        let mut sources: Vec<Source> = Vec::new();
        let mut new = given.clone();
        for source in &known {
            let place = new.iter().position(|new| new.absolute == source.absolute);
            match place.map(|place| new.remove(place)) {
                // How it was named stays, so that its entries do.
                Some(given) => sources.push(Source {
                    path: still_named(source).unwrap_or(given.path.clone()),
                    ..given
                }),
                None if reads_all => sources.push(again(source)?),
                None if hidden.contains(source) => sources.extend(again_if_there(source)),
                None => {}
            }
        }
        for source in new {
            if !sources
                .iter()
                .any(|known| known.absolute == source.absolute)
            {
                sources.push(source);
            }
        }
        let all = known.iter().filter(|known| {
            let is_it = |source: &&Source| source.absolute == known.absolute;
            !sources.iter().any(|source| is_it(&source))
        });
        let all: Vec<&Source> = sources.iter().chain(all).collect();
        apart(&all)?;
        if sources.is_empty() {
            return Err(Failure::Request {
                message: "there is nothing to index".to_owned(),
                hint: Some("name files and folders: `qdex index PATH…`".to_owned()),
            });
        }
        let updated = opened.is_some();
        let indexer = match opened {
            Some(indexer) => indexer,
            None => Indexer::create(self.index, options)?,
        };
        Ok((indexer, updated, sources))
    }
}

/// Returns how a known source was named, if that still leads to it from here.
fn still_named(source: &Source) -> Option<String> {
    let leads_to = std::fs::canonicalize(&source.path).ok();
    (source.is_stream() || leads_to.as_ref() == Some(&source.absolute)).then(|| source.path.clone())
}

/// Returns a known source to be read again. Fails when it is gone: its entries would go with it.
fn again(source: &Source) -> Result<Source, Failure> {
    let gone = |why: String| Failure::Request {
        message: why,
        hint: Some(format!(
            "bring it back, take it out with `qdex remove {}`, or name what to index: `qdex index PATH…`",
            source.path
        )),
    };
    if source.is_stream() {
        return Err(gone(
            "the source `-` was a stream, which cannot be read again".to_owned(),
        ));
    }
    if !source.absolute.exists() {
        return Err(gone(format!(
            "the source `{}` is not there any more; the index stays as it was",
            source.absolute.display()
        )));
    }
    let path = still_named(source).unwrap_or_else(|| source.absolute.display().to_string());
    Ok(Source {
        path,
        ..source.clone()
    })
}

/// Returns a source whose ids may come back from under those of others; `None`, with a warning, when it is gone.
pub(super) fn again_if_there(source: &Source) -> Option<Source> {
    let source_again = again(source);
    if source_again.is_err() {
        report::warning(&format!(
            "`{}` cannot be read again: entries of it that others hid stay away",
            source.path
        ));
    }
    source_again.ok()
}

/// Fails when a source lies in another one, whose entries it would repeat.
fn apart(sources: &[&Source]) -> Result<(), Failure> {
    for inner in sources {
        let holds = |outer: &&&Source| {
            outer.absolute != inner.absolute && inner.absolute.starts_with(&outer.absolute)
        };
        if let Some(outer) = sources.iter().find(holds) {
            return Err(Failure::Request {
                message: format!(
                    "`{}` lies in `{}`: its entries would be indexed twice",
                    inner.path, outer.path
                ),
                hint: Some(format!(
                    "name one of them; `qdex remove {}` takes the one out that the index has",
                    inner.path
                )),
            });
        }
    }
    Ok(())
}
