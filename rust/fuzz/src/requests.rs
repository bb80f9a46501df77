//! Requests: in pieces as in one, and as the rules say.

use apigw_engine::http1::{BodyError, BodyReader, Framing, HeadLimits, Refusal, RequestHead, Version, parse_request};

use super::{
    choices::{Choices, pieces},
    model::{self, Body, Verdict},
};

const LIMITS: HeadLimits = HeadLimits { target: 10_240, header_block: 10_240, fields: 256 };

/// All that a head says.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) struct Head {
    pub(crate) method: Vec<u8>,
    pub(crate) target: Vec<u8>,
    pub(crate) host: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) fields: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) version: Version,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
    pub(crate) length: usize,
}

/// A head at the beginning of `text`, or nothing yet.
pub(crate) fn head(text: &[u8]) -> Result<Option<Head>, Refusal> {
    let mut head = RequestHead::default();
    if !parse_request(text, &LIMITS, &mut head)? {
        return Ok(None);
    }
    let fields = head.fields.iter().map(|field| (field.name.of(text).to_vec(), field.value.of(text).to_vec()));
    Ok(Some(Head {
        method: head.method.of(text).to_vec(),
        target: head.target.of(text).to_vec(),
        host: head.host.of(text).to_vec(),
        path: head.path.of(text).to_vec(),
        fields: fields.collect(),
        version: head.version,
        framing: head.framing,
        keep_alive: head.keep_alive,
        length: head.length as usize,
    }))
}

/// What a connection said, in order.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) enum Heard {
    Message(Head, Vec<u8>),
    Refused(Refusal),
    Broken(BodyError),
    /// Bytes of a message that has not come in whole.
    Unfinished,
}

/// Reads requests as they come in these pieces, one after the other.
pub(crate) fn read(pieces: &[&[u8]]) -> Vec<Heard> {
    let (mut said, mut buffer) = (Vec::new(), Vec::new());
    let mut open: Option<(Head, BodyReader, Vec<u8>)> = None;
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            let Some((_, reader, payload)) = &mut open else {
                match head(&buffer) {
                    Err(refusal) => {
                        said.push(Heard::Refused(refusal));
                        return said;
                    }
                    Ok(None) => break,
                    Ok(Some(head)) => {
                        buffer.drain(..head.length);
                        let reader = BodyReader::new(head.framing);
                        open = Some((head, reader, Vec::new()));
                    }
                }
                continue;
            };
            if !reader.is_done() {
                if buffer.is_empty() {
                    break;
                }
                match reader.step(&buffer) {
                    Err(error) => {
                        said.push(Heard::Broken(error));
                        return said;
                    }
                    Ok(step) => {
                        assert!(step.consumed > 0, "a step that uses nothing would loop forever");
                        payload.extend_from_slice(&buffer[step.data]);
                        buffer.drain(..step.consumed);
                    }
                }
                continue;
            }
            said.extend(open.take().map(|(head, _, payload)| Heard::Message(head, payload)));
        }
    }
    if open.is_some() || !buffer.is_empty() {
        said.push(Heard::Unfinished);
    }
    said
}

/// Method, target and body of every whole request in a text.
pub fn readings(text: &[u8]) -> Vec<[Vec<u8>; 3]> {
    let whole = |each| match each {
        Heard::Message(head, body) => Some([head.method, head.target, body]),
        _ => None,
    };
    read(&[text]).into_iter().filter_map(whole).collect()
}

/// A head is what the plain rules say it is, and the first byte that decides decides for all that follow.
pub fn request_head(text: &[u8]) {
    let ours = head(text);
    if text.len() < LIMITS.target as usize {
        match (model::request(text), &ours) {
            (Verdict::Accepted(rules), Err(Refusal::HeadTooLarge)) if rules.fields.len() > 256 => {}
            (Verdict::Accepted(rules), Ok(Some(ours))) => agree(&rules, ours),
            // What is broken may be seen before it is whole; what is whole is decided.
            (Verdict::Refused | Verdict::Unfinished, Err(_)) | (Verdict::Unfinished, Ok(None)) => {}
            (rules, ours) => panic!("the rules say {rules:?}, the codec {ours:?} of {}", text.escape_ascii()),
        }
    }
    for end in [text.len() / 2, text.len().saturating_sub(1)] {
        match head(&text[..end]) {
            Ok(None) => {}
            early => assert_eq!(early, ours, "the first {end} bytes of {}", text.escape_ascii()),
        }
    }
}

fn agree(rules: &model::Head, ours: &Head) {
    let body = match ours.framing {
        Framing::None => Body::None,
        Framing::Length(length) => Body::Length(length),
        Framing::Chunked => Body::Chunked,
        Framing::UntilClose => panic!("a request does not end with its connection"),
    };
    assert_eq!(
        (&rules.method, &rules.target, &rules.host, &rules.fields, rules.body, rules.length),
        (&ours.method, &ours.target, &ours.host, &ours.fields, body, ours.length)
    );
}

/// Requests in pieces are the requests in one piece, and their bodies are what the plain rules make of them.
pub fn request_stream(bytes: &[u8]) {
    let (cuts, text) = Choices(bytes).cuts();
    let whole = read(&[text]);
    assert_eq!(read(&pieces(text, &cuts)), whole, "cut at {cuts:?}: {}", text.escape_ascii());
    let mut rest = text;
    for each in &whole {
        let Heard::Message(head, body) = each else { break };
        rest = &rest[head.length..];
        let used = if head.framing == Framing::Chunked {
            let Verdict::Accepted((payload, used)) = model::chunked(rest) else {
                panic!("chunks that the rules refuse: {}", rest.escape_ascii())
            };
            assert_eq!(*body, payload);
            used
        } else {
            assert_eq!(*body, &rest[..body.len()]);
            body.len()
        };
        rest = &rest[used..];
    }
}
