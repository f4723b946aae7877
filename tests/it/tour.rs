//! The tour of README.md: every command in its `console` blocks prints what stands there.

use crate::support::Sandbox;
use crate::transcript;

/// Copies a folder, with the folders in it.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("is read") {
        let entry = entry.expect("is there");
        let to = to.join(entry.file_name());
        match entry.file_type().expect("is known").is_dir() {
            true => copy(&entry.path(), &to),
            false => std::fs::copy(entry.path(), to)
                .map(|_| ())
                .expect("is copied"),
        }
    }
}

/// Returns the texts of the blocks of a language.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    markdown
        .split(&fence)
        .skip(1)
        .filter_map(|block| Some(block.split("\n```").next()?.to_owned()))
        .collect()
}

#[test]
fn the_tour_of_the_readme_is_true() {
    if !transcript::has_shell() {
        return;
    }
    let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let sandbox = Sandbox::new();
    copy(&project.join("corpus"), &sandbox.path("corpus"));
    let readme = std::fs::read_to_string(project.join("README.md")).expect("is there");
    let blocks = blocks(&readme, "console");
    let steps: Vec<_> = blocks
        .iter()
        .flat_map(|block| transcript::steps(block))
        .collect();
    assert!(steps.len() >= 12, "{}", steps.len());
    let mut wrong = Vec::new();
    for step in &steps {
        let has_python = || {
            std::process::Command::new("python3")
                .arg("-V")
                .output()
                .is_ok()
        };
        if step.command.contains("python3") && !has_python() {
            println!("skipped: `python3` is not installed");
            continue;
        }
        let printed = transcript::run(&sandbox, &step.command);
        if !transcript::fits(&step.printed, &printed) {
            wrong.push(format!("$ {}\n{}\n", step.command, printed.join("\n")));
        }
    }
    assert!(
        wrong.is_empty(),
        "README.md says otherwise:\n{}",
        wrong.join("\n")
    );
}
