//! Values by key until a time that is passed in, under one bound of bytes for all of them and one for each room. What is used
//! least leaves first, whoever it belongs to. All threads share it; it knows nothing of what it holds.
//!
//! The table is sized for its bound when it is made, and each value takes at least `LEAST` of the bound: it never grows.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
};

use quick_cache::{
    Equivalent, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};

/// Bytes that the smallest value counts for.
const LEAST: u64 = 512;
/// Bytes of a value's places in tables and lists, beside its key and itself.
const PLACES: u64 = 176;
/// Bytes of what has a lock of its own: enough for values of a mebibyte, and few enough of small ones to be moved while it is held.
const SHARD: u64 = 4 << 20;
/// The part of all values that is remembered after it left: what comes back soon stays longer.
const FORGOTTEN: f64 = 0.125;
/// Values looked at to make room for one.
const MOST_LOOKS: usize = 512;
/// Values in one piece of a list, so that no list is ever copied as a whole.
const PIECE: usize = 512;

/// What a value is found by, with its hash, which is keyed: clients choose keys.
#[derive(Debug, Clone)]
struct Key {
    hash: u64,
    /// Which of the values that were put under these bytes; two keys with the same bytes are one.
    stamp: u64,
    bytes: Arc<[u8]>,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && *self.bytes == *other.bytes
    }
}

impl Eq for Key {}

/// A value that is looked for by what its room knows of it.
#[derive(Debug, Clone, Copy)]
struct Listed {
    hash: u64,
    stamp: u64,
}

impl Hash for Listed {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.hash);
    }
}

impl Equivalent<Key> for Listed {
    fn equivalent(&self, key: &Key) -> bool {
        self.hash == key.hash && self.stamp == key.stamp
    }
}

/// A key that is looked for.
struct Sought<'k> {
    hash: u64,
    bytes: &'k [u8],
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.hash);
    }
}

impl Hash for Sought<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.hash);
    }
}

impl Equivalent<Key> for Sought<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.hash == key.hash && *self.bytes == *key.bytes
    }
}

/// Takes a hash for what it is.
#[derive(Debug, Default, Clone)]
struct Known(u64);

impl Hasher for Known {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// The values of one owner: a limit of their bytes, and what it takes to forget them all at once.
#[derive(Debug)]
pub struct Room {
    number: u64,
    limit: u64,
    generation: AtomicU32,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    /// Bytes of this generation's values.
    taken: Arc<AtomicU64>,
    /// How many values there are.
    count: Arc<AtomicU64>,
    /// The values in the order of their coming; some may be gone. The hand of a clock goes through it.
    pieces: VecDeque<VecDeque<Listed>>,
    length: usize,
}

/// A value in its place.
#[derive(Debug)]
pub struct Held<V> {
    /// The value.
    pub value: V,
    /// When it ends, on the clock of whoever put it there.
    pub expires: u64,
    weight: u64,
    used: AtomicBool,
    taken: Arc<AtomicU64>,
    count: Arc<AtomicU64>,
}

impl<V> Drop for Held<V> {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.weight, Ordering::Relaxed);
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A value on its way in.
#[derive(Debug)]
pub struct Entry<V> {
    /// What it will be found by; begins with `Room::begin_key`.
    pub key: Arc<[u8]>,
    /// The room's generation when the value was asked for.
    pub generation: u32,
    /// The value.
    pub value: V,
    /// Bytes of the value on the heap.
    pub size: usize,
    /// When it ends.
    pub expires: u64,
}

#[derive(Debug, Clone)]
struct Weights;

impl<V> Weighter<Key, Arc<Held<V>>> for Weights {
    fn weight(&self, _: &Key, held: &Arc<Held<V>>) -> u64 {
        held.weight
    }
}

/// All values of all rooms.
#[derive(Debug)]
pub struct TtlCache<V> {
    table: Cache<Key, Arc<Held<V>>, Weights, BuildHasherDefault<Known>>,
    stamps: AtomicU64,
    hasher: RandomState,
}

/// What an allocator takes for so many bytes: sizes go in eighths of their power of two.
fn allocated(bytes: u64) -> u64 {
    let step = (bytes.next_power_of_two() / 16).max(16);
    bytes.next_multiple_of(step)
}

impl Inside {
    fn push(&mut self, listed: Listed) {
        if self.pieces.back().is_none_or(|piece| piece.len() == PIECE) {
            self.pieces.push_back(VecDeque::with_capacity(PIECE));
        }
        if let Some(piece) = self.pieces.back_mut() {
            piece.push_back(listed);
            self.length += 1;
        }
    }

    fn pop(&mut self) -> Option<Listed> {
        let piece = self.pieces.front_mut()?;
        let oldest = piece.pop_front()?;
        self.length -= 1;
        if piece.is_empty() {
            self.pieces.pop_front();
        }
        Some(oldest)
    }
}

impl Room {
    /// An empty room for so many bytes.
    pub fn new(limit: u64) -> Self {
        static ROOMS: AtomicU64 = AtomicU64::new(0);
        let number = ROOMS.fetch_add(1, Ordering::Relaxed);
        Self { number, limit, generation: AtomicU32::new(0), inside: Mutex::default() }
    }

    /// Begins the key of a value; says for which generation it is.
    pub fn begin_key(&self, key: &mut Vec<u8>) -> u32 {
        let generation = self.generation.load(Ordering::Acquire);
        key.extend_from_slice(&self.number.to_be_bytes());
        key.extend_from_slice(&generation.to_be_bytes());
        generation
    }

    /// Bytes that its values may take.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Bytes that its values take, and how many they are.
    pub fn taken(&self) -> (u64, u64) {
        let inside = self.inside();
        (inside.taken.load(Ordering::Relaxed), inside.count.load(Ordering::Relaxed))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> TtlCache<V> {
    /// An empty cache for so many bytes.
    pub fn new(bytes: u64) -> Self {
        let items = usize::try_from(bytes / LEAST).unwrap_or(usize::MAX);
        let shards = usize::try_from(bytes / SHARD).unwrap_or(1).clamp(1, 4096);
        let mut options = OptionsBuilder::new();
        // Rounded up to a power of two there.
        options
            .ghost_allocation(FORGOTTEN)
            .weight_capacity(bytes)
            .estimated_items_capacity(items)
            .shards(shards.next_power_of_two());
        let (hash, lifecycle) = (BuildHasherDefault::default(), DefaultLifecycle::default());
        let table = match options.build() {
            Ok(options) => Cache::with_options(options, Weights, hash, lifecycle),
            // Both capacities are given.
            Err(_) => Cache::with(items, bytes, Weights, hash, lifecycle),
        };
        table.reserve(items);
        Self { table, stamps: AtomicU64::new(0), hasher: RandomState::new() }
    }

    /// Bytes that all values may take.
    pub fn capacity(&self) -> u64 {
        self.table.capacity()
    }

    /// Bytes that all values take, and how many they are.
    pub fn taken(&self) -> (u64, u64) {
        (self.table.weight(), self.table.len() as u64)
    }

    fn sought<'k>(&self, bytes: &'k [u8]) -> Sought<'k> {
        Sought { hash: self.hasher.hash_one(bytes), bytes }
    }

    /// The value of a key that has not ended.
    #[inline]
    pub fn get(&self, key: &[u8], now: u64) -> Option<Arc<Held<V>>> {
        let held = self.table.get(&self.sought(key))?;
        if held.expires <= now {
            return None;
        }
        if !held.used.load(Ordering::Relaxed) {
            held.used.store(true, Ordering::Relaxed);
        }
        Some(held)
    }

    /// Puts a value in its room, in the place of the one that was there. `false` when it has no place: it is too large, the room
    /// was emptied since it was asked for, or what is there is used too much.
    pub fn put(&self, room: &Room, entry: Entry<V>) -> bool {
        let Entry { key, generation, value, size, expires } = entry;
        let own = size_of::<Held<V>>() as u64 + 16;
        let parts = allocated(size as u64) + allocated(key.len() as u64 + 16) + allocated(own);
        let weight = (parts + PLACES).max(LEAST);
        let mut inside = room.inside();
        if room.generation.load(Ordering::Acquire) != generation || !self.make_room(&mut inside, room.limit, weight) {
            return false;
        }
        self.tidy(&mut inside);
        // Of all values that the cache ever had.
        let listed = Listed { hash: self.sought(&key).hash, stamp: self.stamps.fetch_add(1, Ordering::Relaxed) };
        inside.push(listed);
        let (taken, count) = (inside.taken.clone(), inside.count.clone());
        taken.fetch_add(weight, Ordering::Relaxed);
        count.fetch_add(1, Ordering::Relaxed);
        let held = Held { value, expires, weight, used: AtomicBool::new(false), taken, count };
        // With the list locked: a key in it that has no value is one whose value left.
        self.table.insert(Key { hash: listed.hash, stamp: listed.stamp, bytes: key }, Arc::new(held));
        true
    }

    /// Forgets all values of a room; those that were asked for before do not come in any more.
    pub fn clear(&self, room: &Room) {
        let gone = {
            let mut inside = room.inside();
            room.generation.fetch_add(1, Ordering::AcqRel);
            std::mem::take(&mut *inside)
        };
        for listed in gone.pieces.into_iter().flatten() {
            self.table.remove(&listed);
        }
    }

    /// Ends the value of one key.
    pub fn forget(&self, key: &[u8]) {
        self.table.remove(&self.sought(key));
    }

    /// Has values leave their room until there is room for one more: the oldest that were not used since they were last looked at.
    fn make_room(&self, inside: &mut Inside, limit: u64, weight: u64) -> bool {
        if weight > limit {
            return false;
        }
        for _ in 0..MOST_LOOKS {
            if inside.taken.load(Ordering::Relaxed) + weight <= limit {
                return true;
            }
            let Some(listed) = inside.pop() else { return false };
            match self.table.peek(&listed) {
                Some(held) if held.used.swap(false, Ordering::Relaxed) => inside.push(listed),
                Some(_) => drop(self.table.remove(&listed)),
                None => {}
            }
        }
        false
    }

    /// Drops keys from the list whose values are gone, a few at a time, once they are more than a quarter of the others.
    fn tidy(&self, inside: &mut Inside) {
        let count = usize::try_from(inside.count.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        if inside.length <= count.saturating_add(count / 4).saturating_add(64) {
            return;
        }
        for _ in 0..4 {
            let Some(listed) = inside.pop() else { return };
            if self.table.peek(&listed).is_some() {
                inside.push(listed);
            }
        }
    }
}

#[cfg(test)]
#[path = "ttl_cache_tests.rs"]
mod tests;
