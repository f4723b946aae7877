//! What the session and the line editor both know: the open index, the values of its facets, the saved scopes.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use qdex::{Difficulty, FacetField, Searcher};

use super::scope::SavedScopes;

/// The values of a facet, each with how many entries have it.
type Counts = Rc<[(String, u64)]>;

/// Shared by the session, which changes it, and the editor, which completes and colours by it.
pub(super) struct Knowledge {
    searcher: RefCell<Rc<Searcher>>,
    values: RefCell<HashMap<FacetField, Counts>>,
    pub(super) scopes: SavedScopes,
    pub(super) color: Cell<bool>,
}

impl Knowledge {
    pub(super) fn new(searcher: Searcher, scopes: SavedScopes, color: bool) -> Self {
        Knowledge {
            searcher: RefCell::new(Rc::new(searcher)),
            values: RefCell::default(),
            scopes,
            color: Cell::new(color),
        }
    }

    pub(super) fn searcher(&self) -> Rc<Searcher> {
        self.searcher.borrow().clone()
    }

    /// Goes on with an index that was built meanwhile.
    pub(super) fn reopened(&self, searcher: Searcher) {
        *self.searcher.borrow_mut() = Rc::new(searcher);
        self.values.borrow_mut().clear();
    }

    /// Returns the values of a facet with their counts over the whole index; counted once. None when they cannot be read:
    /// the next search says why.
    pub(super) fn values(&self, field: FacetField) -> Counts {
        if let Some(values) = self.values.borrow().get(&field) {
            return values.clone();
        }
        let counts = self.searcher().facets(&[field], &[]).unwrap_or_default();
        let values = counts.into_iter().flat_map(|counts| counts.values);
        let values: Counts = values.map(|value| (value.value, value.count)).collect();
        self.values.borrow_mut().insert(field, values.clone());
        values
    }

    /// Returns whether a filter on a facet may have a value.
    pub(super) fn has_value(&self, field: FacetField, value: &str) -> bool {
        if field == FacetField::Difficulty {
            return Difficulty::from_any_scale(value).is_some();
        }
        let wanted = value.trim_matches('/').to_lowercase();
        self.values(field).iter().any(|(known, _)| {
            let known = known.to_lowercase();
            match field {
                FacetField::Topic => known.ends_with(&format!("/{wanted}")),
                FacetField::Source => known == wanted || known.starts_with(&format!("{wanted}/")),
                _ => known == wanted,
            }
        })
    }
}
