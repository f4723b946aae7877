use proptest::prelude::*;

use super::*;

/// Writes code with its classes in brackets: `k` keyword, `t` text, `v` value, `c` comment.
fn marked(code: &str, language: &str) -> String {
    let language = named(language).expect("is known");
    let mut marked = String::new();
    let mut at = 0;
    for (range, class) in classes(code, language) {
        let sign = match class {
            Class::Comment => 'c',
            Class::Text => 't',
            Class::Value => 'v',
            Class::Keyword => 'k',
            Class::Added => '+',
            Class::Removed => '-',
        };
        marked.push_str(&code[at..range.start]);
        marked.push_str(&format!("{sign}⟨{}⟩", &code[range.clone()]));
        at = range.end;
    }
    marked + &code[at..]
}

#[test]
fn languages_are_told_apart_by_their_tables() {
    for (language, code, expected) in [
        (
            "python",
            "def f(x=1.5e-3): # it's",
            "k⟨def⟩ f(x=v⟨1.5e-3⟩): c⟨# it's⟩",
        ),
        (
            "Python",
            "'''a\n'b\n''' + 'c' if None",
            "t⟨'''a\n'b\n'''⟩ + t⟨'c'⟩ k⟨if⟩ v⟨None⟩",
        ),
        (
            "python",
            "x.match('a\\'b') or \"open",
            "x.match(t⟨'a\\'b'⟩) k⟨or⟩ \"open",
        ),
        (
            "rust",
            "fn f<'a>(c: char) { 'x'; '\\u{1f600}'; r#\"a\"b\"# }",
            "k⟨fn⟩ f<'a>(c: char) { t⟨'x'⟩; t⟨'\\u{1f600}'⟩; t⟨r#\"a\"b\"#⟩ }",
        ),
        (
            "rust",
            "for i in 0..10 { /* a\nb */ }",
            "k⟨for⟩ i k⟨in⟩ v⟨0⟩..v⟨10⟩ { c⟨/* a\nb */⟩ }",
        ),
        (
            "sh",
            "echo \"$#\" ${#a} --if 'it # is' # yes",
            "k⟨echo⟩ t⟨\"$#\"⟩ ${#a} --if t⟨'it # is'⟩ c⟨# yes⟩",
        ),
        (
            "js",
            "const a = `x\n${1}`; // https://e.org",
            "k⟨const⟩ a = t⟨`x\n${1}`⟩; c⟨// https://e.org⟩",
        ),
        (
            "c",
            "#include <stdio.h>\nchar c = '\\n';",
            "k⟨#include⟩ <stdio.h>\nk⟨char⟩ c = t⟨'\\n'⟩;",
        ),
        (
            "sql",
            "SELECT 'it''s' -- all\nfrom t",
            "k⟨SELECT⟩ t⟨'it'⟩t⟨'s'⟩ c⟨-- all⟩\nk⟨from⟩ t",
        ),
        (
            "html",
            "<a href=\"x\">it's <b></a><!-- c -->",
            "<k⟨a⟩ href=t⟨\"x\"⟩>it's <k⟨b⟩></k⟨a⟩>c⟨<!-- c -->⟩",
        ),
        ("diff", "@@ 1\n-a\n+b\n c", "v⟨@@ 1⟩\n-⟨-a⟩\n+⟨+b⟩\n c"),
        (
            "yaml",
            "- name: x # y\n  url: http://a#b",
            "- k⟨name⟩: x c⟨# y⟩\n  k⟨url⟩: http://a#b",
        ),
        (
            "java",
            "@Override String s = \"\"\"\n a\"\"\";",
            "@Override String s = t⟨\"\"\"\n a\"\"\"⟩;",
        ),
        (
            "go",
            "s := `a\n\\` + string('x')",
            "s := t⟨`a\n\\`⟩ + string(t⟨'x'⟩)",
        ),
    ] {
        assert_eq!(marked(code, language), expected, "{language}");
    }
    assert!(named("text").is_none() && named("").is_none());
}

proptest! {
    #[test]
    fn classes_are_in_order_and_on_boundaries(
        code in "(\"|'|`|/\\*|\\*/|//|#|--|<|<!--|>|\\\\|\n| |é|漢|a|if|1|\\.|e|-|\\[\\[|\\{-){0,40}|\\PC{0,40}",
        language in prop::sample::select(vec!["c", "java", "js", "go", "rust", "swift", "php", "python", "ruby", "sh", "powershell", "sql", "lua", "haskell", "lisp", "css", "json", "yaml", "docker", "html", "diff"]),
    ) {
        let mut end = 0;
        for (range, _) in classes(&code, named(language).expect("is known")) {
            prop_assert!(range.start >= end && range.start < range.end);
            prop_assert!(code.get(range.clone()).is_some());
            end = range.end;
        }
    }
}
