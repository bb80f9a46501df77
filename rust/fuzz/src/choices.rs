//! Decisions drawn from the beginning of the fuzzer's bytes; what is left is text.

/// Bytes that decide; zero when there are no more.
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl<'a> Choices<'a> {
    /// One byte.
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        byte
    }

    /// A number below `bound`, which is small.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound
    }

    /// One of these.
    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A run of bytes up to `most`.
    pub(crate) fn run(&mut self, most: usize) -> &'a [u8] {
        let length = self.below(most + 1).min(self.0.len());
        let (run, rest) = self.0.split_at(length);
        self.0 = rest;
        run
    }

    /// Whether anything is left.
    pub(crate) fn has_more(&self) -> bool {
        !self.0.is_empty()
    }

    /// Up to five places at which to cut the text that is left, and that text.
    pub(crate) fn cuts(mut self) -> (Vec<usize>, &'a [u8]) {
        let wanted: Vec<usize> =
            (0..self.below(6)).map(|_| usize::from(self.byte()) << 8 | usize::from(self.byte())).collect();
        let text = self.0;
        let mut cuts: Vec<usize> = wanted.into_iter().map(|at| at % (text.len() + 1)).collect();
        cuts.sort_unstable();
        (cuts, text)
    }
}

/// The text in the pieces that `cuts` make of it.
pub(crate) fn pieces<'a>(text: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut start = 0;
    let mut pieces: Vec<&[u8]> = cuts.iter().map(|&cut| &text[std::mem::replace(&mut start, cut)..cut]).collect();
    pieces.push(&text[start..]);
    pieces
}
