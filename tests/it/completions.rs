//! Completion as the shells do it: their own functions are called, on a line with the cursor at its end.

use std::path::Path;
use std::process::Command;

use crate::support::{Sandbox, WEAK};

/// Returns what a shell prints for a script, run where `qdex` is found; `None` when the shell is not installed.
fn shell(sandbox: &Sandbox, shell: &str, options: &[&str], script: &str) -> Option<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_qdex"));
    let folder = program.parent().expect("stands in a folder");
    let path = format!("{}:/usr/bin:/bin:/usr/local/bin", folder.display());
    let mut command = Command::new(shell);
    command
        .args(options)
        .arg("-c")
        .arg(script)
        .env_clear()
        .env("PATH", path)
        .env("HOME", sandbox.path("../home"))
        .current_dir(sandbox.path(""));
    let Ok(output) = command.output() else {
        println!("skipped: `{shell}` is not installed");
        return None;
    };
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{script}");
    Some(String::from_utf8(output.stdout).expect("is UTF-8"))
}

/// Calls the function of the bash script as bash does, and prints what it inserts.
const IN_BASH: &str = r#"
source <(qdex completions bash)
while IFS= read -r COMP_LINE; do
    COMP_POINT=${#COMP_LINE}
    # Bash parts words at `:` and `=` too, and hands over the last.
    _qdex qdex "${COMP_LINE##*[ :=]}" ""
    (IFS='|'; printf '%s\n' "${COMPREPLY[*]}")
done <<'LINES'
"#;

fn check_in_bash(sandbox: &Sandbox, rows: &[(&str, &str)]) {
    let lines: Vec<&str> = rows.iter().map(|(line, _)| *line).collect();
    let script = format!("{IN_BASH}{}\nLINES\n", lines.join("\n"));
    let Some(inserted) = shell(sandbox, "bash", &["--norc"], &script) else {
        return;
    };
    let inserted: Vec<&str> = inserted.lines().collect();
    assert_eq!(inserted.len(), rows.len(), "{inserted:?}");
    for ((line, expected), inserted) in rows.iter().zip(inserted) {
        assert_eq!(&inserted, expected, "{line}");
    }
}

#[test]
fn bash_completes_commands_options_values_and_ids() {
    let sandbox = Sandbox::indexed();
    check_in_bash(
        &sandbox,
        &[
            ("qdex se", "search"),
            ("qdex search weakref --exp", "--explain"),
            ("qdex search --sort=u", "updated"),
            ("qdex search --tag ", "memory|caching"),
            ("qdex search --tag m", "memory"),
            ("qdex search --tag MEM", "memory"),
            ("qdex search --tag=memory,c", "memory,caching"),
            ("qdex search -d ", "easy|medium|hard"),
            ("qdex search --topic p", "python"),
            ("qdex search -t python/", "python/gc"),
            ("qdex search -t /py", "/python"),
            ("qdex search tag:c", "caching"),
            ("qdex search framework:r", "Rust"),
            ("qdex search [c", "\\[caching\\]"),
            ("qdex search --not dif", "difficulty:"),
            // Values are those that what is already typed leaves.
            ("qdex search -d medium --framework ", "Python|Rust"),
            ("qdex search -t git --lang ", "sh"),
            ("qdex show python/gc#w", WEAK),
            (
                "qdex show ",
                &format!("git#amend|python/gc#cycles|{WEAK}|rust/ownership#borrow"),
            ),
            ("qdex show /git", "/git#amend"),
            ("qdex facets to", "topic"),
            ("qdex search --index nowhere --tag ", ""),
            ("qdex index ent", "entries.jsonl"),
            ("qdex --index ind", "index"),
            ("qdex search x --tag ' ", ""),
            ("A=b qdex stats --js", "--json"),
        ],
    );
}

#[test]
fn what_bash_inserts_is_text_and_never_runs() {
    let entry = r##"{"id": "x y", "title": "T", "framework": "Spring Boot", "tags": ["$(touch run)", "`touch run`", "a;b", "it's", "two\nlines", "esc\u001b[0m"], "answers": [{"body": "text"}]}"##;
    let sandbox = Sandbox::indexed_from(&format!("{entry}\n"));
    check_in_bash(
        &sandbox,
        &[
            ("qdex search --framework S", "Spring\\ Boot"),
            ("qdex search --framework \"S", "Spring Boot"),
            ("qdex search --tag $", "\\$\\(touch\\ run\\)"),
            ("qdex search --tag \\$", "\\$\\(touch\\ run\\)"),
            ("qdex search --tag \\`", "\\`touch\\ run\\`"),
            ("qdex search --tag a", "a\\;b"),
            ("qdex search --tag it", "it\\'s"),
            // What would break the line or steer the terminal is not offered.
            ("qdex search --tag two", ""),
            ("qdex search --tag esc", ""),
            ("qdex show x", "x\\ y"),
        ],
    );
    assert!(!sandbox.path("run").exists());
}

#[test]
fn without_an_index_there_is_less_to_offer_and_nothing_is_said() {
    let sandbox = Sandbox::new();
    sandbox.file("home/.keep", "");
    let broken = "limit = many";
    sandbox.file("broken.toml", broken);
    for (variables, words, answer) in [
        (&[][..], &["search", "--tag", ""][..], "words\n"),
        (&[], &["show", ""], "words\n"),
        (&[], &["search", "-d", "e"], "words\neasy\t\n"),
        (&[], &["index", ""], "files\n"),
        (&[("QDEX_CONFIG", "broken.toml")], &["show", ""], "words\n"),
    ] {
        let ran = sandbox.with_env(variables, &[&["complete", "--"], words].concat());
        assert_eq!(
            (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
            (Some(0), answer, ""),
            "{words:?}"
        );
    }
    // A corpus in the current folder is not indexed for a completion.
    sandbox.file("corpus/entries.jsonl", crate::support::ENTRIES);
    sandbox.qdex(&["complete", "--", "show", ""]);
    assert!(!sandbox.path("index").exists());
}

#[test]
fn many_ids_are_offered_a_step_at_a_time() {
    let lines: String = (0..200)
        .map(|number| {
            let (page, part) = (number / 50, number % 50);
            format!(
                "{{\"id\": \"a/page{page}#part{part}\", \"title\": \"Part {part} of {page}\"}}\n"
            )
        })
        .collect();
    let sandbox = Sandbox::indexed_from(&lines);
    for (typed, kind, words, first) in [
        ("", "open", 1, "a/\t"),
        ("a/", "words", 4, "a/page0#\t"),
        ("a/page1#", "words", 50, "a/page1#part0\tPart 0 of 1"),
        ("a/page1#part49", "words", 1, "a/page1#part49\tPart 49 of 1"),
        ("b", "words", 0, ""),
    ] {
        let ran = sandbox.qdex(&["complete", "--", "show", typed]);
        let lines = ran.lines();
        assert_eq!((lines[0], lines.len() - 1), (kind, words), "{typed}");
        assert_eq!(lines.get(1).copied().unwrap_or_default(), first, "{typed}");
    }
}

#[test]
fn fish_and_zsh_take_their_scripts() {
    let sandbox = Sandbox::indexed();
    let script = "qdex completions fish | source; complete -C 'qdex search --tag m'";
    if let Some(offered) = shell(&sandbox, "fish", &["--no-config"], script) {
        assert_eq!(offered, "memory\t3 entries\n");
    }
    let script = "autoload -Uz compinit && compinit -u -D; source <(qdex completions zsh); print $_comps[qdex]";
    if let Some(function) = shell(&sandbox, "zsh", &["-f"], script) {
        assert_eq!(function, "_qdex\n");
    }
}
