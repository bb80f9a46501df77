//! What is kept of answers: one table for the node, a room in it for each stage, and who fetches what right now. It survives a
//! change of plans: whoever compiles a stage finds the room that it had.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey},
    rand,
};
use rustc_hash::FxHashMap;

use crate::primitives::{
    single_flight::{Flights, Lead},
    ttl_cache::{Entry, Held, Room, TtlCache},
};

/// Bytes that one answer may have; a larger one is not cached. AWS's limit.
pub const LARGEST: usize = 1_048_576;
/// Bytes of the table where nobody said how many.
const MEMORY: u64 = 64 << 20;
/// Bytes of a nonce.
const NONCE: usize = 12;

/// What is known of an answer.
#[derive(Debug)]
pub enum Stored {
    /// The answer itself.
    Answer(StoredAnswer),
    /// That it cannot be kept: nobody need wait for who fetches it.
    Passing,
}

/// An answer as it was written, but for the lines that each request has of its own.
#[derive(Debug)]
pub struct StoredAnswer {
    /// Its status.
    pub status: u16,
    /// Whether a trace id belongs to it.
    pub has_trace_id: bool,
    /// The coding of its body, when only clients that take it may have it.
    pub coding: Option<Box<[u8]>>,
    /// Bytes of the head: whole lines, without the empty one.
    head: u32,
    /// Head and body; behind a nonce and sealed when they are encrypted.
    bytes: Box<[u8]>,
    is_sealed: bool,
}

/// A head and a body.
#[derive(Debug, Clone, Copy)]
pub struct Opened<'a> {
    /// Whole lines, without the empty one.
    pub head: &'a [u8],
    /// All of it.
    pub body: &'a [u8],
}

/// An answer in its place.
pub type HeldAnswer = Arc<Held<Stored>>;

/// The cache of one stage.
#[derive(Debug)]
pub struct StageCache {
    /// Its part of the table.
    room: Room,
    /// Seals what is to be encrypted; made when that is asked for.
    key: OnceLock<Option<RandomizedNonceKey>>,
    caches: Arc<Caches>,
}

/// All caches of the node.
#[derive(Debug, Default)]
pub struct Caches {
    memory: OnceLock<u64>,
    table: OnceLock<TtlCache<Stored>>,
    flights: Arc<Flights>,
    stages: Mutex<FxHashMap<Box<str>, Vec<Weak<StageCache>>>>,
}

/// A request that goes to its integration, and whose answer may be kept.
#[derive(Debug)]
pub struct Caching {
    /// Where it will be found.
    pub key: Arc<[u8]>,
    /// The generation of the room when it was asked for.
    pub generation: u32,
    /// The stage's cache.
    pub stage: Arc<StageCache>,
    /// Seconds it may be kept.
    pub ttl_in_seconds: u32,
    /// Whether it is sealed.
    pub is_encrypted: bool,
    /// Whether it replaces what is there, without waiting for others.
    pub refreshes: bool,
    /// What others wait for.
    pub lead: Option<Lead>,
}

impl Caches {
    /// Says how many bytes the table may take; `false` when that was said before and differs.
    pub fn limit(&self, bytes: u64) -> bool {
        let is_same = *self.memory.get_or_init(|| bytes) == bytes;
        let stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        if stages.values().flatten().any(|stage| stage.strong_count() > 0) {
            self.table();
        }
        is_same
    }

    /// The table; made when the first stage needs it.
    pub fn table(&self) -> &TtlCache<Stored> {
        self.table.get_or_init(|| TtlCache::new(self.memory.get().copied().unwrap_or(MEMORY)))
    }

    /// Bytes in use and how many answers they are, without making the table.
    pub fn taken(&self) -> (u64, u64) {
        self.table.get().map_or((0, 0), TtlCache::taken)
    }

    /// Who fetches what.
    pub fn flights(&self) -> &Arc<Flights> {
        &self.flights
    }

    /// The cache of a stage that may take so many bytes: the one it has, or a new one where the size is another.
    pub fn stage(self: &Arc<Self>, key: &str, bytes: u64) -> Arc<StageCache> {
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        let known = stages.entry(key.into()).or_default();
        known.retain(|stage| stage.strong_count() > 0);
        if let Some(stage) = known.iter().filter_map(Weak::upgrade).find(|stage| stage.room.limit() == bytes) {
            return stage;
        }
        let stage = Arc::new(StageCache { room: Room::new(bytes), key: OnceLock::new(), caches: self.clone() });
        known.push(Arc::downgrade(&stage));
        drop(stages);
        if self.memory.get().is_some() {
            self.table();
        }
        stage
    }

    /// Forgets what is cached for a stage; answers that are on their way are not kept either.
    pub fn flush(&self, key: &str) {
        let stages: Vec<_> = {
            let stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
            stages.get(key).into_iter().flatten().filter_map(Weak::upgrade).collect()
        };
        for stage in stages {
            self.table().clear(&stage.room);
        }
    }
}

impl Drop for StageCache {
    fn drop(&mut self) {
        if let Some(table) = self.caches.table.get() {
            table.clear(&self.room);
        }
    }
}

impl StageCache {
    /// Begins a key; says for which generation of the room it is.
    pub fn begin_key(&self, key: &mut Vec<u8>) -> u32 {
        self.room.begin_key(key)
    }

    /// What is known of an answer. `now` is that of the node's clocks.
    #[inline]
    pub fn get(&self, key: &[u8], now: u64) -> Option<HeldAnswer> {
        self.caches.table().get(key, now)
    }

    /// Who fetches what.
    pub fn flights(&self) -> &Arc<Flights> {
        &self.caches.flights
    }

    /// Opens a stored answer; `buffer` takes it when it is sealed. `None` when it cannot be opened.
    pub fn open<'a>(&self, answer: &'a StoredAnswer, buffer: &'a mut Vec<u8>) -> Option<Opened<'a>> {
        let bytes: &[u8] = if answer.is_sealed {
            let (nonce, sealed) = answer.bytes.split_at_checked(NONCE)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            buffer.clear();
            buffer.extend_from_slice(sealed);
            self.key()?.open_in_place(nonce, Aad::empty(), buffer).ok()?
        } else {
            &answer.bytes
        };
        let (head, body) = bytes.split_at_checked(answer.head as usize)?;
        Some(Opened { head, body })
    }

    fn key(&self) -> Option<&RandomizedNonceKey> {
        let made = self.key.get_or_init(|| {
            let mut bytes = [0; 32];
            rand::fill(&mut bytes).ok()?;
            RandomizedNonceKey::new(&AES_256_GCM, &bytes).ok()
        });
        made.as_ref()
    }

    fn seal(&self, mut plain: Vec<u8>) -> Option<Vec<u8>> {
        let nonce = self.key()?.seal_in_place_append_tag(Aad::empty(), &mut plain).ok()?;
        Some([&nonce.as_ref()[..], &plain].concat())
    }
}

/// An answer that is to be kept.
#[derive(Debug)]
pub struct NewAnswer<'a> {
    /// As in `StoredAnswer`.
    pub status: u16,
    /// As in `StoredAnswer`.
    pub has_trace_id: bool,
    /// As in `StoredAnswer`.
    pub coding: Option<Box<[u8]>>,
    /// Whole lines, without the empty one.
    pub head: Vec<u8>,
    /// All of it.
    pub body: &'a [u8],
}

impl Caching {
    /// Keeps an answer and lets those go on who wait for it; one that is too large passes.
    pub fn keep(self, answer: NewAnswer<'_>, now: u64) {
        let NewAnswer { status, has_trace_id, coding, head: mut bytes, body } = answer;
        let head = bytes.len() as u32;
        bytes.extend_from_slice(body);
        if self.is_encrypted {
            match self.stage.seal(bytes) {
                Some(sealed) => bytes = sealed,
                None => return self.pass(now),
            }
        }
        if bytes.len() > LARGEST {
            return self.pass(now);
        }
        let is_sealed = self.is_encrypted;
        let (size, bytes) = (bytes.len(), bytes.into_boxed_slice());
        let stored = StoredAnswer { status, has_trace_id, coding, head, bytes, is_sealed };
        let until = now + u64::from(self.ttl_in_seconds) * 1_000_000;
        self.put(Stored::Answer(stored), size, until);
    }

    /// Says that the answer cannot be kept: for a while nobody waits for another.
    pub fn pass(self, now: u64) {
        let until = now + u64::from(self.ttl_in_seconds.min(LONGEST_PASS)) * 1_000_000;
        self.put(Stored::Passing, 0, until);
    }

    fn put(self, value: Stored, size: usize, expires: u64) {
        let Self { key, generation, stage, lead, .. } = self;
        stage.caches.table().put(&stage.room, Entry { key, generation, value, size, expires });
        if let Some(lead) = lead {
            lead.land();
        }
    }
}

/// Seconds for which an answer that could not be kept is not waited for.
const LONGEST_PASS: u32 = 10;

#[cfg(test)]
#[path = "caches_tests.rs"]
mod tests;
