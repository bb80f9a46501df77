//! Counts the frames of a client that ask for nothing: pings, settings, window updates, priorities, resets, empty data,
//! unknown ones. Requests and answers explain some of them; the rest has a budget, as each costs us work.

use crate::per_core::clock::{Micros, SECOND};

/// Frames that nothing explains, at once.
pub(super) const BURST: u64 = 10_000;
/// And in a second, for ever.
const RATE: u64 = 1_000;
/// Frames that a request explains.
const OF_REQUEST: u64 = 8;
/// Bytes of an answer that explain a window update.
const OF_ANSWER: u64 = 4096;

const PREFACE: u32 = 24;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
const END_STREAM: u8 = 1;

/// The frames of one connection as they pass by.
#[derive(Debug)]
pub(super) struct Meter {
    head: [u8; 9],
    have: u8,
    /// Bytes until the next frame's head.
    skip: u32,
    left: u64,
    /// Bytes of answers that have not been counted yet.
    answered: u64,
    refilled: Micros,
    /// Whether a request's head has begun and not ended.
    in_head: bool,
    /// Heads that ended.
    heads: u64,
    /// Whether the budget was overdrawn.
    is_flooded: bool,
}

impl Meter {
    pub(super) fn new(now: Micros) -> Self {
        Self {
            head: [0; 9],
            have: 0,
            skip: PREFACE,
            left: BURST,
            answered: 0,
            refilled: now,
            in_head: false,
            heads: 0,
            is_flooded: false,
        }
    }

    /// Bytes from the client.
    pub(super) fn read(&mut self, mut bytes: &[u8], now: Micros) {
        while !bytes.is_empty() {
            if self.skip > 0 {
                let skipped = bytes.len().min(self.skip as usize);
                self.skip -= skipped as u32;
                bytes = &bytes[skipped..];
                continue;
            }
            let have = usize::from(self.have);
            let count = bytes.len().min(9 - have);
            self.head[have..have + count].copy_from_slice(&bytes[..count]);
            self.have += count as u8;
            bytes = &bytes[count..];
            if self.have == 9 {
                self.have = 0;
                self.frame(now);
            }
        }
    }

    fn frame(&mut self, now: Micros) {
        let [high, middle, low, kind, flags, ..] = self.head;
        self.skip = u32::from_be_bytes([0, high, middle, low]);
        match kind {
            HEADERS | CONTINUATION => {
                self.in_head = flags & END_HEADERS == 0;
                self.heads += u64::from(!self.in_head);
                if kind == HEADERS {
                    self.left = (self.left + OF_REQUEST).min(BURST);
                } else if self.skip == 0 {
                    self.spend(now);
                }
            }
            DATA if self.skip > 0 || flags & END_STREAM != 0 => {}
            _ => self.spend(now),
        }
    }

    fn spend(&mut self, now: Micros) {
        if self.left == 0 {
            let due = now.saturating_sub(self.refilled) * RATE / SECOND;
            if due > 0 {
                self.refilled = now;
            }
            self.left = due.min(BURST);
        }
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => self.is_flooded = true,
        }
    }

    /// Bytes to the client.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.answered += bytes as u64;
        if self.answered >= OF_ANSWER {
            self.left = (self.left + self.answered / OF_ANSWER).min(BURST);
            self.answered %= OF_ANSWER;
        }
    }

    /// Whether the client sent more than its budget.
    pub(super) fn is_flooded(&self) -> bool {
        self.is_flooded
    }

    /// How many requests' heads have ended, and whether one has begun that has not: then there is a deadline.
    pub(super) fn heads(&self) -> (u64, bool) {
        let is_cut = self.have > 0 || self.skip > 0 && matches!(self.head[3], HEADERS | CONTINUATION);
        (self.heads, self.in_head || is_cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, length: u8) -> Vec<u8> {
        let mut frame = vec![0, 0, length, kind, flags, 0, 0, 0, 1];
        frame.resize(9 + usize::from(length), 0);
        frame
    }

    fn started() -> Meter {
        let mut meter = Meter::new(0);
        meter.read(&[b'P'; 24], 0);
        meter
    }

    fn flood(meter: &mut Meter, frame: &[u8], now: Micros) -> u64 {
        let mut count = 0;
        while !meter.is_flooded() {
            meter.read(frame, now);
            count += 1;
            assert!(count < 100_000, "no end");
        }
        count - 1
    }

    #[test]
    fn what_asks_for_nothing_has_a_budget() {
        for (kind, flags, length) in
            [(6, 0, 8), (4, 0, 0), (8, 0, 4), (2, 0, 5), (3, 0, 4), (0, 0, 0), (9, 0, 0), (77, 0, 3)]
        {
            assert_eq!(flood(&mut started(), &frame(kind, flags, length), 0), BURST, "{kind}");
        }
    }

    #[test]
    fn requests_bodies_and_answers_explain_frames() {
        let mut meter = started();
        for _ in 0..20_000 {
            meter.read(&frame(1, 5, 10), 0);
            for _ in 0..OF_REQUEST {
                meter.read(&frame(8, 0, 4), 0);
            }
            meter.read(&frame(0, 0, 1), 0);
            meter.read(&frame(0, 1, 0), 0);
        }
        assert!(!meter.is_flooded());
        for _ in 0..20_000 {
            meter.wrote(2 * OF_ANSWER as usize);
            meter.read(&frame(8, 0, 4), 0);
            meter.read(&frame(8, 0, 4), 0);
        }
        assert!(!meter.is_flooded());
        // In time, more of them may come.
        let mut meter = started();
        for _ in 0..BURST {
            meter.read(&frame(6, 0, 8), 0);
        }
        assert_eq!(flood(&mut meter, &frame(6, 0, 8), SECOND), RATE);
    }

    #[test]
    fn frames_are_seen_however_they_are_cut() {
        let bytes = [frame(6, 0, 8), frame(1, 4, 3), frame(6, 0, 8)].concat();
        let mut meter = started();
        for byte in &bytes {
            meter.read(&[*byte], 0);
        }
        let mut whole = started();
        whole.read(&bytes, 0);
        assert_eq!((meter.left, whole.left), (BURST - 1, BURST - 1));
    }

    #[test]
    fn a_head_that_has_begun_is_known() {
        let mut meter = started();
        assert!(!meter.heads().1);
        meter.read(&frame(1, 0, 3), 0);
        assert!(meter.heads().1, "continued");
        meter.read(&frame(9, 4, 3), 0);
        assert!(!meter.heads().1);
        meter.read(&frame(1, 4, 3)[..10], 0);
        assert!(meter.heads().1, "cut");
        meter.read(&[0, 0], 0);
        assert!(!meter.heads().1);
        meter.read(&frame(0, 0, 9)[..12], 0);
        assert!(!meter.heads().1, "a body has its own deadline");
    }
}
