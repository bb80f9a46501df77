//! One at a time for each key: the first one leads, the others wait for it. When it lands all go on; when it fails, the one that
//! has waited longest leads. It knows nothing of what is fetched, and holds nothing of it.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Locks that keys are spread over.
const SHARDS: usize = 32;

/// Clients choose keys: the hash is keyed.
type Shard = HashMap<Arc<[u8]>, Arc<Semaphore>>;

/// All flights that are under way.
#[derive(Debug)]
pub struct Flights {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
}

/// A flight that others may wait for. Dropped without `land`, it has failed.
#[derive(Debug)]
pub struct Lead {
    flights: Arc<Flights>,
    key: Arc<[u8]>,
    flight: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Default for Flights {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }
}

impl Flights {
    fn shard(&self, key: &[u8]) -> MutexGuard<'_, Shard> {
        let number = self.hasher.hash_one(key) as usize % SHARDS;
        self.shards[number].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leads the flight for a key, at once or when those before have failed; `None` when one of them has landed.
    pub async fn board(self: &Arc<Self>, key: Arc<[u8]>) -> Option<Lead> {
        let flight = {
            let mut shard = self.shard(&key);
            // It exists before anyone waits, so that all who come meanwhile wait for the same one.
            shard.entry(key.clone()).or_insert_with(|| Arc::new(Semaphore::new(1))).clone()
        };
        let mut boarding = Lead { flights: self.clone(), key, flight, permit: None };
        // Closed when somebody landed. Whoever is dropped while waiting leaves as one who failed.
        boarding.permit = Some(boarding.flight.clone().acquire_owned().await.ok()?);
        Some(boarding)
    }

    /// How many keys are under way.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    /// Whether nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Lead {
    /// What all waited for is there.
    pub fn land(self) {
        let mut shard = self.flights.shard(&self.key);
        if shard.get(&self.key).is_some_and(|known| Arc::ptr_eq(known, &self.flight)) {
            shard.remove(&self.key);
        }
        drop(shard);
        self.flight.close();
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        let mut shard = self.flights.shard(&self.key);
        // The list's and ours: nobody waits, so nobody would ever take it off the list.
        if Arc::strong_count(&self.flight) == 2 + usize::from(self.permit.is_some())
            && shard.get(&self.key).is_some_and(|known| Arc::ptr_eq(known, &self.flight))
        {
            shard.remove(&self.key);
        }
        // Under the lock: who comes now either waits for this permit already or finds no flight.
        self.permit = None;
    }
}

#[cfg(test)]
#[path = "single_flight_tests.rs"]
mod tests;
