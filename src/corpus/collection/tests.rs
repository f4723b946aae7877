//! A document a convention, of our own making; the real collections stand in `tests/it/collections.rs`.

use super::questions::{is_jump, without_jumps};
use super::*;
use crate::corpus::{folds, headings};

/// Returns the convention, and the questions as `line difficulty /section/ asked => answer`.
fn read(title: &str, body: &str) -> (String, Vec<String>) {
    let body = &*folds::unfolded(body);
    let headings = headings::headings(body, 1);
    let document = Document {
        body,
        body_line: 1,
        headings: &headings,
        title: title.to_owned(),
        ..Document::default()
    };
    let Some(found) = find(&document) else {
        return ("none".to_owned(), Vec::new());
    };
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let questions = found.questions.iter().map(|question| {
        let difficulty = question
            .difficulty
            .map_or(String::new(), |difficulty| format!("{difficulty} "));
        format!(
            "{} {difficulty}/{}/ {} => {}",
            question.line,
            question.sections.join("/"),
            flat(&question.asked),
            flat(&question.answer)
        )
        .trim_end()
        .to_owned()
    });
    (found.convention.to_string(), questions.collect())
}

#[test]
fn folded_and_quoted_questions_are_questions() {
    let expected = [
        "1 // What is a closure? => A function with `x`.",
        "4 // Why does it leak? => It keeps what it captured.",
        "7 // How is it freed? => With its function.",
    ];
    let bodies = [
        (
            "summaries",
            "::: details What is a closure?\nA function with `x`.\n:::\n::: details Why does it leak?\nIt keeps what it captured.\n:::\n::: details How is it freed?\nWith its function.\n:::\n",
        ),
        (
            "summaries",
            "??? note \"What is a closure?\"\n    A function with `x`.\n\n??? note \"Why does it leak?\"\n    It keeps what it captured.\n\n??? note \"How is it freed?\"\n    With its function.\n",
        ),
        (
            "summaries",
            "> [!faq]- What is a closure?\n> A function with `x`.\n\n> [!faq]- Why does it leak?\n> It keeps what it captured.\n\n> [!faq]- How is it freed?\n> With its function.\n",
        ),
        (
            "summaries",
            "{{< details \"What is a closure?\" >}}\nA function with `x`.\n{{< /details >}}\n{{< details \"Why does it leak?\" >}}\nIt keeps what it captured.\n{{< /details >}}\n{{< details \"How is it freed?\" >}}\nWith its function.\n{{< /details >}}\n",
        ),
        (
            "summaries",
            "What is a closure? :: A function with `x`.\n\n\nWhy does it leak? :: It keeps what it captured.\n\n\nHow is it freed? :: With its function.\n",
        ),
        (
            "bold paragraphs",
            "**What is a closure?**  \nA function with `x`.\n\n**Why does it leak?**  \nIt keeps what it captured.\n\n**How is it freed?**  \nWith its function.\n",
        ),
        (
            "bold paragraphs",
            "> **What is a closure?**\n\nA function with `x`.\n> **Why does it leak?**\n\nIt keeps what it captured.\n> **How is it freed?**\n\nWith its function.\n",
        ),
    ];
    for (convention, body) in bodies {
        let (found, questions) = read("JavaScript", body);
        let questions: Vec<String> = questions
            .iter()
            .map(|asked| asked.replace("**", ""))
            .collect();
        assert_eq!(
            (found.as_str(), questions.as_slice()),
            (convention, &expected.map(str::to_owned)[..]),
            "{body}"
        );
    }
}

#[test]
fn a_page_that_names_its_questions_is_believed() {
    let body = "## Chapter\n\n### Floats\n\nA.\n\n### Stacking\n\nB.\n\n#### More\n\nC.\n";
    let headings = headings::headings(body, 1);
    let mut document = Document {
        body,
        body_line: 1,
        headings: &headings,
        title: "CSS".to_owned(),
        ..Document::default()
    };
    assert!(find(&document).is_none());
    document.names_questions = true;
    let found = find(&document).expect("questions");
    assert_eq!(found.convention, Convention::Headings(3));
    assert_eq!(found.questions.len(), 2);

    // Below the one heading that says so, all are.
    let nouns = "# Interview questions\n\n## Floats\n\nA.\n\n## Stacking\n\nB.\n";
    let headings = headings::headings(nouns, 1);
    let nouns = Document {
        body: nouns,
        headings: &headings,
        title: String::new(),
        ..document
    };
    assert_eq!(find(&nouns).expect("questions").questions.len(), 2);

    // Chapters of such a page are none.
    let hub = "## For whom\n\n- you\n\n## How\n\n- so\n";
    let headings = headings::headings(hub, 1);
    let hub = Document {
        body: hub,
        headings: &headings,
        ..document
    };
    assert!(find(&hub).is_none());
}

#[test]
fn the_questions_of_an_article_stand_in_its_section_of_questions() {
    let (convention, questions) = read(
        "Release",
        "## New\n\n### The one\n\nA.\n\n### The other\n\nB.\n\n## Frequently asked questions\n\n### Is it done?\n\nC.\n\n### Explain why\n\nD.\n\n### Can I?\n\nE.\n",
    );
    assert_eq!(convention, "headings 3");
    let titles: Vec<_> = questions
        .iter()
        .filter_map(|question| question.split_once("/ "))
        .collect();
    let titles: Vec<_> = titles.iter().map(|(_, question)| *question).collect();
    assert_eq!(
        titles,
        ["Is it done? => C.", "Explain why => D.", "Can I? => E."]
    );
}

#[test]
fn titles_lose_what_only_marks_them() {
    for (body, expected) in [
        (
            "# G\n\n## [1. What is A?](#a)\n\nA.\n\n## [2. What is B?](#b)\n\nB.\n",
            ["3 // What is A? => A.", "7 // What is B? => B."],
        ),
        (
            "# G\n\n### ❓ What is A? ⭐\n\nA.\n\n### ❓ What is B? ⭐⭐⭐\n\nB.\n",
            ["3 easy // What is A? => A.", "7 hard // What is B? => B."],
        ),
        (
            "# G\n\n## 1. Basics\n\n### 1.1 What is A\n\nA.\n\n### 1.2 Explain B\n\nB.\n",
            [
                "5 easy /1. Basics/ What is A => A.",
                "9 easy /1. Basics/ Explain B => B.",
            ],
        ),
        (
            "<h1>G</h1>\n\n<h3>What is A?</h3>\n\nA.\n\n<h3>What is B?</h3>\n\nB.\n",
            ["3 // What is A? => A.", "7 // What is B? => B."],
        ),
        (
            "# G\n\n## Question 1\n\nWhat is A?\n\n### Answer\n\nA.\n\n## Question 2\n\nWhat is B?\n\n### Answer\n\nB.\n",
            [
                "3 // What is A? => ### Answer A.",
                "11 // What is B? => ### Answer B.",
            ],
        ),
    ] {
        assert_eq!(read("G", body).1, expected, "{body}");
    }
}

#[test]
fn the_convention_is_the_one_that_explains_the_document() {
    for (body, convention, questions) in [
        (
            // A heading a question under sections; contents, a link back, and a title that asks nothing.
            "# Guide\n\n## Table of Contents\n- [What is A?](#what-is-a)\n\n## Junior\n\n### 1. What is A?\n\nA.\n\n**[⬆ Back to Top](#guide)**\n\n### 2. Explain B\n\nB.\n\n## Advanced\n\n### 3. The C rule\n\nC.\n\n## License\n\nMIT\n",
            "headings 3",
            vec![
                "8 easy /Junior/ What is A? => A.",
                "14 easy /Junior/ Explain B => B.",
                "20 hard /Advanced/ The C rule => C.",
            ],
        ),
        (
            // A table of questions and answers.
            "# G\n\n| # | Question | Answer |\n|---|---|---|\n| 1 | What is A? | A is `a` \\| b. |\n| 2 | What is B? | B. |\n",
            "table rows",
            vec![
                "5 // What is A? => A is `a` \\| b.",
                "6 // What is B? => B.",
            ],
        ),
        (
            // Ordered items that hold headings; the numbering starts again.
            "# Q&A\n\n1. ### What is A?\n\n    A.\n    ```js\n    f()\n    ```\n\n2. ### How is B?\n\n    B.\n\n1. ### Why C?\n\n    C.\n",
            "asking headings",
            vec![
                "3 // What is A? => A. ```js f() ```",
                "10 // How is B? => B.",
                "14 // Why C? => C.",
            ],
        ),
        (
            "###### 1. What's the output?\n\n```js\nf()\n```\n\n- A: 1\n- B: 2\n\n<details><summary><b>Answer</b></summary>\n<p>\n\n#### Answer: B\n\nSo.\n\n</p>\n</details>\n\n---\n\n###### 2. And this one\n\n- A: 3\n\n<details><summary><b>Answer</b></summary>\n\n#### Answer: A\n\nSo.\n\n</details>\n",
            "headings 6",
            vec![
                "1 // What's the output? ```js f() ``` - A: 1 - B: 2 => <details><summary><b>Answer</b></summary> <p> #### Answer: B So. </p> </details> ---",
                "22 // And this one - A: 3 => <details><summary><b>Answer</b></summary> #### Answer: A So. </details>",
            ],
        ),
        (
            "# Exercises\n\n### Beginner\n\n<details>\n<summary>What is A?</summary><br><b>\n\nA `<summary>`.\n</b></details>\n\n<details>\n<summary>Explain B</summary><br><b>\n</b></details>\n\n```html\n<details><summary>What?</summary>\n```\n",
            "summaries",
            vec![
                "5 easy /Beginner/ What is A? => <br><b> A `<summary>`. </b>",
                "11 easy /Beginner/ Explain B => <br><b> </b>",
            ],
        ),
        (
            "**1. What is A?**\n\nA.\n\n**2. What is B?**\n\nB with **bold** text.\n\n**3. Name C**\n\nC.\n",
            "bold paragraphs",
            vec![
                "1 // **What is A?** => A.",
                "5 // **What is B?** => B with **bold** text.",
                "9 // **Name C** => C.",
            ],
        ),
        (
            "Q: What is A?\nA: One.\n\nQ: The B rule\n\nA: Two.\n\nQ3. Why C?\nThree.\n",
            "prefixed paragraphs",
            vec![
                "1 // What is A? => A: One.",
                "4 // The B rule => A: Two.",
                "8 // Why C? => Three.",
            ],
        ),
        (
            "# Questions\n\n## JS\n\n* What is A?\n* Explain B to me.\n  * Like this\n* Why C?\n* [What is D?](d.md)\n",
            "list items",
            vec![
                "5 /JS/ What is A? =>",
                "6 /JS/ Explain B to me. => * Like this",
                "8 /JS/ Why C? => * [What is D?](d.md)",
            ],
        ),
        (
            "# Question 12\n\n### **Question**\n\n> **_Write a loop._**\n\n### Hints\n\nNone.\n\n# Question 13\n\n### **Question**\n\nWrite two loops.\n\n### Hints\n\nNone.\n",
            "headings 1",
            vec![
                "1 // Write a loop. => ### **Question** > **_Write a loop._** ### Hints None.",
                "11 // Write two loops. => ### **Question** Write two loops. ### Hints None.",
            ],
        ),
        (
            "### ▶ First things first\n\n```py\n# What?\n```\n\n#### 💡 Explanation:\n\nSo.\n\n### ▶ Be careful\n\nText.\n\n#### 💡 Explanation:\n\nSo too.\n",
            "headings 3",
            vec![
                "1 // First things first ```py # What? ``` => #### 💡 Explanation: So.",
                "11 // Be careful Text. => #### 💡 Explanation: So too.",
            ],
        ),
        (
            "### Where is A?\n\n#### Answer\n\nHere.\n\n#### Good to hear\n\n* B\n\n<!-- tags: (html) -->\n\n<!-- expertise: (1) -->\n",
            "asking headings",
            vec![
                "1 medium // Where is A? => #### Answer Here. #### Good to hear * B <!-- tags: (html) --> <!-- expertise: (1) -->",
            ],
        ),
        (
            "Answer: 12\nDifficulty: 3\n\n# Hint\n\nLook.\n\n# Explanation\n\nSo.\n",
            "file",
            vec!["1 hard // the name => Answer: 12 Difficulty: 3 # Hint Look. # Explanation So."],
        ),
        (
            "# Manual\n\n## 1. Installation\n\nText.\n\n## 2. Usage\n\nText.\n",
            "none",
            vec![],
        ),
        (
            "# Project\n\nText with **bold**.\n\n- a\n- b\n- c\n",
            "none",
            vec![],
        ),
        ("", "none", vec![]),
    ] {
        let (found, read) = read("the name", body);
        assert_eq!(
            (found.as_str(), read),
            (
                convention,
                questions.into_iter().map(str::to_owned).collect()
            ),
            "{body}"
        );
    }
}

/// What is written to take long takes no longer than its length.
#[test]
fn hostile_documents_are_read_in_linear_time() {
    for (piece, times) in [
        ("<summary>", 200_000),
        ("<details><summary>a?</summary>", 40_000),
        ("# a?\n", 60_000),
        ("# a?\n## Answer\n", 30_000),
        ("**a?**\n\n", 40_000),
        ("1. a?\n", 60_000),
        ("- ", 300),
        ("[a](#b) ", 60_000),
        ("`<summary>` ", 40_000),
    ] {
        let start = std::time::Instant::now();
        let _ = read("the name", &piece.repeat(times));
        // A second in a debug build; what is quadratic takes minutes.
        assert!(start.elapsed().as_secs() < 30, "{piece}");
    }
}

#[test]
fn lines_that_only_jump_are_dropped() {
    for (line, is_dropped) in [
        ("**[⬆ Back to Top](#table-of-contents)**", true),
        ("[[↑] Back to top](#Angular)", true),
        (
            "<div align=\"right\"><b><a href=\"#\">↥ back to top</a></b></div>",
            true,
        ),
        ("See [above](#above) for it.", false),
        ("- [What is A?](#a)", false),
        ("[docs](https://e.org/#top)", false),
    ] {
        assert_eq!(is_jump(line), is_dropped, "{line}");
    }
    let text = "```\n[a](#b)\n```\n";
    let marks = marks::marks(text);
    assert_eq!(without_jumps(text, &marks.code, 0), text);
}
