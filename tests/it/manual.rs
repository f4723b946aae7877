//! `-h`, `--help` and the manual pages: all of them say all there is.

use std::process::Command;

use crate::support::Sandbox;

/// Returns the commands that `qdex --help` lists.
fn commands(sandbox: &Sandbox) -> Vec<String> {
    let help = sandbox.qdex(&["--help"]).stdout;
    let listed = help.split("Commands:\n").nth(1).expect("lists commands");
    let listed = listed.split("\n\n").next().unwrap_or_default();
    let names = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Returns the long names of the options that a help text lists.
fn options(help: &str) -> Vec<&str> {
    help.lines()
        .filter_map(|line| {
            let line = line.trim_start();
            let names = line.starts_with('-').then_some(line)?;
            let long = &names[names.find("--")?..];
            long.split([' ', '[', '<', '=']).next()
        })
        .collect()
}

#[test]
fn short_help_fits_a_screen_and_long_help_explains() {
    let sandbox = Sandbox::new();
    let names = commands(&sandbox);
    assert!(names.len() > 10, "{names:?}");
    for name in names.iter().map(String::as_str).chain([""]) {
        let command: Vec<&str> = [name].into_iter().filter(|name| !name.is_empty()).collect();
        let short = sandbox.with_env(&[("COLUMNS", "80")], &[&command[..], &["-h"]].concat());
        let long = sandbox.with_env(&[("COLUMNS", "80")], &[&command[..], &["--help"]].concat());
        assert_eq!((short.code, long.code), (Some(0), Some(0)));
        assert!(short.lines().len() <= 40, "{name}: {}", short.stdout);
        assert!(
            long.lines().len() > short.lines().len(),
            "{name}: {}",
            long.stdout
        );
        if name != "stats" {
            assert!(
                long.stdout.contains("Examples:\n"),
                "{name}: {}",
                long.stdout
            );
        }
        // What stands in `-h` is an option of `--help`, which may have more.
        let all = options(&long.stdout);
        for option in options(&short.stdout) {
            assert!(all.contains(&option), "{name}: {option}");
        }
    }
}

#[test]
fn manual_pages_have_every_option_and_only_macros() {
    let sandbox = Sandbox::new();
    let written = sandbox.qdex(&["man", "--out", "man1"]);
    let names = commands(&sandbox);
    assert_eq!(
        written.stderr,
        format!("wrote {} pages to `man1`\n", names.len() + 1)
    );
    for name in names.iter().map(String::as_str).chain([""]) {
        let (file, command) = match name {
            "" => ("man1/qdex.1".to_owned(), vec![]),
            name => (format!("man1/qdex-{name}.1"), vec![name]),
        };
        let page = std::fs::read_to_string(sandbox.path(&file)).expect("was written");
        assert!(page.starts_with(".TH QDEX"), "{file}: {page}");
        for macro_name in page.lines().filter_map(|line| line.strip_prefix('.')) {
            let known = ["TH", "SH", "PP", "IP", "TP", "nf", "fi", "br", "nh", "ad"];
            let macro_name = macro_name.split(' ').next().unwrap_or_default();
            assert!(known.contains(&macro_name), "{file}: .{macro_name}");
        }
        let text = page.replace("\\-", "-");
        let help = sandbox.qdex(&[&command[..], &["--help"]].concat()).stdout;
        let options = options(&help);
        assert!(options.contains(&"--help"), "{help}");
        for option in options {
            assert!(text.contains(option), "{file} has no {option}");
        }
        // The page on standard output is the page in the file.
        let printed = sandbox.qdex(&[&["man"], &command[..]].concat());
        assert_eq!(printed.stdout, page);
        lint(&sandbox, &file);
    }
    let unknown = sandbox.qdex(&["man", "serch"]);
    assert_eq!(
        (unknown.code, unknown.stderr.as_str()),
        (
            Some(2),
            "error: there is no command `serch`\nhint: did you mean `search`?\n"
        )
    );
}

/// Has `mandoc`, where it is installed, look for errors.
fn lint(sandbox: &Sandbox, file: &str) {
    let mandoc = Command::new("mandoc")
        .args(["-T", "lint", "-W", "error", file])
        .current_dir(sandbox.path(""))
        .output();
    match mandoc {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{said}");
        }
        Err(_) => println!("skipped: `mandoc` is not installed"),
    }
}
