//! Responses: in pieces as in one; framed as RFC 9112 (6.3) says; read by httparse with the same fields.

use apigw_engine::http1::{BadResponse, Framing, ResponseHead, Version, parse_response};

use super::{
    bodies,
    choices::{Choices, pieces},
};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) version: Version,
    pub(crate) fields: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
    pub(crate) length: usize,
}

pub(crate) fn head(text: &[u8], request_was_head: bool) -> Result<Option<Head>, BadResponse> {
    let mut head = ResponseHead::default();
    if !parse_response(text, request_was_head, &mut head)? {
        return Ok(None);
    }
    let fields = head.fields.iter().map(|field| (field.name.of(text).to_vec(), field.value.of(text).to_vec()));
    Ok(Some(Head {
        status: head.status,
        version: head.version,
        fields: fields.collect(),
        framing: head.framing,
        keep_alive: head.keep_alive,
        length: head.length as usize,
    }))
}

/// See the module.
pub fn response(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let request_was_head = choices.below(4) == 0;
    let (cuts, text) = choices.cuts();
    let whole = head(text, request_was_head);
    let first = (0..text.len()).find_map(|end| match head(&text[..end], request_was_head) {
        Ok(None) => None,
        decided => Some(decided),
    });
    if text.len() < 2000 {
        assert_eq!(first.as_ref().unwrap_or(&whole), &whole, "{}", text.escape_ascii());
    }
    let Ok(Some(ours)) = whole else { return };
    let mut fields = [httparse::EMPTY_HEADER; 256];
    let mut theirs = httparse::Response::new(&mut fields);
    assert_eq!(theirs.parse(text), Ok(httparse::Status::Complete(ours.length)));
    assert_eq!(theirs.code, Some(ours.status));
    let theirs: Vec<_> =
        theirs.headers.iter().map(|field| (field.name.as_bytes().to_vec(), field.value.to_vec())).collect();
    assert_eq!(ours.fields, theirs);
    framed(&ours, request_was_head);
    let body = &text[ours.length..];
    let body_whole = bodies::read(ours.framing, &[body]);
    let cuts: Vec<usize> = cuts.into_iter().filter_map(|cut| cut.checked_sub(ours.length)).collect();
    assert_eq!(bodies::read(ours.framing, &pieces(body, &cuts)), body_whole);
}

fn framed(head: &Head, request_was_head: bool) {
    let all = |name: &str| head.fields.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes())).count();
    let (lengths, codings) = (all("content-length"), all("transfer-encoding"));
    assert!(lengths + codings <= 1, "framed twice");
    assert!(head.status >= 100 && head.status != 101);
    let bodiless = request_was_head || head.status < 200 || head.status == 204 || head.status == 304;
    match head.framing {
        Framing::None => assert!(bodiless || lengths == 1),
        Framing::Length(_) => assert!(!bodiless && lengths == 1),
        Framing::Chunked => assert!(!bodiless && codings == 1 && head.version == Version::Http11),
        Framing::UntilClose => assert!(!bodiless && lengths + codings == 0 && !head.keep_alive),
    }
}
