//! What is wrong with a patch: all of it, with JSON paths.

use super::registry::PrepareError;

/// Collects problems below a path.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<PrepareError>,
    path: String,
}

impl Problems {
    /// Collects below `path`.
    pub(super) fn below(path: impl Into<String>) -> Self {
        Self { found: Vec::new(), path: path.into() }
    }

    /// Notes a problem at the present path.
    pub(super) fn add(&mut self, message: impl Into<String>) {
        self.found.push(PrepareError { path: self.path.clone(), message: message.into() });
    }

    /// Does `work` one member further down, such as `.uri` or `[3]`.
    pub(super) fn at<T>(&mut self, member: impl std::fmt::Display, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        // Writing to a String cannot fail.
        let _ = std::fmt::Write::write_fmt(&mut self.path, format_args!("{member}"));
        let result = work(self);
        self.path.truncate(length);
        result
    }

    /// Does `work` at element `index` of the list `member`.
    pub(super) fn at_index<T>(&mut self, member: &str, index: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        self.at(format_args!("{member}[{index}]"), work)
    }

    /// What was found.
    pub(super) fn into_found(self) -> Vec<PrepareError> {
        self.found
    }
}
