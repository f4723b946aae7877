//! Real collections of questions in Markdown, against counts of their markers that know nothing of the reader.
//!
//! `QDEX_ACCEPT=1 cargo test --test it real_collections` writes the table of them anew.

use std::path::{Path, PathBuf};

use qdex::corpus::ReadOptions;

use crate::support::Sandbox;
use crate::{corpora, relevance};

/// A set, and how many questions its markers tell.
struct Set {
    name: &'static str,
    count: fn(&Path) -> usize,
}

const SETS: [Set; 19] = [
    Set {
        name: "sudheerj+reactjs-interview-questions",
        count: |set| lines(set, |_, line| item_with_heading(line)),
    },
    Set {
        name: "sudheerj+angular-interview-questions",
        count: |set| lines(set, |_, line| item_with_heading(line)),
    },
    Set {
        name: "sudheerj+vuejs-interview-questions",
        count: |set| lines(set, |_, line| item_with_heading(line)),
    },
    Set {
        name: "sudheerj+javascript-interview-questions",
        count: |set| lines(set, |_, line| item_with_heading(line)),
    },
    Set {
        name: "lydiahallie+javascript-questions",
        count: |set| lines(set, |_, line| line.starts_with("###### ")),
    },
    Set {
        name: "30-seconds+30-seconds-of-interviews",
        count: |set| lines(set, |_, line| line.starts_with("### ")),
    },
    Set {
        name: "satwikkansal+wtfpython",
        count: |set| {
            lines(set, |_, line| {
                line.starts_with("### ▶") || line.starts_with("### ◀")
            })
        },
    },
    Set {
        name: "Kirchhoff-+Android-Interview-Questions",
        count: |set| files(set, |path| !is_index(path)),
    },
    Set {
        name: "dtolnay+rust-quiz",
        count: |set| files(set, |path| path.with_extension("rs").is_file()),
    },
    Set {
        name: "bregman-arie+devops-exercises",
        count: |set| lines(set, |_, line| line.contains("<summary>")),
    },
    Set {
        name: "learning-zone+java-basics",
        count: |set| lines(set, |_, line| line.starts_with("## Q.")),
    },
    Set {
        name: "learning-zone+javascript-basics",
        count: |set| {
            lines(set, |_, line| {
                line.starts_with("## Q.") || line.starts_with("## Q ")
            })
        },
    },
    Set {
        name: "learning-zone+python-basics",
        count: |set| lines(set, |_, line| line.starts_with("## Q.")),
    },
    Set {
        name: "greatfrontend+top-javascript-interview-questions",
        count: |set| {
            files(set, |path| {
                path.extension().is_some_and(|name| name == "mdx")
            }) + lines(set, |path, line| is_index(path) && line.starts_with("### "))
        },
    },
    Set {
        name: "FAQGURU+FAQGURU",
        count: |set| lines(set, |_, line| line.starts_with("### ")),
    },
    Set {
        name: "darkprinx+break-the-ice-with-python",
        count: |set| lines(set, |_, line| line.starts_with("# Question")),
    },
    Set {
        name: "yangshun+front-end-interview-handbook",
        // The last page lists them.
        count: |set| {
            lines(set, |path, line| match path.file_stem() {
                Some(stem) if stem == "trivia" => line.starts_with("- ") && line.ends_with('?'),
                _ => line.starts_with("### "),
            })
        },
    },
    Set {
        name: "helm+helm-www",
        count: |set| lines(set, |_, line| line.starts_with("### ")),
    },
    Set {
        // Where the pages are made of nothing else; their headings are in Chinese, and many do not ask.
        name: "Snailclimb+JavaGuide/docs/database/sql",
        count: |set| lines(set, |_, line| line.starts_with("### ")),
    },
];

fn item_with_heading(line: &str) -> bool {
    let digits = line
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit());
    line.trim_start() != digits
        && digits
            .trim_start_matches('.')
            .trim_start()
            .starts_with("### ")
}

fn is_index(path: &Path) -> bool {
    path.file_stem()
        .is_some_and(|stem| stem.eq_ignore_ascii_case("readme"))
}

fn markdown(set: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![set.to_owned()];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).expect("a folder") {
            let path = file.expect("a file").path();
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("md" | "mdx") => found.push(path),
                _ => {}
            }
        }
    }
    found
}

fn files(set: &Path, is_question: fn(&Path) -> bool) -> usize {
    markdown(set)
        .iter()
        .filter(|path| is_question(path))
        .count()
}

/// Counts lines outside of fences.
fn lines(set: &Path, is_question: fn(&Path, &str) -> bool) -> usize {
    let mut count = 0;
    for path in markdown(set) {
        let text = std::fs::read_to_string(&path).expect("text");
        let mut fence: Option<&str> = None;
        for line in text.lines() {
            let start = line.trim_start();
            match fence {
                Some(open)
                    if start.starts_with(open)
                        && start.trim_end().trim_matches(['`', '~']).is_empty() =>
                {
                    fence = None
                }
                None if start.starts_with("```") => fence = Some("```"),
                None if start.starts_with("~~~") => fence = Some("~~~"),
                None => count += usize::from(is_question(&path, line)),
                Some(_) => {}
            }
        }
    }
    count
}

#[test]
fn real_collections_give_as_many_questions_as_their_markers() {
    let Some(data) = std::env::var_os("QDEX_TEST_DATA") else {
        return;
    };
    let folder = PathBuf::from(data).join("native");
    let mut table = "marked  found set\n".to_owned();
    let mut is_good = true;
    for Set { name, count } in SETS {
        let set = folder.join("markdown").join(name);
        let set = if set.exists() {
            set
        } else {
            folder.join("frontmatter").join(name)
        };
        let marked = count(&set);
        let (entries, _) = corpora::read(std::slice::from_ref(&set), ReadOptions::default());
        let found = entries.len();
        let empty = entries
            .iter()
            .filter(|entry| entry.title.trim().is_empty())
            .count();
        let is_close = found.abs_diff(marked) * 100 <= marked * 3 && empty == 0;
        is_good &= is_close;
        let sign = if is_close { "" } else { "  # too far" };
        table.push_str(&format!("{marked:>6} {found:>6} {name}{sign}\n"));
    }
    assert!(is_good, "marked, found:\n{table}");
    if let Some(before) = relevance::committed("collections.txt", &table) {
        assert_eq!(
            table, before,
            "if this is meant: `QDEX_ACCEPT=1 cargo test --test it real_collections`"
        );
    }
}

#[test]
fn a_dry_run_shows_what_was_taken_and_a_choice_changes_it() {
    let sandbox = Sandbox::new();
    let body = "# Guide\n\n## Junior\n\n### What is A?\n\nA.\n\n### Explain B\n\nB.\n\n### C\n\nC.\n\n## License\n\nMIT\n";
    sandbox.file("notes/a.md", body);
    sandbox.file("notes/b.md", "Nothing asked here.\n");
    let ran = sandbox.qdex(&["index", "--dry-run", "notes"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "notes/a.md: 3 entries, headings 3\n  What is A?\n  Explain B\n  C\n  \
         left out: 1: Guide (not a question)\n  left out: 3: Junior (not a question)\n  \
         left out: 17: License (about the collection)\n\
         notes/b.md: 0 entries, no convention fits\n"
    );
    assert!(!sandbox.path("index").exists());

    sandbox.file("notes/qdex.toml", "convention = \"headings 2\"\n");
    let ran = sandbox.qdex(&["index", "--dry-run", "notes"]);
    assert!(
        ran.stdout
            .starts_with("notes/a.md: 1 entry, headings 2\n  Junior\n"),
        "{}",
        ran.stdout
    );

    sandbox.file("notes/qdex.toml", "convention = \"heading\"\n");
    let ran = sandbox.qdex(&["index", "--dry-run", "notes"]);
    assert!(
        ran.stdout.starts_with("notes/a.md: 3 entries"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stderr.contains("unknown `convention` in `qdex.toml`"),
        "{}",
        ran.stderr
    );
}
