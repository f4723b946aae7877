//! The names of languages, as code blocks carry them in many notations.

/// Returns the language that a fence's info string names, in lower case: `python` for `python`, `Python title="x"`,
/// `python{1,3}`, `{.python .numbered}` and `language-python`.
pub(super) fn from_info(info: &str) -> Option<String> {
    let info = info.trim();
    let word = match info.strip_prefix('{') {
        Some(attributes) => attributes.trim_start().trim_start_matches('.'),
        None => info,
    };
    let word =
        word.split(|character: char| character.is_whitespace() || "{}[]();,:".contains(character));
    let word = word.map(str::to_lowercase).next()?;
    let word = match word.split_once('=') {
        // HackMD numbers lines with `python=` and `python=12`; `title=x` is an option and no language.
        Some((language, line)) if line.chars().all(|digit| digit.is_ascii_digit()) => language,
        Some(_) => return None,
        None => &word,
    };
    let word = ["language-", "lang-"]
        .iter()
        .find_map(|prefix| word.strip_prefix(prefix))
        .unwrap_or(word);
    let is_name = word.starts_with(|first: char| first.is_alphanumeric() || first == '.')
        && word
            .chars()
            .all(|character| character.is_alphanumeric() || "+#-._*/".contains(character));
    (is_name && !["none", "default"].contains(&word)).then(|| word.to_owned())
}

/// Returns the language that a `class` attribute names: `lang-js`, `highlight language-js`, `highlight-source-js`.
pub(super) fn from_class(class: &str) -> Option<String> {
    let prefixes = ["language-", "lang-", "highlight-source-"];
    let mut names = class.split_whitespace().filter_map(|name| {
        let prefix = prefixes.iter().find(|prefix| name.starts_with(**prefix))?;
        from_info(&name[prefix.len()..])
    });
    names.next()
}
