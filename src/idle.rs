//! What takes time to make, kept while no thread is using it.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Things that no thread is using.
pub(crate) struct Idle<T>(Mutex<Vec<T>>);

impl<T> Idle<T> {
    /// Returns one of them; a new one when there is none.
    pub(crate) fn take_or(&self, make: impl FnOnce() -> T) -> T {
        let idle = self.all().pop();
        idle.unwrap_or_else(make)
    }

    /// Keeps one for whoever needs it next.
    pub(crate) fn keep(&self, thing: T) {
        self.all().push(thing);
    }

    fn all(&self) -> MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Idle<T> {
    fn default() -> Self {
        Idle(Mutex::default())
    }
}

impl<T> std::fmt::Debug for Idle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Idle").finish_non_exhaustive()
    }
}
