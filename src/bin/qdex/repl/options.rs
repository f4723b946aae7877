//! `:set`: what can be changed about a session.

use clap::ValueEnum;

use super::commands::request;
use crate::args::{ColorWhen, EditKeys, SortOrder};
use crate::commands::facets::BarStyle;
use crate::pager::Paging;
use crate::report::Failure;
use crate::spelling;

/// The names of the options, in the order in which they are listed.
pub(super) const NAMES: [&str; 7] = ["limit", "sort", "color", "paging", "bars", "keys", "time"];

/// The options of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Options {
    /// How many hits stand on a page.
    pub(super) limit: usize,
    pub(super) sort: SortOrder,
    pub(super) color: ColorWhen,
    pub(super) paging: Paging,
    /// What bars are drawn with; `None` leaves it to the terminal.
    pub(super) bars: Option<BarStyle>,
    pub(super) keys: EditKeys,
    /// Whether to say how long each line took.
    pub(super) time: bool,
}

impl Options {
    /// Returns the options as they are listed; of one name, its value alone.
    pub(super) fn listed(&self, name: &str) -> Result<String, Failure> {
        if name.is_empty() {
            let line = |name| format!("{name:<8}{}\n", self.value(name));
            return Ok(NAMES.map(line).concat());
        }
        if !NAMES.contains(&name) {
            return Err(unknown(name));
        }
        Ok(format!("{}\n", self.value(name)))
    }

    fn value(&self, name: &str) -> String {
        match name {
            "limit" => self.limit.to_string(),
            "sort" => name_of(self.sort),
            "color" => name_of(self.color),
            "paging" => name_of(self.paging),
            "bars" => self.bars.map_or_else(|| "auto".to_owned(), name_of),
            "keys" => name_of(self.keys),
            _ => on_off(self.time).to_owned(),
        }
    }

    /// Changes an option.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        match name {
            "limit" => {
                let limit = value.parse().ok().filter(|limit| *limit > 0);
                self.limit = limit.ok_or_else(|| {
                    request(
                        &format!("`{value}` is no number above 0"),
                        "for example `:set limit 5`",
                    )
                })?;
            }
            "sort" => self.sort = one_of(name, value)?,
            "color" => self.color = one_of(name, value)?,
            "paging" => self.paging = one_of(name, value)?,
            "bars" if value == "auto" => self.bars = None,
            "bars" => self.bars = Some(one_of(name, value)?),
            "keys" => self.keys = one_of(name, value)?,
            "time" => self.time = is_on(value)?,
            _ => return Err(unknown(name)),
        }
        Ok(())
    }
}

/// Returns the values that an option may have; none where they are too many to list.
pub(super) fn values_of(name: &str) -> Vec<String> {
    match name {
        "sort" => all::<SortOrder>(),
        "color" => all::<ColorWhen>(),
        "paging" => all::<Paging>(),
        "bars" => [vec!["auto".to_owned()], all::<BarStyle>()].concat(),
        "keys" => all::<EditKeys>(),
        "time" => vec![on_off(true).to_owned(), on_off(false).to_owned()],
        _ => Vec::new(),
    }
}

/// Returns whether a word says `on`.
pub(super) fn is_on(word: &str) -> Result<bool, Failure> {
    match word {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(request("expected `on` or `off`", "for example `:time on`")),
    }
}

fn on_off(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn all<T: ValueEnum>() -> Vec<String> {
    T::value_variants()
        .iter()
        .map(|value| name_of(value.clone()))
        .collect()
}

fn name_of<T: ValueEnum>(value: T) -> String {
    let name = value.to_possible_value();
    name.map(|name| name.get_name().to_owned())
        .unwrap_or_default()
}

fn one_of<T: ValueEnum>(name: &str, value: &str) -> Result<T, Failure> {
    T::from_str(value, false).map_err(|_| {
        let known = values_of(name);
        let hint = match spelling::nearest(value, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `:set {name} {near}`?"),
            None => format!("it can be `{}`", known.join("`, `")),
        };
        request(&format!("`{name}` cannot be `{value}`"), &hint)
    })
}

fn unknown(name: &str) -> Failure {
    let hint = match spelling::nearest(name, NAMES) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`:set` lists what there is".to_owned(),
    };
    request(&format!("there is no setting `{name}`"), &hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_set_by_name_and_mistakes_are_named() {
        let mut options = Options {
            limit: 10,
            sort: SortOrder::Relevance,
            color: ColorWhen::Auto,
            paging: Paging::Auto,
            bars: None,
            keys: EditKeys::Emacs,
            time: false,
        };
        for (name, value, hint) in [
            ("limit", "5", None),
            ("sort", "score", None),
            ("bars", "ascii", None),
            ("bars", "auto", None),
            ("keys", "vi", None),
            ("time", "on", None),
            ("limit", "0", Some("for example `:set limit 5`")),
            ("sort", "scoer", Some("did you mean `:set sort score`?")),
            ("color", "red", Some("it can be `auto`, `always`, `never`")),
            ("time", "yes", Some("for example `:time on`")),
            ("limt", "5", Some("did you mean `limit`?")),
            ("", "", Some("`:set` lists what there is")),
        ] {
            match (options.set(name, value), hint) {
                (Ok(()), None) => {
                    assert_eq!(
                        options.listed(name).ok(),
                        Some(format!("{value}\n")),
                        "{name}"
                    );
                }
                (Err(Failure::Request { hint: found, .. }), hint) => {
                    assert_eq!(found.as_deref(), hint, "{name} {value}");
                }
                (result, _) => panic!("{name} {value}: {result:?}"),
            }
        }
        let listed = "limit   5\nsort    score\ncolor   auto\npaging  auto\nbars    auto\nkeys    vi\ntime    on\n";
        assert_eq!(options.listed("").ok().as_deref(), Some(listed));
        assert!(options.listed("limt").is_err());
    }
}
