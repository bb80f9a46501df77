//! Idle backend connections of one core, by destination. A connection is reused within 4 s (Node closes at 5) and only when
//! nothing came after the last answer.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

use rustc_hash::FxHashMap;

use super::{Stream, ToOurselves};
use crate::{
    observe::CoreMetrics,
    per_core::clock::{Micros, SECOND},
    state::destinations::{Destination, DestinationId, Destinations, Endpoint},
};

/// How long a connection may idle.
pub const IDLE: Micros = 4 * SECOND;

/// Dynamic destinations remembered before those without connections are forgotten.
const MOST_DYNAMIC: usize = 256;

/// A backend connection in use.
#[derive(Debug)]
pub struct Connection {
    /// Its bytes.
    pub stream: Stream,
    /// Whether it has carried an answer before: then its backend may have closed it unseen.
    pub reused: bool,
    /// Counts the connection as long as it lives.
    _open: Open,
    _own: Option<ToOurselves>,
}

/// Counts a connection as long as it lives.
#[derive(Debug)]
pub struct Open {
    of_backend: Rc<Cell<u32>>,
    metrics: Arc<CoreMetrics>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.of_backend.set(self.of_backend.get() - 1);
        self.metrics.upstream_connections.subtract(1);
    }
}

impl Connection {
    /// A fresh connection; `own` when it leads to ourselves.
    pub fn new(stream: Stream, open: Open, own: Option<ToOurselves>) -> Self {
        Self { stream, reused: false, _open: open, _own: own }
    }
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    since: Micros,
}

#[derive(Debug)]
struct Backend {
    endpoint: Arc<Endpoint>,
    /// The last one put back is the first one taken.
    idle: Vec<Idle>,
    open: Rc<Cell<u32>>,
}

impl Backend {
    fn new(endpoint: Arc<Endpoint>) -> Self {
        Self { endpoint, idle: Vec::new(), open: Rc::default() }
    }

    fn take(&mut self, now: Micros) -> Option<Connection> {
        while let Some(Idle { mut connection, since }) = self.idle.pop() {
            if now.saturating_sub(since) < IDLE && connection.stream.is_quiet() {
                connection.reused = true;
                return Some(connection);
            }
        }
        None
    }
}

/// One core's pools.
#[derive(Debug)]
pub struct Pools {
    known: Arc<Destinations>,
    interned: RefCell<Vec<Option<Backend>>>,
    dynamic: RefCell<FxHashMap<Endpoint, Backend>>,
    metrics: Arc<CoreMetrics>,
    /// Connections one backend may have from this core: a slow one must not take them all.
    most: u32,
}

impl Pools {
    /// Empty pools.
    pub fn new(known: Arc<Destinations>, metrics: Arc<CoreMetrics>, most: u32) -> Self {
        Self { known, interned: RefCell::default(), dynamic: RefCell::default(), metrics, most }
    }

    /// Where an interned destination leads.
    pub fn endpoint(&self, id: DestinationId) -> Option<Arc<Endpoint>> {
        self.known.get(id)
    }

    fn with<T>(&self, destination: &Destination, act: impl FnOnce(&mut Backend) -> T) -> Option<T> {
        match destination {
            Destination::Interned(id) => {
                let mut interned = self.interned.borrow_mut();
                let index = id.0 as usize;
                if index >= interned.len() {
                    interned.resize_with(index + 1, || None);
                }
                if interned[index].is_none() {
                    interned[index] = Some(Backend::new(self.known.get(*id)?));
                }
                interned[index].as_mut().map(act)
            }
            Destination::Dynamic(endpoint) => {
                let mut dynamic = self.dynamic.borrow_mut();
                if let Some(backend) = dynamic.get_mut(&**endpoint) {
                    return Some(act(backend));
                }
                // Requests choose these: names that lead nowhere must not be remembered for ever.
                if dynamic.len() >= MOST_DYNAMIC {
                    dynamic.retain(|_, backend| !backend.idle.is_empty() || backend.open.get() > 0);
                }
                let backend = Backend::new(Arc::new((**endpoint).clone()));
                Some(act(dynamic.entry((**endpoint).clone()).or_insert(backend)))
            }
        }
    }

    /// An idle connection that is still good.
    pub fn take(&self, destination: &Destination, now: Micros) -> Option<Connection> {
        self.with(destination, |backend| backend.take(now)).flatten()
    }

    /// Leave to make a new connection, and where to; `None` when the backend has too many.
    pub fn open(&self, destination: &Destination) -> Option<(Arc<Endpoint>, Open)> {
        let most = self.most;
        self.with(destination, |backend| {
            if backend.open.get() >= most {
                return None;
            }
            backend.open.set(backend.open.get() + 1);
            self.metrics.upstream_connections.add(1);
            self.metrics.upstream_connects.add(1);
            let open = Open { of_backend: backend.open.clone(), metrics: self.metrics.clone() };
            Some((backend.endpoint.clone(), open))
        })
        .flatten()
    }

    /// Puts a connection back after a complete answer; whether something came behind it is looked at when it is taken.
    pub fn put(&self, destination: &Destination, connection: Connection, now: Micros) {
        self.with(destination, |backend| backend.idle.push(Idle { connection, since: now }));
    }

    /// Drops what idled too long or was closed by its backend; says when to look again.
    pub fn sweep(&self, now: Micros) -> Option<Micros> {
        let mut any = false;
        let mut sweep = |backend: &mut Backend| {
            backend.idle.retain_mut(|idle| now.saturating_sub(idle.since) < IDLE && idle.connection.stream.is_quiet());
            any |= !backend.idle.is_empty();
        };
        self.interned.borrow_mut().iter_mut().flatten().for_each(&mut sweep);
        self.dynamic.borrow_mut().retain(|_, backend| {
            sweep(backend);
            !backend.idle.is_empty() || backend.open.get() > 0
        });
        any.then_some(now + SECOND)
    }

    /// Drops every idle connection.
    pub fn clear(&self) {
        self.interned.borrow_mut().iter_mut().flatten().for_each(|backend| backend.idle.clear());
        self.dynamic.borrow_mut().clear();
    }
}
