//! Which branches were tried where. A branch that failed at a place fails there again, so coming back is not worth a try: with
//! it matching takes time in proportion to the text. It is begun only when a search goes on for long.

/// Bits that may be kept: 512 KB.
const MAX_BITS: usize = 1 << 22;

/// Marks of (branch, place).
#[derive(Debug)]
pub(super) struct Memo {
    remember: Remember,
    branches: usize,
    places: usize,
    /// Branches left until it is begun.
    until: usize,
    bits: Vec<u64>,
}

/// What a program lets one remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remember {
    Nothing,
    /// Each of so many branches, as soon as it is tried.
    Tried(u32),
    /// Each of so many loops, once a turn has failed: what is matched for itself may succeed and be tried again.
    Failed(u32),
}

impl Memo {
    /// For a text of `length` bytes.
    pub(super) fn new(remember: Remember, length: usize) -> Self {
        let places = length + 1;
        let branches = match remember {
            Remember::Nothing => 0,
            Remember::Tried(number) | Remember::Failed(number) => number as usize,
        };
        let remember = if branches.saturating_mul(places) > MAX_BITS { Remember::Nothing } else { remember };
        let mut memo = Self { remember, branches, places, until: 0, bits: Vec::new() };
        memo.forget();
        memo
    }

    /// Before another search, which may come to the same places by other groups.
    pub(super) fn forget(&mut self) {
        self.bits.clear();
        // As long as it takes to empty the marks.
        self.until = 64 + self.branches * self.places / 512;
    }

    /// Marks a branch at a place; whether it had been marked.
    #[inline]
    pub(super) fn was_here(&mut self, branch: u32, at: usize) -> bool {
        if !matches!(self.remember, Remember::Tried(_)) {
            return false;
        }
        if self.until > 0 {
            self.until -= 1;
            return false;
        }
        self.mark(branch, at)
    }

    /// The highest place from `low` to `at` that a branch has not been to; all of them, until it is begun.
    pub(super) fn new_place(&self, branch: u32, low: usize, at: usize) -> Option<usize> {
        if self.bits.is_empty() || !matches!(self.remember, Remember::Tried(_)) {
            return Some(at);
        }
        let first = branch as usize * self.places;
        let (low, mut bit) = (first + low, first + at);
        loop {
            // Bits above the one asked for do not count.
            let free = !self.bits[bit / 64] << (63 - bit % 64);
            if free != 0 {
                let found = bit - free.leading_zeros() as usize;
                return (found >= low).then(|| found - first);
            }
            bit = (bit / 64 * 64).checked_sub(1).filter(|bit| *bit >= low)?;
        }
    }

    /// Whether a turn of a loop failed at a place.
    pub(super) fn has_failed(&self, number: u32, at: usize) -> bool {
        let bit = number as usize * self.places + at;
        matches!(self.remember, Remember::Failed(_))
            && self.bits.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 != 0)
    }

    /// A turn of a loop has failed at a place.
    pub(super) fn failed(&mut self, number: u32, at: usize) {
        if self.until > 0 {
            self.until -= 1;
        } else {
            self.mark(number, at);
        }
    }

    /// Whether failures are worth a note.
    pub(super) fn wants_failures(&self) -> bool {
        matches!(self.remember, Remember::Failed(_))
    }

    fn mark(&mut self, branch: u32, at: usize) -> bool {
        if self.bits.is_empty() {
            self.bits.resize(self.branches * self.places / 64 + 1, 0);
        }
        let bit = branch as usize * self.places + at;
        let (word, bit) = (&mut self.bits[bit / 64], 1 << (bit % 64));
        let was = *word & bit != 0;
        *word |= bit;
        was
    }
}
