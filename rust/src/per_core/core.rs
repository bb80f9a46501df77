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
    long_work::LongWork,
};
use crate::{
    accept::{Reply, Request, Requests, tls::Offer},
    config::Limits,
    exchange::Exchange,
    fault::Fault,
    http1::Framing,
    inbound::throttle::Refused,
    integration,
    observe::{Completed, CoreMetrics, LineFormat, LogSink, Logs, Outcome, SeriesName, SeriesTable, of_test},
    outbound::cache_store::{self, Kept},
    snapshot::{
        plan::{MethodObserved, Observed, Side, StagePlan},
        served::Served,
        stage::CANARY,
        wire::LoggingLevel,
    },
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
    /// A buffer for the keys of answers.
    pub cache_key: RefCell<Vec<u8>>,
    /// Threads for what takes long.
    pub long_work: LongWork,
    series: SeriesTable,
    logs: RefCell<Logs>,
    line_without_stage: LineFormat,
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
            cache_key: RefCell::default(),
            long_work: LongWork::default(),
            series: SeriesTable::default(),
            logs: RefCell::new(Logs::new(log_sink)),
            line_without_stage: LineFormat::of_gateway(None),
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
            stage.map_or_else(SeriesName::default, |stage| series_name(stage))
        });
        if let Some(stage) = stage
            && let Side::Canary { metrics_index, .. } = stage.side
        {
            self.count_canary(stage, metrics_index, outcome);
        }
        let completed = Completed { exchange, clock: &self.clock, latency, integration };
        let mut logs = self.logs.borrow_mut();
        let is_on = logs.is_on();
        if is_on {
            logs.push(stage.map_or(&self.line_without_stage, |stage| &stage.line_format), &completed);
        }
        let wanted = stage.and_then(|stage| stage.access_log.as_ref());
        if let Some(log) = wanted {
            logs.push_access(log, &completed);
        }
        let observed = stage.and_then(|stage| stage.observed.as_ref().map(|observed| (stage, observed)));
        drop(logs);
        let observed = observed.is_some_and(|(stage, observed)| {
            self.observe(stage, observed, outcome, &completed, request.reply.asked != NEVER)
        });
        if (is_on || observed || wanted.is_some()) && self.log_due.get() == NEVER {
            let due = self.clock.now() + SECOND;
            self.log_due.set(due);
            self.deadlines.wake_by(due);
        }
    }

    /// A canary's requests are counted with the stage's, and once more by themselves.
    #[cold]
    fn count_canary(&self, stage: &StagePlan, metrics_index: u32, outcome: Outcome) {
        self.series.record(Some(metrics_index), outcome, &self.metrics, || {
            let name = series_name(stage);
            SeriesName { stage: name.stage + CANARY, ..name }
        });
    }

    /// Counts a request that a throttle refused, and says what the client is told.
    #[cold]
    pub fn throttled(&self, exchange: &Exchange, refused: Refused) -> Fault {
        if let Some(stage) = exchange.stage.as_deref() {
            let series = self.series.series(stage.metrics_index, &self.metrics, || series_name(stage));
            series.throttled[refused as usize].add(1);
        }
        Fault::THROTTLED
    }

    /// Keeps an answer whose head stands in `reply.out`, where it is to be kept.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "mostly one test; measured")]
    pub fn keep_answer(&self, exchange: &Exchange, reply: &mut Reply, body: Kept) {
        if reply.caching.is_some() {
            self.keep_cached(exchange, reply, body);
        }
    }

    #[cold]
    fn keep_cached(&self, exchange: &Exchange, reply: &mut Reply, body: Kept) {
        if let Some(caching) = reply.caching.take() {
            let body = match body {
                Kept::Nothing => Some(&[][..]),
                Kept::Written => None,
                Kept::Upstream(range) => Some(&reply.upstream[range]),
                Kept::Held => Some(&reply.held[..]),
            };
            let rules = (self.node.config.cache.successes_only, self.clock.now());
            cache_store::keep(*caching, exchange, &reply.out, body, rules);
        }
    }

    /// Says that an answer cannot be kept, where it was to be.
    #[inline]
    pub fn pass_answer(&self, reply: &mut Reply) {
        if let Some(caching) = reply.caching.take() {
            caching.pass(self.clock.now());
        }
    }

    /// Counts whether an answer was there, for the stage and for a method that is counted itself.
    pub fn count_cache(&self, exchange: &Exchange, hit: bool) {
        let Some(stage) = exchange.stage.as_deref() else { return };
        let count = |index, method| {
            let name = || SeriesName { method, ..series_name(stage) };
            let series = self.series.series(index, &self.metrics, name);
            if hit { &series.cache_hits } else { &series.cache_misses }.add(1);
        };
        count(stage.metrics_index, None);
        let observed = stage.observed.as_ref().and_then(|observed| observed.methods.get(exchange.method as usize));
        if let Some((method, index)) = observed.and_then(|method| Some((method, method.metrics_index?))) {
            count(index, Some(method_name(stage, method, exchange)));
        }
    }

    /// Counts and logs for a method whose stage asks for it; says whether there is a line.
    #[cold]
    fn observe(
        &self,
        stage: &StagePlan,
        observed: &Observed,
        outcome: Outcome,
        completed: &Completed<'_>,
        was_asked: bool,
    ) -> bool {
        let exchange = completed.exchange;
        let Some(method) = observed.methods.get(exchange.method as usize) else { return false };
        if method.metrics_index.is_some() {
            self.series.record(method.metrics_index, outcome, &self.metrics, || SeriesName {
                method: Some(method_name(stage, method, exchange)),
                ..series_name(stage)
            });
        }
        if method.logging_level == LoggingLevel::Off {
            return false;
        }
        let endpoint = was_asked.then(|| self.endpoint(exchange)).flatten();
        self.logs.borrow_mut().push_execution(stage, method.logging_level, endpoint.as_deref(), completed)
    }

    /// The log of a tested request that has ended.
    pub fn test_log(&self, request: &Request) -> Vec<u8> {
        let exchange = &request.exchange;
        let Some(stage) = exchange.stage.as_deref() else { return Vec::new() };
        let latency = self.clock.now().saturating_sub(request.started);
        let completed = Completed { exchange, clock: &self.clock, latency, integration: request.integration_latency() };
        let endpoint = (request.reply.asked != NEVER).then(|| self.endpoint(exchange)).flatten();
        of_test(&completed, stage, endpoint.as_deref())
    }

    /// The URI that a backend is asked, made anew: no request keeps it.
    fn endpoint(&self, exchange: &Exchange) -> Option<Vec<u8>> {
        let mut head = Vec::new();
        let destination = integration::request::write_head(exchange, Framing::None, &mut head).ok()?;
        let secure = match destination {
            Destination::Interned(id) => self.pools.endpoint(id)?.secure,
            Destination::Dynamic(endpoint) => endpoint.secure,
        };
        let mut lines = head.split(|byte| *byte == b'\n');
        let target = lines.next()?.split(|byte| *byte == b' ').nth(1)?;
        let host = lines.find_map(|line| line.strip_prefix(b"Host: "))?.trim_ascii_end();
        let scheme: &[u8] = if secure { b"https://" } else { b"http://" };
        Some([scheme, host, target].concat())
    }

    /// Hands all lines to the writer.
    pub fn flush_log(&self) {
        self.log_due.set(NEVER);
        self.logs.borrow_mut().flush();
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

fn method_name(stage: &StagePlan, method: &MethodObserved, exchange: &Exchange) -> (String, &'static str) {
    let path = String::from_utf8_lossy(stage.deployment.tree.path(method.resource)).into_owned();
    (path, stage.deployment.methods[exchange.method as usize].http_method.as_str())
}

fn series_name(stage: &StagePlan) -> SeriesName {
    SeriesName {
        api_id: stage.api_id().to_owned(),
        stage: stage.stage_name.clone().into(),
        api_name: stage.api_name().to_owned(),
        method: None,
    }
}
