//! HTML: html5ever's tokenizer says what is a tag, a text and a character reference; the builder makes blocks of it.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::builder::{Builder, Element, Owner};
use super::tags::{self, Reading, Role, Tags};
use super::{Block, MarkKind, language};

/// Returns the blocks of an HTML text: a Stack Exchange post, or any fragment or page.
///
/// Total: unclosed and misnested tags are read much as browsers read them, and what only looks like a tag
/// (`vector<T>`) is text. White space collapses outside `pre`; scripts, styles and templates are not shown.
pub fn from_html(html: &str) -> Vec<Block> {
    let mut builder = Builder::default();
    read(&super::clean(html), Reading::Html, &mut builder);
    builder.finish()
}

/// Reads HTML into a builder. What only looks like a tag is text.
pub(super) fn read(html: &str, reading: Reading, builder: &mut Builder) {
    read_tags(&Tags::new(html).escaped(reading), builder);
}

/// Reads HTML into a builder. What looks like a tag is one.
pub(super) fn read_tags(html: &str, builder: &mut Builder) {
    let sink = Sink(RefCell::new(Reader {
        builder,
        hint: None,
        hint_for_all: None,
        starts_preformatted: false,
    }));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    // The sink never asks to pause, so one call reads everything.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
}

struct Sink<'a>(RefCell<Reader<'a>>);

impl TokenSink for Sink<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line_number: u64) -> TokenSinkResult<()> {
        self.0.borrow_mut().read(token)
    }
}

struct Reader<'a> {
    builder: &'a mut Builder,
    /// The language that a comment names for the next code block, as Stack Exchange has them.
    hint: Option<String>,
    /// The language that a comment names for every code block after it.
    hint_for_all: Option<String>,
    /// Whether a `pre` has just been opened: a line break right after it is not part of its text.
    starts_preformatted: bool,
}

impl Reader<'_> {
    fn read(&mut self, token: Token) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(text) => {
                let text = match text.strip_prefix('\n') {
                    Some(rest) if self.starts_preformatted => rest,
                    _ => &text,
                };
                self.starts_preformatted = false;
                self.builder.text(text);
            }
            Token::TagToken(tag) => {
                let Some(role) = tags::role(&tag.name) else {
                    return TokenSinkResult::Continue;
                };
                match tag.kind {
                    TagKind::StartTag => self.start(role, &tag),
                    TagKind::EndTag => self.end(role),
                }
                if role == Role::Dropped && tag.kind == TagKind::StartTag && !tag.self_closing {
                    return TokenSinkResult::RawData(RawKind::Rawtext);
                }
            }
            Token::CommentToken(comment) => self.comment(&comment),
            Token::NullCharacterToken => self.builder.text("\u{fffd}"),
            Token::DoctypeToken(_) | Token::ParseError(_) | Token::EOFToken => {}
        }
        TokenSinkResult::Continue
    }

    fn start(&mut self, role: Role, tag: &Tag) {
        let owner = Owner::Html(role);
        let builder = &mut *self.builder;
        if builder.is_preformatted() {
            return self.start_in_preformatted(role, tag);
        }
        let element = match role {
            Role::Inline => return,
            Role::Block => return builder.new_block(),
            Role::LineBreak => return builder.line_break(),
            Role::Row => return builder.row(),
            Role::Cell => return builder.cell(),
            Role::Quotation => return builder.verbatim("\""),
            Role::Superscript => return builder.superscript(true),
            Role::Image => return builder.text(attribute(tag, "alt").unwrap_or_default()),
            Role::Dropped if tag.self_closing => return,
            Role::Dropped => Element::Dropped,
            Role::Heading(level) => {
                builder.end_html(role);
                Element::Heading(level)
            }
            Role::BulletList => Element::List { next: None },
            Role::NumberedList => Element::List {
                next: Some(number(tag, "start").unwrap_or(1)),
            },
            Role::Item => {
                if builder.has_html(Role::Item) {
                    builder.end_html(Role::Item);
                }
                Element::Item {
                    number: number(tag, "value"),
                    used: false,
                }
            }
            Role::Quote => Element::Quote,
            Role::Table => Element::Table,
            Role::Preformatted => {
                self.starts_preformatted = true;
                let hint = self.hint.take().or_else(|| self.hint_for_all.clone());
                Element::Preformatted {
                    lang: named_language(tag).or(hint),
                }
            }
            Role::Strong => mark(MarkKind::Strong),
            Role::Emphasis => mark(MarkKind::Emphasis),
            Role::Code => mark(MarkKind::Code),
            Role::Link => {
                builder.end_html(Role::Link);
                match attribute(tag, "href") {
                    Some(target) => mark(MarkKind::Link {
                        target: target.to_owned(),
                    }),
                    None => return,
                }
            }
        };
        builder.start(element, owner);
    }

    fn start_in_preformatted(&mut self, role: Role, tag: &Tag) {
        match role {
            Role::Code => self.builder.name_language(named_language(tag)),
            Role::LineBreak => self.builder.line_break(),
            Role::Block | Role::Heading(_) | Role::Item | Role::Row => self.builder.new_block(),
            Role::Cell => self.builder.verbatim("\t"),
            Role::Image => self
                .builder
                .verbatim(attribute(tag, "alt").unwrap_or_default()),
            Role::Dropped if !tag.self_closing => {
                self.builder.start(Element::Dropped, Owner::Html(role));
            }
            _ => return,
        }
        if role != Role::Code {
            self.starts_preformatted = false;
        }
    }

    fn end(&mut self, role: Role) {
        self.starts_preformatted = false;
        if self.builder.is_preformatted() && !matches!(role, Role::Preformatted | Role::Dropped) {
            return;
        }
        match role {
            Role::Block => self.builder.new_block(),
            Role::Superscript => self.builder.superscript(false),
            Role::Quotation => self.builder.verbatim("\""),
            // `</p>` opens and closes a paragraph, `</br>` is a line break: browsers are kind.
            Role::LineBreak => self.builder.line_break(),
            Role::Item if !self.builder.has_html(Role::Item) => {}
            _ => self.builder.end_html(role),
        }
    }

    fn comment(&mut self, comment: &str) {
        let Some((key, value)) = comment.split_once(':') else {
            return;
        };
        match key.trim() {
            "language" => self.hint = language::from_class(value),
            "language-all" => self.hint_for_all = language::from_class(value),
            _ => {}
        }
    }
}

fn mark(kind: MarkKind) -> Element {
    Element::Mark { kind, index: None }
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    let attribute = tag
        .attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)?;
    Some(&attribute.value)
}

fn number(tag: &Tag, name: &str) -> Option<u64> {
    attribute(tag, name)?.trim().parse().ok()
}

/// Returns the language that a tag names: by class, or as GitHub and Hugo do.
fn named_language(tag: &Tag) -> Option<String> {
    let by_class = attribute(tag, "class").and_then(language::from_class);
    by_class.or_else(|| {
        let name = attribute(tag, "lang").or_else(|| attribute(tag, "data-lang"))?;
        language::from_info(name)
    })
}
