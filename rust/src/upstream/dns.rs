//! Names to addresses by the system's getaddrinfo, off the core; kept for 5 s, failures for 1 s, one lookup a name at a time.

use std::{cell::RefCell, collections::HashMap, net::SocketAddr, rc::Rc};

use rustc_hash::FxBuildHasher;
use tokio::sync::OnceCell;

use crate::per_core::clock::{Clock, Micros, SECOND};

const KEEP: Micros = 5 * SECOND;
const KEEP_FAILURE: Micros = SECOND;
/// Names kept before old ones are swept.
const MOST_NAMES: usize = 1024;

/// What a lookup gave: addresses in the system's order, or nothing.
type Found = Option<Vec<SocketAddr>>;

#[derive(Debug)]
struct Entry {
    found: Rc<OnceCell<Found>>,
    /// Set when the lookup is over; a running one does not expire.
    until: Micros,
}

/// One core's memory of names.
#[derive(Debug, Default)]
pub struct Names {
    entries: RefCell<HashMap<(String, u16), Entry, FxBuildHasher>>,
}

impl Names {
    /// The addresses of a host; `None` when it has none.
    pub async fn resolve(&self, clock: &Clock, host: &str, port: u16) -> Found {
        if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse() {
            return Some(vec![SocketAddr::new(address, port)]);
        }
        let key = (host.to_owned(), port);
        let cell = {
            let mut entries = self.entries.borrow_mut();
            if entries.len() >= MOST_NAMES {
                entries.retain(|_, entry| entry.until > clock.now());
            }
            let entry =
                entries.entry(key.clone()).or_insert_with(|| Entry { found: Rc::default(), until: Micros::MAX });
            if entry.until <= clock.now() {
                *entry = Entry { found: Rc::default(), until: Micros::MAX };
            }
            entry.found.clone()
        };
        let mut looked_up = false;
        let found = cell
            .get_or_init(async || {
                looked_up = true;
                let addresses = tokio::net::lookup_host((host, port)).await.ok()?;
                let addresses: Vec<_> = addresses.collect();
                (!addresses.is_empty()).then_some(addresses)
            })
            .await
            .clone();
        if looked_up && let Some(entry) = self.entries.borrow_mut().get_mut(&key) {
            entry.until = clock.refresh() + if found.is_some() { KEEP } else { KEEP_FAILURE };
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn block_on(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
    }

    #[test]
    fn names_are_kept_for_their_time() {
        block_on(names_kept());
    }

    async fn names_kept() {
        let time = Rc::new(Cell::new(0));
        let clock = Clock::manual(time.clone());
        let names = Names::default();
        let first = names.resolve(&clock, "localhost", 80).await.unwrap();
        assert!(first.iter().all(|address| address.ip().is_loopback() && address.port() == 80));
        let entry = |names: &Names| {
            names.entries.borrow().get(&("localhost".to_owned(), 80)).map(|entry| Rc::as_ptr(&entry.found)).unwrap()
        };
        let kept = entry(&names);
        time.set(KEEP - 1);
        clock.refresh();
        names.resolve(&clock, "localhost", 80).await.unwrap();
        assert_eq!(entry(&names), kept);
        time.set(KEEP);
        clock.refresh();
        names.resolve(&clock, "localhost", 80).await.unwrap();
        assert_eq!(names.entries.borrow()[&("localhost".to_owned(), 80)].until, 2 * KEEP);
    }

    #[test]
    fn an_unknown_name_is_asked_for_again_after_a_second() {
        block_on(unknown_name());
    }

    async fn unknown_name() {
        let clock = Clock::manual(Rc::default());
        let names = Names::default();
        assert_eq!(names.resolve(&clock, "no-such-host.invalid", 80).await, None);
        assert_eq!(names.entries.borrow()[&("no-such-host.invalid".to_owned(), 80)].until, KEEP_FAILURE);
        assert_eq!(names.resolve(&clock, "[::1]", 80).await, Some(vec!["[::1]:80".parse().unwrap()]));
    }
}
