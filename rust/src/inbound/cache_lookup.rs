//! Is there an answer already (rest-api §13)? Makes the key, judges `Cache-Control: max-age=0`, and writes the head of what is
//! found. Waiting for others who fetch the same is the pipeline's.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html>

use std::{borrow::Cow, sync::Arc};

use crate::{
    exchange::Exchange,
    fault::{Fault, FaultKind},
    http1::HeadWriter,
    inbound::query,
    integration::{bodies, body_values, request, trace, values},
    outbound::headers::baseline,
    primitives::{header_names::HeaderName, percent},
    snapshot::{
        limits::{CacheKey, MethodCache},
        plan::{RequestValue, Verb},
        wire::UnauthorizedStrategy,
    },
    state::caches::{Caching, HeldAnswer, Opened, StageCache, Stored, StoredAnswer},
};

/// What was found.
#[derive(Debug)]
pub enum Lookup {
    /// The cache has no part in this request.
    Off,
    /// An answer, and whose it is.
    Hit(HeldAnswer, Arc<StageCache>),
    /// None: the integration is asked, and its answer may be kept.
    Miss(Box<Caching>),
}

/// Looks for the answer to a request. `key` is a buffer.
pub fn look(exchange: &mut Exchange, key: &mut Vec<u8>, now: u64) -> Result<Lookup, Fault> {
    let Some(stage) = exchange.stage.clone() else { return Ok(Lookup::Off) };
    let Some(cache) = stage.limits.as_ref().and_then(|limits| limits.cache.as_ref()) else { return Ok(Lookup::Off) };
    let Some(method) = cache.methods.get(exchange.method as usize).and_then(Option::as_ref) else {
        return Ok(Lookup::Off);
    };
    let Some(verb) = exchange.known_verb().filter(|verb| method.takes(*verb)) else { return Ok(Lookup::Off) };
    // A HEAD that is treated as another verb, or the other way round, has an answer of a form of its own.
    if exchange.is_head() != (verb == Verb::Head) {
        return Ok(Lookup::Off);
    }
    let refreshes = asks_for_fresh(exchange) && may_refresh(method, exchange)?;
    key.clear();
    let generation = cache.stage.begin_key(key);
    key.push(u8::from(cache.is_apart));
    if append_key(exchange, verb, key).is_none() {
        return Ok(Lookup::Off);
    }
    if !refreshes && let Some(held) = cache.stage.get(key, now) {
        match &held.value {
            Stored::Answer(answer) if is_taken(exchange, answer) => {
                return Ok(Lookup::Hit(held, cache.stage.clone()));
            }
            // Another client's coding: the backend may have one for this client; it does not take the other's place.
            Stored::Answer(_) => return Ok(Lookup::Off),
            Stored::Passing => {}
        }
    }
    Ok(Lookup::Miss(Box::new(Caching {
        key: key.as_slice().into(),
        generation,
        stage: cache.stage.clone(),
        ttl_in_seconds: method.setting.ttl_in_seconds,
        is_encrypted: method.setting.encrypted,
        refreshes,
        lead: None,
    })))
}

impl MethodCache {
    /// AWS: the setting of all methods caches GET alone.
    fn takes(&self, verb: Verb) -> bool {
        !self.only_get || verb == Verb::Get
    }
}

/// Whether the client wants no answer that was kept.
fn asks_for_fresh(exchange: &Exchange) -> bool {
    if !exchange.head.may_have(HeaderName::CacheControl) {
        return false;
    }
    let fields = exchange.head.fields.iter().filter(|field| field.id == HeaderName::CacheControl);
    let mut directives = fields.flat_map(|field| field.value.of(&exchange.input).split(|byte| *byte == b','));
    directives.any(|directive| directive.trim_ascii().eq_ignore_ascii_case(b"max-age=0"))
}

/// Whether it may have a fresh one. Nobody can be authorised to while callers have no identity.
fn may_refresh(method: &MethodCache, exchange: &mut Exchange) -> Result<bool, Fault> {
    if !method.setting.require_authorization {
        return Ok(true);
    }
    match method.setting.unauthorized_strategy {
        UnauthorizedStrategy::Fail => Err(refused(exchange)),
        UnauthorizedStrategy::Warn => {
            exchange.warns_of_cache_control = true;
            Ok(false)
        }
        UnauthorizedStrategy::Ignore => Ok(false),
    }
}

#[cold]
fn refused(exchange: &Exchange) -> Fault {
    let Some(stage) = exchange.stage.as_deref() else { return Fault::INTERNAL };
    let deployment = &stage.deployment;
    let (region, account) = (&*deployment.region, &*deployment.account_id);
    let partition = match region.split_once('-') {
        Some(("cn", _)) => "aws-cn",
        Some(("us", rest)) if rest.starts_with("gov-") => "aws-us-gov",
        _ => "aws",
    };
    let end = account.get(account.len().saturating_sub(4)..).unwrap_or_default();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (verb, path) = (text(exchange.verb.of(&exchange.input)), text(exchange.resource_path.of(&exchange.input)));
    let arn = format!(
        "arn:{partition}:execute-api:{region}:********{end}:{}/{}/{verb}{path}",
        deployment.api_id, stage.stage_name
    );
    let what = "is not authorized to perform: execute-api:InvalidateCache on resource:";
    Fault::with_message(FaultKind::AccessDenied, format!("User: anonymous {what} {arn}"))
}

/// Appends what tells requests apart: each part says how long it is, so that no two requests have one key by chance.
/// Nothing where what tells them apart is not known.
fn append_key(exchange: &Exchange, verb: Verb, key: &mut Vec<u8>) -> Option<()> {
    let spec = spec(exchange)?;
    if spec.reads_body {
        exchange.body_values()?;
    }
    key.push(verb as u8);
    part(key, |key| key.extend_from_slice(&spec.namespace));
    for parameter in &spec.parameters {
        append_parameter(parameter, exchange, key);
    }
    if spec.varies_by_coding {
        part(key, |key| key.extend_from_slice(exchange.header(HeaderName::AcceptEncoding).unwrap_or_default()));
    }
    if spec.varies_by_accept {
        // What the answer is chosen by, whether or not it is named as a part of the key.
        part(key, |key| {
            key.extend_from_slice(bodies::media_type(exchange.header(HeaderName::Accept).unwrap_or_default()));
        });
    }
    Some(())
}

fn spec(exchange: &Exchange) -> Option<&CacheKey> {
    exchange.deployment()?.cache_keys.get(exchange.method as usize)
}

/// Reads what the key needs of a body, which then has to be there.
#[cold]
pub fn read_body(exchange: &Exchange, body: &[u8]) -> Result<(), Fault> {
    if method(exchange).is_none() || !spec(exchange).is_some_and(|spec| spec.reads_body) {
        return Ok(());
    }
    body_values::read(exchange, request::payload(exchange, body)?.bytes())
}

/// How the method's answers are kept, if they are.
fn method(exchange: &Exchange) -> Option<&MethodCache> {
    let cache = exchange.stage.as_ref()?.limits.as_ref()?.cache.as_ref()?;
    cache.methods.get(exchange.method as usize)?.as_ref()
}

fn part(key: &mut Vec<u8>, append: impl FnOnce(&mut Vec<u8>)) {
    let start = key.len();
    key.extend_from_slice(&[0; 4]);
    append(key);
    let length = (key.len() - start - 4) as u32;
    key[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// The values of one parameter, all of them, whichever the backend looks at; none is something else than an empty one.
fn append_parameter(parameter: &RequestValue, exchange: &Exchange, key: &mut Vec<u8>) {
    let mut append_all = |values: &mut dyn Iterator<Item = Cow<'_, [u8]>>| {
        for value in values {
            key.push(1);
            part(key, |key| key.extend_from_slice(&value));
        }
        key.push(0);
    };
    let input = &exchange.input;
    match parameter {
        RequestValue::Querystring(name) | RequestValue::MultiValueQuerystring(name) => {
            append_all(&mut query::values(exchange.query.of(input), name).map(percent::decode));
        }
        // A backend takes a name in any case.
        RequestValue::Header(name) | RequestValue::MultiValueHeader(name) => {
            let fields = exchange.head.fields.iter();
            let found = fields.filter(|field| field.name.of(input).eq_ignore_ascii_case(name));
            append_all(&mut found.map(|field| Cow::Borrowed(field.value.of(input))));
        }
        other => part(key, |key| values::append_request(other, exchange, key)),
    }
}

/// Whether the client takes the answer's coding.
fn is_taken(exchange: &Exchange, answer: &StoredAnswer) -> bool {
    let Some(coding) = &answer.coding else { return true };
    let accepted = exchange.header(HeaderName::AcceptEncoding).unwrap_or_default();
    accepted.split(|byte| *byte == b',').any(|one| {
        let mut parts = one.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let is_named = parts.next().is_some_and(|name| name == b"*" || name.eq_ignore_ascii_case(coding));
        is_named && !parts.any(|part| matches!(part, b"q=0" | b"Q=0" | b"q=0.0" | b"q=0.00" | b"q=0.000"))
    })
}

/// Whether what was found while waiting can be given to this client.
pub fn found(caching: &Caching, exchange: &Exchange, now: u64) -> Option<HeldAnswer> {
    let held = caching.stage.get(&caching.key, now)?;
    let is_answer = matches!(&held.value, Stored::Answer(answer) if is_taken(exchange, answer));
    is_answer.then_some(held)
}

/// Writes the head of an answer that was kept, with the lines that are this request's own; says what of the body follows.
pub fn write_head<'a>(
    exchange: &mut Exchange,
    answer: &StoredAnswer,
    opened: Opened<'a>,
    keep_alive: bool,
    date: &[u8; 29],
    out: &mut Vec<u8>,
) -> Result<&'a [u8], Fault> {
    let mut head = HeadWriter::new(out);
    head.trusted(opened.head);
    if answer.has_trace_id {
        head.value_with(b"X-Amzn-Trace-Id: ", |out| trace::append(exchange, out));
    }
    baseline(&mut head, exchange, keep_alive, date);
    head.finish().map_err(|_| Fault::INTERNAL)?;
    exchange.status = answer.status;
    exchange.response_length = opened.body.len() as u64;
    Ok(opened.body)
}

#[cfg(test)]
#[path = "cache_lookup_tests.rs"]
mod tests;
