//! What holds for any entry and any query.

use super::*;

/// Words that queries ask for, among text of every kind.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,9}",
        2 => prop::sample::select(vec!["weakref", "Cache", "getUserName", "std::move", "C++", "缓存", "naïve", "e\u{301}", "🦀", "\u{301}", "👩\u{200d}👩\u{200d}👧", "👍🏽", "🇩🇪🇫🇷", "\u{200d}"]).prop_map(str::to_owned),
        1 => "[.!?。:,;\n]{1,2}",
        1 => "\\PC{1,12}",
        1 => prop::sample::select(vec!["e.g.", "\n\n", "x".repeat(300).as_str(), "字".repeat(150).as_str(), "\u{a0}", "\u{2028}"]
            .into_iter().map(str::to_owned).collect::<Vec<_>>()),
    ];
    let joint = prop::sample::select(vec![" ", " ", " ", "", ". ", "\n"]);
    prop::collection::vec((piece, joint), 0..120).prop_map(|pieces| {
        pieces
            .into_iter()
            .flat_map(|(piece, joint)| [piece, joint.to_owned()])
            .collect()
    })
}

fn block() -> impl Strategy<Value = Block> {
    let style = prop_oneof![
        Just(ProseStyle::Paragraph),
        Just(ProseStyle::Heading(2)),
        Just(ProseStyle::Table),
    ];
    prop_oneof![
        3 => (text(), style, 0usize..40, 0usize..40).prop_map(|(text, style, start, length)| {
            let boundary = |at: usize| text.floor_char_boundary(at);
            let (start, end) = (boundary(start), boundary(start + length));
            let mark = Mark { start, end, kind: MarkKind::Code };
            let marks = if start < end { vec![mark] } else { Vec::new() };
            Block::Prose(Prose { text, style, marks })
        }),
        1 => text().prop_map(|text| Block::Code(Code { text, lang: None })),
    ]
}

pub(super) fn check(snippet: &Snippet) {
    use unicode_segmentation::UnicodeSegmentation;
    let edges: Vec<usize> = snippet
        .text
        .grapheme_indices(true)
        .map(|(at, _)| at)
        .collect();
    let mut end = 0;
    for range in &snippet.highlights {
        assert!(range.start >= end, "{snippet:?}");
        assert!(
            snippet
                .text
                .get(range.clone())
                .is_some_and(|slice| !slice.is_empty()),
            "{snippet:?}"
        );
        for edge in [range.start, range.end] {
            assert!(
                edge == snippet.text.len() || edges.binary_search(&edge).is_ok(),
                "{snippet:?}"
            );
        }
        end = range.end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_shown_is_part_of_the_entry(
        title in text(),
        question in prop::collection::vec(block(), 0..3),
        answers in prop::collection::vec(prop::collection::vec(block(), 0..4), 0..3),
        query in prop_oneof![Just("weakref cache".to_owned()), Just("get user std::move c++ 缓存".to_owned()), Just("\"std::move\" \"get user name\"".to_owned()), text()],
    ) {
        let entry = Entry {
            title,
            question,
            answers: answers.into_iter().map(|blocks| Answer { blocks, ..Answer::default() }).collect(),
            ..Entry::default()
        };
        let shown = shown(&entry, &query);
        check(&shown.snippet);
        check(&Snippet { text: entry.title.clone(), highlights: shown.title_highlights, ..Snippet::default() });
        if let Some(code) = &shown.code {
            check(code);
            let is_whole = entry.blocks().any(|block| matches!(block, Block::Code(_)) && block.text() == code.text);
            prop_assert!(is_whole, "{code:?}");
        }
        let has_code = entry.blocks().any(|block| matches!(block, Block::Code(_)));
        prop_assert_eq!(shown.code.is_some(), has_code);
        match shown.snippet.kind {
            SnippetKind::Prose => {
                let text = &shown.snippet.text;
                prop_assert!(text.chars().count() <= MAX_PASSAGE_CHARS + 4, "{}", text);
                let cut = text.strip_prefix("… ").unwrap_or(text);
                let cut = cut.strip_suffix(" …").unwrap_or(cut);
                prop_assert!(text.is_empty() || entry.blocks().any(|block| block.text().contains(cut)), "{}", text);
            }
            SnippetKind::Code => {
                let lines = shown.snippet.text.lines().count();
                prop_assert!(lines <= MAX_CODE_LINES);
                let range = shown.snippet.lines.expect("code has lines");
                let is_part = |block: &Block| {
                    let before: usize = block.text().split_inclusive('\n').take(range.first - 1).map(str::len).sum();
                    block.text()[before..].starts_with(&shown.snippet.text) && block.text().lines().count() == range.of
                };
                prop_assert!(entry.blocks().any(is_part));
            }
        }
        if let Some(code) = &shown.code {
            for max_lines in [1, 2, 5, 20] {
                let mut end = None;
                let mut lines = 0;
                for range in code.excerpt(max_lines) {
                    let is_whole = range.start == 0 || code.text[..range.start].ends_with('\n');
                    let rest = &code.text[range.end..];
                    prop_assert!(is_whole && (rest.is_empty() || rest.starts_with('\n') || rest.starts_with("\r\n")), "{range:?} of {code:?}");
                    prop_assert!(end.is_none_or(|end| range.start > end), "{code:?}");
                    lines += code.text[range.clone()].lines().count();
                    end = Some(range.end);
                }
                prop_assert!(lines <= max_lines + 2 * (max_lines / 4).min(2), "{lines} {max_lines} {code:?}");
            }
        }
        // Where prose has a word of the query, a passage with one is shown.
        let query = query::parse(&query).query;
        let words = compile(&query, &crate::query::Vocabulary::default(), None);
        let mut finder = Finder::new(&query, &words, &[]);
        let has_word = entry.blocks().any(|block| {
            matches!(block, Block::Prose(_))
                && finder.matches(block.text()).iter().any(|found| found.range.len() < 50)
        });
        // Stray words of a phrase are none.
        let has_word = has_word && finder.phrases.is_empty();
        prop_assert!(!has_word || !shown.snippet.highlights.is_empty(), "{:?}", shown.snippet);
    }
}

proptest! {
    /// The short cuts around analysis must not lose a match, nor find another.
    #[test]
    fn a_word_alone_has_the_tokens_that_it_has_in_its_text(
        text in "[ -~é日]{0,60}|\\PC{0,40}|(a|->|--amend|C\\+\\+|\\?|::|'s|日本| |\t|\n|\u{a0}|\\.|-){0,12}",
    ) {
        let mut whole = Vec::new();
        Lexer::default().run(&text, &mut whole);
        let mut by_word = Vec::new();
        for piece in text.split_whitespace() {
            let start = piece.as_ptr() as usize - text.as_ptr() as usize;
            let mut tokens = Vec::new();
            Lexer::default().run(piece, &mut tokens);
            by_word.extend(tokens.into_iter().map(|token| (token.term, start + token.range.start, start + token.range.end)));
        }
        let whole: Vec<_> = whole.into_iter().map(|token| (token.term, token.range.start, token.range.end)).collect();
        prop_assert_eq!(whole, by_word, "{:?}", text);
    }

    #[test]
    fn a_text_holds_the_beginning_of_each_of_its_terms(
        text in "[ -~]{0,60}|(dying|flies|cry|skies|happily|don't|get_user-name|HTTPServer2|C\\+\\+17|--amend|\\$\\{Aaa| |\\.){0,8}",
    ) {
        let mut tokens = Vec::new();
        Lexer::default().run(&text, &mut tokens);
        for token in &tokens {
            let term = crate::query::compile::QueryTerm { term: token.term.clone(), weight: 1.0, is_subject: false };
            let word = QueryWord { typed: String::new(), place: 0, is_content: true, terms: vec![term], alternatives: Vec::new(), name: None };
            prop_assert!(Finder::new(&Query::default(), &[word], &[]).may_match(&text), "{:?} of {:?}", token.term, text);
        }
    }
}
