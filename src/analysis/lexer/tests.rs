use std::collections::BTreeSet;

use super::*;

/// Writes tokens with their places: `0:std::vector 0:std 1:vector`; names are marked with `!`, operators with `~`.
fn written(text: &str) -> String {
    let mut tokens = Vec::new();
    Lexer::default().run(text, &mut tokens);
    let write = |token: &Token| {
        let mark = match token.kind {
            TokenKind::Name => "!",
            TokenKind::Operator => "~",
            TokenKind::Word | TokenKind::Part => "",
        };
        format!("{}:{}{mark}", token.position, token.term)
    };
    tokens.iter().map(write).collect::<Vec<_>>().join(" ")
}

#[test]
fn names_are_whole_and_in_parts() {
    for (text, tokens) in [
        ("The caches are caching", "0:the 1:cach 2:are 3:cach"),
        ("C C++ C# F#", "0:c 1:c++! 2:c#! 3:f#!"),
        ("C++17 rocks", "0:c++17! 0:c++! 1:rock"),
        ("g++ -Wall", "0:g++! 1:-wall! 1:wall"),
        (
            ".NET and ASP.NET",
            "0:.net! 0:net 1:and 2:asp.net! 2:asp 3:net",
        ),
        ("node.js", "0:node.js! 0:node 1:js"),
        ("std::vector<T>", "0:std::vector! 0:std 1:vector 2:t"),
        ("a->b", "0:a->b! 0:a 1:b"),
        ("p -> q", "0:p 1:->~ 2:q"),
        ("foo()", "0:foo"),
        (
            "#include <stdio.h>",
            "0:#include! 0:includ 1:stdio.h! 1:stdio 2:h",
        ),
        ("@app.route('/x')", "0:@app.route! 0:app 1:rout 2:x"),
        ("git commit --amend", "0:git 1:commit 2:--amend! 2:amend"),
        (
            "--force-with-lease",
            "0:--forcewithlease! 0:forcewithlease! 0:forc 1:with 2:leas",
        ),
        (
            "$PATH ${HOME} $1",
            "0:$path! 0:path 1:$home! 1:home 2:$1! 2:1!",
        ),
        ("\"%s\" % name", "0:%s! 0:s 1:%~ 2:name"),
        ("0x7fff", "0:0x7fff!"),
        ("error[E0502]: TS2345", "0:error 1:e0502! 2:ts2345! 2:ts"),
        ("HTTP2Server", "0:http2server! 0:http2 0:http 1:server"),
        (
            "utf8mb4 utf-8 utf8",
            "0:utf8mb4! 1:utf8! 1:utf 2:8 3:utf8! 3:utf",
        ),
        ("getUserName", "0:getusername! 0:get 1:user 2:name"),
        ("get_user_name", "0:getusername! 0:get 1:user 2:name"),
        ("__del__ and del", "0:__del__! 0:del 1:and 2:del"),
        (
            "weakref.WeakValueDictionary",
            "0:weakref.weakvaluedictionary! 0:weakref 1:weakvaluedictionary! 1:weak 2:valu 3:dictionari",
        ),
        ("3.11.7", "0:3.11.7! 0:3.11 0:3! 1:11! 2:7!"),
        ("don't panic, it's x's", "0:dont 1:panic 2:it 3:x"),
        ("KeyError: 'x'", "0:keyerror! 0:key 1:error 2:x"),
        ("list[0] != 1_000", "0:list 1:0! 2:!=~ 3:1000!"),
        ("JavaScript PostgreSQL", "0:javascript! 1:postgresql!"),
        ("URLs IDs", "0:url 1:id"),
        ("a@b.com", "0:a 1:b.com! 1:b 2:com"),
        ("/etc/passwd", "0:etc 1:passwd"),
        ("i++; x = i-1", "0:i++! 1:x 2:i 3:1!"),
        ("**kwargs => ...", "0:**~ 1:kwarg 2:=>~ 3:...~"),
        ("naïve Café", "0:naiv 1:cafe"),
        ("日本語 テスト", "0:日本 1:本語 2:テス 3:スト"),
        ("ภาษาไทย", "0:ภา 1:าษ 2:ษา 3:าไ 4:ไท 5:ทย"),
        (
            "HashMap's node.js's",
            "0:hashmap! 0:hash 1:map 2:node.js! 2:node 3:js",
        ),
        (
            "I/O TCP/IP and/or",
            "0:io! 0:i 1:o 2:tcpip! 2:tcp 3:ip 4:and 5:or",
        ),
        ("C/C++ A/B/C", "0:c 1:c++! 2:a 3:b 4:c"),
        ("C:\\Windows", "0:c:! 1:window"),
        ("IPv6 NaN", "0:ipv6! 1:nan!"),
        ("echo $?", "0:echo 1:$?~"),
        ("🦀 rust", "0:🦀~ 1:rust"),
        ("---------- ==========", ""),
        ("A* search", "0:a*! 1:search"),
        ("_ __ _x", "2:_x! 2:x"),
        ("_\u{a3e}", ""),
        ("\0\u{1b}[31mred", "0:31mred!"),
    ] {
        assert_eq!(written(text), tokens, "{text}");
    }
}

#[test]
fn marks_without_a_letter_are_no_names() {
    for text in ["_\u{a3e}", "\u{a3e}", "__\u{301}"] {
        let mut tokens = Tokens::default();
        Lexer::default().read(text, &mut tokens);
        assert_eq!(tokens.spellings().count(), 0, "{text}: {tokens:?}");
    }
}

proptest::proptest! {
    #[test]
    fn spellings_are_those_of_the_tokens(text in "\\PC*|[-a-zA-Z0-9_.:+#*'>$%@{ 日é\u{301}]{0,40}") {
        let mut tokens = Vec::new();
        Lexer::default().run(&text, &mut tokens);
        let expected: BTreeSet<&str> = tokens.iter().filter_map(|token| spelling(&text, token)).collect();
        let mut read = Tokens::default();
        Lexer::default().read(&text, &mut read);
        let spellings: BTreeSet<&str> = read.spellings().collect();
        assert_eq!(spellings, expected);
    }

    #[test]
    fn plain_words_are_what_compounds_make_of_them(text in "[A-Za-z]{1,4}[-a-zA-Z0-9_.:+#*'>$%@{ 日é\u{301},;!?()\\[\\]}\"`=<|&/\\\\\n]{0,4}") {
        let (mut plain, mut compound) = (Tokens::default(), Tokens::default());
        let Some(end) = plain_word_end(&text, 0) else {
            return Ok(());
        };
        let mut lexer = Lexer::default();
        lexer.plain_word(&text, 0..end, &mut plain);
        let place = (lexer.position, lexer.group);
        let mut lexer = Lexer::default();
        assert_eq!(lexer.compound(&text, 0, 0, &mut compound), end);
        assert_eq!(&plain, &compound);
        assert_eq!(place, (lexer.position, lexer.group));
    }

    #[test]
    fn any_text_gives_tokens_with_true_ranges(text in "\\PC*|[-a-zA-Z0-9_.:+#*'>$%@{ 日é\u{301}]{0,40}") {
        let mut tokens = Vec::new();
        Lexer::default().run(&text, &mut tokens);
        let mut place = (0, 0);
        for token in tokens {
            assert!(text.get(token.range.clone()).is_some_and(|slice| !slice.is_empty()), "{token:?}");
            assert!((token.group, token.position) >= place, "{token:?} goes back");
            place = (token.group, token.position);
        }
    }
}
