//! The text that `/metrics` serves, in Prometheus's form or as `OpenMetrics`: every core's counters added up. What AWS publishes
//! to `CloudWatch` has AWS's names (`aws_apigateway_…`), what `OpenTelemetry` names has its names, and the rest is ours.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use super::{CoreMetrics, Histogram, SeriesName, histogram::BOUNDS};
use crate::{inbound::throttle::Refused, per_core::clock::Micros};

/// The form of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposition {
    /// `text/plain; version=0.0.4`.
    Prometheus,
    /// `application/openmetrics-text; version=1.0.0`.
    OpenMetrics,
}

impl Exposition {
    /// The form that an `Accept` header asks for; Prometheus's own where it does not say.
    pub fn accepted(accept: &[u8]) -> Self {
        let wanted = b"application/openmetrics-text";
        if accept.windows(wanted.len()).any(|window| window.eq_ignore_ascii_case(wanted)) {
            Self::OpenMetrics
        } else {
            Self::Prometheus
        }
    }

    /// The `Content-Type` of the text.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// What is counted for the node as a whole.
#[derive(Debug, Default, Clone, Copy)]
pub struct Totals {
    /// Lines of the gateway's access log written and lost.
    pub log_lines: (u64, u64),
    /// Lines of stages' logs written and lost.
    pub stage_log_lines: (u64, u64),
    /// Bytes of the memory budget in use.
    pub buffered_bytes: u64,
    /// Management calls waiting for Python.
    pub queued_calls: u64,
    /// Bytes and number of answers that are cached.
    pub cached: (u64, u64),
}

type Buckets = ([u64; BOUNDS.len() + 1], u64);

#[derive(Default)]
struct Merged {
    by_class: [u64; 6],
    latency: Buckets,
    integration: Buckets,
    throttled: [u64; Refused::NAMES.len()],
    cache_hits: u64,
    cache_misses: u64,
}

impl Merged {
    fn count(&self) -> u64 {
        self.by_class.iter().sum()
    }
}

fn merge(into: &mut Buckets, histogram: &Histogram) {
    for (sum, bucket) in into.0.iter_mut().zip(&histogram.buckets) {
        *sum += bucket.get();
    }
    into.1 += histogram.sum.get();
}

/// Name, kind, help and number.
type CoreFamily = (&'static str, &'static str, &'static str, fn(&CoreMetrics) -> u64);

/// What each core counts.
const CORES: [CoreFamily; 10] = [
    ("apigw_connections", "gauge", "Open client connections.", |core| core.connections.get()),
    ("apigw_connections_accepted_total", "counter", "Client connections accepted.", |core| core.accepted.get()),
    (
        "apigw_connections_handed_over_total",
        "counter",
        "Client connections that moved to a core with fewer before their first byte.",
        |core| core.handed_over.get(),
    ),
    ("apigw_accept_pauses_total", "counter", "Times accepting had to pause.", |core| core.accept_pauses.get()),
    ("apigw_requests_in_flight", "gauge", "Requests being answered.", |core| core.in_flight.get()),
    ("apigw_panics_total", "counter", "Requests that ended in a panic.", |core| core.panics.get()),
    ("apigw_upstream_connections", "gauge", "Open backend connections.", |core| core.upstream_connections.get()),
    ("apigw_upstream_connects_total", "counter", "Backend connections made.", |core| core.upstream_connects.get()),
    ("apigw_responses_cut_total", "counter", "Answers cut after streaming began.", |core| core.cut.get()),
    ("apigw_admin_requests_total", "counter", "Requests to the admin listener.", |core| core.admin_requests.get()),
];

/// Everything there is, and gauges that are text already.
pub fn render(cores: &[Arc<CoreMetrics>], node: Totals, form: Exposition, gauges: &str) -> String {
    let mut text = Text { out: String::with_capacity(8192), form };
    for (name, kind, help, pick) in CORES {
        let value: u64 = cores.iter().map(|core| pick(core)).sum();
        text.family(name, kind, help);
        let _ = writeln!(text.out, "{name} {value}");
    }
    for (name, kind, help, value) in [
        ("apigw_access_log_lines_total", "counter", "Access log lines written.", node.log_lines.0),
        ("apigw_access_log_lines_dropped_total", "counter", "Access log lines lost.", node.log_lines.1),
        ("apigw_stage_log_lines_total", "counter", "Lines of stages' logs written.", node.stage_log_lines.0),
        ("apigw_stage_log_lines_dropped_total", "counter", "Lines of stages' logs lost.", node.stage_log_lines.1),
        ("apigw_buffered_bytes", "gauge", "Bytes buffered for bodies.", node.buffered_bytes),
        ("apigw_queued_calls", "gauge", "Management calls waiting.", node.queued_calls),
        ("apigw_cache_bytes", "gauge", "Bytes that cached answers take.", node.cached.0),
        ("apigw_cache_entries", "gauge", "Answers that are cached.", node.cached.1),
    ] {
        text.family(name, kind, help);
        let _ = writeln!(text.out, "{name} {value}");
    }
    for (name, help, pick) in super::carriers::ROWS {
        text.family(name, "counter", help);
        let value: u64 = cores.iter().map(|core| pick(core).get()).sum();
        let _ = writeln!(text.out, "{name} {value}");
    }
    let merged = merged(cores);
    let (methods, stages): (Vec<_>, Vec<_>) = merged.iter().partition(|(name, _)| name.method.is_some());
    text.ours(&stages);
    text.open_telemetry(&stages);
    // AWS: a method has its own series where its setting says so, beside that of its stage.
    text.cloud_watch(&[stages, methods].concat());
    text.out.push_str(gauges);
    text.end()
}

/// The series of all cores, added up.
fn merged(cores: &[Arc<CoreMetrics>]) -> BTreeMap<SeriesName, Merged> {
    let mut merged: BTreeMap<SeriesName, Merged> = BTreeMap::new();
    for series in cores.iter().flat_map(|core| core.series()) {
        let into = merged.entry(series.name.clone()).or_default();
        for (sum, counter) in into.by_class.iter_mut().zip(&series.by_class) {
            *sum += counter.get();
        }
        for (sum, counter) in into.throttled.iter_mut().zip(&series.throttled) {
            *sum += counter.get();
        }
        into.cache_hits += series.cache_hits.get();
        into.cache_misses += series.cache_misses.get();
        merge(&mut into.latency, &series.latency);
        merge(&mut into.integration, &series.integration_latency);
    }
    merged
}

/// Name, help and number.
type Family = (&'static str, &'static str, fn(&Merged) -> u64);
type AllSeries<'a> = [(&'a SeriesName, &'a Merged)];

struct Text {
    out: String,
    form: Exposition,
}

impl Text {
    /// What introduces a family; `OpenMetrics` names counters without their `_total`.
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let family = match self.form {
            Exposition::OpenMetrics => name.strip_suffix("_total").unwrap_or(name),
            Exposition::Prometheus => name,
        };
        let _ = write!(self.out, "# HELP {family} {help}\n# TYPE {family} {kind}\n");
    }

    fn ours(&mut self, stages: &AllSeries<'_>) {
        self.family("apigw_requests_total", "counter", "Completed requests by class of status.");
        for (name, series) in stages {
            for (class, count) in series.by_class.iter().enumerate().filter(|(_, count)| **count > 0) {
                let class = if class == 0 { "none".to_owned() } else { format!("{class}xx") };
                let labels = short_labels(name);
                let _ = writeln!(self.out, "apigw_requests_total{{{labels},status=\"{class}\"}} {count}");
            }
        }
        for (name, class) in [("apigw_4xx_total", 4), ("apigw_5xx_total", 5)] {
            self.family(name, "counter", &format!("Requests answered {class}XX."));
            for (series, merged) in stages {
                let _ = writeln!(self.out, "{name}{{{}}} {}", short_labels(series), merged.by_class[class]);
            }
        }
        self.family("apigw_throttled_total", "counter", "Requests refused by a throttle, by its level.");
        for (series, merged) in stages {
            for (level, count) in Refused::NAMES.iter().zip(merged.throttled).filter(|(_, count)| *count > 0) {
                let labels = short_labels(series);
                let _ = writeln!(self.out, "apigw_throttled_total{{{labels},level=\"{level}\"}} {count}");
            }
        }
        let families: [Family; 2] = [
            ("apigw_cache_hits_total", "Requests answered from the cache.", |one| one.cache_hits),
            ("apigw_cache_misses_total", "Requests whose answer was not in the cache.", |one| one.cache_misses),
        ];
        for (name, help, pick) in families {
            self.family(name, "counter", help);
            for (series, merged) in stages.iter().filter(|(_, one)| one.cache_hits + one.cache_misses > 0) {
                let _ = writeln!(self.out, "{name}{{{}}} {}", short_labels(series), pick(merged));
            }
        }
        let help = "From a request's head to its answer's last byte.";
        self.histogram("apigw_latency_seconds", help, 1e6, stages, short_labels, |one| &one.latency);
        let (name, help) = ("apigw_integration_latency_seconds", "What the backend took.");
        self.histogram(name, help, 1e6, stages, short_labels, |one| &one.integration);
    }

    fn open_telemetry(&mut self, stages: &AllSeries<'_>) {
        let (name, help) = ("http_server_request_duration_seconds", "OpenTelemetry's http.server.request.duration.");
        self.histogram(name, help, 1e6, stages, short_labels, |one| &one.latency);
        let (name, help) = ("http_client_request_duration_seconds", "OpenTelemetry's http.client.request.duration.");
        self.histogram(name, help, 1e6, stages, short_labels, |one| &one.integration);
    }

    fn cloud_watch(&mut self, series: &AllSeries<'_>) {
        let known: Vec<_> = series.iter().filter(|(name, _)| !name.api_id.is_empty()).copied().collect();
        let families: [Family; 3] = [
            ("aws_apigateway_Count_total", "CloudWatch's Count: requests.", Merged::count),
            ("aws_apigateway_4XXError_total", "CloudWatch's 4XXError.", |one| one.by_class[4]),
            ("aws_apigateway_5XXError_total", "CloudWatch's 5XXError.", |one| one.by_class[5]),
        ];
        for (name, help, pick) in families {
            self.family(name, "counter", help);
            for (series, merged) in &known {
                let _ = writeln!(self.out, "{name}{{{}}} {}", dimensions(series), pick(merged));
            }
        }
        let families: [Family; 2] = [
            ("aws_apigateway_CacheHitCount_total", "CloudWatch's CacheHitCount.", |one| one.cache_hits),
            ("aws_apigateway_CacheMissCount_total", "CloudWatch's CacheMissCount.", |one| one.cache_misses),
        ];
        for (name, help, pick) in families {
            self.family(name, "counter", help);
            // AWS: of stages that have a cache.
            for (series, merged) in known.iter().filter(|(_, one)| one.cache_hits + one.cache_misses > 0) {
                let _ = writeln!(self.out, "{name}{{{}}} {}", dimensions(series), pick(merged));
            }
        }
        let (name, help) = ("aws_apigateway_Latency_milliseconds", "CloudWatch's Latency.");
        self.histogram(name, help, 1e3, &known, dimensions, |one| &one.latency);
        let (name, help) = ("aws_apigateway_IntegrationLatency_milliseconds", "CloudWatch's IntegrationLatency.");
        self.histogram(name, help, 1e3, &known, dimensions, |one| &one.integration);
    }

    /// `unit` is in microseconds.
    fn histogram(
        &mut self,
        name: &str,
        help: &str,
        unit: f64,
        all: &AllSeries<'_>,
        labels: fn(&SeriesName) -> String,
        pick: fn(&Merged) -> &Buckets,
    ) {
        self.family(name, "histogram", help);
        for (series, merged) in all {
            let (buckets, sum) = pick(merged);
            let labels = labels(series);
            let mut count = 0;
            for (bucket, bound) in buckets.iter().zip(BOUNDS) {
                count += bucket;
                let _ =
                    writeln!(self.out, "{name}_bucket{{{labels},le=\"{}\"}} {count}", number(bound, unit, self.form));
            }
            count += buckets[BOUNDS.len()];
            let _ = writeln!(self.out, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}");
            let _ = writeln!(self.out, "{name}_sum{{{labels}}} {}", number(*sum, unit, Exposition::Prometheus));
            let _ = writeln!(self.out, "{name}_count{{{labels}}} {count}");
        }
    }

    fn end(mut self) -> String {
        if self.form == Exposition::OpenMetrics {
            self.out.push_str("# EOF\n");
        }
        self.out
    }
}

/// A time in its unit; bounds are floats in `OpenMetrics`.
#[expect(clippy::cast_precision_loss, reason = "a sum of 285 years is exact to the microsecond")]
fn number(micros: Micros, unit: f64, form: Exposition) -> String {
    let value = micros as f64 / unit;
    match form {
        Exposition::OpenMetrics => format!("{value:?}"),
        Exposition::Prometheus => format!("{value}"),
    }
}

fn short_labels(name: &SeriesName) -> String {
    format!("api=\"{}\",stage=\"{}\"", name.api_id, name.stage)
}

/// `CloudWatch`'s dimensions, and the id: two APIs may have one name.
fn dimensions(name: &SeriesName) -> String {
    // AWS: what is not ASCII is left out of an API's name; a name of nothing else is the id.
    let ascii: String = name.api_name.chars().filter(char::is_ascii).take(255).collect();
    let api_name = if ascii.is_empty() { &name.api_id } else { &ascii };
    let mut labels = format!("ApiName=\"{}\",ApiId=\"{}\",Stage=\"{}\"", quoted(api_name), name.api_id, name.stage);
    if let Some((resource, method)) = &name.method {
        let _ = write!(labels, ",Resource=\"{}\",Method=\"{method}\"", quoted(resource));
    }
    labels
}

fn quoted(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
#[path = "prometheus_tests.rs"]
mod tests;
