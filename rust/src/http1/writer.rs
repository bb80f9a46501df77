//! Everything that goes into a head goes through here and is checked as strictly as what is read.

use super::{
    head::{Field, Framing},
    host::is_host,
    reason::reason,
    scan::{is_token, target_end, value_end},
};
use crate::primitives::header_names::HeaderName;

/// Why a head cannot be written; nothing of it was left in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// A method or field name that is no token.
    #[error("a name is no token")]
    Name,
    /// A control byte (tab excepted) in a value, or a `Host` that is no `host[:port]`.
    #[error("a value holds a control character")]
    Value,
    /// A space, control, `#` or non-ASCII byte in a target, or no target at all.
    #[error("a target is empty or holds a byte that it may not")]
    Target,
    /// A status outside of 100 to 999.
    #[error("a status is no three digits")]
    Status,
    /// `Content-Length` or `Transfer-Encoding` other than by `framing`, or a second one, or a second `Host`.
    #[error("a head has one framing and one host")]
    Framing,
}

/// What ends a chunked body.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Writes one head to the end of `out`; the first error sticks and `finish` reports it.
#[derive(Debug)]
#[must_use = "a head is complete after finish"]
pub struct HeadWriter<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    failed: Option<Unwritable>,
    framed: bool,
    hosted: bool,
}

impl<'a> HeadWriter<'a> {
    /// Begins a head at the end of `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start, failed: None, framed: false, hosted: false }
    }

    /// `METHOD target HTTP/1.1`.
    pub fn request_line(&mut self, method: &[u8], target: &[u8]) {
        if !is_token(method) {
            return self.fail(Unwritable::Name);
        }
        if target.is_empty() || target_end(target, 0).is_some() {
            return self.fail(Unwritable::Target);
        }
        self.out.reserve(method.len() + target.len() + 12);
        self.out.extend_from_slice(method);
        self.out.push(b' ');
        self.out.extend_from_slice(target);
        self.out.extend_from_slice(b" HTTP/1.1\r\n");
    }

    /// `METHOD target HTTP/1.1` with the target that `render` appends.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "once a request, and its other caller is rare; measured")]
    pub fn request_line_with(&mut self, method: &[u8], render: impl FnOnce(&mut Vec<u8>)) {
        if !is_token(method) {
            return self.fail(Unwritable::Name);
        }
        self.out.extend_from_slice(method);
        self.out.push(b' ');
        let start = self.out.len();
        render(self.out);
        if self.out.len() <= start || target_end(&self.out[start..], 0).is_some() {
            return self.fail(Unwritable::Target);
        }
        self.out.extend_from_slice(b" HTTP/1.1\r\n");
    }

    /// `HTTP/1.1 200 OK`.
    pub fn status_line(&mut self, status: u16) {
        if status == 200 {
            return self.out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
        }
        if !(100..=999).contains(&status) {
            return self.fail(Unwritable::Status);
        }
        self.out.extend_from_slice(b"HTTP/1.1 ");
        self.out.extend_from_slice(itoa::Buffer::new().format(status).as_bytes());
        self.out.push(b' ');
        self.out.extend_from_slice(reason(status).as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    /// One field. `Content-Length` and `Transfer-Encoding` are refused here: see `framing`.
    #[inline]
    pub fn field(&mut self, name: &[u8], value: &[u8]) {
        self.field_parts(name, &[value]);
    }

    /// One field whose value is put together.
    pub fn field_parts(&mut self, name: &[u8], parts: &[&[u8]]) {
        if !is_token(name) {
            return self.fail(Unwritable::Name);
        }
        match name.len() {
            14 if name.eq_ignore_ascii_case(b"content-length") => return self.fail(Unwritable::Framing),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => return self.fail(Unwritable::Framing),
            4 if name.eq_ignore_ascii_case(b"host") => return self.host(name, parts),
            _ => {}
        }
        self.out.extend_from_slice(name);
        self.out.extend_from_slice(b": ");
        for part in parts {
            if value_end(part, 0).is_some() {
                return self.fail(Unwritable::Value);
            }
            self.out.extend_from_slice(part);
        }
        self.out.extend_from_slice(b"\r\n");
    }

    /// One field with the value that `render` appends, left out when it appends nothing. Returns whether it was written.
    pub fn field_with(&mut self, name: &[u8], render: impl FnOnce(&mut Vec<u8>)) -> bool {
        if !is_token(name) {
            self.fail(Unwritable::Name);
            return false;
        }
        let line = self.out.len();
        self.out.extend_from_slice(name);
        self.out.extend_from_slice(b": ");
        let start = self.out.len();
        render(self.out);
        if self.out.len() <= start {
            self.out.truncate(line);
            return false;
        }
        if value_end(&self.out[start..], 0).is_some() {
            self.fail(Unwritable::Value);
        }
        match name.len() {
            14 if name.eq_ignore_ascii_case(b"content-length") => self.fail(Unwritable::Framing),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.fail(Unwritable::Framing),
            4 if name.eq_ignore_ascii_case(b"host") => {
                if !is_host(&self.out[start..]) {
                    self.fail(Unwritable::Value);
                }
                if std::mem::replace(&mut self.hosted, true) {
                    self.fail(Unwritable::Framing);
                }
            }
            _ => {}
        }
        self.out.extend_from_slice(b"\r\n");
        true
    }

    /// One parsed field as it came: name and value were checked when they were read from `buffer`.
    #[inline]
    pub fn forward(&mut self, buffer: &[u8], field: &Field) {
        match field.id {
            HeaderName::ContentLength | HeaderName::TransferEncoding => self.fail(Unwritable::Framing),
            HeaderName::Host if std::mem::replace(&mut self.hosted, true) => self.fail(Unwritable::Framing),
            _ => {}
        }
        match plain_line(buffer, field) {
            Some(line) => self.out.extend_from_slice(line),
            None => self.forward_parts(buffer, field),
        }
    }

    /// Those of the parsed fields that `keep` chooses, as they came.
    #[inline]
    pub fn forward_where(&mut self, buffer: &[u8], fields: &[Field], mut keep: impl FnMut(&Field) -> bool) {
        // Neighbours that already look as they would be written are copied at once.
        let mut run = 0..0;
        for field in fields {
            if !keep(field) {
                continue;
            }
            match field.id {
                HeaderName::ContentLength | HeaderName::TransferEncoding => self.fail(Unwritable::Framing),
                HeaderName::Host if std::mem::replace(&mut self.hosted, true) => self.fail(Unwritable::Framing),
                _ => {}
            }
            let (start, end) = (field.name.start as usize, field.value.end as usize + 2);
            let plain = field.value.start == field.name.end + 2
                && buffer[field.name.end as usize + 1] == b' '
                && buffer.get(end - 2..end) == Some(b"\r\n");
            if plain && start == run.end {
                run.end = end;
                continue;
            }
            self.out.extend_from_slice(&buffer[run]);
            run = start..end;
            if !plain {
                run = 0..0;
                self.out.extend_from_slice(field.name.of(buffer));
                self.out.extend_from_slice(b": ");
                self.out.extend_from_slice(field.value.of(buffer));
                self.out.extend_from_slice(b"\r\n");
            }
        }
        self.out.extend_from_slice(&buffer[run]);
    }

    /// One parsed field under its name behind `prefix`, a token: checked like `forward`.
    #[inline]
    pub fn forward_as(&mut self, prefix: &[u8], buffer: &[u8], field: &Field) {
        self.out.extend_from_slice(prefix);
        match plain_line(buffer, field) {
            Some(line) => self.out.extend_from_slice(line),
            None => self.forward_parts(buffer, field),
        }
    }

    #[cold]
    fn forward_parts(&mut self, buffer: &[u8], field: &Field) {
        for part in [field.name.of(buffer), b": ", field.value.of(buffer), b"\r\n"] {
            self.out.extend_from_slice(part);
        }
    }

    /// One field that begins with `start`, a prebuilt `Name: ` of neither framing nor host, and ends with the value that `render`
    /// appends; only that is checked. Left out when it is empty. Returns whether it was written.
    #[inline]
    pub fn value_with(&mut self, start: &[u8], render: impl FnOnce(&mut Vec<u8>)) -> bool {
        debug_assert!(start.ends_with(b": "), "the beginning of a line");
        let line = self.out.len();
        self.out.extend_from_slice(start);
        let value = self.out.len();
        render(self.out);
        if self.out.len() <= value {
            self.out.truncate(line);
            return false;
        }
        if value_end(&self.out[value..], 0).is_some() {
            self.fail(Unwritable::Value);
        }
        self.out.extend_from_slice(b"\r\n");
        true
    }

    /// Field lines that `prebuild` made.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as the work; measured")]
    pub fn trusted(&mut self, lines: &[u8]) {
        debug_assert!(lines.is_empty() || lines.ends_with(b"\r\n"), "only whole lines");
        self.out.extend_from_slice(lines);
    }

    /// How the body that follows ends: `Content-Length`, `Transfer-Encoding: chunked`, or neither (`None`, `UntilClose`).
    pub fn framing(&mut self, framing: Framing) {
        match framing {
            Framing::None | Framing::UntilClose => {}
            Framing::Length(length) => self.content_length(length),
            Framing::Chunked => {
                self.frame();
                self.out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
            }
        }
    }

    /// `Content-Length` of any size: zero, or that of an answer to HEAD.
    pub fn content_length(&mut self, length: u64) {
        self.frame();
        self.out.extend_from_slice(b"Content-Length: ");
        self.out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    /// Ends the head with an empty line, or takes back all of it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs as much as the work; measured")]
    pub fn finish(self) -> Result<(), Unwritable> {
        match self.failed {
            None => {
                self.out.extend_from_slice(b"\r\n");
                Ok(())
            }
            Some(why) => {
                self.out.truncate(self.start);
                Err(why)
            }
        }
    }

    fn frame(&mut self) {
        if std::mem::replace(&mut self.framed, true) {
            self.fail(Unwritable::Framing);
        }
    }

    fn host(&mut self, name: &[u8], parts: &[&[u8]]) {
        let value = parts.concat();
        if !is_host(&value) {
            return self.fail(Unwritable::Value);
        }
        if std::mem::replace(&mut self.hosted, true) {
            return self.fail(Unwritable::Framing);
        }
        for piece in [name, b": ", &value, b"\r\n"] {
            self.out.extend_from_slice(piece);
        }
    }

    #[cold]
    fn fail(&mut self, why: Unwritable) {
        self.failed.get_or_insert(why);
    }
}

/// The line of a parsed field, if it came as it would be written: most do.
#[inline]
fn plain_line<'b>(buffer: &'b [u8], field: &Field) -> Option<&'b [u8]> {
    let line = buffer.get(field.name.start as usize..field.value.end as usize + 2)?;
    let name = (field.name.end - field.name.start) as usize;
    let is_plain =
        field.value.start == field.name.end + 2 && line.get(name + 1) == Some(&b' ') && line.ends_with(b"\r\n");
    is_plain.then_some(line)
}

/// Appends a checked field line to bytes that `trusted` will take; on an error nothing is appended.
pub fn prebuild(lines: &mut Vec<u8>, name: &[u8], value: &[u8]) -> Result<(), Unwritable> {
    let mut writer = HeadWriter::new(lines);
    writer.field(name, value);
    writer.finish()?;
    // Without the empty line that ends a head.
    lines.truncate(lines.len() - 2);
    Ok(())
}

/// Appends the head of a chunk of `length` (not zero) bytes; CRLF follows the chunk's bytes.
pub fn write_chunk_head(out: &mut Vec<u8>, length: usize) {
    debug_assert!(length > 0, "a chunk of zero bytes ends the body");
    let digits = (usize::BITS - length.leading_zeros()).div_ceil(4).max(1);
    for place in (0..digits).rev() {
        out.push(b"0123456789abcdef"[length >> (place * 4) & 0xf]);
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
