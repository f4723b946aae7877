use super::*;
use crate::query::compile::compile;
use crate::query::parse;

fn rules() -> impl Iterator<Item = &'static str> {
    BUILT_IN
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Returns a query's words, each with the names of what stands for it.
fn expanded(query: &str, vocabulary: &Vocabulary) -> String {
    let words = compile(&parse(query).query, vocabulary, None);
    let word = |word: &QueryWord| {
        let alternatives = word.alternatives.iter();
        let alternatives = alternatives.filter(|other| other.weight == SYNONYM_WEIGHT);
        let names: Vec<&str> = alternatives.map(|other| other.name.as_str()).collect();
        if names.is_empty() {
            word.typed.clone()
        } else {
            format!("{}({})", word.typed, names.join(", "))
        }
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_built_in_rules_are_written_as_the_table_reads_them() {
    assert!(rules().count() >= 220);
    assert!(BUILT_IN.is_ascii() && BUILT_IN.ends_with('\n'));
    let mut seen = std::collections::HashSet::new();
    for rule in rules() {
        assert!(seen.insert(rule), "`{rule}` stands twice");
        assert_eq!(rule, rule.to_lowercase());
        let (sources, targets) = rule.split_once(" => ").unwrap_or((rule, rule));
        let is_tidy = |list: &str| {
            let mut names = list.split(',');
            let is_first_tidy = names.next().is_some_and(|first| first.trim() == first);
            is_first_tidy && names.all(|name| name.trim() == &name[1..])
        };
        assert!(is_tidy(sources) && is_tidy(targets), "{rule}");
        assert!(!sources.contains("=>") && !targets.contains("=>"), "{rule}");
        Vocabulary::with(rule).unwrap_or_else(|error| panic!("{rule}: {error}"));
    }
}

#[test]
fn every_source_is_found_by_its_first_term() {
    let vocabulary = Vocabulary::default();
    let mut wrong = Vec::new();
    for rule in rules() {
        let (sources, targets) = rule.split_once(" => ").unwrap_or((rule, rule));
        for source in sources.split(", ") {
            let member = Member::new(source).expect("is a word");
            let found: Vec<Source> = vocabulary.sources(&member.heads[0]).collect();
            for target in targets.split(", ").filter(|target| *target != source) {
                let target = Member::new(target).expect("is a word");
                let is_found = target.heads == member.heads
                    || found.iter().any(|found| {
                        let mut targets = found.targets.iter();
                        found.member.heads == member.heads
                            && targets.any(|found| found.heads == target.heads)
                    });
                if !is_found {
                    wrong.push(format!(
                        "`{source}` does not find `{}`: {rule}",
                        target.name
                    ));
                }
            }
            let is_same = |target: &str| {
                target != source && Member::new(target).expect("is a word").heads == member.heads
            };
            if targets.split(", ").any(is_same) {
                wrong.push(format!("analysis joins two of these already: {rule}"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn words_are_expanded_and_names_are_not() {
    let vocabulary = Vocabulary::with("gizmo, widget, tool kit\nsprocket => cog").expect("is read");
    for (query, expected) in [
        ("gizmo", "gizmo(widget, tool kit)"),
        ("Gizmos", "Gizmos(widget, tool kit)"),
        ("tool kit", "tool(gizmo, widget) kit(gizmo, widget)"),
        ("tool box kit", "tool box kit"),
        ("sprocket", "sprocket(cog)"),
        ("cog", "cog"),
        // What was typed stands for itself.
        ("gizmo widget", "gizmo(tool kit) widget(tool kit)"),
        ("gizmo tool kit", "gizmo(widget) tool(widget) kit(widget)"),
        // Parts of names, and what is quoted, are meant as they stand.
        ("getGizmo", "getGizmo"),
        ("gizmo.run", "gizmo.run"),
        ("\"gizmo\"", "gizmo"),
        ("code:\"gizmo\"", "gizmo"),
        ("title:gizmo", "gizmo"),
        // An alternative was given.
        ("gizmo OR frob", "gizmo frob"),
    ] {
        assert_eq!(expanded(query, &vocabulary), expected, "{query}");
    }
    for (query, word) in [
        ("gc", "garbage collection"),
        ("garbage collection", "gc"),
        ("garbage collectors", "gc"),
        ("k8s", "kubernetes"),
        ("Kubernetes", "k8s"),
        ("regular expressions", "regex"),
        ("node.js", "nodejs"),
        ("JavaScript", "js"),
        ("environment variables", "env var"),
        ("serialising", "serialize"),
        ("C sharp", "c#"),
    ] {
        let expanded = expanded(query, &Vocabulary::default());
        assert!(expanded.contains(word), "{query}: {expanded}");
    }
}

#[test]
fn built_in_rules_can_be_removed() {
    for (rules, query, expected) in [
        ("- gc", "gc", "gc"),
        ("- gc, garbage collection", "gc", "gc(garbage collector)"),
        (
            "- gc",
            "garbage collector",
            "garbage(garbage collection) collector(garbage collection)",
        ),
        ("- *", "gc k8s", "gc k8s"),
        ("- *\ngc, rubbish", "gc k8s", "gc(rubbish) k8s"),
        ("- gc\ngc, rubbish", "gc", "gc(rubbish)"),
    ] {
        let vocabulary = Vocabulary::with(rules).expect("is read");
        assert_eq!(expanded(query, &vocabulary), expected, "{rules}");
    }
}

#[test]
fn a_wrong_line_is_named() {
    for (rules, expected) in [
        (
            "a1, b1\n\n# x\nwidget",
            "line 4: `widget` stands alone: expected two words or more, parted by commas",
        ),
        ("widget,", "line 1: `widget,` lacks a word: expected `a, b`"),
        (
            ", widget",
            "line 1: `, widget` lacks a word: expected `a, b`",
        ),
        (
            "a1 => b1 => c1",
            "line 1: `a1 => b1 => c1` has `=>` twice: expected `a, b => c`",
        ),
        ("a1 =>", "line 1: `` lacks a word: expected `a, b`"),
        ("a1, (", "line 1: `(` has no word in it: expected one"),
        (
            "how, why",
            "line 1: `how` stands in every other question: expected a word that tells them apart",
        ),
        (
            "a1, one two three four five six seven",
            "line 1: `one two three four five six seven` is too long: expected at most 6 words",
        ),
        ("- ", "line 1: `-` has no word in it: expected one"),
    ] {
        let error = Vocabulary::with(rules).expect_err("is refused");
        assert_eq!(error.to_string(), expected, "{rules}");
    }
}
