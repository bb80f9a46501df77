//! `$context.requestId` and `$context.extendedRequestId`: unique, fast, no secrets (a core's own generator, seeded by the system).

use std::{
    cell::RefCell,
    hash::{BuildHasher, Hasher, RandomState},
};

use crate::primitives::hex::DIGITS;

/// The source of one core's request ids.
#[derive(Debug)]
pub struct RequestIds {
    random: RefCell<fastrand::Rng>,
}

/// Where each byte of a UUID stands in its text.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
/// AWS: extended request ids use the URL-safe alphabet, as in `f-ZvmEb3PHcEeNg=`.
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl RequestIds {
    /// A generator seeded by the operating system.
    pub fn seeded() -> Self {
        // The standard library's hash keys come from the system; aws-lc would gather jitter for a tenth of a second first.
        let seed = RandomState::new().build_hasher().finish();
        Self::from_seed(seed)
    }

    /// A generator with a known beginning, for tests.
    pub fn from_seed(seed: u64) -> Self {
        Self { random: RefCell::new(fastrand::Rng::with_seed(seed)) }
    }

    /// Writes a UUID v4, and 15 base64 characters with their `=`.
    #[inline]
    pub fn write_next(&self, id: &mut [u8; 36], extended: &mut [u8; 16]) {
        let mut random = self.random.borrow_mut();
        let uuid = (u128::from(random.u64(..)) << 64 | u128::from(random.u64(..))) & !(0xf << 76) | 4 << 76;
        let uuid = uuid & !(0b11 << 62) | 0b10 << 62;
        for at in [8, 13, 18, 23] {
            id[at] = b'-';
        }
        for (byte, at) in uuid.to_be_bytes().into_iter().zip(PLACES) {
            [id[at], id[at + 1]] = DIGITS[usize::from(byte)];
        }
        // Eleven random bytes are 88 bits: fourteen full characters, and the fifteenth carries the last four.
        let (mut high, mut low) = (random.u64(..), random.u64(..));
        for at in 0..7 {
            extended[at] = BASE64[(high & 63) as usize];
            extended[at + 7] = BASE64[(low & 63) as usize];
            (high, low) = (high >> 6, low >> 6);
        }
        extended[14] = BASE64[((low & 15) << 2) as usize];
        extended[15] = b'=';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_form_and_do_not_repeat() {
        let ids = RequestIds::seeded();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..10_000 {
            let (mut id, mut extended) = ([0; 36], [0; 16]);
            ids.write_next(&mut id, &mut extended);
            for (index, byte) in id.into_iter().enumerate() {
                match index {
                    8 | 13 | 18 | 23 => assert_eq!(byte, b'-'),
                    14 => assert_eq!(byte, b'4'),
                    19 => assert!(b"89ab".contains(&byte)),
                    _ => assert!(byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)),
                }
            }
            assert_eq!(extended[15], b'=');
            assert!(extended[..15].iter().all(|byte| BASE64.contains(byte)));
            assert!(seen.insert(id));
            assert!(seen.len() == 1 || extended[..15] != [b'A'; 15]);
        }
    }
}
