//! `$context.responseOverride`: what templates put in place of an integration response's status and headers (rest-api §10.6).

use super::headers::mapped_name;
use crate::{
    exchange::Exchange,
    http1::HeadWriter,
    integration::transform::Part,
    primitives::header_names::{HeaderName, identify},
};

/// What replaces the mapping's.
#[derive(Debug, Default)]
pub(super) struct Overridden {
    status: Option<u16>,
    /// Names as they are sent, each with its values.
    headers: Vec<(Box<[u8]>, Vec<String>)>,
}

impl Overridden {
    /// What the templates of this exchange have written; nothing when they wrote nothing.
    pub(super) fn of(exchange: &Exchange) -> Option<Self> {
        let overrides = exchange.overrides()?;
        let headers = overrides.all(Part::ResponseHeader).into_iter();
        // Names go through the same table as mapped ones (§8.5).
        let headers = headers.filter_map(|(name, values)| Some((mapped_name(name.as_bytes())?, values))).collect();
        let overridden = Self { status: overrides.status(), headers };
        (overridden.status.is_some() || !overridden.headers.is_empty()).then_some(overridden)
    }

    /// The status, if it is another one.
    pub(super) fn status(&self, mapped: u16) -> u16 {
        self.status.unwrap_or(mapped)
    }

    /// Whether a header that the mapping sets has another value now.
    pub(super) fn replaces(&self, name: &[u8]) -> bool {
        self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
    }

    /// Whether it sets this header.
    pub(super) fn sets(&self, id: HeaderName) -> bool {
        self.headers.iter().any(|(name, _)| identify(name) == id)
    }

    /// Those of the prebuilt lines that nothing replaces.
    pub(super) fn write_fixed(&self, head: &mut HeadWriter, lines: &[u8]) {
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let name = &line[..memchr::memchr(b':', line).unwrap_or(line.len())];
            if !self.replaces(name) {
                head.trusted(line);
            }
        }
    }

    /// Its own headers; a list has a line for each of its values.
    pub(super) fn write(&self, head: &mut HeadWriter) {
        for (name, values) in &self.headers {
            for value in values {
                head.field(name, value.as_bytes());
            }
        }
    }
}
