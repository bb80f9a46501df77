//! What other threads tell a core; every message of the engine that changes something is acknowledged.

use std::{
    rc::Rc,
    sync::{Arc, mpsc::Sender},
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender};

use super::Core;
use crate::{
    accept::{HandedOver, TestCall, begin_test, tls::Offer},
    config::Limits,
    snapshot::{plan::StagePlan, served::StageChange},
};

/// A letter to a core.
#[derive(Debug)]
pub enum Message {
    /// Serve these from now on; the plans they replaced are the acknowledgement.
    Activate(Arc<Vec<StageChange>>, Sender<Vec<Arc<StagePlan>>>),
    /// Stop accepting, close what idles, answer with `Connection: close`.
    Drain(Sender<()>),
    /// Other limits, and what TLS clients are offered.
    Reload(Box<(Limits, Option<Offer>)>, Sender<()>),
    /// Hand over the log page.
    Flush(Sender<()>),
    /// Serve a connection that another core accepted.
    Adopt(HandedOver),
    /// Test a method.
    Test(Box<TestCall>),
    /// End now; what still runs is cut, logged and counted.
    Stop,
}

/// The engine's sending end: a core whose engine let go of it ends.
pub type Mailbox = UnboundedSender<Message>;
/// The other cores' sending end, which keeps nobody alive.
pub type Neighbour = WeakUnboundedSender<Message>;

/// Reads letters until told to stop.
pub async fn read_mail(core: Rc<Core>, mut mail: UnboundedReceiver<Message>, stop_accepting: impl Fn()) {
    while let Some(message) = mail.recv().await {
        // Who asked may have gone meanwhile; what was asked is done all the same.
        match message {
            Message::Activate(changes, done) => {
                let replaced = core.served.borrow_mut().apply(&changes);
                let _ = done.send(replaced);
            }
            Message::Drain(done) => {
                core.draining.set(true);
                stop_accepting();
                core.deadlines.wake_all();
                core.pools.clear();
                let _ = done.send(());
            }
            Message::Reload(new, done) => {
                let (limits, offer) = *new;
                *core.limits.borrow_mut() = Rc::new(limits);
                *core.offer.borrow_mut() = offer;
                let _ = done.send(());
            }
            Message::Flush(done) => {
                core.flush_log();
                let _ = done.send(());
            }
            // When draining it is served what it has sent already, or closed, as if it had been accepted here before.
            Message::Adopt(fresh) => fresh.adopt(&core),
            Message::Test(call) => begin_test(&core, *call),
            Message::Stop => break,
        }
    }
    stop_accepting();
    core.cut().await;
    core.flush_log();
}
