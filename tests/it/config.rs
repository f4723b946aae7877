//! Settings: which of an option, a variable, the configuration file and the default is in force, and what is said about
//! a file that is wrong.

use crate::support::Sandbox;

const FILE: &str = "qdex.toml";

fn with_file<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("QDEX_CONFIG", FILE)], more].concat()
}

/// Returns the value of a setting and who said so.
fn in_force(
    sandbox: &Sandbox,
    name: &str,
    variables: &[(&str, &str)],
    options: &[&str],
) -> (String, String) {
    let ran = sandbox.with_env(variables, &[&["config", "--json"], options].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let json = ran.json();
    let settings = json["settings"].as_array().expect("is a list");
    let setting = settings.iter().find(|setting| setting["name"] == name);
    let setting = setting.unwrap_or_else(|| panic!("no `{name}` in {json}"));
    let text = |key: &str| setting[key].as_str().unwrap_or_default().to_owned();
    (text("value"), text("from"))
}

#[test]
fn an_option_wins_over_a_variable_and_that_over_the_file() {
    let sandbox = Sandbox::new();
    sandbox.file(FILE, "color = \"always\"\nlimit = 3\n");
    let variable = [("QDEX_COLOR", "never")];
    for (variables, options, expected) in [
        (vec![], &[][..], ("auto", "default")),
        (with_file(&[]), &[], ("always", "file")),
        (with_file(&variable), &[], ("never", "environment")),
        (with_file(&variable), &["--color=auto"], ("auto", "option")),
        (with_file(&[("QDEX_COLOR", "")]), &[], ("always", "file")),
        (with_file(&[]), &["--no-config"], ("auto", "default")),
    ] {
        let (value, from) = in_force(&sandbox, "color", &variables, options);
        assert_eq!(
            (value.as_str(), from.as_str()),
            expected,
            "{variables:?} {options:?}"
        );
    }
    let text = sandbox.with_env(&with_file(&variable), &["config"]);
    assert_eq!(
        text.stdout
            .lines()
            .filter(|line| !line.contains("default"))
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>(),
        [
            "color never $QDEX_COLOR",
            "limit 3 qdex.toml:2",
            "",
            "file: qdex.toml"
        ]
    );
}

#[test]
fn settings_are_what_searches_use() {
    let sandbox = Sandbox::indexed();
    sandbox.file(
        FILE,
        "color = \"always\"\nlimit = 2\nindex = \"elsewhere\"\n",
    );
    let env = with_file(&[]);
    let there = sandbox.with_env(&env, &["search", "memory"]);
    assert!(
        there.stderr.contains("no index at `elsewhere`"),
        "{}",
        there.stderr
    );
    // A command that names no index goes where the file says, and the hint knows it.
    assert!(
        there.stderr.ends_with("`qdex index PATH…`\n"),
        "{}",
        there.stderr
    );

    let env = with_file(&[("QDEX_INDEX", "index")]);
    let found = sandbox.with_env(&env, &["search", "memory"]);
    assert!(found.stdout.contains("\x1b["), "{}", found.stdout);
    for (options, hits) in [
        (&["--format=ids"][..], 2),
        (&["--format=ids", "-n", "1"], 1),
        (&["--format=ids", "--no-config"], 3),
    ] {
        let found = sandbox.with_env(&env, &[&["search", "memory"], options].concat());
        assert_eq!(found.lines().len(), hits, "{options:?}: {}", found.stdout);
    }
}

#[test]
fn a_file_that_is_wrong_is_named_with_the_line() {
    let sandbox = Sandbox::indexed();
    for (text, message, hint) in [
        (
            "\ncolour = \"auto\"",
            "qdex.toml:2: there is no setting `colour`",
            "did you mean `color`?",
        ),
        (
            "color = \"alway\"",
            "qdex.toml:1: `color` is `alway`: expected one of `auto`, `always`, `never`; did you mean `always`?",
            "`--no-config` goes without the file",
        ),
        (
            "limit = 0",
            "qdex.toml:1: `limit` is `0`: expected a number above 0",
            "`--no-config` goes without the file",
        ),
        (
            "limit = [1]",
            "qdex.toml:1: `limit` is `[1]`: expected a number above 0",
            "`--no-config` goes without the file",
        ),
        (
            "# limit\nlimit = many",
            "qdex.toml:2: this is no TOML: string values must be quoted, expected literal string",
            "`--no-config` goes without the file",
        ),
        (
            "limit = 1\nlimit = 2",
            "qdex.toml:2: this is no TOML: duplicate key",
            "`--no-config` goes without the file",
        ),
    ] {
        sandbox.file(FILE, text);
        let ran = sandbox.with_env(&with_file(&[]), &["search", "weakref"]);
        assert_eq!(
            (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
            (
                Some(2),
                "",
                format!("error: {message}\nhint: {hint}\n").as_str()
            ),
            "{text}"
        );
        // What has nothing to do with settings goes on.
        for other in [&["config", "--path"][..], &["completions", "bash"]] {
            let ran = sandbox.with_env(&with_file(&[]), other);
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{other:?}");
        }
    }
    let ran = sandbox.with_env(&[("QDEX_LIMIT", "many")], &["search", "weakref"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            Some(2),
            "error: the variable `QDEX_LIMIT` is `many`: expected a number above 0\n"
        )
    );
}

#[test]
fn the_file_that_init_writes_explains_every_setting_and_sets_none() {
    let sandbox = Sandbox::new();
    let path = sandbox.qdex(&["config", "--path"]).stdout;
    let path = path.trim_end();
    assert!(path.ends_with("/home/.config/qdex/config.toml"), "{path}");
    assert!(!std::path::Path::new(path).exists());

    let written = sandbox.qdex(&["config", "--init"]);
    assert_eq!(
        (written.code, written.stderr.as_str()),
        (Some(0), format!("wrote `{path}`\n").as_str())
    );
    let json = sandbox.qdex(&["config", "--json"]).json();
    let settings = json["settings"].as_array().expect("is a list");
    assert_eq!(json["file"], path);
    assert!(settings.iter().all(|setting| setting["from"] == "default"));

    // Every setting is there, and its example is a value that it takes.
    let commented = std::fs::read_to_string(path).expect("was written");
    let uncommented: String = commented
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => format!("{setting}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    std::fs::write(path, uncommented).expect("is written");
    let json = sandbox.qdex(&["config", "--json"]).json();
    let settings = json["settings"].as_array().expect("is a list");
    assert!(
        settings.iter().all(|setting| setting["from"] == "file"),
        "{json}"
    );
    for setting in settings {
        for key in ["option", "variable"] {
            // Not every setting has an option.
            if let Some(name) = setting[key].as_str() {
                assert!(commented.contains(name), "{name}");
            }
        }
    }

    // What is there stays.
    let again = sandbox.qdex(&["config", "--init"]);
    assert_eq!(again.code, Some(2));
    assert!(
        again.stderr.contains("hint: edit it, or move it away"),
        "{}",
        again.stderr
    );
}
