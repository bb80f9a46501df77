//! What a request's messages were, for execution logs with `dataTraceEnabled` and for `TestInvokeMethod`: recorded where each
//! of them is complete, as far as an event shows it, and written out when the request has ended. Secrets are masked.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>

use crate::exchange::Exchange;

/// Bytes of a body that are kept: one more than an event shows, so that it is seen to be cut.
const KEPT: usize = super::execution_log::EVENT + 1;
/// Headers whose values are shown by their last characters only (observability §3.1), and those that carry sessions.
const MASKED: [&[u8]; 6] =
    [b"authorization", b"proxy-authorization", b"x-api-key", b"x-amz-security-token", b"cookie", b"set-cookie"];
/// Characters of a masked value that are shown.
const SHOWN: usize = 6;

/// One message: the whole of its head, the beginning of its body.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    head: Vec<u8>,
    body: Vec<u8>,
}

/// The messages of one request.
#[derive(Debug, Default)]
pub struct DataTrace {
    /// Fields before the client's own, which nobody sent.
    pub(crate) added_fields: usize,
    request_body: Vec<u8>,
    /// What the backend was asked.
    pub(super) asked: Recorded,
    /// What it answered.
    pub(super) received: Recorded,
    /// What the client was answered.
    pub(super) answered: Recorded,
}

/// Begins to record, where the stage of a routed request wants that of its method.
#[cold]
pub(crate) fn begin(exchange: &mut Exchange) {
    let observed = exchange.stage.as_ref().and_then(|stage| stage.observed.as_deref());
    let method = observed.and_then(|observed| observed.methods.get(exchange.method as usize));
    if method.is_some_and(|method| method.data_trace) {
        exchange.data_trace = Some(Box::default());
    }
}

impl Recorded {
    /// Takes a message; a second attempt replaces the first.
    fn record(&mut self, head: &[u8], body: &[u8]) {
        self.head.clear();
        self.head.extend_from_slice(head);
        self.body.clear();
        keep(&mut self.body, body);
    }

    /// Whether there was such a message.
    pub(super) fn is_some(&self) -> bool {
        !self.head.is_empty()
    }

    /// The headers as a map.
    pub(super) fn headers(&self) -> Vec<u8> {
        let mut lines = self.head.split(|byte| *byte == b'\n').skip(1);
        map(std::iter::from_fn(|| {
            let line = lines.next()?.trim_ascii_end();
            let colon = memchr::memchr(b':', line)?;
            Some((&line[..colon], line[colon + 1..].trim_ascii_start()))
        }))
    }

    /// The beginning of the body.
    pub(super) fn body(&self) -> Vec<u8> {
        text(&self.body)
    }
}

impl DataTrace {
    /// A request that nobody sent, whose first fields are not to be shown.
    pub(crate) fn of_test(added_fields: usize) -> Self {
        Self { added_fields, ..Self::default() }
    }

    /// What the client sent.
    pub(crate) fn request_body(&mut self, body: &[u8]) {
        keep(&mut self.request_body, body);
    }

    /// What the backend is asked.
    pub(crate) fn asked(&mut self, head: &[u8], body: &[u8]) {
        self.asked.record(head, body);
    }

    /// What it answered, whole.
    pub(crate) fn received(&mut self, head: &[u8], body: &[u8]) {
        self.received.record(head, body);
    }

    /// A whole answer to the client.
    pub(crate) fn answered(&mut self, message: &[u8]) {
        let end = memchr::memmem::find(message, b"\r\n\r\n").map_or(message.len(), |at| at + 4);
        self.answers(&message[..end], &message[end..]);
    }

    /// The same in two parts.
    pub(crate) fn answers(&mut self, head: &[u8], body: &[u8]) {
        self.answered.record(head, body);
    }

    /// The heads of an answer that passes.
    pub(crate) fn passes(&mut self, received: &[u8], answered: &[u8]) {
        self.received.head.extend_from_slice(received);
        self.answered.head.extend_from_slice(answered);
    }

    /// A piece of its body.
    pub(crate) fn piece(&mut self, bytes: &[u8]) {
        keep(&mut self.received.body, bytes);
        keep(&mut self.answered.body, bytes);
    }

    /// The client's headers as a map.
    pub(super) fn request_headers(&self, exchange: &Exchange) -> Vec<u8> {
        let fields = exchange.head.fields.iter().skip(self.added_fields);
        map(fields.map(|field| (field.name.of(&exchange.input), field.value.of(&exchange.input))))
    }

    /// The beginning of the client's body.
    pub(super) fn shown_request_body(&self) -> Vec<u8> {
        text(&self.request_body)
    }
}

fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    let room = KEPT.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

/// What is no UTF-8 becomes U+FFFD.
fn text(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).into_owned().into_bytes()
}

/// `{name=value, …}`; values of one name stand together, joined by commas.
fn map<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Vec<u8> {
    let mut entries: Vec<(&[u8], Vec<u8>)> = Vec::new();
    for (name, value) in fields {
        let value = masked(name, value);
        match entries.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, values)) => {
                values.extend_from_slice(b", ");
                values.extend_from_slice(&value);
            }
            None => entries.push((name, value)),
        }
    }
    let entries: Vec<Vec<u8>> = entries.iter().map(|(name, value)| [name, &b"="[..], value].concat()).collect();
    [b"{", &entries.join(&b", "[..])[..], b"}"].concat()
}

fn masked(name: &[u8], value: &[u8]) -> Vec<u8> {
    if !MASKED.iter().any(|masked| masked.eq_ignore_ascii_case(name)) {
        return text(value);
    }
    // A short one would be shown whole.
    let hidden = if value.len() > 2 * SHOWN { value.len() - SHOWN } else { value.len() };
    [&vec![b'*'; hidden], &text(&value[hidden..])[..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_shown_by_their_end() {
        for name in
            ["Authorization", "x-api-key", "COOKIE", "Set-Cookie", "X-Amz-Security-Token", "Proxy-Authorization"]
        {
            assert_eq!(masked(name.as_bytes(), b"Bearer 0123456789"), b"***********456789", "{name}");
            assert_eq!(masked(name.as_bytes(), b"short-secret"), b"************", "{name}");
        }
        assert_eq!(masked(b"Accept", b"text/html; charset=utf-8"), b"text/html; charset=utf-8");
    }

    #[test]
    fn values_of_one_name_stand_together() {
        let fields: [(&[u8], &[u8]); 3] = [(b"A", b"1"), (b"B", b"2"), (b"a", b"3\xff")];
        assert_eq!(map(fields.into_iter()), "{A=1, 3\u{fffd}, B=2}".as_bytes());
        assert_eq!(map([].into_iter()), b"{}");
    }

    #[test]
    fn a_body_is_kept_as_far_as_it_is_shown() {
        let mut trace = DataTrace::default();
        for _ in 0..3 {
            trace.piece(&[b'x'; 600]);
        }
        trace.request_body(&[b'y'; 5000]);
        assert_eq!((trace.answered.body.len(), trace.request_body.len()), (KEPT, KEPT));
        trace.answered(b"HTTP/1.1 200 OK\r\nA: b\r\nSet-Cookie: id=12345678901234567890\r\n\r\nbody");
        assert_eq!(trace.answered.body(), b"body");
        assert_eq!(trace.answered.headers(), b"{A=b, Set-Cookie=*****************567890}");
    }
}
