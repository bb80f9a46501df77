//! Tests of `prometheus`.

use std::collections::BTreeSet;

use super::*;
use crate::{config::CacheConfig, observe::SeriesTable};

fn name(api_id: &str, stage: &str, api_name: &str) -> SeriesName {
    SeriesName { api_id: api_id.into(), stage: stage.into(), api_name: api_name.into(), method: None }
}

fn cores() -> [Arc<CoreMetrics>; 2] {
    let cores = [Arc::<CoreMetrics>::default(), Arc::default()];
    for (core, latency) in cores.iter().zip([400, 40_000_000]) {
        let table = SeriesTable::default();
        table.record(Some(7), (204, latency, Some(300)), core, || name("abc", "prod", "P\u{e9}ts \"x\""));
        table.record(Some(9), (204, latency, Some(300)), core, || SeriesName {
            method: Some(("/pets/{petId}".into(), "GET")),
            ..name("abc", "prod", "P\u{e9}ts \"x\"")
        });
        table.record(Some(11), (502, 10, None), core, || name("def", "prod", "\u{e9}"));
        table.record(None, (403, 10, None), core, SeriesName::default);
        core.connections.add(3);
        core.connections.subtract(1);
    }
    cores
}

#[test]
fn cores_are_added_up() {
    let text = render(&cores(), Totals { log_lines: (4, 0), ..Totals::default() }, Exposition::Prometheus, "");
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
        "http_server_request_duration_seconds_count{api=\"abc\",stage=\"prod\"} 2",
        "aws_apigateway_Count_total{ApiName=\"Pts \\\"x\\\"\",ApiId=\"abc\",Stage=\"prod\"} 2",
        "aws_apigateway_Count_total{ApiName=\"Pts \\\"x\\\"\",ApiId=\"abc\",Stage=\"prod\",Resource=\"/pets/{petId}\",Method=\"GET\"} 2",
        "aws_apigateway_5XXError_total{ApiName=\"def\",ApiId=\"def\",Stage=\"prod\"} 2",
        "aws_apigateway_Latency_milliseconds_bucket{ApiName=\"def\",ApiId=\"def\",Stage=\"prod\",le=\"0.5\"} 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    assert!(!text.contains("EOF"));
}

#[test]
fn open_metrics_names_families_without_total_and_ends() {
    let text = render(&cores(), Totals::default(), Exposition::OpenMetrics, "");
    assert!(text.ends_with("\n# EOF\n"));
    let mut family = "";
    for line in text.lines().filter(|line| *line != "# EOF") {
        if let Some(introduced) = line.strip_prefix("# HELP ") {
            family = introduced.split(' ').next().unwrap();
            assert!(!family.ends_with("_total"), "{line}");
        } else if !line.starts_with('#') {
            let suffix = line.strip_prefix(family).unwrap_or_else(|| panic!("{line} in {family}"));
            let suffix = suffix.split(['{', ' ']).next().unwrap();
            assert!(["", "_total", "_bucket", "_sum", "_count"].contains(&suffix), "{line}");
        }
    }
    let bound = "apigw_latency_seconds_bucket{api=\"abc\",stage=\"prod\",le=\"1.0\"} 1";
    assert!(text.lines().any(|line| line == bound), "{text}");
}

#[test]
fn the_form_is_what_is_accepted() {
    for (accept, form) in [
        ("", Exposition::Prometheus),
        ("*/*", Exposition::Prometheus),
        ("text/plain;version=0.0.4", Exposition::Prometheus),
        ("application/OpenMetrics-text;version=1.0.0,text/plain;q=0.5", Exposition::OpenMetrics),
    ] {
        assert_eq!(Exposition::accepted(accept.as_bytes()), form, "{accept}");
    }
}

const LIMITS: [&str; 11] = [
    "request_headers",
    "request_target",
    "request_payload",
    "response_payload",
    "management_body",
    "connections",
    "buffered_bytes",
    "queued_calls",
    "head_seconds",
    "idle_seconds",
    "minimum_body_rate",
];

#[test]
fn every_family_is_documented() {
    let limits = LIMITS.map(|name| (name.to_owned(), serde_json::json!(0)));
    let limits = serde_json::from_value(serde_json::Value::Object(limits.into_iter().collect())).unwrap();
    let gauges = crate::observe::budgets(&limits, &CacheConfig::default());
    let text = render(&cores(), Totals::default(), Exposition::Prometheus, &gauges);
    let served: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).collect();
    let page = include_str!("../../../docs/metrics.md");
    let documented: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(served, documented);
}
