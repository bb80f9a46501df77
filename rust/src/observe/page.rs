//! The lines of the gateway's own log that one core has not handed over yet.

/// A page is handed over when it is this full.
const PAGE: usize = 60 * 1024;

/// Whole lines.
#[derive(Debug, Default)]
pub(super) struct AccessLogPage {
    bytes: Vec<u8>,
    lines: u64,
}

impl AccessLogPage {
    /// Adds a line.
    #[inline]
    pub(super) fn push(&mut self, line: &[u8]) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(PAGE + 4096);
        }
        self.bytes.extend_from_slice(line);
        self.lines += 1;
    }

    /// Whether it is time to hand the page over.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= PAGE
    }

    /// The page and how many lines it holds; what remains is an empty page.
    pub(super) fn take(&mut self) -> (Vec<u8>, u64) {
        (std::mem::take(&mut self.bytes), std::mem::take(&mut self.lines))
    }

    /// Gives a page's memory back; what is in it is lost.
    pub(super) fn reuse(&mut self, mut bytes: Vec<u8>) {
        bytes.clear();
        if self.bytes.capacity() == 0 {
            self.bytes = bytes;
        }
    }
}
