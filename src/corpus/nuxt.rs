//! Nuxt payloads (a stand-in until the reader is merged).

use super::{Sink, TextFile};

pub(crate) fn read_payload(_file: &TextFile<'_>, _out: &mut Sink<'_>) {}
pub(crate) fn read_html(_file: &TextFile<'_>, _out: &mut Sink<'_>) {}
pub(crate) fn looks_like_payload(text: &str) -> bool {
    let _ = super::page::is_question;
    let text = text.trim_start();
    text.starts_with("[{") && !text.contains("\"title\": \"") && !text.contains("\"title\":\"")
}
pub(crate) fn has_inline_payload(html: &str) -> bool {
    html.contains("__NUXT_DATA__")
}
