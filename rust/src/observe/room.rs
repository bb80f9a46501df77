//! Where a line is put together, piece by piece: mostly a small array that stays in the fastest cache, where no piece asks for
//! room (its end is looked at once, when the line is done). A line that is longer is written again, into a list.

use super::escape::{self, Escape};

/// The bytes of a line, one piece after the other.
pub(super) trait Room {
    /// A text as it is.
    fn plain(&mut self, value: &[u8]);

    /// An array as it is.
    fn array<const N: usize>(&mut self, value: [u8; N]);

    /// The beginning of a word.
    fn word(&mut self, word: &[u8; WORD], length: usize);

    /// A short piece of a longer text, of which every byte stands for itself.
    fn part(&mut self, text: &[u8], from: usize, length: usize);

    /// Writes over what stands at `at`.
    fn patch<const N: usize>(&mut self, at: usize, value: [u8; N]);

    /// A text as it stands in such a place.
    fn text(&mut self, value: &[u8], escape: Escape);

    /// A number.
    fn number(&mut self, number: u64);
}

/// The longest text that is copied whole, however little of it is wanted.
pub(super) const WORD: usize = 64;
/// What may be written beyond the end of a line that fills it.
const SLACK: usize = WORD;
/// What a line may have in a `Scratch`: a power of two.
const MOST: usize = 4096;

/// The numbers below a thousand: their digits, and how many there are.
static DIGITS: [[u8; 4]; 1000] = {
    let mut digits = [[0; 4]; 1000];
    let mut number = 0;
    while number < 1000 {
        let (a, b, c) = (number / 100, number / 10 % 10, number % 10);
        let (a, b, c) = (b'0' + a as u8, b'0' + b as u8, b'0' + c as u8);
        digits[number] = match number {
            0..10 => [c, 0, 0, 1],
            10..100 => [b, c, 0, 2],
            _ => [a, b, c, 3],
        };
        number += 1;
    }
    digits
};

/// Room for a line of usual length. Places wrap around, so that no write needs a check; `line` says whether one did.
#[derive(Debug)]
pub(super) struct Scratch<'a> {
    bytes: &'a mut ScratchBytes,
    at: usize,
}

/// The bytes behind a `Scratch`.
pub(super) type ScratchBytes = [u8; MOST + SLACK];

impl<'a> Scratch<'a> {
    #[inline]
    pub(super) fn new(bytes: &'a mut ScratchBytes) -> Self {
        Self { bytes, at: 0 }
    }

    /// The line; `None` when it was too long.
    #[inline]
    pub(super) fn line(self) -> Option<&'a [u8]> {
        self.bytes[..MOST].get(..self.at)
    }

    #[inline]
    fn put<const N: usize>(&mut self, at: usize, value: &[u8; N]) {
        const { assert!(N <= SLACK) };
        let at = at % MOST;
        self.bytes[at..at + N].copy_from_slice(value);
    }

    #[inline]
    fn room(&mut self, length: usize) -> Option<&mut [u8]> {
        let at = self.at % MOST;
        self.at += length;
        self.bytes[at..].get_mut(..length)
    }
}

impl Room for Scratch<'_> {
    #[inline]
    fn plain(&mut self, value: &[u8]) {
        let Some(room) = self.room(value.len()) else { return };
        match value.len() {
            8..=16 => drop(copy_ends::<8>(value, room)),
            4..8 => drop(copy_ends::<4>(value, room)),
            17.. => room.copy_from_slice(value),
            _ => room.iter_mut().zip(value).for_each(|(to, from)| *to = *from),
        }
    }

    #[inline]
    fn array<const N: usize>(&mut self, value: [u8; N]) {
        self.put(self.at, &value);
        self.at += N;
    }

    #[inline]
    fn word(&mut self, word: &[u8; WORD], length: usize) {
        // What follows overwrites what was too much.
        self.put(self.at, word);
        self.at += length;
    }

    #[inline]
    fn part(&mut self, text: &[u8], from: usize, length: usize) {
        let Some(source) = text.get(from..) else { return };
        if let Some(word) = source.first_chunk::<16>()
            && length <= 16
        {
            self.put(self.at, word);
            self.at += length;
        } else {
            self.plain(source.get(..length).unwrap_or_default());
        }
    }

    #[inline]
    fn patch<const N: usize>(&mut self, at: usize, value: [u8; N]) {
        self.put(at, &value);
    }

    #[inline]
    fn text(&mut self, value: &[u8], escape: Escape) {
        if escape != Escape::Json {
            return text_slowly(self, value, escape);
        }
        let before = self.at;
        let Some(room) = self.room(value.len()) else { return };
        if !copy_if_plain(value, room) {
            self.at = before;
            text_slowly(self, value, escape);
        }
    }

    #[inline]
    fn number(&mut self, number: u64) {
        // Nearly all are a status, a latency or a short length.
        if number < 1000 {
            let digits = DIGITS[number as usize];
            self.put(self.at, &digits);
            self.at += usize::from(digits[3]);
        } else {
            self.plain(itoa::Buffer::new().format(number).as_bytes());
        }
    }
}

#[cold]
fn text_slowly(room: &mut impl Room, value: &[u8], escape: Escape) {
    let mut text = Vec::new();
    escape::append(&mut text, value, escape);
    room.plain(&text);
}

/// Copies the first and the last `N` bytes, which may overlap, and gives them back.
#[inline]
fn copy_ends<const N: usize>(from: &[u8], to: &mut [u8]) -> Option<([u8; N], [u8; N])> {
    let (first, last) = (*from.first_chunk()?, *from.last_chunk()?);
    *to.first_chunk_mut()? = first;
    *to.last_chunk_mut()? = last;
    Some((first, last))
}

/// Copies a text unless a byte of it must be escaped: looked at and copied in one go.
#[inline]
fn copy_if_plain(value: &[u8], room: &mut [u8]) -> bool {
    // The last bytes may be copied twice; that is cheaper than one by one.
    let found = if let Some((first, last)) = copy_ends::<8>(value, room) {
        let mut found = escape::special(u64::from_le_bytes(first)) | escape::special(u64::from_le_bytes(last));
        if value.len() > 16 {
            for (from, to) in value[8..].as_chunks::<8>().0.iter().zip(room[8..].as_chunks_mut::<8>().0) {
                *to = *from;
                found |= escape::special(u64::from_le_bytes(*from));
            }
        }
        found
    } else if let Some((first, last)) = copy_ends::<4>(value, room) {
        escape::special(u64::from(u32::from_le_bytes(first)) << 32 | u64::from(u32::from_le_bytes(last)))
    } else {
        room.iter_mut().zip(value).for_each(|(to, from)| *to = *from);
        u64::from(value.iter().any(|byte| escape::is_special(*byte)))
    };
    found == 0
}

/// For lines of any length.
impl Room for Vec<u8> {
    fn plain(&mut self, value: &[u8]) {
        self.extend_from_slice(value);
    }

    fn array<const N: usize>(&mut self, value: [u8; N]) {
        self.extend_from_slice(&value);
    }

    fn word(&mut self, word: &[u8; WORD], length: usize) {
        self.extend_from_slice(&word[..length]);
    }

    fn part(&mut self, text: &[u8], from: usize, length: usize) {
        self.extend_from_slice(text.get(from..from + length).unwrap_or_default());
    }

    fn patch<const N: usize>(&mut self, at: usize, value: [u8; N]) {
        if let Some(place) = self.get_mut(at..at + N) {
            place.copy_from_slice(&value);
        }
    }

    fn text(&mut self, value: &[u8], escape: Escape) {
        escape::append(self, value, escape);
    }

    fn number(&mut self, number: u64) {
        self.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What both rooms hold after the same writes.
    macro_rules! written {
        ($room:ident => $write:expr) => {{
            let mut list = b"...".to_vec();
            {
                let $room = &mut list;
                $write;
            }
            let mut bytes = [0; MOST + SLACK];
            let mut scratch = Scratch::new(&mut bytes);
            scratch.array(*b"...");
            {
                let $room = &mut scratch;
                $write;
            }
            assert_eq!(scratch.line().unwrap(), list);
            list[3..].to_vec()
        }};
    }

    #[test]
    fn numbers_of_every_length() {
        for wanted in (0..1100).chain([65_536, 1 << 32, (1 << 32) + 7, u64::MAX]) {
            assert_eq!(written!(room => room.number(wanted)), wanted.to_string().as_bytes());
        }
    }

    #[test]
    fn texts_of_every_length() {
        let text: Vec<u8> = (b'a'..=b'z').cycle().take(100).collect();
        for length in 0..=100 {
            assert_eq!(written!(room => room.plain(&text[..length])), text[..length]);
            assert_eq!(written!(room => room.text(&text[..length], Escape::Json)), text[..length]);
            assert_eq!(written!(room => room.part(&text, 0, length)), text[..length]);
            assert_eq!(written!(room => room.part(&text, 100 - length, length)), text[100 - length..]);
            if let Some(word) = text.first_chunk().filter(|_| length <= WORD) {
                assert_eq!(written!(room => room.word(word, length)), text[..length]);
            }
        }
        assert_eq!(written!(room => (room.array(*b"12345"), room.array([b'6']))), b"123456");
        assert_eq!(written!(room => (room.array([b'a'; 5]), room.patch(4, *b"bc"))), b"abcaa");
    }

    #[test]
    fn a_special_byte_is_escaped_at_every_place() {
        for length in 1..40 {
            for at in 0..length {
                for byte in [0, b'\n', b'"', b'\\', 0x1f, 0x7f, 0x80, 0xff] {
                    let mut value = vec![b'a'; length];
                    value[at] = byte;
                    let json = written!(room => room.text(&value, Escape::Json));
                    let read: String = serde_json::from_slice(&[b"\"", &json[..], b"\""].concat()).unwrap();
                    assert_eq!(read, String::from_utf8_lossy(&value), "{byte} at {at} of {length}");
                    assert!(json.iter().all(|byte| !byte.is_ascii_control()), "{byte} at {at} of {length}");
                }
            }
        }
    }

    #[test]
    fn a_line_that_is_too_long_says_so_whatever_wrote_it() {
        let text = vec![b'x'; 3 * MOST + 1];
        for before in MOST - 100..=MOST + 1 {
            for length in [0, 1, 7, 8, 16, 17, 32, 33, 64, 65, 100, 101, MOST, MOST + 1, 2 * MOST] {
                let mut bytes = [0; MOST + SLACK];
                let fits = before + length <= MOST;
                let mut check = |write: &dyn Fn(&mut Scratch<'_>)| {
                    let mut scratch = Scratch::new(&mut bytes);
                    scratch.plain(&text[..before]);
                    write(&mut scratch);
                    let wanted = fits.then_some(&text[..before + length]);
                    assert_eq!(scratch.line(), wanted, "{before} and {length}");
                };
                check(&|scratch| scratch.plain(&text[..length]));
                check(&|scratch| scratch.text(&text[..length], Escape::Json));
                check(&|scratch| scratch.part(&text, 1, length));
                if length <= WORD {
                    check(&|scratch| scratch.word(&[b'x'; WORD], length));
                }
            }
        }
    }
}
