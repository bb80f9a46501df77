//! One core: everything a request on this thread touches besides its own state.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use super::{
    Buffers, Node, Pipes, Places, RequestIds,
    clock::{Clock, Micros, SECOND},
    deadlines::{Deadlines, NEVER},
};
use crate::{
    accept::{Request, Requests, tls::Offer},
    config::Limits,
    observe::{AccessLogPage, Completed, CoreMetrics, LineFormat, LogSink, SeriesTable},
    snapshot::served::Served,
    state::destinations::Destination,
    upstream::{Connection, Connector, Pools},
};

/// How long connections that were told to end are waited for.
const CUTTING: Duration = Duration::from_secs(2);

/// One core's belongings.
#[derive(Debug)]
pub struct Core {
    /// What all cores share.
    pub node: Arc<Node>,
    /// Which of the node's cores this is.
    pub index: usize,
    /// The time.
    pub clock: Clock,
    /// Free buffers.
    pub buffers: Buffers,
    /// Free pipes.
    pub pipes: Pipes,
    /// Free request states.
    pub requests: Requests,
    /// Free places for the futures of requests.
    pub places: Places,
    /// Free places for those of streams.
    pub streams: Places,
    /// Names of requests.
    pub request_ids: RequestIds,
    /// When connections have to be looked at.
    pub deadlines: Deadlines,
    /// The stages served.
    pub served: RefCell<Served>,
    /// Idle backend connections.
    pub pools: Pools,
    /// New backend connections.
    pub connector: Connector,
    /// Counters.
    pub metrics: Arc<CoreMetrics>,
    /// Bounds on what clients and backends may send; replaced on reload.
    pub limits: RefCell<Rc<Limits>>,
    /// What TLS clients are offered; replaced on reload.
    pub offer: RefCell<Option<Offer>>,
    /// Whether answers carry `Connection: close` and idle connections end.
    pub draining: Cell<bool>,
    /// Whether every connection ends at its next look, in the middle of its request if need be.
    pub cutting: Cell<bool>,
    series: SeriesTable,
    log: RefCell<AccessLogPage>,
    line_without_stage: LineFormat,
    log_sink: LogSink,
    log_due: Cell<Micros>,
    sweep_due: Cell<Micros>,
}

impl Core {
    /// A core that serves nothing yet.
    pub fn new(
        node: Arc<Node>,
        index: usize,
        connector: Connector,
        pools: Pools,
        log_sink: LogSink,
        clock: Clock,
    ) -> Self {
        let metrics = node.cores[index].clone();
        let limits = RefCell::new(Rc::new(node.config.limits.clone()));
        Self {
            node,
            index,
            clock,
            buffers: Buffers::default(),
            pipes: Pipes::default(),
            requests: Requests::default(),
            places: Places::default(),
            streams: Places::default(),
            request_ids: RequestIds::seeded(),
            deadlines: Deadlines::default(),
            served: RefCell::new(Served::new()),
            pools,
            connector,
            metrics,
            limits,
            offer: RefCell::default(),
            draining: Cell::new(false),
            cutting: Cell::new(false),
            series: SeriesTable::default(),
            log: RefCell::default(),
            line_without_stage: LineFormat::of_gateway(None),
            log_sink,
            log_due: Cell::new(NEVER),
            sweep_due: Cell::new(NEVER),
        }
    }

    /// Ends every connection and waits until they have ended: what was cut is logged and counted by then.
    pub async fn cut(&self) {
        self.cutting.set(true);
        self.draining.set(true);
        self.deadlines.wake_all();
        let ended = async {
            while self.metrics.connections.get() > 0 {
                tokio::task::yield_now().await;
            }
        };
        // A connection ends when it is polled once; one that would not, by a bug, must not keep a node from stopping.
        let _ = tokio::time::timeout(CUTTING, ended).await;
    }

    /// The limits now.
    pub fn limits(&self) -> Rc<Limits> {
        self.limits.borrow().clone()
    }

    /// Puts a backend connection back and sees to it that it is swept.
    pub fn keep(&self, destination: &Destination, connection: Connection) {
        let now = self.clock.now();
        self.pools.put(destination, connection, now);
        if self.sweep_due.get() == NEVER {
            self.sweep_due.set(now + SECOND);
            self.deadlines.wake_by(now + SECOND);
        }
    }

    /// Counts and logs a completed request: one line, one count, whatever it ended with.
    pub fn record(&self, request: &Request) {
        let exchange = &request.exchange;
        let latency = self.clock.now().saturating_sub(request.started);
        let integration = request.integration_latency();
        let stage = exchange.stage.as_deref();
        let outcome = (exchange.status, latency, integration);
        self.series.record(stage.map(|stage| stage.metrics_index), outcome, &self.metrics, || {
            stage.map_or(("", ""), |stage| (stage.api_id(), &stage.stage_name))
        });
        if self.log_sink.is_on() {
            self.write_line(&Completed { exchange, clock: &self.clock, latency, integration });
        }
    }

    #[inline]
    fn write_line(&self, completed: &Completed<'_>) {
        let stage = completed.exchange.stage.as_deref();
        let mut log = self.log.borrow_mut();
        log.push(stage.map_or(&self.line_without_stage, |stage| &stage.line_format), completed);
        let full = log.is_full();
        drop(log);
        if full {
            self.flush_log();
        } else if self.log_due.get() == NEVER {
            let due = self.clock.now() + SECOND;
            self.log_due.set(due);
            self.deadlines.wake_by(due);
        }
    }

    /// Hands the page to the writer.
    pub fn flush_log(&self) {
        self.log_due.set(NEVER);
        let (page, lines) = self.log.borrow_mut().take();
        if lines > 0
            && let Some(lost) = self.log_sink.send(page, lines)
        {
            self.log.borrow_mut().reuse(lost);
        }
    }

    /// What is due besides connections; asks for the ticker when something remains.
    pub fn keep_house(&self, now: Micros) {
        if self.log_due.get() <= now {
            self.flush_log();
        }
        if self.sweep_due.get() <= now {
            self.sweep_due.set(self.pools.sweep(now).unwrap_or(NEVER));
        }
        self.deadlines.wake_by(self.log_due.get().min(self.sweep_due.get()));
    }
}
