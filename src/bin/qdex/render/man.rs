//! Manual pages in the language of man(7).

use clap::{Arg, ArgAction, Command};

use crate::settings::{CONFIG_VARIABLE, KEYS};

/// Returns the commands that have a page.
pub(crate) fn commands(program: &Command) -> impl Iterator<Item = &Command> {
    program
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

/// Returns the page of a command, or of the program. Both have been built.
pub(crate) fn page(program: &Command, command: Option<&Command>) -> String {
    let version = program.get_version().unwrap_or_default();
    let name = match command {
        Some(command) => format!("qdex-{}", command.get_name()),
        None => "qdex".to_owned(),
    };
    let shown = command.unwrap_or(program);
    let about = shown.get_about().map(ToString::to_string);
    let about = about.unwrap_or_default();
    let mut page = Page::default();
    page.line(&format!(
        ".TH {} 1 \"\" \"qdex {version}\" \"Manual of qdex\"",
        escaped(&name.to_uppercase())
    ));
    // Lines are not hyphenated: half of the words are names.
    page.line(".nh\n.ad l");
    page.section("Name");
    page.line(&format!(
        "{} \\- {}",
        escaped(&name),
        inline(about.trim_end_matches('.'))
    ));
    page.section("Synopsis");
    page.synopsis(shown);

    page.section("Description");
    let long = shown.get_long_about().map(ToString::to_string);
    let more = shown.get_after_long_help().or(shown.get_after_help());
    let more = more.map(ToString::to_string).unwrap_or_default();
    let (more, examples) = match more.split_once("Examples:\n") {
        Some((more, examples)) => (more, examples),
        None => (more.as_str(), ""),
    };
    // What the name says already is only repeated where there is nothing more to say.
    let about = format!("{}.", about.trim_end_matches('.'));
    match (&long, more) {
        (Some(long), more) => page.paragraphs(&format!("{long}\n\n{more}"), ".PP"),
        (None, "") => page.paragraphs(&about, ".PP"),
        (None, more) => page.paragraphs(more, ".PP"),
    }
    if command.is_none() {
        page.section("Commands");
        for command in commands(program) {
            let about = command.get_about().map(ToString::to_string);
            page.item(&format!(
                "\\fBqdex\\-{}\\fR(1)",
                escaped(command.get_name())
            ));
            page.paragraphs(&about.unwrap_or_default(), ".IP");
        }
    }
    page.options(shown);
    if command.is_none() {
        page.settings();
    }
    if !examples.is_empty() {
        page.section("Examples");
        page.paragraphs(examples, ".PP");
    }
    page.section("See also");
    let others = commands(program)
        .map(|command| format!("qdex-{}", command.get_name()))
        .chain(["qdex".to_owned()])
        .filter(|other| *other != name);
    let mut others: Vec<String> = others
        .map(|other| format!("\\fB{}\\fR(1)", escaped(&other)))
        .collect();
    others.sort_unstable();
    page.line(&others.join(", "));
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn section(&mut self, name: &str) {
        self.line(&format!(".SH {}", name.to_uppercase()));
    }

    /// Starts an item of a list.
    fn item(&mut self, name: &str) {
        self.line(&format!(".TP\n{name}"));
    }

    /// Writes paragraphs parted by empty lines, for which `parting` stands: `.IP` inside an item. Lines that are
    /// indented stay as they are.
    fn paragraphs(&mut self, text: &str, parting: &str) {
        let mut verbatim = false;
        for line in text.trim_matches('\n').lines() {
            let is_indented = line.starts_with("  ");
            if is_indented != verbatim {
                self.line(if is_indented { ".nf" } else { ".fi" });
                verbatim = is_indented;
            }
            match (line, verbatim) {
                ("", _) => self.line(parting),
                (line, true) => self.line(&escaped(line)),
                (line, false) => self.line(&inline(line)),
            }
        }
        if verbatim {
            self.line(".fi");
        }
    }

    fn synopsis(&mut self, command: &Command) {
        let usage = command.clone().render_usage().to_string();
        for (place, usage) in usage.lines().enumerate() {
            let usage = usage.trim().trim_start_matches("Usage: ");
            if place > 0 {
                self.line(".br");
            }
            self.line(&escaped(usage));
        }
    }

    /// Writes the options, those of each heading together.
    fn options(&mut self, command: &Command) {
        let shown: Vec<&Arg> = command
            .get_arguments()
            .filter(|argument| !argument.is_hide_set())
            .collect();
        let mut headings: Vec<Option<&str>> = Vec::new();
        for argument in &shown {
            if !headings.contains(&argument.get_help_heading()) {
                headings.push(argument.get_help_heading());
            }
        }
        // Those without a heading come first, as in `--help`.
        headings.sort_by_key(Option::is_some);
        for heading in headings {
            self.section(heading.unwrap_or("Options"));
            for argument in &shown {
                if argument.get_help_heading() == heading {
                    self.option(argument);
                }
            }
        }
    }

    fn option(&mut self, argument: &Arg) {
        let mut names = Vec::new();
        if let Some(short) = argument.get_short() {
            names.push(format!("\\fB\\-{short}\\fR"));
        }
        if let Some(long) = argument.get_long() {
            names.push(format!("\\fB\\-\\-{}\\fR", escaped(long)));
        }
        let mut header = names.join(", ");
        if matches!(argument.get_action(), ArgAction::Set | ArgAction::Append) {
            let value = argument
                .get_value_names()
                .and_then(|names| names.first())
                .map(ToString::to_string)
                .unwrap_or_default();
            let value = format!("\\fI{}\\fR", escaped(&value));
            header.push_str(
                &match (header.is_empty(), argument.is_require_equals_set()) {
                    (true, _) => value,
                    (false, true) => format!("[={value}]"),
                    (false, false) => format!(" {value}"),
                },
            );
        }
        self.item(&header);
        let help = argument.get_long_help().or(argument.get_help());
        let help = help.map(ToString::to_string).unwrap_or_default();
        self.paragraphs(&help, ".IP");
        let values: Vec<String> = argument
            .get_possible_values()
            .iter()
            .filter(|value| !value.is_hide_set() && argument.get_action().takes_values())
            .map(|value| match value.get_help() {
                Some(help) => format!("`{}` ({})", value.get_name(), lowercased(&help.to_string())),
                None => format!("`{}`", value.get_name()),
            })
            .collect();
        if !values.is_empty() {
            self.line(".IP");
            self.line(&inline(&format!("Values: {}.", values.join(", "))));
        }
        let defaults = argument.get_default_values();
        if let [default] = defaults
            && !argument.is_hide_default_value_set()
            && argument.get_action().takes_values()
        {
            let default = default.to_string_lossy();
            self.line(&inline(&format!("The default is `{default}`.")));
        }
    }

    fn settings(&mut self) {
        self.section("Environment");
        for key in KEYS {
            self.item(&format!("\\fB{}\\fR", escaped(key.variable)));
            let option = key
                .option
                .map(|option| format!("The same as {option}, which wins over it; "));
            self.line(&inline(&format!(
                "{}`{}` in the configuration file.",
                option.unwrap_or_default(),
                key.name
            )));
        }
        self.item(&format!("\\fB{CONFIG_VARIABLE}\\fR"));
        self.line("The configuration file.");
        self.item("\\fBNO_COLOR\\fR, \\fBCLICOLOR_FORCE\\fR, \\fBCOLUMNS\\fR");
        self.line("No colour; colour in a pipe too; how wide lines are in a pipe.");
        self.section("Files");
        self.item("\\fI$XDG_CONFIG_HOME/qdex/config.toml\\fR");
        self.line(&inline(
            "Settings; `qdex config --init` writes one that explains them all.",
        ));
        self.item("\\fI$XDG_DATA_HOME/qdex/index\\fR");
        self.line(&inline(
            "The index, when none is named and none is in ./index.",
        ));
    }
}

/// Returns running text, with what stands in backticks in bold.
fn inline(text: &str) -> String {
    let mut line = String::new();
    for (place, part) in text.split('`').enumerate() {
        let is_code = place % 2 == 1;
        if is_code {
            line.push_str("\\fB");
        }
        // Only at the beginning of a line does a dot command.
        line.push_str(&if place == 0 {
            escaped(part)
        } else {
            escaped_inside(part)
        });
        if is_code {
            line.push_str("\\fR");
        }
    }
    line
}

/// Returns text that means itself, at the beginning of a line too.
fn escaped(text: &str) -> String {
    match text.starts_with(['.', '\'']) {
        true => format!("\\&{}", escaped_inside(text)),
        false => escaped_inside(text),
    }
}

fn escaped_inside(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\e"),
            '-' => escaped.push_str("\\-"),
            '\'' => escaped.push_str("\\(aq"),
            '`' => escaped.push_str("\\(ga"),
            '^' => escaped.push_str("\\(ha"),
            '~' => escaped.push_str("\\(ti"),
            '"' => escaped.push_str("\\(dq"),
            _ if character.is_ascii() => escaped.push(character),
            _ => escaped.push_str(&format!("\\[u{:04X}]", u32::from(character))),
        }
    }
    escaped
}

fn lowercased(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters
        .next()
        .map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_means_itself_and_code_is_bold() {
        for (text, roff) in [
            ("plain", "plain"),
            (".nf 'x", "\\&.nf \\(aqx"),
            ("a\\b --x", "a\\eb \\-\\-x"),
            ("`--tag` … ~", "\\fB\\-\\-tag\\fR \\[u2026] \\(ti"),
            ("`.x`", "\\fB.x\\fR"),
        ] {
            assert_eq!(inline(text), roff, "{text}");
        }
    }
}
