//! `qdex config`: which settings are in force, and who said so.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::Status;
use crate::args::Global;
use crate::render::{Output, json, terminal};
use crate::report::{self, Failure};
use crate::settings::{CONFIG_VARIABLE, FilePlace, KEYS, Key, Origin, Settings};

/// What `qdex config` is to do.
#[derive(Debug, Args)]
#[command(after_long_help = "\
An option wins over a variable of the environment, that over the file, that over the default. The
file is $QDEX_CONFIG, else qdex/config.toml in your configuration folder; it holds lines such as
`limit = 20`. --no-config leaves it out.

Examples:
  qdex config
  qdex config --init && $EDITOR \"$(qdex config --path)\"")]
pub(crate) struct ConfigArgs {
    /// Print the path of the configuration file, whether it is there or not
    #[arg(long, conflicts_with_all = ["init", "json"])]
    path: bool,
    /// Write a configuration file that explains every setting and sets none
    #[arg(long, conflicts_with = "json")]
    init: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    args: &ConfigArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    if args.path || args.init {
        let place = FilePlace::of_user().ok_or_else(|| Failure::Request {
            message: "there is no home folder to keep a configuration in".to_owned(),
            hint: Some(format!("name a file with `{CONFIG_VARIABLE}`")),
        })?;
        if args.init {
            init(&place.path)?;
        } else {
            output.write(&terminal::clean(&place.path.to_string_lossy()))?;
            output.write("\n")?;
        }
        return Ok(Status::Found);
    }
    let settings = Settings::new(global)?;
    output.write(&if args.json {
        json::line(&as_json(&settings))
    } else {
        as_text(&settings)
    })?;
    Ok(Status::Found)
}

/// Writes the file; one that is there stays as it is.
fn init(path: &Path) -> Result<(), Failure> {
    let failed = |action, source: io::Error| {
        let is_there = source.kind() == io::ErrorKind::AlreadyExists;
        Failure::File {
            action,
            path: path.to_owned(),
            source,
            hint: is_there.then(|| "edit it, or move it away first".to_owned()),
        }
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed("create the folder of", error))?;
    }
    let mut file = std::fs::File::create_new(path)
        .map_err(|error| failed("create the configuration", error))?;
    file.write_all(commented().as_bytes())
        .map_err(|error| failed("write the configuration", error))?;
    report::note(&format!("wrote `{}`", path.display()));
    Ok(())
}

/// Returns a file that sets nothing and explains everything.
fn commented() -> String {
    let mut text = String::from(
        "# Settings of qdex. An option on the command line and a variable win over them.\n",
    );
    for key in KEYS {
        text.push('\n');
        for line in key.about.lines() {
            text.push_str(&format!("# {line}\n"));
        }
        let option = key
            .option
            .map(|option| format!("Option {option}, variable"));
        let named = option.as_deref().unwrap_or("Variable");
        text.push_str(&format!("# {named} {}.\n", key.variable));
        text.push_str(&format!("#{} = {}\n", key.name, key.example));
    }
    text
}

fn as_text(settings: &Settings) -> String {
    let rows: Vec<[String; 3]> = KEYS
        .iter()
        .map(|key| {
            let (value, origin) = settings.listed(key);
            let value = value.unwrap_or_else(|| "-".to_owned());
            [key.name.to_owned(), value, said_by(key, origin, settings)]
        })
        .collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let (names, values) = (width(0), width(1));
    let mut text = String::new();
    for [name, value, from] in &rows {
        text.push_str(&format!(
            "{name:names$}  {:values$}  {}\n",
            terminal::clean(value),
            terminal::clean(from)
        ));
    }
    if let Some(file) = &settings.file {
        let absent = if file.exists() { "" } else { " (not there)" };
        let file = file.display().to_string();
        text.push_str(&format!("\nfile: {}{absent}\n", terminal::clean(&file)));
    }
    text
}

fn said_by(key: &Key, origin: Origin, settings: &Settings) -> String {
    match (origin, &settings.file) {
        (Origin::Option, _) => key.option.unwrap_or_default().to_owned(),
        (Origin::Environment, _) => format!("${}", key.variable),
        (Origin::File { line }, Some(file)) => format!("{}:{line}", file.display()),
        _ => "default".to_owned(),
    }
}

#[derive(Serialize)]
struct ConfigView {
    file: Option<PathBuf>,
    settings: Vec<SettingView>,
}

#[derive(Serialize)]
struct SettingView {
    name: &'static str,
    value: Option<String>,
    from: &'static str,
    line: Option<usize>,
    option: Option<&'static str>,
    variable: &'static str,
}

fn as_json(settings: &Settings) -> ConfigView {
    let view = |key: &Key| {
        let (value, origin) = settings.listed(key);
        SettingView {
            name: key.name,
            value,
            from: match origin {
                Origin::Default => "default",
                Origin::File { .. } => "file",
                Origin::Environment => "environment",
                Origin::Option => "option",
            },
            line: match origin {
                Origin::File { line } => Some(line),
                _ => None,
            },
            option: key.option,
            variable: key.variable,
        }
    };
    ConfigView {
        file: settings.file.clone(),
        settings: KEYS.iter().map(view).collect(),
    }
}
