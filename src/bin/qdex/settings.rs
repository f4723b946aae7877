//! Settings: what an option on the command line says, else a variable of the environment, else the configuration file,
//! else the program.
//!
//! A setting is a row of [`KEYS`] and a field of [`Settings`]. No filter and no format of
//! output is one: scripts must get the same everywhere.

mod file;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use etcetera::BaseStrategy;

use crate::args::{ColorWhen, EditKeys, Global};
use crate::pager::Paging;
use crate::report::Failure;
use crate::spelling;

/// The variable that names the configuration file.
pub(crate) const CONFIG_VARIABLE: &str = "QDEX_CONFIG";

/// What can be set.
pub(crate) struct Key {
    /// Its name in the configuration file.
    pub(crate) name: &'static str,
    /// Its variable in the environment.
    pub(crate) variable: &'static str,
    /// Its option on the command line.
    pub(crate) option: Option<&'static str>,
    /// What it is, in the words of the configuration file's comment.
    pub(crate) about: &'static str,
    /// A value to show, as it is written in TOML.
    pub(crate) example: &'static str,
}

/// Every setting, in the order in which they are listed.
pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "index",
        variable: "QDEX_INDEX",
        option: Some("--index"),
        about: "The folder of the index. By default ./index if it holds one, else the one in\nyour data folder. A relative path starts at this file's folder, ~/ at your home.",
        example: "\"~/notes/index\"",
    },
    Key {
        name: "color",
        variable: "QDEX_COLOR",
        option: Some("--color"),
        about: "When to use colour: \"auto\" (the default: on a terminal, unless NO_COLOR is set),\n\"always\" or \"never\".",
        example: "\"auto\"",
    },
    Key {
        name: "limit",
        variable: "QDEX_LIMIT",
        option: Some("--limit"),
        about: "How many hits `qdex search` prints, and `qdex repl` a page. The default is 10.",
        example: "10",
    },
    Key {
        name: "paging",
        variable: "QDEX_PAGING",
        option: Some("--paging"),
        about: "When long output goes through a pager: \"auto\" (the default: when it is longer than\nthe screen), \"always\" or \"never\". Never, whatever stands here, in a pipe.",
        example: "\"auto\"",
    },
    Key {
        name: "synonyms",
        variable: "QDEX_SYNONYMS",
        option: Some("--synonyms"),
        about: "A file of words that stand for one another. By default synonyms.txt in the folder\nof the index. A relative path starts at this file's folder, ~/ at your home.",
        example: "\"~/notes/synonyms.txt\"",
    },
    Key {
        name: "pager",
        variable: "QDEX_PAGER",
        option: None,
        about: "The pager and its arguments. By default $PAGER, else less.",
        example: "\"less -R\"",
    },
    Key {
        name: "keys",
        variable: "QDEX_KEYS",
        option: Some("--keys"),
        about: "The keys that edit a line in `qdex repl`: \"emacs\" (the default) or \"vi\".",
        example: "\"vi\"",
    },
];

/// What is in force.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// The folder that was named as the index.
    pub(crate) index: Setting<Option<PathBuf>>,
    /// When to use colour.
    pub(crate) color: Setting<ColorWhen>,
    /// How many hits are printed; `None` leaves it to the command.
    pub(crate) limit: Setting<Option<usize>>,
    /// When long output goes through a pager.
    pub(crate) paging: Setting<Paging>,
    /// The pager and its arguments; empty for none.
    pub(crate) pager: Setting<Option<String>>,
    /// The keys that edit a line.
    pub(crate) keys: Setting<EditKeys>,
    /// The file of synonyms; `None` for the one in the index folder.
    pub(crate) synonyms: Setting<Option<PathBuf>>,
    /// The configuration file, read or not; `None` with `--no-config` and without a home folder.
    pub(crate) file: Option<PathBuf>,
}

/// A value, and who said so.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

/// Who said what a setting is. The later ones win.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    #[default]
    Default,
    /// A line of the configuration file.
    File { line: usize },
    /// A variable of the environment.
    Environment,
    /// An option on the command line.
    Option,
}

impl Settings {
    /// Returns what is in force for a command line. Without a configuration file this costs one attempt to open it.
    pub(crate) fn new(options: &Global) -> Result<Self, Failure> {
        let mut settings = Settings::default();
        if !options.no_config
            && let Some(place) = FilePlace::of_user()
        {
            settings.read(&place)?;
            settings.file = Some(place.path);
        }
        for key in KEYS {
            let Some(value) = std::env::var_os(key.variable).filter(|value| key.takes(value))
            else {
                continue;
            };
            settings
                .set(key.name, &value, Origin::Environment)
                .map_err(|expected| Failure::Request {
                    message: format!(
                        "the variable `{}` is `{}`: expected {expected}",
                        key.variable,
                        value.to_string_lossy()
                    ),
                    hint: None,
                })?;
        }
        if let Some(index) = &options.index {
            settings.index = Setting::of_option(Some(index.clone()));
        }
        if let Some(color) = options.color {
            settings.color = Setting::of_option(color);
        }
        if let Some(synonyms) = &options.synonyms {
            settings.synonyms = Setting::of_option(Some(synonyms.clone()));
        }
        if let Some(paging) = options.paging() {
            settings.paging = Setting::of_option(paging);
        }
        Ok(settings)
    }

    /// Returns what the environment and the file say.
    pub(crate) fn of_user() -> Result<Self, Failure> {
        Settings::new(&Global::default())
    }

    fn read(&mut self, place: &FilePlace) -> Result<(), Failure> {
        let Some(text) = place.read()? else {
            return Ok(());
        };
        let broken = |line: usize, message: String, hint: Option<String>| Failure::Request {
            message: format!("{}:{line}: {message}", place.path.display()),
            hint: hint.or_else(|| Some("`--no-config` goes without the file".to_owned())),
        };
        let pairs = file::pairs(&text).map_err(|file::Broken { line, message }| {
            broken(line, format!("this is no TOML: {message}"), None)
        })?;
        let folder = place.path.parent().unwrap_or(Path::new(""));
        for file::Pair { name, line, value } in pairs {
            let Some(key) = KEYS.iter().find(|key| key.name == name) else {
                let names = KEYS.iter().map(|key| key.name);
                let hint = match spelling::nearest(&name, names.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are `{}`", names.collect::<Vec<_>>().join("`, `")),
                };
                let message = format!("there is no setting `{name}`");
                return Err(broken(line, message, Some(hint)));
            };
            let value = if key.is_path() {
                file::absolute(&value, folder).into_os_string()
            } else {
                value.into()
            };
            self.set(key.name, &value, Origin::File { line })
                .map_err(|expected| {
                    let message = format!(
                        "`{name}` is `{}`: expected {expected}",
                        value.to_string_lossy()
                    );
                    broken(line, message, None)
                })?;
        }
        Ok(())
    }

    /// Sets what a text says; the error is what was expected.
    fn set(&mut self, name: &str, value: &OsStr, origin: Origin) -> Result<(), String> {
        match name {
            "index" => {
                self.index = Setting {
                    value: Some(PathBuf::from(value)),
                    origin,
                }
            }
            "color" => {
                self.color = Setting {
                    value: one_of(value)?,
                    origin,
                }
            }
            "limit" => {
                let limit = value.to_str().and_then(|value| value.parse().ok());
                let limit = limit.filter(|limit: &usize| *limit > 0);
                self.limit = Setting {
                    value: Some(limit.ok_or("a number above 0")?),
                    origin,
                };
            }
            "synonyms" => {
                self.synonyms = Setting {
                    value: Some(PathBuf::from(value)),
                    origin,
                }
            }
            "paging" => {
                self.paging = Setting {
                    value: one_of(value)?,
                    origin,
                }
            }
            "pager" => {
                self.pager = Setting {
                    value: Some(value.to_str().ok_or("text")?.to_owned()),
                    origin,
                }
            }
            "keys" => {
                self.keys = Setting {
                    value: one_of(value)?,
                    origin,
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns the index that the environment or the file names: where commands go that name none.
    pub(crate) fn named_index(&self) -> Option<&Path> {
        let is_option = self.index.origin == Origin::Option;
        self.index.value.as_deref().filter(|_| !is_option)
    }

    /// Returns a setting as `qdex config` lists it; no value when the command decides.
    pub(crate) fn listed(&self, key: &Key) -> (Option<String>, Origin) {
        match key.name {
            "index" => {
                let index = self.index.value.as_ref();
                let index = index.map(|index| index.display().to_string());
                (index, self.index.origin)
            }
            "color" => (name_of(self.color.value), self.color.origin),
            "limit" => {
                let limit = self.limit.value.unwrap_or(DEFAULT_LIMIT);
                (Some(limit.to_string()), self.limit.origin)
            }
            "synonyms" => {
                let synonyms = self.synonyms.value.as_ref();
                let synonyms = synonyms.map(|path| path.display().to_string());
                (synonyms, self.synonyms.origin)
            }
            "paging" => (name_of(self.paging.value), self.paging.origin),
            "pager" => (self.pager.value.clone(), self.pager.origin),
            "keys" => (name_of(self.keys.value), self.keys.origin),
            _ => (None, Origin::Default),
        }
    }
}

/// How many hits are printed when nobody says.
pub(crate) const DEFAULT_LIMIT: usize = 10;

impl<T> Setting<T> {
    fn of_option(value: T) -> Self {
        Setting {
            value,
            origin: Origin::Option,
        }
    }
}

impl Key {
    /// Returns whether a variable says anything: an empty one is as good as none, but no pager is a pager.
    fn takes(&self, value: &OsStr) -> bool {
        !value.is_empty() || self.name == "pager"
    }

    fn is_path(&self) -> bool {
        matches!(self.name, "index" | "synonyms")
    }
}

fn one_of<T: ValueEnum>(value: &OsStr) -> Result<T, String> {
    let value = value.to_str().unwrap_or_default();
    T::from_str(value, false).map_err(|_| {
        let known: Vec<_> = T::value_variants()
            .iter()
            .filter_map(|known| known.to_possible_value())
            .map(|known| known.get_name().to_owned())
            .collect();
        match spelling::nearest(value, known.iter().map(String::as_str)) {
            Some(near) => format!("one of `{}`; did you mean `{near}`?", known.join("`, `")),
            None => format!("one of `{}`", known.join("`, `")),
        }
    })
}

fn name_of<T: ValueEnum>(value: T) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

/// Where the configuration file is looked for.
pub(crate) struct FilePlace {
    pub(crate) path: PathBuf,
    /// Whether the environment names it: then it has to be there.
    pub(crate) is_named: bool,
}

impl FilePlace {
    /// Returns `$QDEX_CONFIG`, else the file in the user's configuration folder; `None` without a home folder.
    pub(crate) fn of_user() -> Option<Self> {
        if let Some(path) = std::env::var_os(CONFIG_VARIABLE).filter(|path| !path.is_empty()) {
            return Some(FilePlace {
                path: path.into(),
                is_named: true,
            });
        }
        let folder = etcetera::choose_base_strategy().ok()?.config_dir();
        Some(FilePlace {
            path: folder.join("qdex").join("config.toml"),
            is_named: false,
        })
    }

    /// Returns what the file says; `None` when it is not there and need not be.
    fn read(&self) -> Result<Option<String>, Failure> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !self.is_named => {
                Ok(None)
            }
            Err(source) => Err(Failure::File {
                action: "read the configuration",
                path: self.path.clone(),
                source,
                hint: Some(if self.is_named {
                    format!("`{CONFIG_VARIABLE}` names it; `--no-config` goes without")
                } else {
                    "`--no-config` goes without it".to_owned()
                }),
            }),
        }
    }
}
