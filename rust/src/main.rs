//! `apigw-engine SNAPSHOT.json`: serves a snapshot file without Python, for tests, profiling and fuzzing.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use apigw_engine::{
    config::{AccessLog, AccountLimits, CacheConfig, Config, Limits, Secret, StageLogs},
    engine::Engine,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage: apigw-engine SNAPSHOT.json [--listen ADDRESS] [--listen-tls ADDRESS] \
[--tls-certificate FILE] [--tls-key FILE] [--admin-listen ADDRESS] [--workers N] \
[--access-log FILE] [--ca-file FILE] [--deny-backends CIDR] [--grace SECONDS] [--any-credentials] [--limit NAME=NUMBER]";

struct Arguments {
    snapshot: PathBuf,
    config: Config,
    grace: Duration,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("apigw-engine: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let arguments = arguments(std::env::args().skip(1))?;
    let patch =
        std::fs::read(&arguments.snapshot).map_err(|error| format!("{}: {error}", arguments.snapshot.display()))?;
    let engine = Engine::new();
    let bound = engine.start(arguments.config).map_err(|error| error.to_string())?;
    let ticket = engine.prepare(&patch).map_err(|errors| {
        let lines: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.path, error.message)).collect();
        lines.join("\n")
    })?;
    engine.activate(vec![ticket]);
    engine.set_ready(true);
    println!("{}", serde_json::to_string(&bound).map_err(|error| error.to_string())?);
    wait_for_signal().map_err(|error| error.to_string())?;
    engine.stop(arguments.grace);
    Ok(())
}

fn wait_for_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        std::future::poll_fn(|context| {
            let either = [terminate.poll_recv(context), interrupt.poll_recv(context)];
            if either.iter().any(std::task::Poll::is_ready) {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
        Ok(())
    })
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut snapshot = None;
    let mut grace = Duration::from_secs(10);
    let mut config = Config {
        listen: Vec::new(),
        listen_tls: Vec::new(),
        tls_certificate: None,
        tls_key: None,
        admin_listen: Vec::new(),
        defer_accept_seconds: 1,
        workers: 0,
        account_id: "123456789012".to_owned(),
        access_key_id: "test".to_owned(),
        secret_access_key: Secret("test".to_owned()),
        any_credentials: false,
        regions: Vec::new(),
        access_log: AccessLog::Off {},
        stage_logs: StageLogs::Stdout {},
        limits: limits(),
        account: AccountLimits::default(),
        cache: CacheConfig::default(),
        deny_backends: vec!["169.254.0.0/16".to_owned(), "fe80::/10".to_owned()],
        ca_file: None,
    };
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("{argument} needs a value\n{USAGE}"));
        match argument.as_str() {
            "--listen" => config.listen.push(address(&value()?)?),
            "--listen-tls" => config.listen_tls.push(address(&value()?)?),
            "--tls-certificate" => config.tls_certificate = Some(value()?.into()),
            "--tls-key" => config.tls_key = Some(value()?.into()),
            "--admin-listen" => config.admin_listen.push(address(&value()?)?),
            "--workers" => config.workers = number(&value()?)?,
            "--access-log" => config.access_log = access_log(value()?),
            "--ca-file" => config.ca_file = Some(value()?.into()),
            "--deny-backends" => config.deny_backends.push(value()?),
            "--grace" => grace = Duration::from_secs(number(&value()?)?),
            "--any-credentials" => config.any_credentials = true,
            "--limit" => set_limit(&mut config.limits, &value()?)?,
            _ if argument.starts_with('-') || snapshot.is_some() => {
                return Err(format!("unknown argument {argument}\n{USAGE}"));
            }
            _ => snapshot = Some(argument.into()),
        }
    }
    if config.listen.is_empty() && config.listen_tls.is_empty() {
        config.listen.push(SocketAddr::from(([127, 0, 0, 1], 8080)));
    }
    Ok(Arguments { snapshot: snapshot.ok_or(USAGE)?, config, grace })
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("'{text}' is no address such as 127.0.0.1:8080"))
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("'{text}' is no number"))
}

fn access_log(text: String) -> AccessLog {
    if text == "-" { AccessLog::Stdout {} } else { AccessLog::File { path: text.into() } }
}

fn limits() -> Limits {
    Limits {
        request_headers: 10_240,
        request_target: 10_240,
        request_payload: 10_485_760,
        response_payload: 10_485_760,
        management_body: 67_108_864,
        connections: 8192,
        buffered_bytes: 268_435_456,
        queued_calls: 256,
        head_seconds: 10,
        idle_seconds: 310,
        minimum_body_rate: 256,
    }
}

fn set_limit(limits: &mut Limits, text: &str) -> Result<(), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("'{text}' is no NAME=NUMBER"))?;
    match name {
        "request_payload" => limits.request_payload = number(value)?,
        "response_payload" => limits.response_payload = number(value)?,
        "management_body" => limits.management_body = number(value)?,
        "connections" => limits.connections = number(value)?,
        "buffered_bytes" => limits.buffered_bytes = number(value)?,
        "queued_calls" => limits.queued_calls = number(value)?,
        "head_seconds" => limits.head_seconds = number(value)?,
        "idle_seconds" => limits.idle_seconds = number(value)?,
        "minimum_body_rate" => limits.minimum_body_rate = number(value)?,
        _ => return Err(format!("no limit is called {name}")),
    }
    Ok(())
}
