//! Markup and the blocks it becomes.

use super::super::*;
use super::sketch;

#[track_caller]
fn check_markdown(rows: &[(&str, &str)]) {
    for (markdown, expected) in rows {
        assert_eq!(sketch(&from_markdown(markdown)), *expected, "{markdown:?}");
    }
}

#[track_caller]
fn check_html(rows: &[(&str, &str)]) {
    for (html, expected) in rows {
        assert_eq!(sketch(&from_html(html)), *expected, "{html:?}");
    }
}

#[test]
fn markdown_blocks_lose_their_markup() {
    check_markdown(&[
        ("", ""),
        ("one\ntwo  \nthree\\\nfour", "p: one two⏎three⏎four"),
        (
            "# A `b`\n\nText\n---\nmore",
            "h1: A {c b}\nh2: Text\np: more",
        ),
        (
            "> quoted\n> on\n>\n> ```\n> code\n> ```",
            ">: quoted on\n```: code",
        ),
        (
            "a  *b **c***  [d `e`](/f \"t\")",
            "p: a {e b {s c}} {l /f d {c e}}",
        ),
        (
            "![alt *text*](i.png) and <https://a.b/c>",
            "p: alt {e text} and {l https://a.b/c https://a.b/c}",
        ),
        ("~~gone~~ stays, ~5 to ~10", "p: gone stays, ~5 to ~10"),
        ("&lt;b&gt; &amp;amp; \\*x\\*", "p: <b> &amp; *x*"),
        ("a\0b\r\nc", "p: a\u{fffd}b c"),
        ("`` a`b  c ``", "p: {c a`b  c}"),
        ("***\n[a]: /b\n<!-- no -->", ""),
    ]);
}

#[test]
fn markdown_lists_keep_depth_and_numbers() {
    check_markdown(&[
        ("- a\n- b\n  - c\n- d", "0-: a\n0-: b\n1-: c\n0-: d"),
        (
            "3. a\n\n   more\n\n   - b\n\n   even more\n4. c",
            "0.3: a\n0+: more\n1-: b\n0+: even more\n0.4: c",
        ),
        ("- ```js\n  x\n  ```\n  then", "```js: x\n0+: then"),
        ("- [x] done\n- [ ] open", "0-: [x] done\n0-: [ ] open"),
        ("1. ### What?\n\n   That.", "h3: What?\n0+: That."),
    ]);
}

#[test]
fn markdown_tables_are_a_row_a_line() {
    check_markdown(&[
        (
            "|a|**b**|\n|-|-|\n|`c\\|d`||\n||e|",
            "table: a | {s b}⏎{c c|d} |⏎ | e",
        ),
        ("||x|\n|-|-|\n|y|1|", "table: | x⏎y | 1"),
        (
            "|a|b|\n|-|-|\n|1<br>2|3|\n\nafter",
            "table: a | b⏎1 2 | 3\np: after",
        ),
    ]);
}

#[test]
fn code_is_verbatim_and_knows_its_language() {
    check_markdown(&[
        (
            "```Python title=x\nif a:\r\n\tb  c\n\n```",
            "```python: if a:⏎\tb  c⏎",
        ),
        ("    x\n      y\n\n    z\n", "```: x⏎  y⏎⏎z"),
        ("~~~~\n```\n~~~~", "```: ```"),
        ("```rust\nunclosed", "```rust: unclosed"),
        ("```\n\n```", ""),
        ("```html\n<b>&amp;</b>\n```", "```html: <b>&amp;</b>"),
    ]);
    for (info, lang) in [
        ("py", Some("py")),
        ("{.python .numbered}", Some("python")),
        ("{python, echo=TRUE}", Some("python")),
        ("python{1,3}", Some("python")),
        ("js:title.js", Some("js")),
        ("python=12", Some("python")),
        ("language-C++ x", Some("c++")),
        ("c#", Some("c#")),
        ("asp.net", Some("asp.net")),
        ("title=\"x\"", None),
        ("{{ expression }}", None),
        ("none", None),
        (" ", None),
    ] {
        assert_eq!(language::from_info(info).as_deref(), lang, "{info}");
    }
}

#[test]
fn html_in_markdown_is_read_as_html() {
    check_markdown(&[
        (
            "<details><summary><b>Q</b></summary>\n<p>\n\n**A** `c`\n\n</p>\n</details>\n\nend",
            "p: {s Q}\np: {s A} {c c}\np: end",
        ),
        (
            "a<br>b <b>c *d*</b> <kbd>e</kbd> <a href=\"/f?x&amp;y\">g</a>",
            "p: a⏎b {s c {e d}} {c e} {l /f?x&y g}",
        ),
        (
            "<pre><code class=\"language-js\">\nlet a = 1 &lt; 2;\n\n  b\n</code></pre>\nafter",
            "```js: let a = 1 < 2;⏎⏎  b\np: after",
        ),
        ("x <!-- no --> y <script>alert(1)</script> z", "p: x y z"),
        ("<style>\np { a: b }\n\nc\n</style>\n\nd", "p: d"),
        (
            "<table>\n<tr><th>a</th><th>b</th></tr>\n<tr><td>\n\n`c`\n\n</td><td>d</td></tr></table>",
            "table: a | b⏎{c c} | d",
        ),
        (
            "<table><tr><td>a\n\nb</td></tr></table>\n\nc",
            "table: a b\np: c",
        ),
        ("unclosed <b>bold\n\nnext", "p: unclosed {s bold}\np: next"),
        ("- <ul><li>a</li><li>b\n- c", "1-: a\n1-: b\n0-: c"),
        (
            "<div>\n<pre>\na\n\nb\n</pre>\n</div>\n\nc",
            "```: a⏎b\np: c",
        ),
    ]);
}

#[test]
fn text_that_looks_like_a_tag_stays() {
    check_markdown(&[
        (
            "a std::vector<T> and List<String> in a <Node object> here",
            "p: a std::vector<T> and List<String> in a <Node object> here",
        ),
        (
            "`a` Map<String, List<Integer>> Foo<B> Promise<object> vector<std::string>",
            "p: {c a} Map<String, List<Integer>> Foo<B> Promise<object> vector<std::string>",
        ),
        (
            "#include <map> and <stdio.h>, an <img> tag",
            "p: #include <map> and <stdio.h>, an <img> tag",
        ),
        (
            "if a <b && c> d, i <s and j> k",
            "p: if a <b && c> d, i <s and j> k",
        ),
        (
            "<Component prop={x}>\n\nuse <?php and <!DOCTYPE html>",
            "p: <Component prop={x}>\np: use <?php and <!DOCTYPE html>",
        ),
        ("<T>\nnext", "p: <T> next"),
        (
            "no <script> here, a <head> tag, <div>not</div>",
            "p: no <script> here, a <head> tag,\np: not",
        ),
    ]);
    check_html(&[
        (
            "<p>vector<T> x <b>y</b> 1<2 a<b",
            "p: vector<T> x {s y} 1<2 a<b",
        ),
        (
            "<pre><code>List<String> a = b<c;</code></pre>",
            "```: List<String> a = b<c;",
        ),
        (
            "<p>the <script> tag, <?xml version=\"1.0\"?> </ x> <!x>",
            "p: the <script> tag, <?xml version=\"1.0\"?> </ x> <!x>",
        ),
        (
            "<p title='<b>' class=\"a>b\">x <img alt='<T>'></p>",
            "p: x <T>",
        ),
    ]);
}

#[test]
fn identifiers_and_operators_are_not_emphasis() {
    check_markdown(&[
        (
            "the __init__ and obj.__class__.__name__ of __init__.py",
            "p: the __init__ and obj.__class__.__name__ of __init__.py",
        ),
        (
            "__FILE__ __defineGetter__ __Note__ __two words__ **x**",
            "p: __FILE__ __defineGetter__ {s Note} {s two words} {s x}",
        ),
        (
            "*args and **kwargs, 2*3*4, 2**3**4, x*y and z*w, a_b_c, _word_",
            "p: *args and **kwargs, 2*3*4, 2**3**4, x*y and z*w, a_b_c, {e word}",
        ),
        ("中文**粗**体", "p: 中文{s 粗}体"),
    ]);
}

#[test]
fn html_blocks_lose_their_markup() {
    check_html(&[
        (
            "<p>a\n  b<br/>c</p>\n<hr>\n<h2>d &amp;lt;</h2>e",
            "p: a b⏎c\nh2: d &lt;\np: e",
        ),
        (
            "<ul><li>a<li>b<ol start=3><li>c</li><li><p>d</p><p>e</p></ol></ul>f",
            "0-: a\n0-: b\n1.3: c\n1.4: d\n1+: e\np: f",
        ),
        (
            "<blockquote><p>a</p><pre>b</pre></blockquote>c",
            ">: a\n```: b\np: c",
        ),
        ("<b>a <i>b</b> c</i> d", "p: {s a {e b}} c d"),
        ("<b>a<p>b</p></b>c", "p: {s a}\np: {s b}\np: c"),
        (
            "<p>10<sup>9</sup>+7, O(n<sup>2</sup>), 1<sup>st</sup>, H<sub>2</sub>O",
            "p: 10^9+7, O(n^2), 1st, H2O",
        ),
        (
            "<details><summary>a</summary>b</details><template>c</template><svg><path d=1></svg>d",
            "p: a\np: b\np: d",
        ),
        (
            "<table><thead><tr><th>a<th>b<tbody><tr><td><p>c</p><p>d</p><td>e</table>f",
            "table: a | b⏎c d | e\np: f",
        ),
        (
            "<table><tr><td>a</td><td><pre>x</pre></td><td>b</td></tr></table>",
            "table: a\n```: x\ntable: b",
        ),
        (
            "a<!-- b -->c <a href=/x>d <a href=/y>e</a> <a name=z>f</a>",
            "p: ac {l /x d} {l /y e} f",
        ),
        (
            "<q>a</q> <img src=x alt='b c'> \u{a0} d",
            "p: \"a\" b c \u{a0} d",
        ),
        ("</p></b></table></li>a</ul>", "p: a"),
        ("<dl><dt>a<dd>b</dl>", "p: a\np: b"),
    ]);
}

#[test]
fn html_code_is_verbatim_and_knows_its_language() {
    check_html(&[
        (
            "<pre class=\"lang-js prettyprint-override\"><code>\n\na\t&lt; b\n</code></pre>",
            "```js: ⏎a\t< b",
        ),
        ("<pre>\na\n b</pre>", "```: a⏎ b"),
        (
            "<!-- language: lang-py -->\n<pre><code>a</code></pre><pre>b</pre>",
            "```py: a\n```: b",
        ),
        (
            "<!-- language-all: lang-hs --><pre>a</pre><pre class=language-c>b</pre><pre>c</pre>",
            "```hs: a\n```c: b\n```hs: c",
        ),
        (
            "<pre>a<br><b>b</b> <div>c</div><div>d</div>",
            "```: a⏎b ⏎c⏎d",
        ),
        (
            "a <code>b\n c</code><pre lang=go>d",
            "p: a {c b c}\n```go: d",
        ),
    ]);
}

#[test]
fn titles_are_one_line_of_plain_text() {
    for (markdown, title, rest) in [
        (
            "What are the pitfalls of the __del__ method?",
            "What are the pitfalls of the __del__ method?",
            "",
        ),
        ("*args and **kwargs", "*args and **kwargs", ""),
        (
            "# What does `x  y` **do** in C#?\n\nText",
            "What does x y do in C#?",
            "p: Text",
        ),
        (
            "a_b_c and std::vector<T>\nin  C#\n\n```c\nx\n```",
            "a_b_c and std::vector<T> in C#",
            "```c: x",
        ),
        (
            "<div> vs <span>, or <br> and <hr>?",
            "<div> vs <span>, or <br> and <hr>?",
            "",
        ),
        (
            "What is the <p> tag, <b>bold</b><br>or <code>x</code>?\n\n<b>y",
            "What is the <p> tag, bold or x?",
            "p: {s y}",
        ),
        (
            "```js\n\nlet a = 1;\nb\n```\nWhat is printed?",
            "let a = 1;",
            "```js: ⏎let a = 1;⏎b\np: What is printed?",
        ),
        ("1. First?\n2. Second", "First?", "0.2: Second"),
        ("[a]: b", "[a]: b", ""),
        ("<!-- x -->", "", ""),
        (" \n", "", ""),
    ] {
        let (found, blocks) = title_and_rest(markdown);
        assert_eq!(
            (found.as_str(), sketch(&blocks).as_str()),
            (title, rest),
            "{markdown:?}"
        );
    }
}
