//! The engine: starts and stops cores, takes prepared changes to them. It knows no request. Nothing is global: several
//! engines may live in one process.

mod core_thread;
mod listeners;

use std::{
    io,
    os::fd::RawFd,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::{Semaphore, mpsc::unbounded_channel};

pub use self::listeners::Bound;
use self::{
    core_thread::{Parts, spawn},
    listeners::{bind_all, more},
};
use crate::{
    accept::{
        ListenError, TestCall,
        tls::{self, CertificateError, Offer},
    },
    config::Config,
    control::{Answer, Call, Calls},
    observe::{CoreMetrics, Exposition, LogWriter},
    per_core::{Budget, Mailbox, Message, Neighbour, Node, clock::Clock},
    snapshot::{
        plan::StagePlan,
        registry::{PrepareError, Registry, Ticket},
    },
    state::caches::Caches,
    upstream::{BadNetwork, DeniedNetworks, Tls, TlsError},
};

/// Why a method cannot be tested.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// Its API does not compile.
    #[error("the API does not compile")]
    Prepare(Vec<PrepareError>),
    /// The request is none.
    #[error("{0}")]
    Refused(String),
    /// There is nobody to ask.
    #[error("the gateway does not serve")]
    Stopped,
}

/// Why an engine cannot start, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It runs.
    #[error("the engine is running already")]
    Running,
    /// A setting that cannot change while running.
    #[error("{0} cannot change while the engine runs")]
    Fixed(&'static str),
    /// It was not started.
    #[error("the engine is not running")]
    NotRunning,
    /// An address is taken or not ours.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// No such network.
    #[error(transparent)]
    Network(#[from] BadNetwork),
    /// No certificate that clients could take.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A trust store that cannot be read.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The access log cannot be opened.
    #[error("the access log cannot be opened: {0}")]
    AccessLog(io::Error),
    /// Threads, pipes or the runtime are not to be had.
    #[error("the engine cannot start: {0}")]
    System(#[from] io::Error),
}

#[derive(Debug)]
struct CoreThread {
    mailbox: Mailbox,
    thread: JoinHandle<()>,
}

#[derive(Debug)]
struct Running {
    node: Arc<Node>,
    cores: Vec<CoreThread>,
    log: LogWriter,
    /// What TLS clients are offered.
    offer: Option<Offer>,
}

/// One data plane.
#[derive(Debug)]
pub struct Engine {
    registry: Mutex<Registry>,
    running: Mutex<Option<Running>>,
    /// Plans that requests may still use: they die here, on the control thread, not on a core.
    retired: Mutex<Vec<Arc<StagePlan>>>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// An engine that serves nothing and nowhere yet.
    pub fn new() -> Self {
        Self { registry: Mutex::new(Registry::new()), running: Mutex::new(None), retired: Mutex::default() }
    }

    /// Binds, starts the cores and says where it listens.
    pub fn start(&self, config: Config) -> Result<Bound, StartError> {
        self.start_listening(config, usize::MAX)
    }

    /// Starts with so many cores that listen; the other ones have what is handed over to them.
    pub(crate) fn start_listening(&self, config: Config, listeners: usize) -> Result<Bound, StartError> {
        // In the order of `activate`: nothing may become active between what cores begin with and what they are told.
        let mut registry = lock(&self.registry);
        let mut running = lock(&self.running);
        if running.is_some() {
            return Err(StartError::Running);
        }
        let offer = offer(&config, None)?;
        let (bound, listening) = bind_all(&config)?;
        let own_ports: Arc<[u16]> = listening.iter().map(|(_, address, _)| address.port()).collect();
        let denied = Arc::new(DeniedNetworks::parse(&config.deny_backends)?);
        let tls = Tls::load(config.ca_file.as_deref())?;
        let log = LogWriter::start(&config.access_log, &config.stage_logs).map_err(StartError::AccessLog)?;
        let workers = match config.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        };
        let (mailboxes, mail): (Vec<_>, Vec<_>) = (0..workers).map(|_| unbounded_channel()).unzip();
        let neighbours = mailboxes.iter().map(Mailbox::downgrade).collect();
        let node = Arc::new(node(config, registry.caches().clone(), neighbours, &log)?);
        registry.limit_account(&node.config.account);
        if !registry.caches().limit(node.config.cache.memory) {
            return Err(StartError::Fixed("cache.memory"));
        }
        // What was activated before is served from the first connection on.
        let (destinations, served) = (registry.destinations().clone(), Arc::new(registry.serving()));
        let mut listening = Some(listening);
        let mut cores = Vec::with_capacity(workers);
        for (index, (mailbox, mail)) in mailboxes.into_iter().zip(mail).enumerate() {
            // The first core takes the sockets that were bound, every other one its own for the same addresses.
            let listeners = match listening.take() {
                Some(first) => {
                    if index + 1 < listeners {
                        listening = Some(more(&first, node.config.defer_accept_seconds)?);
                    }
                    first
                }
                None => Vec::new(),
            };
            let parts = Parts {
                node: node.clone(),
                index,
                workers,
                listeners,
                own_ports: own_ports.clone(),
                tls: tls.clone(),
                offer: offer.clone(),
                denied: denied.clone(),
                destinations: destinations.clone(),
                served: served.clone(),
                log: log.sink().ok_or_else(|| io::Error::other("the log's writer has ended"))?,
            };
            cores.push(CoreThread { mailbox, thread: spawn(parts, mail)? });
        }
        *running = Some(Running { node, cores, log, offer });
        Ok(bound)
    }

    /// Stops accepting; answers carry `Connection: close`, idle connections close.
    pub fn drain(&self) {
        if let Some(running) = &*lock(&self.running) {
            running.drain();
        }
    }

    /// Drains, waits up to `grace` for what still runs, and cuts the rest; says how many requests were cut.
    pub fn stop(&self, grace: Duration) -> u64 {
        self.drain();
        // Calls are still taken and answered meanwhile. Waiting is counted, not timed: the engine has no clock of its own.
        let step = Duration::from_millis(5);
        let mut waited = Duration::ZERO;
        while waited < grace && lock(&self.running).as_ref().is_some_and(|running| running.busy() > 0) {
            std::thread::sleep(step);
            waited += step;
        }
        let Some(running) = lock(&self.running).take() else { return 0 };
        let cut = running.node.cores.iter().map(|core| core.in_flight.get()).sum();
        for core in &running.cores {
            let _ = core.mailbox.send(Message::Stop);
        }
        for core in running.cores {
            let _ = core.thread.join();
        }
        running.log.flush();
        lock(&self.retired).clear();
        cut
    }

    /// Reopens the log, reads certificates again and takes the limits that may change while running.
    pub fn reload(&self, config: &Config) -> Result<(), StartError> {
        let mut running = lock(&self.running);
        let running = running.as_mut().ok_or(StartError::NotRunning)?;
        if let Some(name) = fixed(&running.node.config, config) {
            return Err(StartError::Fixed(name));
        }
        // First what may fail: then all of it is taken, or nothing.
        let offer = offer(config, running.offer.as_ref())?;
        running.tell(|done| Message::Reload(Box::new((config.limits.clone(), offer.clone())), done));
        running.offer = offer;
        running.log.reopen(&config.access_log).map_err(StartError::AccessLog)
    }

    /// Compiles a patch; the ticket is served once activated.
    pub fn prepare(&self, patch: &[u8]) -> Result<Ticket, Vec<PrepareError>> {
        lock(&self.registry).prepare(patch)
    }

    /// Serves prepared patches; returns when every core has acknowledged.
    pub fn activate(&self, tickets: Vec<Ticket>) {
        let mut registry = lock(&self.registry);
        let changes = Arc::new(registry.commit(tickets));
        let mut retired = lock(&self.retired);
        if let Some(running) = &*lock(&self.running) {
            let replaced = running.tell(|done| Message::Activate(changes.clone(), done));
            retired.extend(replaced.into_iter().flatten());
        }
        drop(changes);
        // A plan that only this list knows is used by no request any more.
        retired.retain(|plan| Arc::strong_count(plan) > 1);
    }

    /// Asks a method of a patch's stage, which nobody else is served by, and waits for its answer (JSON of `TestAnswer`).
    pub fn test_invoke(&self, patch: &[u8], request: &[u8]) -> Result<Vec<u8>, TestError> {
        let request = serde_json::from_slice(request).map_err(|error| TestError::Refused(error.to_string()))?;
        // The ticket goes at once: nothing that is prepared meanwhile sees it.
        let plan = lock(&self.registry).prepare(patch).map_err(TestError::Prepare)?.stage();
        let plan = plan.ok_or_else(|| TestError::Refused("the patch has no stage".to_owned()))?;
        let (done, answer) = channel();
        {
            let running = lock(&self.running);
            let core = running.as_ref().and_then(|running| running.cores.first()).ok_or(TestError::Stopped)?;
            let call = TestCall { plan, request, done };
            core.mailbox.send(Message::Test(Box::new(call))).map_err(|_| TestError::Stopped)?;
        }
        let answer = answer.recv().map_err(|_| TestError::Stopped)?.map_err(TestError::Refused)?;
        serde_json::to_vec(&answer).map_err(|error| TestError::Refused(error.to_string()))
    }

    /// Forgets what is cached for a stage. It is forgotten at once and for all cores, when this returns.
    pub fn flush_cache(&self, api_id: &str, stage_name: &str) {
        let caches = lock(&self.registry).caches().clone();
        caches.flush(&format!("stage/{api_id}/{stage_name}"));
    }

    /// Key and hash of every active unit.
    pub fn units(&self) -> Vec<(String, String)> {
        lock(&self.registry).units()
    }

    /// A pipe's reading end that turns readable when calls wait; `None` while the engine does not run.
    pub fn calls_fd(&self) -> Option<RawFd> {
        lock(&self.running).as_ref().map(|running| running.node.calls.fd())
    }

    /// All calls that wait.
    pub fn take_calls(&self) -> Vec<Call> {
        lock(&self.running).as_ref().map(|running| running.node.calls.take()).unwrap_or_default()
    }

    /// Answers a call; an unknown id is ignored.
    pub fn answer(&self, id: u64, head: Vec<u8>, body: Vec<u8>) {
        if let Some(running) = &*lock(&self.running) {
            running.node.calls.answer(id, Answer { head, body });
        }
    }

    /// The text that `/metrics` serves.
    pub fn metrics(&self) -> String {
        lock(&self.running).as_ref().map(|running| running.node.metrics(Exposition::Prometheus)).unwrap_or_default()
    }

    /// The node, whose counters can be read after a stop.
    #[cfg(test)]
    pub(crate) fn node(&self) -> Option<Arc<Node>> {
        lock(&self.running).as_ref().map(|running| running.node.clone())
    }

    /// What `/ready` says.
    pub fn set_ready(&self, ready: bool) {
        if let Some(running) = &*lock(&self.running) {
            running.node.ready.store(ready, Ordering::Relaxed);
        }
    }

    /// Hands every core's log page to the writer and waits until all is written.
    pub fn flush_log(&self) {
        if let Some(running) = &*lock(&self.running) {
            running.tell(Message::Flush);
            running.log.flush();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

impl Running {
    /// Sends every core a message and collects what they answer; a core that is gone does not count.
    fn tell<T>(&self, message: impl Fn(Sender<T>) -> Message) -> Vec<T> {
        let (done, answers): (Sender<T>, Receiver<T>) = channel();
        for core in &self.cores {
            let _ = core.mailbox.send(message(done.clone()));
        }
        drop(done);
        answers.iter().collect()
    }

    fn drain(&self) {
        self.node.draining.store(true, Ordering::Relaxed);
        self.tell(Message::Drain);
    }

    fn busy(&self) -> u64 {
        self.node.cores.iter().map(|core| core.load()).sum()
    }
}

/// The first setting that differs and may not.
fn fixed(old: &Config, new: &Config) -> Option<&'static str> {
    use std::mem::discriminant;
    let settings = [
        ("listen", old.listen == new.listen),
        ("listen_tls", old.listen_tls == new.listen_tls),
        ("admin_listen", old.admin_listen == new.admin_listen),
        ("defer_accept_seconds", old.defer_accept_seconds == new.defer_accept_seconds),
        ("workers", old.workers == new.workers),
        ("account_id", old.account_id == new.account_id),
        ("access_key_id", old.access_key_id == new.access_key_id),
        ("secret_access_key", old.secret_access_key == new.secret_access_key),
        ("any_credentials", old.any_credentials == new.any_credentials),
        ("regions", old.regions == new.regions),
        ("the kind of access_log", discriminant(&old.access_log) == discriminant(&new.access_log)),
        ("stage_logs", old.stage_logs == new.stage_logs),
        ("limits.connections", old.limits.connections == new.limits.connections),
        ("limits.buffered_bytes", old.limits.buffered_bytes == new.limits.buffered_bytes),
        ("limits.queued_calls", old.limits.queued_calls == new.limits.queued_calls),
        ("what an account may take", old.account == new.account),
        ("cache", old.cache == new.cache),
        ("deny_backends", old.deny_backends == new.deny_backends),
        ("ca_file", old.ca_file == new.ca_file),
    ];
    settings.into_iter().find(|(_, same)| !same).map(|(name, _)| name)
}

/// What TLS clients are offered, if there is a listener for them.
fn offer(config: &Config, before: Option<&Offer>) -> Result<Option<Offer>, CertificateError> {
    if config.listen_tls.is_empty() {
        return Ok(None);
    }
    let (Some(certificate), Some(key)) = (&config.tls_certificate, &config.tls_key) else {
        return Err(CertificateError::Missing);
    };
    let now = Clock::system().wall().as_secs().cast_signed();
    tls::offer(certificate, key, now, before).map(Some)
}

fn node(config: Config, caches: Arc<Caches>, mailboxes: Vec<Neighbour>, log: &LogWriter) -> io::Result<Node> {
    let limits = &config.limits;
    // Bodies of management calls that wait are part of what may be buffered.
    let calls = Calls::new(limits.queued_calls as usize, usize::try_from(limits.buffered_bytes).unwrap_or(usize::MAX))?;
    Ok(Node {
        calls,
        budget: Budget::new(limits.buffered_bytes),
        connections: Arc::new(Semaphore::new(limits.connections as usize)),
        ready: AtomicBool::new(false),
        draining: AtomicBool::new(false),
        cores: mailboxes.iter().map(|_| Arc::<CoreMetrics>::default()).collect(),
        mailboxes,
        caches,
        log_counts: log.counts().clone(),
        config,
    })
}
