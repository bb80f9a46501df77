//! The lines one core has not handed over yet: put into a page, and pages go to the writer thread.

use super::{
    line::{Completed, LineFormat},
    room::{Scratch, ScratchBytes},
};

/// A page is handed over when it is this full.
const PAGE: usize = 250 * 1024;

/// Lines for one destination.
#[derive(Debug)]
pub struct AccessLogPage {
    bytes: Vec<u8>,
    lines: u64,
    scratch: Box<ScratchBytes>,
}

impl Default for AccessLogPage {
    fn default() -> Self {
        Self { bytes: Vec::new(), lines: 0, scratch: Box::new([0; _]) }
    }
}

impl AccessLogPage {
    /// Adds a line.
    #[inline]
    pub fn push(&mut self, format: &LineFormat, completed: &Completed<'_>) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(PAGE + 4096);
        }
        let mut scratch = Scratch::new(&mut self.scratch);
        format.write(completed, &mut scratch);
        match scratch.line() {
            Some(line) => self.bytes.extend_from_slice(line),
            None => self.push_long(format, completed),
        }
        self.lines += 1;
    }

    #[cold]
    fn push_long(&mut self, format: &LineFormat, completed: &Completed<'_>) {
        let mut line = Vec::new();
        format.write(completed, &mut line);
        self.bytes.append(&mut line);
    }

    /// Whether it is time to hand the page over.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= PAGE
    }

    /// The page and how many lines it holds; what remains is an empty page.
    pub fn take(&mut self) -> (Vec<u8>, u64) {
        (std::mem::take(&mut self.bytes), std::mem::take(&mut self.lines))
    }

    /// Gives a page's memory back; what is in it is lost.
    pub fn reuse(&mut self, mut bytes: Vec<u8>) {
        bytes.clear();
        if self.bytes.capacity() == 0 {
            self.bytes = bytes;
        }
    }
}
