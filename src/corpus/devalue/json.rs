//! JSON as JavaScript reads it: huge exponents are infinite, unpaired surrogates survive as U+FFFD, and nesting of any
//! depth costs no stack. serde_json refuses all three, and payloads hold the first two.

/// A JSON document in one arena. Children stand before their parent and side by side, so that a reader needs
/// neither recursion nor a vector for each container.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    strings: String,
}

/// One JSON value; containers and strings are ranges of their [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(f64),
    String(Span),
    Array(Span),
    /// Keys and values by turns, in the text's order, duplicate keys included.
    Object(Span),
}

/// A range of nodes or bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

/// Why a text is not JSON, and the byte where that shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {byte}")]
pub(super) struct JsonError {
    pub(super) byte: usize,
    pub(super) reason: &'static str,
}

impl Tree {
    /// Returns the elements of an array; nothing for any other node.
    pub(super) fn elements(&self, node: Node) -> &[Node] {
        match node {
            Node::Array(span) => &self.nodes[span.range()],
            _ => &[],
        }
    }

    /// Returns the members of an object, each key once with its last value; nothing for any other node.
    pub(super) fn members(&self, node: Node) -> Vec<(&str, Node)> {
        let Node::Object(span) = node else {
            return Vec::new();
        };
        last_of_each(
            self.nodes[span.range()]
                .chunks_exact(2)
                .map(|pair| (self.text(pair[0]).unwrap_or_default(), pair[1])),
        )
    }

    /// Returns the text of a string; `None` for any other node.
    pub(super) fn text(&self, node: Node) -> Option<&str> {
        match node {
            Node::String(span) => Some(&self.strings[span.range()]),
            _ => None,
        }
    }

    /// Returns every node but the root: parents follow their children.
    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }
}

impl Span {
    /// The range in `usize`. Cannot overflow: [`parse`] refuses texts above 4 GiB.
    pub(super) fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.len as usize
    }

    fn new(start: usize, end: usize) -> Self {
        // No node and no byte of a string comes from less than one byte of the text.
        Span {
            start: u32::try_from(start).expect("texts above 4 GiB are refused"),
            len: u32::try_from(end - start).expect("texts above 4 GiB are refused"),
        }
    }
}

/// Returns each key's last value, at the place where the key stood first, as JavaScript's objects do.
pub(super) fn last_of_each<'k, V>(
    members: impl Iterator<Item = (&'k str, V)>,
) -> Vec<(&'k str, V)> {
    let mut places = std::collections::HashMap::new();
    let mut last: Vec<(&str, V)> = Vec::with_capacity(members.size_hint().0);
    for (key, value) in members {
        let place = *places.entry(key).or_insert(last.len());
        match last.get_mut(place) {
            Some(member) => member.1 = value,
            None => last.push((key, value)),
        }
    }
    last
}

/// Returns the document of a text and its root. Linear in the text, in time and memory.
pub(super) fn parse(text: &str) -> Result<(Tree, Node), JsonError> {
    if u32::try_from(text.len()).is_err() {
        return Err(JsonError {
            byte: 0,
            reason: "the text is larger than 4 GiB",
        });
    }
    let mut parser = Parser {
        text,
        at: 0,
        tree: Tree::default(),
    };
    let root = parser.document()?;
    Ok((parser.tree, root))
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    tree: Tree,
}

/// A container that is still open.
struct Open {
    is_object: bool,
    /// Where its children start among the nodes that wait for their parent.
    first_child: usize,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<Node, JsonError> {
        let mut open: Vec<Open> = Vec::new();
        let mut waiting: Vec<Node> = Vec::new();
        'value: loop {
            self.skip_blanks();
            let mut node = match self.peek() {
                Some(bracket @ (b'[' | b'{')) => {
                    self.at += 1;
                    let is_object = bracket == b'{';
                    open.push(Open {
                        is_object,
                        first_child: waiting.len(),
                    });
                    self.skip_blanks();
                    if !self.eat(if is_object { b'}' } else { b']' }) {
                        if is_object {
                            waiting.push(self.key()?);
                        }
                        continue 'value;
                    }
                    self.close(&mut open, &mut waiting)
                }
                _ => self.scalar()?,
            };
            // The value is complete, and perhaps with it the containers around it.
            loop {
                self.skip_blanks();
                let Some(parent) = open.last() else {
                    return match self.peek() {
                        None => Ok(node),
                        Some(_) => Err(self.error("expected the end of the text")),
                    };
                };
                waiting.push(node);
                if self.eat(b',') {
                    if parent.is_object {
                        self.skip_blanks();
                        waiting.push(self.key()?);
                    }
                    continue 'value;
                }
                if !self.eat(if parent.is_object { b'}' } else { b']' }) {
                    return Err(self.error("expected a comma or the end of the list"));
                }
                node = self.close(&mut open, &mut waiting);
            }
        }
    }

    /// Moves the innermost container's children to the arena.
    fn close(&mut self, open: &mut Vec<Open>, waiting: &mut Vec<Node>) -> Node {
        let container = open.pop().expect("only called with a container open");
        let start = self.tree.nodes.len();
        self.tree
            .nodes
            .extend(waiting.drain(container.first_child..));
        let span = Span::new(start, self.tree.nodes.len());
        if container.is_object {
            Node::Object(span)
        } else {
            Node::Array(span)
        }
    }

    fn key(&mut self) -> Result<Node, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.error("expected a key in double quotes"));
        }
        let key = self.string()?;
        self.skip_blanks();
        if !self.eat(b':') {
            return Err(self.error("expected a colon"));
        }
        Ok(key)
    }

    fn scalar(&mut self) -> Result<Node, JsonError> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Node::Bool(true)),
            Some(b'f') => self.word("false", Node::Bool(false)),
            Some(b'n') => self.word("null", Node::Null),
            Some(_) => Err(self.error("expected a value")),
            None => Err(self.error("the text ends in the middle")),
        }
    }

    fn word(&mut self, word: &str, node: Node) -> Result<Node, JsonError> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        Ok(node)
    }

    fn number(&mut self) -> Result<Node, JsonError> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        self.text[start..self.at]
            .parse()
            .map(Node::Number)
            .map_err(|_| self.error("expected a number"))
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.error("expected a digit"));
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Node, JsonError> {
        self.at += 1;
        let start = self.tree.strings.len();
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let plain = rest
                .iter()
                .position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20))
                .unwrap_or(rest.len());
            self.tree
                .strings
                .push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Node::String(Span::new(start, self.tree.strings.len())));
                }
                Some(b'\\') => {
                    self.at += 1;
                    let character = self.escape()?;
                    self.tree.strings.push(character);
                }
                Some(_) => return Err(self.error("a control character inside a string")),
                None => return Err(self.error("the text ends inside a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let character = match self.peek() {
            Some(same @ (b'"' | b'\\' | b'/')) => char::from(same),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.error("an unknown escape inside a string")),
        };
        self.at += 1;
        Ok(character)
    }

    /// Reads the digits after `\u`, and the second half of a surrogate pair.
    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let unit = self.hex_unit()?;
        if let Some(character) = char::from_u32(unit) {
            return Ok(character);
        }
        let is_high = unit < 0xdc00;
        let after = self.at;
        if is_high && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let low = self.hex_unit()?;
            if (0xdc00..0xe000).contains(&low) {
                let pair = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            // The second escape is a character of its own.
            self.at = after;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex_unit(&mut self) -> Result<u32, JsonError> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let unit = digits
            .unwrap_or_default()
            .iter()
            .try_fold(0, |unit, &digit| {
                Some(unit * 16 + char::from(digit).to_digit(16)?)
            });
        match (digits, unit) {
            (Some(_), Some(unit)) => {
                self.at += 4;
                Ok(unit)
            }
            _ => Err(self.error("expected four hexadecimal digits after `\\u`")),
        }
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn error(&self, reason: &'static str) -> JsonError {
        JsonError {
            byte: self.at,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a document back, numbers as Rust writes them.
    fn print(tree: &Tree, node: Node) -> String {
        let join = |items: Vec<String>| items.join(",");
        match node {
            Node::Null => "null".to_owned(),
            Node::Bool(flag) => flag.to_string(),
            Node::Number(number) => number.to_string(),
            Node::String(_) => format!("{:?}", tree.text(node).expect("is a string")),
            Node::Array(_) => {
                let items = tree.elements(node).iter().map(|item| print(tree, *item));
                format!("[{}]", join(items.collect()))
            }
            Node::Object(_) => {
                let members = tree.members(node).into_iter();
                let members = members.map(|(key, value)| format!("{key}:{}", print(tree, value)));
                format!("{{{}}}", join(members.collect()))
            }
        }
    }

    #[test]
    fn json_is_read_as_javascript_reads_it() {
        for (text, printed) in [
            ("null", "null"),
            (" [ true ,\tfalse\r\n] ", "[true,false]"),
            ("[]", "[]"),
            ("[[],{}]", "[[],{}]"),
            (r#"{"a":[1,{"b":2}],"c":"x"}"#, r#"{a:[1,{b:2}],c:"x"}"#),
            (r#"{"a":1,"b":2,"a":3}"#, "{a:3,b:2}"),
            ("[1e400,-1E+400,-0,1.50,0.1e1]", "[inf,-inf,-0,1.5,1]"),
            (r#""\u0041\u002f\/\n\"\\""#, "\"A//\\n\\\"\\\\\""),
            (r#""\ud83d\ude00""#, "\"😀\""),
            (r#""\ud83d""#, "\"\u{fffd}\""),
            (r#""\ud83dx\ude00""#, "\"\u{fffd}x\u{fffd}\""),
            (r#""\ud83d\ud83d\ude00\u0041""#, "\"\u{fffd}😀A\""),
        ] {
            let (tree, root) = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(print(&tree, root), printed, "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        for (text, byte) in [
            ("", 0),
            ("[1,]", 3),
            ("[1 2]", 3),
            ("[1]]", 3),
            ("{\"a\" 1}", 5),
            ("{a:1}", 1),
            ("{\"a\":1,}", 7),
            ("[01]", 2),
            ("[1.]", 3),
            ("[.5]", 1),
            ("[+1]", 1),
            ("[1e]", 3),
            ("[-]", 2),
            ("nul", 0),
            ("[NaN]", 1),
            ("\"a\nb\"", 2),
            ("\"a", 2),
            (r#""\x""#, 2),
            (r#""\u12g4""#, 3),
            (r#""\ud800\u12""#, 9),
            ("[", 1),
            ("\u{a0}1", 0),
        ] {
            let error = parse(text).err().map(|error| error.byte);
            assert_eq!(error, Some(byte), "{text}");
        }
    }

    #[test]
    fn nesting_of_any_depth_costs_no_stack() {
        let depth = 1_000_000;
        let text = "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&text).is_ok());
        assert!(parse(&"[{\"a\":".repeat(depth)).is_err());
    }
}
