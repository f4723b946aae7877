//! What stands beside a Markdown file and says how to read it: the names of its siblings, facts in `metadata.json`, code of
//! the same name, and the choice that `qdex.toml` makes.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use toml::de::DeTable;

use super::collection::{self, Convention};

/// The file in which a user says how the questions of a folder are marked.
const CHOICE: &str = "qdex.toml";

/// Facts about the one question of a folder.
const FACTS: &str = "metadata.json";

/// Extensions of code that belongs to a question of the same name, and the languages.
const CODE: [(&str, &str); 16] = [
    ("rs", "rust"),
    ("py", "python"),
    ("js", "javascript"),
    ("ts", "typescript"),
    ("java", "java"),
    ("go", "go"),
    ("c", "c"),
    ("cpp", "c++"),
    ("cs", "csharp"),
    ("rb", "ruby"),
    ("php", "php"),
    ("swift", "swift"),
    ("kt", "kotlin"),
    ("scala", "scala"),
    ("sql", "sql"),
    ("sh", "sh"),
];

/// More than this beside a question is not its code or its facts.
const MAX_BYTES: u64 = 1 << 20;

/// What stands in a folder.
#[derive(Default)]
pub(crate) struct Beside {
    folder: PathBuf,
    /// The folder that was given to the indexer, and whether most files below it are named like questions.
    root: PathBuf,
    is_root_named_so: bool,
    /// Whether most files, here or in the whole corpus, are named like questions.
    pub(super) is_named_so: bool,
    /// The facts of the folder's question.
    pub(super) facts: Map<String, Value>,
    /// The convention that the user chose, or what is wrong with the choice.
    pub(super) choice: Option<Result<Convention, String>>,
}

impl Beside {
    /// Returns what stands in the folder of a file, and as many folders above it as lie in the corpus. What is known of the
    /// corpus from another of its folders is not read again.
    pub(super) fn of(file: &Path, folders_above: usize, former: &Beside) -> Self {
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        let root = folder
            .ancestors()
            .nth(folders_above)
            .unwrap_or(&folder)
            .to_owned();
        let is_root_named_so = match former.root == root && !root.as_os_str().is_empty() {
            true => former.is_root_named_so,
            false => is_named_so(&root, folders_above),
        };
        let choice = folder
            .ancestors()
            .take(folders_above + 1)
            .find_map(|folder| std::fs::read_to_string(folder.join(CHOICE)).ok());
        Beside {
            is_named_so: is_root_named_so || is_named_so(&folder, 0),
            is_root_named_so,
            root,
            facts: facts(&folder).unwrap_or_default(),
            choice: choice.and_then(|toml| chosen(&toml).transpose()),
            folder,
        }
    }

    /// Returns everything about it that entries of its folder are made of; where the folder lies is not.
    pub(super) fn described(&self) -> String {
        format!("{} {:?} {:?}", self.is_named_so, self.facts, self.choice)
    }

    /// Returns whether this is the folder of a file.
    pub(super) fn is_of(&self, file: &Path) -> bool {
        file.parent() == Some(&self.folder)
    }
}

/// Returns the code that stands beside a file under the same name, with its language.
pub(super) fn code(file: &Path) -> Option<(&'static str, String)> {
    CODE.iter().find_map(|(extension, language)| {
        let path = file.with_extension(extension);
        let is_small = std::fs::metadata(&path).ok()?.len() <= MAX_BYTES;
        let code = is_small.then(|| std::fs::read_to_string(&path).ok())??;
        Some((*language, code))
    })
}

fn is_named_so(folder: &Path, depth: usize) -> bool {
    let (mut files, mut asking) = (0, 0);
    // Only as deep as the file is that asks: a folder of pages may lie beside a large tree.
    for entry in walkdir::WalkDir::new(folder)
        .max_depth(depth + 1)
        .into_iter()
        .flatten()
    {
        let path = entry.path();
        let is_markdown = path
            .extension()
            .and_then(OsStr::to_str)
            .is_some_and(|extension| ["md", "markdown", "mdx"].contains(&extension));
        if let (true, Some(stem)) = (is_markdown, path.file_stem().and_then(OsStr::to_str)) {
            files += 1;
            let title = stem.replace(['-', '_'], " ");
            asking += usize::from(collection::evidence_of_title(&title) >= 0.8);
        }
    }
    asking >= 3 && asking * 2 >= files
}

fn facts(folder: &Path) -> Option<Map<String, Value>> {
    let path = folder.join(FACTS);
    if std::fs::metadata(&path).ok()?.len() > MAX_BYTES {
        return None;
    }
    let facts: Map<String, Value> = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let is_of_question = ["difficulty", "level", "topics", "tags"]
        .iter()
        .any(|key| facts.contains_key(*key));
    is_of_question.then_some(facts)
}

/// Returns the convention that a `qdex.toml` names.
fn chosen(toml: &str) -> Result<Option<Convention>, String> {
    let choice = DeTable::parse(toml)
        .map_err(|error| format!("cannot read `{CHOICE}`: {}", error.message()))?;
    let Some(convention) = choice.get_ref().get("convention") else {
        return Ok(None);
    };
    let convention = convention.get_ref().as_str().unwrap_or_default();
    convention.parse().map(Some).map_err(|()| {
        format!("unknown `convention` in `{CHOICE}`; `qdex index --dry-run` prints the names of those found")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_says_what_its_files_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("a file")
        };
        write("What is A.md", "");
        write("explain-b.md", "");
        write("C.md", "");
        let file = folder.path().join("C.md");
        assert!(!Beside::of(&file, 0, &Beside::default()).is_named_so);
        write("How to d.md", "");
        write("C.rs", "fn c() {}");
        write(FACTS, r#"{"difficulty": "hard"}"#);
        write(CHOICE, "convention = \"headings 3\"");
        let beside = Beside::of(&file, 0, &Beside::default());
        assert!(beside.is_named_so && beside.is_of(&file));
        assert_eq!(beside.facts["difficulty"], "hard");
        assert_eq!(beside.choice, Some(Ok(Convention::Headings(3))));
        assert_eq!(code(&file), Some(("rust", "fn c() {}".to_owned())));
        let deeper = folder.path().join("deeper/e.md");
        assert_eq!(
            Beside::of(&deeper, 1, &Beside::default()).choice,
            Some(Ok(Convention::Headings(3)))
        );
        assert_eq!(Beside::of(&deeper, 0, &Beside::default()).choice, None);
        write(CHOICE, "convention = \"nonsense\"");
        assert!(matches!(
            Beside::of(&file, 0, &Beside::default()).choice,
            Some(Err(_))
        ));
    }

    #[test]
    fn every_convention_can_be_chosen_by_its_name() {
        for convention in [
            Convention::Asking,
            Convention::Headings(2),
            Convention::Summaries(1),
            Convention::Summaries(2),
            Convention::Prefixed,
            Convention::Bold,
            Convention::Items(1),
            Convention::Items(2),
            Convention::Rows,
            Convention::File,
        ] {
            assert_eq!(convention.to_string().parse(), Ok(convention));
        }
        assert_eq!("headings".parse::<Convention>(), Err(()));
    }
}
