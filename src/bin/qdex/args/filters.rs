//! The options that narrow a search, and how their values are read.

use clap::Args;
use qdex::{Difficulty, FacetField, Filter};

use crate::spelling;

const FILTERS: &str = "Filters (repeatable; lists parted by commas)";

/// Filters on facets: repeatable, and lists parted by commas.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct FilterArgs {
    /// easy, medium or hard
    #[arg(short, long, value_name = "LEVEL", value_delimiter = ',', help_heading = FILTERS, value_parser = difficulty)]
    pub(crate) difficulty: Vec<Difficulty>,
    /// A topic and everything below it, such as python/internals
    #[arg(short, long, value_name = "PATH", value_delimiter = ',', help_heading = FILTERS)]
    pub(crate) topic: Vec<String>,
    /// A language, library or field
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = FILTERS)]
    pub(crate) framework: Vec<String>,
    /// A tag
    #[arg(long, value_name = "TAG", value_delimiter = ',', help_heading = FILTERS)]
    pub(crate) tag: Vec<String>,
    /// The language of a code block
    #[arg(long, value_name = "LANG", value_delimiter = ',', help_heading = FILTERS)]
    pub(crate) lang: Vec<String>,
    /// The file an entry was read from, or a folder above it
    #[arg(long, value_name = "PATH", value_delimiter = ',', help_heading = FILTERS)]
    pub(crate) source: Vec<String>,
    /// Leave out what has one of the values, such as tag:async,await or difficulty:hard
    #[arg(long, value_name = "FIELD:VALUES", help_heading = FILTERS, value_parser = excluded)]
    pub(crate) not: Vec<Filter>,
}

impl FilterArgs {
    /// Returns the filters that were given.
    pub(crate) fn filters(&self) -> Vec<Filter> {
        let difficulty = self.difficulty.iter().map(ToString::to_string).collect();
        let given = [
            (FacetField::Difficulty, difficulty),
            (FacetField::Topic, self.topic.clone()),
            (FacetField::Framework, self.framework.clone()),
            (FacetField::Tag, self.tag.clone()),
            (FacetField::Lang, self.lang.clone()),
            (FacetField::Source, self.source.clone()),
        ];
        given
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(field, values)| Filter::any_of(field, values))
            .chain(self.not.iter().cloned())
            .collect()
    }
}

fn difficulty(word: &str) -> Result<Difficulty, String> {
    Difficulty::from_any_scale(word).ok_or_else(|| {
        let levels = Difficulty::ALL.map(Difficulty::as_str);
        match spelling::nearest(word, levels) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected one of `{}`", levels.join("`, `")),
        }
    })
}

fn excluded(text: &str) -> Result<Filter, String> {
    let (name, values) = text
        .split_once(':')
        .ok_or("expected a field and its values, as in `tag:async,await`")?;
    let field = facet_field(name)?;
    let values = values.split(',').map(|value| value.trim().to_owned());
    let values: Vec<String> = values.filter(|value| !value.is_empty()).collect();
    if values.is_empty() {
        return Err(format!("`{name}:` needs a value"));
    }
    if field == FacetField::Difficulty {
        for value in &values {
            difficulty(value)?;
        }
    }
    Ok(Filter::none_of(field, values))
}

pub(crate) fn facet_field(name: &str) -> Result<FacetField, String> {
    name.parse().map_err(|error: String| {
        match spelling::nearest(name, FacetField::ALL.map(FacetField::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => error,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Command, parse};
    use std::ffi::OsString;

    #[test]
    fn filters_are_lists_and_may_be_repeated() {
        let line = "qdex facets -d easy,advanced -t a --tag x,y --tag z --not tag:v,w";
        let Ok(parsed) = parse(line.split(' ').map(OsString::from).collect()) else {
            panic!("`{line}` was rejected");
        };
        let Command::Facets(args) = parsed.cli.command else {
            panic!("`{line}` is not `facets`");
        };
        let filters: Vec<_> = args.filters.filters();
        let filters: Vec<_> = filters.iter().map(ToString::to_string).collect();
        let expected = ["difficulty:easy,hard", "topic:a", "tag:x,y,z", "-tag:v,w"];
        assert_eq!(filters, expected);
    }
}
