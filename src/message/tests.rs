//! Texts that are read as errors, with what identifies them, and texts that are not.

use super::*;

/// Asserts that texts have the identities that stand with them, and shows all that have not.
fn check<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) {
    let mut wrong = Vec::new();
    for (text, expected) in rows {
        let found = identity_of(text);
        if found != expected {
            wrong.push(format!("{text}\n    {expected}\n    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn identity_of(text: &str) -> String {
    read(text).map_or("no error".to_owned(), |reading| {
        reading.identity.to_string()
    })
}

#[test]
fn errors_are_known_by_class_codes_and_message() {
    check([
        ("KeyError: 'user_id'", "KeyError: '…'"),
        (
            "TypeError: unsupported operand type(s) for +: 'int' and 'str'",
            "TypeError: unsupported operand type(s) for +: 'int' and 'str'",
        ),
        (
            "Traceback (most recent call last):\n  File \"/home/a/app.py\", line 3, in <module>\n    main(1)\nValueError: bad value 17\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"/home/a/app.py\", line 5, in <module>\nRuntimeError: cannot start",
            "RuntimeError: cannot start",
        ),
        (
            "Exception in thread \"main\" java.lang.IllegalStateException: closed\n\tat com.example.App.main(App.java:12)\nCaused by: java.io.IOException: Broken pipe\n\tat java.base/x.y(Z.java:1)\n\t... 1 more",
            "java.io.IOException: Broken pipe",
        ),
        (
            "error[E0502]: cannot borrow `x` as mutable\n --> src/main.rs:4:5\n  |\n4 |     x.push(1);\n  |     ^ mutable borrow",
            "E0502: cannot borrow `…` as mutable",
        ),
        (
            "thread 'main' panicked at src/main.rs:4:5:\nindex out of bounds: the len is 3 but the index is 3",
            "index out of bounds: the len is … but the index is …",
        ),
        (
            "thread 'main' panicked at 'called `Option::unwrap()` on a `None` value', src/lib.rs:2:3",
            "called `Option::unwrap()` on a `None` value",
        ),
        (
            "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation]\n\ngoroutine 1 [running]:\nmain.main()",
            "runtime error: invalid memory address or nil pointer dereference",
        ),
        (
            "src/api.ts:4:2 - error TS2345: Argument of type 'string' is not assignable",
            "TS2345: Argument of type 'string' is not assignable",
        ),
        (
            "Api.cs(14,30): error CS0246: The type or namespace name 'IFoo' could not be found",
            "CS0246: The type or namespace name 'IFoo' could not be found",
        ),
        (
            "ORA-00942: table or view does not exist",
            "ORA-00942: table or view does not exist",
        ),
        (
            "ERROR 1064 (42000): You have an error in your SQL syntax",
            "1064: You have an error in your SQL syntax",
        ),
        (
            "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/app/a' imported from /app/b.js",
            "ERR_MODULE_NOT_FOUND: Cannot find module '…' imported from …",
        ),
        (
            "./main.go:9:2: undefined: startServer",
            "undefined: startServer",
        ),
        ("bash: terraform: command not found", "command not found"),
        (
            "Segmentation fault (core dumped)",
            "Segmentation fault (core dumped)",
        ),
        (
            "fatal: not a git repository (or any of the parent directories): .git",
            "not a git repository (or any of the parent directories): .git",
        ),
        (
            "2025-03-02 09:14:55,201 INFO [w] started\n2025-03-02 09:14:56,004 ERROR [w] failed\nTraceback (most recent call last):\n  File \"/app/w.py\", line 1, in f\n    g()\nKeyError: 'a'\n2025-03-02 09:14:57,000 INFO [w] requeued",
            "KeyError: '…'",
        ),
        ("worker-1 exited with code 137", "137: exited with code 137"),
        (
            "app.rb:9:in `total': undefined method `sum' for nil (NoMethodError)",
            "NoMethodError: undefined method `…' for nil",
        ),
        (
            "Unhandled exception. System.InvalidOperationException: Sequence contains no elements\n   at System.Linq.ThrowHelper.ThrowNoElementsException()",
            "System.InvalidOperationException: Sequence contains no elements",
        ),
    ]);
}

#[test]
fn what_is_no_output_is_no_error() {
    let texts = [
        "",
        " ",
        "weakref cache",
        "KeyError",
        "why do I get KeyError in python",
        "why do I get KeyError: 'x' when I read a dict",
        "KeyError: how do I handle missing keys?",
        "What causes \"TypeError: unhashable type: 'list'\"?",
        "how to fix error: failed to push some refs",
        "error handling in go",
        "errors.Is vs errors.As",
        "rust error handling: anyhow or thiserror",
        "Python: sort a dict by value",
        "note: this is important",
        "std::error::Error",
        "catch (IOException e) { log(e); }",
        "raise ValueError(\"no\")",
        "class NotFoundError(Exception):\n    pass\n\ntry:\n    f()\nexcept KeyError as e:\n    print(f\"error: {e}\")",
        "fn main() -> Result<(), Box<dyn Error>> {\n    let x: i32 = \"4\".parse()?;\n    println!(\"error: {x}\");\n    Ok(())\n}",
        "SELECT * FROM errors WHERE level = 'ERROR' AND code: 5",
        "SELECT a FROM t\nWHERE level = 'error'\nORDER BY a",
        "{\"error\": \"not found\", \"code\": 404}",
        "{\n  \"level\": \"info\",\n  \"error\": null\n}",
        "git commit --amend",
        "gcc -Wall -Werror main.c",
        "list[0]",
        "don't panic",
        "kill -9 1234",
        "exit code meaning",
        "^ERROR: (\\d+)$",
        "C++ exceptions: are they slow?",
        "docker: difference between volume and bind mount",
        "make: how do I pass a variable to it?",
        "git: undo the last commit but keep the changes?",
        "I have a list of users\nand I want to group them by age\nhow do I do that in Java",
        "How do I center a div?\n\n<div class=\"a\">\n  text\n</div>",
        "2021-06-15 was a Tuesday",
        "[python] sort list",
        "tag:python KeyError: 'x' OR tag:java",
        "日本語のエラー: 何ですか",
        "function foo() {\n  return 1;\n}",
        "- [ ] buy milk\n- [x] fix error",
    ];
    check(texts.map(|text| (text, "no error")));
}

#[test]
fn a_line_of_a_log_is_told_from_a_tag() {
    for (line, expected) in [
        ("[main] INFO com.example.App - started", true),
        (
            "2024-05-01 12:00:00,123 [ERROR] worker-1: \"queue\" full",
            true,
        ),
        ("12:00:01 WARN slow", true),
        ("[main] information", false),
        ("[error] handling", false),
        ("[python] KeyError: 'x'", false),
        ("[ERROR]", false),
        ("INFO retrieval", false),
        ("", false),
    ] {
        assert_eq!(is_log_line(line), expected, "{line}");
    }
}

/// The same message with other values has the same terms.
#[test]
fn a_message_is_the_same_whatever_its_values() {
    let terms = |text: &str| -> Vec<String> {
        let reading = read(text).unwrap_or_else(|| panic!("{text} is an error"));
        reading.terms.into_iter().map(|(term, _)| term).collect()
    };
    for (left, right) in [
        ("KeyError: 'a'", "KeyError: 'user_id'"),
        (
            "IndexError: index 5 is out of bounds for axis 0 with size 5",
            "IndexError: index 128 is out of bounds for axis 1 with size 64",
        ),
        (
            "FileNotFoundError: [Errno 2] No such file or directory: '/home/a/x.csv'",
            "FileNotFoundError: [Errno 2] No such file or directory: 'C:\\data\\y.csv'",
        ),
        (
            "Caused by: java.net.ConnectException: Connection refused: db/10.0.0.7:5432",
            "java.net.ConnectException: Connection refused: localhost/127.0.0.1:8080",
        ),
        (
            "ERROR:  relation \"users\" does not exist",
            "psycopg2.errors.UndefinedTable: relation \"audit_log\" does not exist",
        ),
        (
            "panic: runtime error: index out of range [3] with length 3",
            "panic: runtime error: index out of range [10] with length 2",
        ),
        (
            "error[E0382]: borrow of moved value: `config`",
            "error[E0382]: borrow of moved value: `s`",
        ),
        (
            "Error: listen EADDRINUSE: address already in use :::3000",
            "Error: listen EADDRINUSE: address already in use 0.0.0.0:80",
        ),
    ] {
        assert_eq!(terms(left), terms(right), "{left}");
    }
    assert_eq!(terms("KeyError: 'a'"), [""; 0]);
    let terms = terms("TypeError: unhashable type: 'list'");
    assert_eq!(terms, ["=unhash type", "unhash type"]);
}

#[test]
fn a_whole_message_is_a_short_term_of_the_index() {
    assert_eq!(indexed("unhash type"), "unhash type");
    let whole = "=object is not subscript in a call of a function of a modul";
    let term = indexed(whole);
    assert!(term.starts_with('=') && term.len() == 9, "{term}");
    assert_eq!(term, indexed(whole));
    assert_ne!(term, indexed(&whole[..whole.len() - 1]));
}

#[test]
fn words_count_by_where_they_stand() {
    let text = "Traceback (most recent call last):\n  File \"/home/mira/shop/report.py\", line 88, in main\n    rank(sales)\n  File \"/usr/lib/python3/site-packages/pandas/core.py\", line 8, in get_loc\nTypeError: 'NoneType' object is not subscriptable at 0x7fff";
    let reading = read(text).expect("is an error");
    let weight = |word: &str| reading.weight_at(text.find(word).expect("is there"));
    assert_eq!(weight("mira"), 0.0);
    assert_eq!(weight("0x7fff"), 0.0);
    assert!(weight("get_loc") < weight("rank(sales"));
    assert!(weight("rank(sales") < weight("object is"));
    assert_eq!(weight("object is"), 1.0);
    assert_eq!(weight("TypeError"), 1.0);
    assert_eq!(reading.language, Some("python"));
}

/// One file with messages of all kinds, however it is cut, shuffled or damaged.
#[test]
fn any_text_is_read_and_its_weights_are_in_order() {
    let pieces = [
        "Traceback (most recent call last):\n",
        "  File \"a.py\", line 3\n",
        "KeyError: ",
        "'x'",
        "\"",
        "`",
        "\n",
        "\t",
        "error[E0502]: ",
        "Caused by: ",
        "at a.b(C.java:1)\n",
        "é",
        "(",
        ")",
        "0x7f",
        "C:\\a\\b.cs(3,4): ",
        ":",
        "::",
        "thread 'main' panicked at ",
        "npm ERR! ",
        "[",
        "]",
        "{",
        "日本",
        "\u{1b}[31m",
        "Mar 03 02:00:02 h p[1]: ",
        " | ",
    ];
    let mut state = 7usize;
    for _ in 0..4_000 {
        let mut text = String::new();
        for _ in 0..state % 23 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(state >> 33) % pieces.len()]);
        }
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        if let Some(reading) = read(&text) {
            assert!(
                reading.weights.is_sorted_by_key(|(start, _)| *start),
                "{text:?}"
            );
            assert!(reading.terms.len() <= 96);
        }
        let spans = spans::spans(&text);
        assert!(
            spans
                .windows(2)
                .all(|two| two[0].range.end <= two[1].range.start),
            "{text:?}"
        );
        assert!(
            spans.iter().all(|span| text
                .get(span.range.clone())
                .is_some_and(|slice| !slice.is_empty())),
            "{text:?}"
        );
    }
}

/// Texts that are looked at again and again by careless code.
#[test]
fn reading_takes_linear_time() {
    const ATTEMPTS: usize = 10;
    for piece in [
        "KeyError: 'x'\n",
        "\"",
        "'a ",
        "`",
        "(",
        "[",
        ": ",
        "at a.b(C.java:1)\n",
        "a:1:2: ",
        "Caused by: ",
        "== ",
        "error: ",
        "2024-05-01 12:00:00,123 INFO a.b.c - started\n",
        "| ^^^ x\n",
        "x",
        "\n",
        "at ",
        "/a",
        "A_",
        "é",
        "FooError: ",
    ] {
        let time = |bytes: usize, times: usize| {
            let text = format!("KeyError: 'x'\n{}", piece.repeat(bytes / piece.len()));
            let run = |_| {
                let started = std::time::Instant::now();
                for _ in 0..times {
                    std::hint::black_box(read(&text));
                }
                started.elapsed().as_secs_f64()
            };
            // The best of some runs: another program's turn is not ours.
            (0..3).map(run).fold(f64::INFINITY, f64::min)
        };
        // As many bytes in one text take as long as in four, or four times as long when they are looked at again and
        // again; then they do so each time, and not only on a busy machine.
        let mut ratios = (0..ATTEMPTS).map(|_| time(1 << 14, 1) / time(1 << 12, 4));
        assert!(
            ratios.any(|ratio| ratio < 2.5),
            "{piece:?}: 16 kB take more than 2.5 times as long as four texts of 4 kB, {ATTEMPTS} times out of {ATTEMPTS}"
        );
    }
}
