//! The filters that stay, and the names that they are kept under.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use qdex::query::{self, Operand};
use qdex::{FacetField, Filter, Searcher};

use super::commands::request;
use crate::report::Failure;

/// A longer scope would leave no room for the query.
const MAX_PROMPT_CHARS: usize = 40;

/// The filters of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) filters: Vec<Filter>,
}

impl Scope {
    /// Returns the scope with the filters on a field replaced: `memory,-async` keeps to one value and leaves out another.
    /// Fails when no entry has a value.
    pub(super) fn with(
        &self,
        field: FacetField,
        values: &str,
        searcher: &Searcher,
    ) -> Result<Scope, Failure> {
        let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
        for value in values.split(',').map(str::trim) {
            match value.strip_prefix('-') {
                Some(value) if !value.is_empty() => unwanted.push(value.to_owned()),
                None if !value.is_empty() => wanted.push(value.to_owned()),
                _ => {}
            }
        }
        if wanted.is_empty() && unwanted.is_empty() {
            return Err(request(
                &format!("`:{field}` needs a value"),
                &format!("`:facets {field}` lists them; `:clear {field}` lifts the filter"),
            ));
        }
        let mut scope = self.without(field);
        if !wanted.is_empty() {
            scope.filters.push(Filter::any_of(field, wanted));
        }
        if !unwanted.is_empty() {
            scope.filters.push(Filter::none_of(field, unwanted));
        }
        scope.filters = searcher.resolve(&scope.filters)?;
        Ok(scope)
    }

    /// Returns the scope without the filters on a field.
    pub(super) fn without(&self, field: FacetField) -> Scope {
        let others = self.filters.iter().filter(|filter| filter.field != field);
        Scope {
            filters: others.cloned().collect(),
        }
    }

    /// Returns the scope in the query language.
    pub(super) fn written(&self) -> String {
        let filters: Vec<_> = self.filters.iter().map(ToString::to_string).collect();
        filters.join(" ")
    }

    /// Returns the scope that a text writes; `None` when it is something else.
    fn read(text: &str) -> Option<Scope> {
        let mut filters = Vec::new();
        for clause in query::parse(text).query.clauses {
            match clause.any_of.as_slice() {
                [Operand::Facet { field, values }] => filters.push(Filter {
                    field: *field,
                    values: values.clone(),
                    excluded: clause.excluded,
                }),
                _ => return None,
            }
        }
        Some(Scope { filters })
    }

    /// Returns the scope as the prompt shows it: difficulties and topics need no name.
    pub(super) fn short(&self) -> String {
        let filter = |filter: &Filter| {
            let sign = if filter.excluded { "-" } else { "" };
            let values = filter.values.join(",");
            match filter.field {
                FacetField::Difficulty | FacetField::Topic => format!("{sign}{values}"),
                field => format!("{sign}{field}:{values}"),
            }
        };
        let short: Vec<_> = self.filters.iter().map(filter).collect();
        let short = short.join(" ");
        if short.chars().count() > MAX_PROMPT_CHARS {
            format!("{} filters", self.filters.len())
        } else {
            short
        }
    }
}

/// The scopes that have names, in a file that only the user reads.
pub(super) struct SavedScopes {
    path: Option<PathBuf>,
}

impl SavedScopes {
    /// Returns the scopes in a file; `None` when there is no place for one.
    pub(super) fn at(path: Option<PathBuf>) -> Self {
        SavedScopes { path }
    }

    /// Returns every scope as it is written, by its name.
    pub(super) fn all(&self) -> Result<BTreeMap<String, String>, Failure> {
        let path = self.path()?;
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(source) => return Err(failed("read the saved scopes", path, source)),
        };
        serde_json::from_str(&text)
            .map_err(|error| failed("read the saved scopes", path, io::Error::other(error)))
    }

    /// Returns the scope with a name.
    pub(super) fn named(&self, name: &str) -> Result<Scope, Failure> {
        let all = self.all()?;
        let Some(written) = all.get(name) else {
            let hint = match crate::spelling::nearest(name, all.keys().map(String::as_str)) {
                Some(near) => format!("did you mean `:scope {near}`?"),
                None => "`:scope list` lists those that are saved".to_owned(),
            };
            return Err(request(&format!("no scope is called `{name}`"), &hint));
        };
        Scope::read(written).ok_or_else(|| {
            request(
                &format!("the scope `{name}` holds something else than filters: `{written}`"),
                &format!("`:scope delete {name}` forgets it"),
            )
        })
    }

    /// Keeps a scope under a name, in place of the one that had it.
    pub(super) fn save(&self, name: &str, scope: &Scope) -> Result<(), Failure> {
        let mut all = self.all()?;
        all.insert(name.to_owned(), scope.written());
        self.write(&all)
    }

    /// Forgets the scope with a name.
    pub(super) fn delete(&self, name: &str) -> Result<(), Failure> {
        let mut all = self.all()?;
        if all.remove(name).is_none() {
            // The failure names what there is.
            self.named(name)?;
        }
        self.write(&all)
    }

    fn write(&self, all: &BTreeMap<String, String>) -> Result<(), Failure> {
        let path = self.path()?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let write = || -> io::Result<()> {
            std::fs::create_dir_all(folder)?;
            // A file of its own, readable by the user alone, takes the place of the former one in one step.
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            serde_json::to_writer_pretty(&mut file, all)?;
            file.write_all(b"\n")?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|source| failed("keep the scopes in", path, source))
    }

    fn path(&self) -> Result<&Path, Failure> {
        self.path.as_deref().ok_or_else(|| {
            request(
                "there is no home folder to keep scopes in",
                "set `HOME` to a folder of yours",
            )
        })
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> Failure {
    Failure::File {
        action,
        path: path.to_owned(),
        source,
        hint: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope {
            filters: vec![
                Filter::any_of(FacetField::Topic, vec!["/python/gc".to_owned()]),
                Filter::any_of(FacetField::Framework, vec!["Spring Boot".to_owned()]),
                Filter::none_of(FacetField::Tag, vec!["async".to_owned(), "a,b".to_owned()]),
            ],
        }
    }

    #[test]
    fn a_scope_is_read_as_it_was_written() {
        let scope = scope();
        let written = "topic:/python/gc framework:\"Spring Boot\" -tag:async,\"a,b\"";
        assert_eq!(scope.written(), written);
        assert_eq!(Scope::read(written), Some(scope));
        assert_eq!(Scope::read("topic:/a some words"), None);
        assert_eq!(Scope::read(""), Some(Scope::default()));
    }

    #[test]
    fn the_prompt_stays_short() {
        let mut scope = scope();
        assert_eq!(scope.short(), "3 filters");
        scope.filters.pop();
        assert_eq!(scope.short(), "/python/gc framework:Spring Boot");
        assert_eq!(Scope::default().short(), "");
    }

    #[test]
    fn saved_scopes_are_kept_by_name_and_a_broken_file_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("state").join("scopes.json");
        let saved = SavedScopes::at(Some(path.clone()));
        assert!(saved.named("mine").is_err());
        saved.save("mine", &scope()).expect("is saved");
        assert_eq!(saved.named("mine").ok(), Some(scope()));
        saved.delete("mine").expect("is deleted");
        assert!(saved.delete("mine").is_err());
        assert_eq!(saved.all().ok().map(|all| all.len()), Some(0));
        std::fs::write(&path, "no json").expect("is written");
        assert!(matches!(saved.all(), Err(Failure::File { .. })));
        assert!(SavedScopes::at(None).all().is_err());
    }
}
