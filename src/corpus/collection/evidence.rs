//! What speaks for a title being a question, and what a title is when it is none.

use crate::corpus::headings;
use crate::entry::Difficulty;

/// How sure it is that a title is a question when all that speaks for it is that it begins as questions and exercises do.
pub(super) const LIKE_A_QUESTION: f64 = 0.8;

/// The same of a number or a sign in front of it: chapters have those too.
pub(super) const NUMBERED: f64 = 0.5;

/// First words of English questions and exercises.
const QUESTION_WORDS: [&str; 52] = [
    "what",
    "what's",
    "whats",
    "why",
    "how",
    "when",
    "where",
    "which",
    "who",
    "whose",
    "is",
    "are",
    "can",
    "could",
    "do",
    "does",
    "did",
    "should",
    "would",
    "will",
    "has",
    "have",
    "explain",
    "describe",
    "define",
    "differentiate",
    "difference",
    "differences",
    "compare",
    "list",
    "name",
    "tell",
    "give",
    "write",
    "implement",
    "discuss",
    "mention",
    "print",
    "find",
    "check",
    "reverse",
    "convert",
    "create",
    "design",
    "build",
    "demonstrate",
    "provide",
    "program",
    "true",
    "calculate",
    "suppose",
    "consider",
];

/// Parts of a question's text, as headings and summaries name them.
const LABELS: [&str; 36] = [
    "answer",
    "answers",
    "solution",
    "solutions",
    "explanation",
    "output",
    "example",
    "examples",
    "hint",
    "hints",
    "source",
    "sources",
    "reference",
    "references",
    "code",
    "good to hear",
    "additional links",
    "notes",
    "note",
    "follow-up",
    "tl;dr",
    "question",
    "show answer",
    "view answer",
    "see answer",
    "click to see answer",
    "click here",
    "show solution",
    "view solution",
    "reveal answer",
    "see also",
    "further reading",
    "resources",
    "result",
    "details",
    "syntax",
];

/// Headings of what is about the collection.
const NAVIGATION: [&str; 22] = [
    "table of contents",
    "contents",
    "toc",
    "index",
    "license",
    "licence",
    "contributing",
    "contributors",
    "contribution",
    "contributions",
    "related topics",
    "related",
    "support",
    "sponsors",
    "sponsor",
    "acknowledgements",
    "acknowledgments",
    "changelog",
    "credits",
    "disclaimer",
    "about",
    "translations",
];

/// What pages of questions call themselves, in the languages that collections are written in most; parts of words.
const NAMES_OF_QUESTIONS: [&str; 27] = [
    "question",
    "quiz",
    "trivia",
    "q&a",
    "frequently-asked",
    "exercises",
    "challenges",
    "puzzle",
    "code-problems",
    "coding-problems",
    "pregunta",
    "pergunta",
    "domande",
    "fragen",
    "pytania",
    "вопрос",
    "запитан",
    "питання",
    "ερωτήσεις",
    "câu-hỏi",
    "pertanyaan",
    "面试题",
    "常见问题",
    "問題",
    "よくある質問",
    "질문",
    "אלות",
];

/// Returns whether a title, or the name of a file or a folder, says that questions follow: `FAQ`, `sql-questions-01`.
pub(in crate::corpus) fn names_questions(name: &str) -> bool {
    let name = name.to_lowercase().replace([' ', '_'], "-");
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    words.any(|word| ["faq", "faqs", "qa", "qna"].contains(&word))
        || NAMES_OF_QUESTIONS.iter().any(|part| name.contains(part))
}

/// Returns how sure it is that a title, without markup, is a question, from 0 to 1.
pub(in crate::corpus) fn of_title(title: &str) -> f64 {
    if is_label(title) || is_navigation(title) {
        0.0
    } else if title.contains(['?', '？', '؟']) || has_question_prefix(title) {
        1.0
    } else if begins_as_question(title) {
        LIKE_A_QUESTION
    } else if number_length(title) > 0 || sign_length(title) > 0 {
        NUMBERED
    } else {
        0.0
    }
}

/// Returns whether a title names a part of a question: `Answer`, `Solution:`, `💡 Explanation`, `Answer: C`.
pub(super) fn is_label(title: &str) -> bool {
    LABELS.contains(&key(title).as_str())
}

pub(super) fn is_navigation(title: &str) -> bool {
    let key = key(title);
    let key = key.split('(').next().unwrap_or_default().trim();
    NAVIGATION.contains(&key)
}

/// Returns what titles of the same part share: lower case, without signs in front and without what follows a colon.
pub(super) fn key(title: &str) -> String {
    let title = title.trim_start_matches(|c: char| !c.is_alphanumeric());
    let title = title.split([':', '：']).next().unwrap_or_default();
    let title = title.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ')');
    title.trim().to_lowercase()
}

/// Returns whether a title says that it is a question: `Q: …`, `Q12. …`, `Question 3`.
pub(super) fn has_question_prefix(title: &str) -> bool {
    let title = without_sign(title);
    let rest = ["Question", "QUESTION", "question", "Ques", "Q", "q"]
        .iter()
        .find_map(|word| title.strip_prefix(word));
    let Some(rest) = rest else {
        return false;
    };
    let number = rest.trim_start_matches([' ', '#', '-']);
    let after = number.trim_start_matches(|c: char| c.is_ascii_digit());
    let has_number = after.len() < number.len();
    match after.chars().next() {
        None => has_number,
        Some(next) => ".:)-–—".contains(next) || (has_number && next.is_whitespace()),
    }
}

/// Returns whether a title is a question's number and nothing else.
pub(super) fn is_bare_number(title: &str) -> bool {
    let words = title.trim_start_matches(|c: char| !c.is_alphanumeric());
    let rest = words.trim_start_matches(|c: char| c.is_alphabetic());
    let name = words[..words.len() - rest.len()].to_lowercase();
    let is_named =
        ["", "q", "question", "exercise", "problem", "task", "quiz"].contains(&name.as_str());
    is_named && !rest.is_empty() && !rest.contains(|c: char| c.is_alphabetic())
}

fn begins_as_question(title: &str) -> bool {
    let title = without_sign(title);
    let title = &title[number_length(title)..];
    let title = title.trim_start_matches(|c: char| !c.is_alphanumeric());
    let first = title
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .next();
    let first = first.unwrap_or_default().to_lowercase();
    // A word alone is a topic: `Design`, `Program`.
    title.len() > first.len() + 1 && QUESTION_WORDS.contains(&first.as_str())
}

/// Returns how long the number in front of a title is: `12. `, `3) `, `1.2 - `.
fn number_length(title: &str) -> usize {
    let after = title.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = &title[..title.len() - after.len()];
    let after = after.trim_start();
    let is_number = number.starts_with(|c: char| c.is_ascii_digit());
    let is_separated = number.ends_with('.')
        || after.starts_with([')', ':', '、', '．', '-'])
        || headings::is_section_number(number, after);
    if is_number && is_separated && !after.is_empty() {
        title.len() - after.len()
    } else {
        0
    }
}

/// Returns whether a character is an emoji or an arrow, or joins or colours one.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{fe0f}' | '\u{200d}' | '\u{20e3}')
}

/// Returns how long the emoji in front of a title are.
pub(super) fn sign_length(title: &str) -> usize {
    let rest = title.trim_start_matches(is_sign);
    match title.len() - rest.len() {
        0 => 0,
        _ => title.len() - rest.trim_start().len(),
    }
}

/// Returns a title without the emoji in front of it; one of nothing else stays.
pub(super) fn without_sign(title: &str) -> &str {
    let title = title.trim();
    match &title[sign_length(title)..] {
        "" => title,
        rest => rest,
    }
}

/// Returns a title without the stars and dots behind it that tell how hard it is; one of nothing else stays.
pub(super) fn without_marks(title: &str) -> &str {
    let rest =
        title.trim_end_matches(|c: char| c.is_whitespace() || "⭐★☆🌟🟢🟡🟠🔴\u{fe0f}".contains(c));
    if rest.is_empty() { title } else { rest }
}

/// Returns the difficulty that a title shows: stars, coloured dots, a word in brackets.
pub(super) fn difficulty_in_title(title: &str) -> Option<Difficulty> {
    let stars = title
        .chars()
        .filter(|c| matches!(c, '⭐' | '★' | '🌟'))
        .count();
    if stars > 0 {
        return Some(by_count(stars));
    }
    let dots = [
        ('🟢', Difficulty::Easy),
        ('🟡', Difficulty::Medium),
        ('🟠', Difficulty::Medium),
        ('🔴', Difficulty::Hard),
    ];
    if let Some((_, difficulty)) = dots.iter().find(|(dot, _)| title.contains(*dot)) {
        return Some(*difficulty);
    }
    let bracketed = title
        .split(['(', '['])
        .skip(1)
        .filter_map(|part| Some(part.split_once([')', ']'])?.0));
    bracketed
        .filter(|word| !word.trim().starts_with(|c: char| c.is_ascii_digit()))
        .find_map(Difficulty::from_any_scale)
}

/// Returns the difficulty that a section is named after: `Junior`, `Advanced questions`.
pub(super) fn difficulty_of_section(title: &str) -> Option<Difficulty> {
    let words: Vec<_> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let is_word = |word: &&&str| word.chars().all(char::is_alphabetic);
    let named = words
        .iter()
        .filter(is_word)
        .find_map(|word| Difficulty::from_any_scale(word.trim_end_matches('s')));
    named
        .filter(|_| words.len() <= 4)
        .or_else(|| difficulty_in_title(title))
}

/// Returns the difficulty that a line of a question's text labels it with: `Difficulty: 2`, `**Level:** Junior`,
/// `<!-- expertise: (0) -->`.
pub(super) fn difficulty_of_line(line: &str) -> Option<Difficulty> {
    let line = line
        .trim()
        .trim_start_matches(|c: char| "<!->*_#| ".contains(c));
    let (label, value) = line.split_once([':', '：'])?;
    let label = label.trim_end_matches(['*', '_']).trim().to_lowercase();
    if !["difficulty", "level", "expertise", "complexity"].contains(&label.as_str()) {
        return None;
    }
    let stars = value
        .chars()
        .filter(|c| matches!(c, '⭐' | '★' | '🌟'))
        .count();
    if stars > 0 {
        return Some(by_count(stars));
    }
    let value = value.trim_matches(|c: char| !c.is_alphanumeric());
    match (value.parse::<usize>(), label.as_str()) {
        (Ok(level), "expertise") => Some(by_count(level + 1)),
        (Ok(level), _) => Some(by_count(level)),
        (Err(_), _) => Difficulty::from_any_scale(value),
    }
}

/// Returns the difficulty of one to three stars.
fn by_count(count: usize) -> Difficulty {
    match count {
        0 | 1 => Difficulty::Easy,
        2 => Difficulty::Medium,
        _ => Difficulty::Hard,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_questions_by_what_speaks_for_it() {
        for (title, evidence) in [
            ("What is a closure?", 1.0),
            ("Which tools do you know? (e.g. make)", 1.0),
            ("什么是闭包？", 1.0),
            ("Q. Closures", 1.0),
            ("Q12: Closures", 1.0),
            ("Question 7", 1.0),
            ("Explain closures", 0.8),
            ("3. Describe the event loop", 0.8),
            ("▶ First of all", 0.5),
            ("3. Closures", 0.5),
            ("Closures", 0.0),
            ("Design", 0.0),
            ("Queries", 0.0),
            ("Answer: C", 0.0),
            ("💡 Explanation:", 0.0),
            ("Table of Contents (all)", 0.0),
            ("Question", 0.0),
        ] {
            assert_eq!(of_title(title), evidence, "{title}");
        }
    }

    #[test]
    fn pages_of_questions_say_so() {
        for (name, says_so) in [
            ("sql-questions-01", true),
            ("FAQ", true),
            ("Java Q&A", true),
            ("Perguntas de CSS", true),
            ("Redis 常见问题", true),
            ("Frequently Asked", true),
            ("Interview preparation", false),
            ("qatar", false),
            ("faqir", false),
        ] {
            assert_eq!(names_questions(name), says_so, "{name}");
        }
    }

    #[test]
    fn difficulty_is_written_in_many_ways() {
        for (title, difficulty) in [
            ("Closures ⭐⭐", Some(Difficulty::Medium)),
            ("🔴 Closures", Some(Difficulty::Hard)),
            ("Closures [Advanced]", Some(Difficulty::Hard)),
            ("What is f(0)?", None),
            ("Closures (scope)", None),
        ] {
            assert_eq!(difficulty_in_title(title), difficulty, "{title}");
        }
        for (title, difficulty) in [
            ("Junior", Some(Difficulty::Easy)),
            ("🔥 Advanced questions", Some(Difficulty::Hard)),
            ("Basics", Some(Difficulty::Easy)),
            ("Level 2", None),
            ("How the simple and the hard parts of it differ", None),
        ] {
            assert_eq!(difficulty_of_section(title), difficulty, "{title}");
        }
        for (line, difficulty) in [
            ("Difficulty: 3", Some(Difficulty::Hard)),
            ("**Level:** junior", Some(Difficulty::Easy)),
            ("<!-- expertise: (0) -->", Some(Difficulty::Easy)),
            ("- Difficulty: ⭐⭐", Some(Difficulty::Medium)),
            ("Levels: 3", None),
            ("difficult: no", None),
        ] {
            assert_eq!(difficulty_of_line(line), difficulty, "{line}");
        }
    }

    #[test]
    fn bare_numbers_are_no_titles() {
        for (title, is_bare) in [
            ("Question 12", true),
            ("12.", true),
            ("Q3:", true),
            ("Q.", true),
            ("Question 12: why?", false),
            ("C++11", false),
            ("Question", false),
        ] {
            assert_eq!(is_bare_number(title), is_bare, "{title}");
        }
    }
}
