//! Pools of byte buffers: small ones for heads, medium ones for what a backend sends first, big ones for bodies. An idle
//! connection holds none.

use std::cell::RefCell;

/// Capacity of a small buffer.
pub const SMALL: usize = 4096;
/// Capacity of a medium buffer: most answers, head and body.
const MEDIUM: usize = 16 * 1024;
/// Capacity of a big buffer: 64 KB of body and the head before it.
pub const BIG: usize = (64 + 4) * 1024;

/// What is kept for reuse; more than that goes back to the allocator.
const KEPT_SMALL: usize = 512;
const KEPT_MEDIUM: usize = 128;
const KEPT_BIG: usize = 64;

/// One core's free buffers; the last one put back is the first one taken, as its memory is still in the cache.
#[derive(Debug, Default)]
pub struct Buffers {
    small: RefCell<Vec<Vec<u8>>>,
    medium: RefCell<Vec<Vec<u8>>>,
    big: RefCell<Vec<Vec<u8>>>,
}

impl Buffers {
    /// An empty buffer of at least `SMALL` bytes.
    pub fn small(&self) -> Vec<u8> {
        self.small.borrow_mut().pop().unwrap_or_else(|| Vec::with_capacity(SMALL))
    }

    /// An empty buffer of at least `MEDIUM` bytes.
    pub fn medium(&self) -> Vec<u8> {
        self.medium.borrow_mut().pop().unwrap_or_else(|| Vec::with_capacity(MEDIUM))
    }

    /// An empty buffer of at least `BIG` bytes.
    pub fn big(&self) -> Vec<u8> {
        self.big.borrow_mut().pop().unwrap_or_else(|| Vec::with_capacity(BIG))
    }

    /// Moves what a smaller buffer holds to a big one, so that more can be read behind it.
    pub fn grow(&self, buffer: &mut Vec<u8>) {
        if buffer.capacity() < BIG {
            let mut big = self.big();
            big.extend_from_slice(buffer);
            self.put(std::mem::replace(buffer, big));
        }
    }

    /// Takes a buffer back, into the pool its capacity fits; an outgrown or tiny one is freed.
    pub fn put(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let (pool, kept) = match buffer.capacity() {
            BIG..=131_072 => (&self.big, KEPT_BIG),
            MEDIUM..=20_480 => (&self.medium, KEPT_MEDIUM),
            SMALL..=16_383 => (&self.small, KEPT_SMALL),
            _ => return,
        };
        let mut pool = pool.borrow_mut();
        if pool.len() < kept {
            pool.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_come_back_empty_and_only_of_their_size() {
        let buffers = Buffers::default();
        let mut small = buffers.small();
        small.extend_from_slice(b"left over");
        let address = small.as_ptr();
        buffers.put(small);
        let again = buffers.small();
        assert!(again.is_empty());
        assert_eq!(again.as_ptr(), address);
        buffers.put(Vec::with_capacity(1 << 20));
        buffers.put(Vec::with_capacity(16));
        assert!(buffers.small().capacity() >= SMALL);
        assert!(buffers.big().capacity() < 1 << 20);
    }

    #[test]
    fn what_a_buffer_holds_moves_to_a_big_one() {
        let buffers = Buffers::default();
        let mut buffer = buffers.medium();
        buffer.extend_from_slice(b"an answer's beginning");
        buffers.grow(&mut buffer);
        assert_eq!(buffer, b"an answer's beginning");
        assert!(buffer.capacity() >= BIG);
        let address = buffer.as_ptr();
        buffers.grow(&mut buffer);
        assert_eq!(buffer.as_ptr(), address, "a big one stays");
        assert!((MEDIUM..BIG).contains(&buffers.medium().capacity()));
    }
}
