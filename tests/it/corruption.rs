//! Files of an index that are cut, changed, swapped or gone: every command ends in time, with what is wrong and what to do
//! or with an answer, and the next build mends it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use qdex::{Error, Index};

use crate::random::Numbers;
use crate::support::{Ran, Sandbox, WEAK};

/// How many bits are flipped in a file, one after the other.
const FLIPS: usize = 6;

/// A run that takes longer hangs; a busy machine takes seconds.
const MAX_TIME: Duration = Duration::from_secs(30);

/// What reads an index.
const COMMANDS: [&[&str]; 3] = [
    &["search", "weakref", "cache", "--facets", "--json"],
    &["show", WEAK],
    &["related", WEAK],
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Damage {
    Empty,
    Half,
    OneByteLess,
    Gone,
    /// The file of the same kind of an index with other entries.
    OfAnother,
    /// One bit is another one.
    Flip {
        byte: usize,
        bit: usize,
    },
}

impl Damage {
    /// Damages a file that has this content.
    fn make(self, path: &Path, content: &[u8], other: &[u8]) {
        let written = match self {
            Damage::Gone => return fs::remove_file(path).expect("is removed"),
            Damage::Empty => Vec::new(),
            Damage::Half => content[..content.len() / 2].to_vec(),
            Damage::OneByteLess => content[..content.len() - 1].to_vec(),
            Damage::OfAnother => other.to_vec(),
            Damage::Flip { byte, bit } => {
                let mut flipped = content.to_vec();
                flipped[byte] ^= 1 << bit;
                flipped
            }
        };
        fs::write(path, written).expect("is written");
    }

    /// Returns whether opening the index must find it, and not only a check, which reads every byte.
    fn is_seen_at_once(self) -> bool {
        !matches!(self, Damage::Flip { .. } | Damage::OfAnother)
    }
}

/// Returns the files of an index that have a content, sorted.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for found in fs::read_dir(dir).expect("a folder") {
        let path = found.expect("is there").path();
        match fs::metadata(&path).expect("is there") {
            found if found.is_dir() => files.extend(self::files(&path)),
            found if found.len() > 0 => files.push(path),
            _ => {}
        }
    }
    files.sort();
    files
}

/// Runs the program with a bound on its memory where the system has one; fails when it does not end.
pub(crate) fn run(sandbox: &Sandbox, arguments: &[&str]) -> Ran {
    let limited = format!(
        "ulimit -v 3000000; exec {} \"$@\"",
        env!("CARGO_BIN_EXE_qdex")
    );
    let mut command = if cfg!(target_os = "linux") {
        let mut shell = Command::new("sh");
        shell.args(["-c", &limited, "qdex"]).args(arguments);
        shell
    } else {
        sandbox.command(arguments)
    };
    // Files rather than pipes, so that nobody has to read along.
    let paths = ["stdout", "stderr"].map(|name| sandbox.path(name));
    let [stdout, stderr] = paths
        .each_ref()
        .map(|path| fs::File::create(path).expect("a file"));
    let mut child = command
        .env_clear()
        .env("HOME", sandbox.home(""))
        .current_dir(sandbox.path(""))
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .expect("starts");
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("is waited for") {
            break status;
        }
        if started.elapsed() > MAX_TIME {
            child.kill().expect("is killed");
            panic!("{arguments:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let [stdout, stderr] = paths.map(|path| fs::read_to_string(path).expect("is text"));
    Ran {
        code: status.code(),
        stdout,
        stderr,
    }
}

/// Returns whether a check in this process finds fault.
fn is_damaged(dir: &Path) -> bool {
    match Index::check(dir) {
        Ok(report) => !report.problems.is_empty(),
        Err(Error::IndexDamaged { .. } | Error::IndexVersion { .. } | Error::NoIndex { .. }) => {
            true
        }
        Err(error) => panic!("{error}"),
    }
}

/// Damages one file of the index in every way, and looks at what the commands make of it.
fn check_file(sandbox: &Sandbox, path: &Path, other: &[u8], numbers: &mut Numbers) {
    let dir = sandbox.path("index");
    let content = fs::read(path).expect("reads");
    let mut damages = vec![
        Damage::Empty,
        Damage::Half,
        Damage::OneByteLess,
        Damage::Gone,
    ];
    if other != content {
        damages.push(Damage::OfAnother);
    }
    // The ends of a file say where what is.
    let bytes = [0, content.len() - 1, content.len() * 3 / 4].into_iter();
    let drawn = (bytes.len()..FLIPS)
        .map(|_| numbers.below(content.len()))
        .collect::<Vec<_>>();
    damages.extend(bytes.chain(drawn).map(|byte| Damage::Flip {
        byte,
        bit: numbers.below(8),
    }));
    for damage in damages {
        let place = format!("{damage:?} of {}", path.display());
        damage.make(path, &content, other);
        assert!(is_damaged(&dir), "{place} is not found");
        let commands = if damage.is_seen_at_once() {
            &COMMANDS[..1]
        } else {
            &COMMANDS[..]
        };
        for arguments in commands {
            let ran = run(sandbox, arguments);
            let said = format!("{place}: {arguments:?}: {ran:?}");
            match ran.code {
                Some(2) => {
                    assert!(ran.stderr.starts_with("error: "), "{said}");
                    assert!(ran.stderr.contains("\nhint: "), "{said}");
                    assert!(!ran.stderr.contains("panicked"), "{said}");
                }
                Some(0 | 1) => assert!(!damage.is_seen_at_once(), "{said}"),
                _ => panic!("{said}"),
            }
        }
        fs::write(path, &content).expect("is written");
    }
    assert!(!is_damaged(&dir));
}

#[test]
fn damage_of_any_file_is_an_error_or_an_answer_and_a_build_mends_it() {
    let sandbox = Sandbox::indexed();
    sandbox.file(
        "other.jsonl",
        "{\"id\": \"x\", \"title\": \"Something else\", \"tags\": [\"z\"]}\n",
    );
    let ran = sandbox.qdex(&["index", "other.jsonl", "--index", "other"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let others = files(&sandbox.path("other"));
    let found = files(&sandbox.path("index"));
    assert!(found.len() >= 8, "{found:?}");
    let mut numbers = Numbers::new(7);
    for path in &found {
        let is_same_kind = |other: &&PathBuf| {
            other.extension() == path.extension()
                && (other.file_name() == path.file_name()
                    || path
                        .extension()
                        .is_some_and(|extension| extension != "json"))
        };
        let other = others.iter().find(is_same_kind).map(fs::read);
        let other = other.transpose().expect("reads").unwrap_or_default();
        check_file(&sandbox, path, &other, &mut numbers);
    }
    // The next build mends it, whatever is wrong.
    let kept = sandbox.path("kept");
    copy(&sandbox.path("index"), &kept);
    for (place, path) in found.iter().enumerate() {
        let content = fs::read(path).expect("reads");
        let byte = content.len() / 2;
        let damage = [Damage::Gone, Damage::Flip { byte, bit: 3 }][place % 2];
        damage.make(path, &content, &[]);
        let place = format!("{damage:?} of {}", path.display());
        let check = run(&sandbox, &["check", "--index", "index"]);
        assert_eq!(check.code, Some(2), "{place}: {check:?}");
        assert!(check.stderr.contains("\nhint: "), "{place}: {check:?}");
        let ran = run(&sandbox, &["index", "entries.jsonl", "--index", "index"]);
        assert_eq!(ran.code, Some(0), "{place}: {ran:?}");
        assert!(!is_damaged(&sandbox.path("index")), "{place}");
        let shown = run(&sandbox, COMMANDS[1]);
        assert!(
            shown.stdout.contains("WeakValueDictionary"),
            "{place}: {shown:?}"
        );
        fs::remove_dir_all(sandbox.path("index")).expect("is removed");
        copy(&kept, &sandbox.path("index"));
    }
}

/// Copies a folder with what is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for file in fs::read_dir(from).expect("a folder") {
        let path = file.expect("a file").path();
        let target = to.join(path.file_name().expect("has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("is copied");
        }
    }
}
