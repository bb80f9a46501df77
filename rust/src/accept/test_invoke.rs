//! `TestInvokeMethod`: a request that nobody sent, for a method chosen by hand, goes through the phases that every request goes
//! through once its method is found. Its answer is captured, its log is the execution log. Nothing of it is counted.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html>

use std::{
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    rc::Rc,
    sync::{Arc, mpsc::Sender},
};

use serde::{Deserialize, Serialize};

use super::{
    Capture, Client, Request, Role, Wire,
    address::below_stage,
    client::Seat,
    connection::{head_limits, name_task},
};
use crate::{
    exchange::Exchange,
    http1::{BodyReader, Framing, HeadWriter, ResponseHead, Span, parse_request, parse_response},
    observe::DataTrace,
    per_core::{Core, timed},
    pipeline,
    snapshot::plan::{StagePlan, Verb},
};

/// What is tested, and with what.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRequest {
    /// The resource's id.
    pub resource_id: String,
    /// The verb; of `ANY` there is none.
    pub http_method: String,
    /// Path and query string; empty for the path as its template has it.
    pub target: String,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: String,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct TestAnswer {
    /// The status.
    pub status: u16,
    /// Names and values in order, without those that only a connection has.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
    /// Milliseconds that it took.
    pub latency: u64,
    /// The execution log, line by line.
    pub log: String,
}

/// A test on its way to a core.
#[derive(Debug)]
pub struct TestCall {
    /// The API as a stage of its own.
    pub plan: Arc<StagePlan>,
    /// What is asked of it.
    pub request: TestRequest,
    /// Who waits; an error is why it cannot be asked.
    pub done: Sender<Result<TestAnswer, String>>,
}

/// What AWS shows of no tested answer: it is of the connection, not of the method.
const UNSHOWN: [&str; 6] =
    ["connection", "content-length", "date", "transfer-encoding", "x-amz-apigw-id", "x-amzn-requestid"];

/// Runs a test on this core.
pub fn begin(core: &Rc<Core>, call: TestCall) {
    let core = core.clone();
    drop(tokio::task::spawn_local(async move {
        let TestCall { plan, request, done } = call;
        // Whoever asked may be gone: then nobody wants the answer.
        drop(done.send(run(&core, plan, &request).await));
    }));
}

async fn run(core: &Rc<Core>, plan: Arc<StagePlan>, test: &TestRequest) -> Result<TestAnswer, String> {
    let seat = Seat::of_stream(core.clone());
    name_task(&seat).await;
    core.clock.refresh();
    let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    // AWS serves HTTPS only.
    let mut client = Client::new(seat, Wire::Capture(Capture::default()), peer, 443, Role::InvokeTls);
    let mut request = core.requests.take();
    prepare(core, &client, &mut request, plan, test)?;
    let running = Box::pin(pipeline::test(core, &mut client, &mut request));
    timed::unless_cut(core, pin!(running)).await.ok_or("the gateway stops")?;
    core.clock.refresh();
    let log = String::from_utf8_lossy(&core.test_log(&request)).into_owned();
    let latency = core.clock.now().saturating_sub(request.started) / 1000;
    let Wire::Capture(capture) = client.socket else { return Err("the answer was not captured".to_owned()) };
    let (status, headers, body) = read(&capture.into_bytes(), request.exchange.is_head())?;
    request.end(core);
    core.requests.put(request);
    Ok(TestAnswer { status, headers, body, latency, log })
}

/// Makes the request as if it had come, with its method found.
fn prepare(
    core: &Core,
    client: &Client,
    request: &mut Request,
    plan: Arc<StagePlan>,
    test: &TestRequest,
) -> Result<(), String> {
    let verb = Verb::parse(test.http_method.as_bytes()).ok_or("there is no such verb")?;
    let resources = &plan.deployment.resources;
    let number =
        resources.iter().position(|one| *one.resource_id == *test.resource_id).ok_or("there is no resource")?;
    let method = resources[number].method(verb).ok_or("there is no method")?;
    let template = String::from_utf8_lossy(plan.deployment.tree.path(number as u32)).into_owned();
    let target = if test.target.is_empty() { &template } else { &test.target };
    let added = write(&mut request.exchange.input, &plan, target, test)?;
    let limits = head_limits(core);
    let Exchange { input, head, .. } = &mut request.exchange;
    if parse_request(input, &limits, head) != Ok(true) {
        return Err("the path or a header is not what a request can have".to_owned());
    }
    request.begin(core, client);
    let limit = core.limits.borrow().request_payload;
    request.incoming.begin(&request.exchange.head, limit);
    let exchange = &mut request.exchange;
    exchange.verb = exchange.head.method;
    below_stage(exchange, Rc::new(plan), 0).map_err(|fault| fault.message().to_owned())?;
    (exchange.resource, exchange.method) = (number as u32, method);
    exchange.data_trace = Some(Box::new(DataTrace::of_test(added)));
    capture_path(exchange, verb);
    Ok(())
}

/// AWS: a path that is not the resource's leaves its variables empty.
fn capture_path(exchange: &mut Exchange, verb: Verb) {
    let Exchange { input, stage, resource, resource_path, path_parameters, .. } = exchange;
    let Some(stage) = stage else { return };
    let base = resource_path.start;
    let capture = |start, end| path_parameters.push(Span { start: base + start, end: base + end });
    if stage.deployment.tree.find(resource_path.of(input), verb as u8, capture) != Some(*resource) {
        path_parameters.clear();
    }
}

/// Writes the request as a client would; says how many of its first fields are not the caller's.
fn write(out: &mut Vec<u8>, plan: &StagePlan, target: &str, test: &TestRequest) -> Result<usize, String> {
    let has = |name: &str| test.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    let mut head = HeadWriter::new(out);
    head.request_line(test.http_method.as_bytes(), target.as_bytes());
    let mut added = 0;
    if !has("host") {
        let deployment = &plan.deployment;
        let host = format!("{}.execute-api.{}.amazonaws.com", deployment.api_id, deployment.region);
        head.field(b"Host", host.as_bytes());
        added += 1;
    }
    if !test.body.is_empty() {
        // AWS: what does not say what it is, is JSON.
        if !has("content-type") {
            head.field(b"Content-Type", b"application/json");
            added += 1;
        }
        head.content_length(test.body.len() as u64);
        added += 1;
    }
    for (name, value) in &test.headers {
        // Whatever it says, the body is what is there.
        if !["content-length", "transfer-encoding", "expect"].iter().any(|own| name.eq_ignore_ascii_case(own)) {
            head.field(name.as_bytes(), value.as_bytes());
        }
    }
    head.finish().map_err(|_| "the path or a header is not what a request can have")?;
    out.extend_from_slice(test.body.as_bytes());
    Ok(added)
}

type Answered = (u16, Vec<(String, String)>, String);

fn read(bytes: &[u8], was_head: bool) -> Result<Answered, String> {
    let mut head = ResponseHead::default();
    if parse_response(bytes, was_head, &mut head) != Ok(true) {
        return Err("the method gave no answer".to_owned());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = head.fields.iter().map(|field| (text(field.name.of(bytes)), text(field.value.of(bytes))));
    let headers = headers.filter(|(name, _)| !UNSHOWN.iter().any(|unshown| name.eq_ignore_ascii_case(unshown)));
    let mut body = Vec::new();
    if head.framing != Framing::None {
        let (mut reader, mut used) = (BodyReader::new(head.framing), head.length as usize);
        // What was cut is shown as far as it came.
        while !reader.is_done() && used < bytes.len() {
            let Ok(step) = reader.step(&bytes[used..]) else { break };
            body.extend_from_slice(&bytes[used + step.data.start..used + step.data.end]);
            used += step.consumed;
            if step.consumed == 0 {
                break;
            }
        }
    }
    Ok((head.status, headers.collect(), text(&body)))
}
