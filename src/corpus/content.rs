pub(crate) fn blocks(_v: &serde_json::Value) -> Option<Vec<crate::body::Block>> {
    None
}
