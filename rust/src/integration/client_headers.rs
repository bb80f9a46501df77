//! The client's headers on their way to an `HTTP_PROXY` backend (rest-api §7.5): which pass, and how those of one name are joined.

use super::{
    bodies,
    headers::{WITHHELD, bit, is_signature},
    request::Written,
};
use crate::{
    exchange::Exchange,
    http1::{Field, HeadWriter},
    primitives::header_names::HeaderName,
    snapshot::plan::BackendRequest,
};

/// Passes the client's headers on, those of one name joined with `,`; returns which known names were sent.
pub(super) fn write_client_headers(
    head: &mut HeadWriter,
    request: &BackendRequest,
    survey: &Survey,
    written: &Written,
    exchange: &Exchange,
) -> u128 {
    let (input, fields) = (&exchange.input, &exchange.head.fields);
    let mut sent = 0;
    let withheld = WITHHELD | written.names;
    for (place, field) in fields.iter().enumerate() {
        if field.id == HeaderName::Other {
            if written.numbers != 0 && written.replaces(request, field.name.of(input)) {
                continue;
            }
        } else if withheld & bit(field.id) != 0 {
            continue;
        }
        if survey.names_headers && is_named_by_connection(fields, input, field) {
            continue;
        }
        match field.id {
            HeaderName::Authorization if is_signature(field.value.of(input)) => continue,
            HeaderName::AcceptEncoding => {
                if sent & bit(HeaderName::AcceptEncoding) == 0 {
                    sent |= bit(HeaderName::AcceptEncoding);
                    head.value_with(b"Accept-Encoding: ", |out| append_accept_encoding(fields, input, out));
                }
                continue;
            }
            _ => {}
        }
        sent |= bit(field.id);
        if survey.may_repeat(field) {
            write_joined(head, fields, input, place);
        } else {
            head.forward(input, field);
        }
    }
    sent
}

/// What one look over all fields tells, so that the usual request needs no second one.
#[derive(Default)]
pub(super) struct Survey {
    /// Known names that come twice.
    repeated: u128,
    /// Whether two unknown names look alike.
    others_repeat: bool,
    /// Whether `Connection` names other headers.
    names_headers: bool,
}

impl Survey {
    /// `None` when `Connection` names too many.
    pub(super) fn of(fields: &[Field], input: &[u8]) -> Option<Self> {
        let (mut seen, mut seen_others) = (0u128, 0u64);
        let mut survey = Self::default();
        for field in fields {
            if field.id == HeaderName::Other {
                let name = field.name.of(input);
                let (first, last) = (name.first().copied().unwrap_or(0) | 32, name.last().copied().unwrap_or(0) | 32);
                let mark = 1 << ((name.len() ^ usize::from(first) ^ usize::from(last) << 2) & 63);
                survey.others_repeat |= seen_others & mark != 0;
                seen_others |= mark;
                continue;
            }
            survey.repeated |= seen & bit(field.id);
            seen |= bit(field.id);
        }
        if seen & bit(HeaderName::Connection) != 0 {
            survey.names_headers = names_headers(fields, input)?;
        }
        Some(survey)
    }

    fn may_repeat(&self, field: &Field) -> bool {
        if field.id == HeaderName::Other { self.others_repeat } else { self.repeated & bit(field.id) != 0 }
    }
}

/// `Connection` may name so many headers; each of them is looked for among all.
const MOST_OPTIONS: usize = 32;

/// Whether `Connection` names other headers, beside its usual options; `None` when they are too many to be meant well.
pub(crate) fn names_headers(fields: &[Field], bytes: &[u8]) -> Option<bool> {
    let mut options = 0;
    for field in fields.iter().filter(|field| field.id == HeaderName::Connection) {
        let value = field.value.of(bytes);
        if !value.eq_ignore_ascii_case(b"keep-alive") && !value.eq_ignore_ascii_case(b"close") {
            options += 1 + memchr::memchr_iter(b',', value).count();
        }
    }
    (options <= MOST_OPTIONS).then_some(options > 0)
}

/// Whether a `Connection` header says that this one is for us only.
#[cold]
pub(crate) fn is_named_by_connection(fields: &[Field], bytes: &[u8], field: &Field) -> bool {
    let name = field.name.of(bytes);
    let mut options = fields
        .iter()
        .filter(|field| field.id == HeaderName::Connection)
        .flat_map(|field| field.value.of(bytes).split(|byte| *byte == b','));
    options.any(|option| option.trim_ascii().eq_ignore_ascii_case(name))
}

/// Writes the field at `place` with the values of all others of its name, or nothing when an earlier one did.
fn write_joined(head: &mut HeadWriter, fields: &[Field], input: &[u8], place: usize) {
    let field = &fields[place];
    let name = field.name.of(input);
    let is_same = |other: &&Field| other.id == field.id && other.name.of(input).eq_ignore_ascii_case(name);
    if fields[..place].iter().any(|other| is_same(&other)) {
        return;
    }
    if !fields[place + 1..].iter().any(|other| is_same(&other)) {
        return head.forward(input, field);
    }
    head.field_with(name, |out| {
        for (number, same) in fields[place..].iter().filter(is_same).enumerate() {
            if number > 0 {
                out.push(b',');
            }
            out.extend_from_slice(same.value.of(input));
        }
    });
}

/// What of the client's `Accept-Encoding` we can undo (§8.5); `identity` when nothing is left, for no header would mean "any".
fn append_accept_encoding(fields: &[Field], input: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    for field in fields.iter().filter(|field| field.id == HeaderName::AcceptEncoding) {
        for entry in field.value.of(input).split(|byte| *byte == b',') {
            let entry = entry.trim_ascii();
            let coding = bodies::media_type(entry);
            if [&b"gzip"[..], b"deflate", b"identity"].iter().any(|known| coding.eq_ignore_ascii_case(known)) {
                if out.len() > start {
                    out.extend_from_slice(b", ");
                }
                out.extend_from_slice(entry);
            }
        }
    }
    if out.len() == start {
        out.extend_from_slice(b"identity");
    }
}
