//! The text that `/metrics` serves: every core's counters added up.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use super::{CoreMetrics, Histogram, Series, histogram::BOUNDS};
use crate::per_core::clock::Micros;

/// What is counted for the node as a whole.
#[derive(Debug, Default, Clone, Copy)]
pub struct Totals {
    /// Access log lines written.
    pub log_lines_written: u64,
    /// Access log lines lost.
    pub log_lines_dropped: u64,
    /// Bytes of the memory budget in use.
    pub buffered_bytes: u64,
    /// Management calls waiting for Python.
    pub queued_calls: u64,
}

#[derive(Default)]
struct Merged {
    by_class: [u64; 6],
    latency: ([u64; BOUNDS.len() + 1], u64),
    integration: ([u64; BOUNDS.len() + 1], u64),
}

fn merge(into: &mut ([u64; BOUNDS.len() + 1], u64), histogram: &Histogram) {
    for (sum, bucket) in into.0.iter_mut().zip(&histogram.buckets) {
        *sum += bucket.get();
    }
    into.1 += histogram.sum.get();
}

/// Everything in Prometheus's text format.
pub fn render(cores: &[Arc<CoreMetrics>], node: Totals) -> String {
    let mut out = String::with_capacity(8192);
    let total = |pick: fn(&CoreMetrics) -> u64| cores.iter().map(|core| pick(core)).sum::<u64>();
    for (name, kind, help, value) in [
        ("apigw_connections", "gauge", "Open client connections.", total(|core| core.connections.get())),
        (
            "apigw_connections_accepted_total",
            "counter",
            "Client connections accepted.",
            total(|core| core.accepted.get()),
        ),
        (
            "apigw_connections_handed_over_total",
            "counter",
            "Client connections that moved to a core with fewer before their first byte.",
            total(|core| core.handed_over.get()),
        ),
        (
            "apigw_accept_pauses_total",
            "counter",
            "Times accepting had to pause.",
            total(|core| core.accept_pauses.get()),
        ),
        ("apigw_requests_in_flight", "gauge", "Requests being answered.", total(|core| core.in_flight.get())),
        ("apigw_panics_total", "counter", "Requests that ended in a panic.", total(|core| core.panics.get())),
        (
            "apigw_upstream_connections",
            "gauge",
            "Open backend connections.",
            total(|core| core.upstream_connections.get()),
        ),
        (
            "apigw_upstream_connects_total",
            "counter",
            "Backend connections made.",
            total(|core| core.upstream_connects.get()),
        ),
        ("apigw_responses_cut_total", "counter", "Answers cut after streaming began.", total(|core| core.cut.get())),
        (
            "apigw_admin_requests_total",
            "counter",
            "Requests to the admin listener.",
            total(|core| core.admin_requests.get()),
        ),
        ("apigw_access_log_lines_total", "counter", "Access log lines written.", node.log_lines_written),
        ("apigw_access_log_lines_dropped_total", "counter", "Access log lines lost.", node.log_lines_dropped),
        ("apigw_buffered_bytes", "gauge", "Bytes buffered for bodies.", node.buffered_bytes),
        ("apigw_queued_calls", "gauge", "Management calls waiting.", node.queued_calls),
    ] {
        let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
    }
    let mut merged: BTreeMap<(String, String), Merged> = BTreeMap::new();
    for series in cores.iter().flat_map(|core| core.series()) {
        let series: &Series = &series;
        let into = merged.entry((series.api_id.clone(), series.stage.clone())).or_default();
        for (sum, counter) in into.by_class.iter_mut().zip(&series.by_class) {
            *sum += counter.get();
        }
        merge(&mut into.latency, &series.latency);
        merge(&mut into.integration, &series.integration_latency);
    }
    requests(&mut out, &merged);
    histogram(&mut out, "apigw_latency_seconds", "From a request's head to its answer's last byte.", &merged, |m| {
        &m.latency
    });
    histogram(&mut out, "apigw_integration_latency_seconds", "What the backend took.", &merged, |m| &m.integration);
    out
}

fn requests(out: &mut String, merged: &BTreeMap<(String, String), Merged>) {
    out.push_str(
        "# HELP apigw_requests_total Completed requests by class of status.\n# TYPE apigw_requests_total counter\n",
    );
    for ((api, stage), series) in merged {
        for (class, count) in series.by_class.iter().enumerate().filter(|(_, count)| **count > 0) {
            let class = if class == 0 { "none".to_owned() } else { format!("{class}xx") };
            let _ = writeln!(out, "apigw_requests_total{{api=\"{api}\",stage=\"{stage}\",status=\"{class}\"}} {count}");
        }
    }
    for (name, class) in [("apigw_4xx_total", 4), ("apigw_5xx_total", 5)] {
        let _ = write!(out, "# HELP {name} Requests answered {class}XX.\n# TYPE {name} counter\n");
        for ((api, stage), series) in merged {
            let _ = writeln!(out, "{name}{{api=\"{api}\",stage=\"{stage}\"}} {}", series.by_class[class]);
        }
    }
}

/// Microseconds as Prometheus wants them.
#[expect(clippy::cast_precision_loss, reason = "a sum of 285 years is exact to the microsecond")]
fn seconds(micros: Micros) -> f64 {
    micros as f64 / 1e6
}

fn histogram(
    out: &mut String,
    name: &str,
    help: &str,
    merged: &BTreeMap<(String, String), Merged>,
    pick: fn(&Merged) -> &([u64; BOUNDS.len() + 1], u64),
) {
    let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} histogram\n");
    for ((api, stage), series) in merged {
        let (buckets, sum) = pick(series);
        let labels = format!("api=\"{api}\",stage=\"{stage}\"");
        let mut count = 0;
        for (bucket, bound) in buckets.iter().zip(BOUNDS) {
            count += bucket;
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{}\"}} {count}", seconds(bound));
        }
        count += buckets[BOUNDS.len()];
        let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}");
        let _ = writeln!(out, "{name}_sum{{{labels}}} {}", seconds(*sum));
        let _ = writeln!(out, "{name}_count{{{labels}}} {count}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::SeriesTable;

    #[test]
    fn cores_are_added_up() {
        let cores = [Arc::<CoreMetrics>::default(), Arc::default()];
        for (core, latency) in cores.iter().zip([400, 40_000_000]) {
            let table = SeriesTable::default();
            table.record(Some(7), (204, latency, Some(300)), core, || ("abc", "prod"));
            table.record(None, (403, 10, None), core, || ("", ""));
            core.connections.add(3);
            core.connections.subtract(1);
        }
        let text = render(&cores, Totals { log_lines_written: 4, ..Totals::default() });
        for line in [
            "apigw_connections 4",
            "apigw_access_log_lines_total 4",
            "apigw_requests_total{api=\"abc\",stage=\"prod\",status=\"2xx\"} 2",
            "apigw_requests_total{api=\"\",stage=\"\",status=\"4xx\"} 2",
            "apigw_4xx_total{api=\"\",stage=\"\"} 2",
            "apigw_4xx_total{api=\"abc\",stage=\"prod\"} 0",
            "apigw_latency_seconds_bucket{api=\"abc\",stage=\"prod\",le=\"0.0005\"} 1",
            "apigw_latency_seconds_bucket{api=\"abc\",stage=\"prod\",le=\"+Inf\"} 2",
            "apigw_integration_latency_seconds_count{api=\"abc\",stage=\"prod\"} 2",
            "apigw_integration_latency_seconds_count{api=\"\",stage=\"\"} 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }
}
