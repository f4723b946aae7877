//! Payloads inside HTML pages: the scripts that carry them.

use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// What an HTML page with a payload mentions: the script's id, or the name of its application's attribute. Pages of
/// several applications have the attribute only.
pub(super) const MARKS: [&str; 2] = ["__NUXT_DATA__", "data-nuxt-data"];

/// Returns the texts of all payloads in a page, in its order.
pub(super) fn payloads(html: &str) -> Vec<String> {
    let tokenizer = Tokenizer::new(Scripts::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    // The tokenizer pauses for scripts that a sink wants to run; ours wants none.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.found.into_inner()
}

/// Collects the texts of scripts that hold payloads. The tokenizer alone is enough: which element stands in which does
/// not matter, as long as raw text is told from markup.
#[derive(Default)]
struct Scripts {
    found: RefCell<Vec<String>>,
    is_inside: Cell<bool>,
    /// How many `svg` and `math` elements are open. Inside them a `title` or `style` holds markup.
    foreign_depth: Cell<usize>,
}

impl TokenSink for Scripts {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => return self.tag(&tag),
            Token::CharacterTokens(text) if self.is_inside.get() => {
                if let Some(script) = self.found.borrow_mut().last_mut() {
                    script.push_str(&text);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Scripts {
    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        self.is_inside.set(false);
        let name: &str = &tag.name;
        let depth = self.foreign_depth.get();
        if name == "svg" || name == "math" {
            self.foreign_depth.set(match tag.kind {
                TagKind::StartTag if tag.self_closing => depth,
                TagKind::StartTag => depth + 1,
                TagKind::EndTag => depth.saturating_sub(1),
            });
        }
        if tag.kind == TagKind::EndTag {
            return TokenSinkResult::Continue;
        }
        let attribute = |name: &str| {
            let attribute = tag.attrs.iter().find(|attr| &*attr.name.local == name);
            attribute.map(|attribute| &*attribute.value)
        };
        match name {
            "script" if attribute("id") == Some(MARKS[0]) || attribute(MARKS[1]).is_some() => {
                self.found.borrow_mut().push(String::new());
                self.is_inside.set(true);
                TokenSinkResult::RawData(RawKind::ScriptData)
            }
            _ if depth > 0 => TokenSinkResult::Continue,
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "iframe" | "noembed" | "noframes" | "xmp" => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}
