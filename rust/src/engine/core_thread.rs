//! A core's thread: its runtime, what it begins with, and its end. Everything else of a core is `per_core`.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
    thread::JoinHandle,
};

use tokio::sync::mpsc::UnboundedReceiver;

use super::listeners::Listeners;
use crate::{
    accept::{self, Listening, tls::Offer},
    observe::LogSink,
    per_core::{self, Core, Message, Node, clock::Clock},
    snapshot::served::StageChange,
    state::destinations::Destinations,
    upstream::{Connector, DeniedNetworks, Ourselves, Pools, Tls},
};

/// What a core's thread begins with.
pub(super) struct Parts {
    pub(super) node: Arc<Node>,
    pub(super) index: usize,
    pub(super) workers: usize,
    pub(super) listeners: Listeners,
    /// Of the whole node, not of this core alone.
    pub(super) own_ports: Arc<[u16]>,
    pub(super) tls: Tls,
    pub(super) offer: Option<Offer>,
    pub(super) denied: Arc<DeniedNetworks>,
    pub(super) destinations: Arc<Destinations>,
    pub(super) served: Arc<Vec<StageChange>>,
    pub(super) log: LogSink,
}

type Mail = UnboundedReceiver<Message>;

/// Threads for getaddrinfo and long work, per core.
const BLOCKING: usize = 8;

/// Tasks that run before sockets are looked at again: as many as one look brings ready. More looks, each with less to find, cost more.
const TASKS: u32 = 1024;

/// Starts a core; returns when it serves.
pub(super) fn spawn(parts: Parts, mail: Mail) -> io::Result<JoinHandle<()>> {
    let (started, wait) = channel();
    let thread = std::thread::Builder::new().name(format!("apigw-core-{}", parts.index)).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING)
            .event_interval(TASKS)
            .build_local(tokio::runtime::LocalOptions::default());
        match runtime {
            Ok(runtime) => runtime.block_on(run(parts, mail, started)),
            Err(error) => drop(started.send(Err(error))),
        }
    })?;
    match wait.recv() {
        Ok(Ok(())) => Ok(thread),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(io::Error::other("a core's thread ended at its start")),
    }
}

async fn run(parts: Parts, mail: Mail, started: Sender<io::Result<()>>) {
    let Parts { node, index, workers, listeners, own_ports, tls, offer, denied, destinations, served, log } = parts;
    // Half of a core's share of connections for one backend. All that lead to ourselves count as one: the other half of the
    // connections keeps serving.
    let most = (node.config.limits.connections / 2 / workers as u32).max(1);
    let connector = Connector::new(tls, denied, Ourselves::new(own_ports, most));
    let pools = Pools::new(destinations, node.cores[index].clone(), most);
    let core = std::rc::Rc::new(Core::new(node, index, connector, pools, log, Clock::system()));
    *core.offer.borrow_mut() = offer;
    core.served.borrow_mut().apply(&served);
    drop(served);
    let mut accepting = Vec::new();
    for (role, address, listener) in listeners {
        let listening = Listening { address, role };
        match accept::registered(listener) {
            Ok(listener) => {
                accepting
                    .push(tokio::task::spawn_local(accept::accept(core.clone(), listener, listening)).abort_handle());
            }
            Err(error) => {
                let _ = started.send(Err(error));
                return;
            }
        }
    }
    drop(tokio::task::spawn_local(per_core::tick(core.clone())));
    let _ = started.send(Ok(()));
    per_core::read_mail(core, mail, move || accepting.iter().for_each(tokio::task::AbortHandle::abort)).await;
}
