//! Sets of code points as sorted ranges, and the form that a matcher asks.

/// The last code point.
pub(super) const LAST: u32 = 0x10_FFFF;

/// Code points as sorted ranges that neither touch nor overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct CharSet(Vec<(u32, u32)>);

impl CharSet {
    /// The union of ranges in any order.
    pub(super) fn of(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }

    /// The characters of a text.
    pub(super) fn of_chars(text: &str) -> Self {
        Self::of(text.chars().map(|char| (u32::from(char), u32::from(char))).collect())
    }

    /// One code point.
    pub(super) fn single(point: u32) -> Self {
        Self(vec![(point, point)])
    }

    /// Every code point.
    pub(super) fn all() -> Self {
        Self(vec![(0, LAST)])
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).copied().collect())
    }

    pub(super) fn negate(&self) -> Self {
        let mut ranges = Vec::with_capacity(self.0.len() + 1);
        let mut next = 0;
        for &(first, last) in &self.0 {
            if first > next {
                ranges.push((next, first - 1));
            }
            next = last + 1;
        }
        if next <= LAST {
            ranges.push((next, LAST));
        }
        Self(ranges)
    }

    pub(super) fn intersect(&self, other: &Self) -> Self {
        let (mut one, mut two) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut ranges = Vec::new();
        while let (Some(&&(from, to)), Some(&&(first, last))) = (one.peek(), two.peek()) {
            if from.max(first) <= to.min(last) {
                ranges.push((from.max(first), to.min(last)));
            }
            if to < last {
                one.next();
            } else {
                two.next();
            }
        }
        Self(ranges)
    }

    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// The only code point, if there is but one.
    pub(super) fn only(&self) -> Option<char> {
        match self.0[..] {
            [(first, last)] if first == last => char::from_u32(first),
            _ => None,
        }
    }
}

/// A set as a matcher asks it.
#[derive(Debug)]
pub(super) struct Set {
    ascii: u128,
    wide: Wide,
}

#[derive(Debug)]
enum Wide {
    None,
    All,
    Some(Box<[(u32, u32)]>),
}

impl Set {
    pub(super) fn new(set: &CharSet) -> Self {
        let mut ascii = 0u128;
        let mut wide = Vec::new();
        for &(first, last) in set.ranges() {
            for point in first..=last.min(127) {
                ascii |= 1 << point;
            }
            if last > 127 {
                wide.push((first.max(128), last));
            }
        }
        let wide = match wide[..] {
            [] => Wide::None,
            [(128, LAST)] => Wide::All,
            _ => Wide::Some(wide.into()),
        };
        Self { ascii, wide }
    }

    #[inline]
    pub(super) fn has_byte(&self, byte: u8) -> bool {
        self.ascii >> byte & 1 != 0
    }

    /// Whether a code point beyond ASCII is in.
    pub(super) fn has_wide(&self, point: u32) -> bool {
        match &self.wide {
            Wide::None => false,
            Wide::All => true,
            Wide::Some(ranges) => {
                let after = ranges.partition_point(|(first, _)| *first <= point);
                after > 0 && point <= ranges[after - 1].1
            }
        }
    }

    /// Whether bytes that begin a longer character may be in.
    pub(super) fn may_be_wide(&self) -> bool {
        !matches!(self.wide, Wide::None)
    }

    /// Where the characters of the set that stand at `at` end.
    pub(super) fn run(&self, text: &[u8], at: usize) -> usize {
        if self.ascii == u128::MAX && matches!(self.wide, Wide::All) {
            return text.len();
        }
        let mut at = at;
        while let Some(byte) = text.get(at) {
            if *byte < 0x80 {
                if !self.has_byte(*byte) {
                    break;
                }
                at += 1;
                continue;
            }
            let (point, length) = decode(text, at);
            if !self.has_wide(point) {
                break;
            }
            at += length;
        }
        at
    }

    /// How many bytes the character at `at` takes if it is in the set.
    #[inline]
    pub(super) fn take(&self, text: &[u8], at: usize) -> Option<usize> {
        let byte = *text.get(at)?;
        if byte < 0x80 {
            return self.has_byte(byte).then_some(1);
        }
        let (point, length) = decode(text, at);
        self.has_wide(point).then_some(length)
    }
}

/// The character beyond ASCII at `at`, and how many bytes it takes. The text is UTF-8.
pub(super) fn decode(text: &[u8], at: usize) -> (u32, usize) {
    let tail = |number: usize| u32::from(text.get(at + number).copied().unwrap_or(0) & 0x3F);
    let first = u32::from(text[at]);
    match first {
        0..0x80 => (first, 1),
        0x80..0xE0 => ((first & 0x1F) << 6 | tail(1), 2),
        0xE0..0xF0 => ((first & 0x0F) << 12 | tail(1) << 6 | tail(2), 3),
        _ => ((first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4),
    }
}

/// Where the character before `at` begins; `at` is not 0.
pub(super) fn before(text: &[u8], at: usize) -> usize {
    let mut start = at - 1;
    while start > 0 && text[start] & 0xC0 == 0x80 {
        start -= 1;
    }
    start
}
