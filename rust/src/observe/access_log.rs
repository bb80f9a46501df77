//! The JSON access log of one core: lines are put into a page, pages go to the writer thread.
//! Values a client chose are escaped: a quote in a path forges no record (AWS does not escape; ours does).

use crate::per_core::clock::Micros;

/// A page is handed over when it is this full.
const PAGE: usize = 60 * 1024;

/// What one line says.
#[derive(Debug)]
pub struct Line<'a> {
    /// `$context.requestId`.
    pub request_id: &'a [u8; 36],
    /// `$context.extendedRequestId`.
    pub extended_request_id: &'a [u8; 16],
    /// The client's address.
    pub ip: &'a [u8],
    /// `$context.requestTime`.
    pub request_time: &'a [u8; 26],
    /// The verb on the wire.
    pub http_method: &'a [u8],
    /// The matched resource, as in `/pets/{petId}`; empty before it is known.
    pub resource_path: &'a [u8],
    /// The path as sent, without the query.
    pub path: &'a [u8],
    /// `HTTP/1.1` or `HTTP/1.0`.
    pub protocol: &'a [u8; 8],
    /// The status sent; 0 when the client went away, or the request was cut at a stop, before it was.
    pub status: u16,
    /// Bytes of body sent.
    pub response_length: u64,
    /// Microseconds until the last byte.
    pub response_latency: Micros,
    /// The backend's status and the microseconds it took.
    pub integration: Option<(u16, Micros)>,
    /// The API's id and the stage's name, as `stage_members` wrote them; `NO_STAGE` before they are known.
    pub stage: &'a [u8],
    /// `User-Agent`.
    pub user_agent: &'a [u8],
}

/// The lines one core has not handed over yet.
#[derive(Debug, Default)]
pub struct AccessLogPage {
    bytes: Vec<u8>,
    lines: u64,
}

impl AccessLogPage {
    /// Adds a line.
    pub fn push(&mut self, line: &Line<'_>) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(PAGE + 4096);
        }
        let out = &mut self.bytes;
        let mut start = *START;
        start[REQUEST_ID..REQUEST_ID + 36].copy_from_slice(line.request_id);
        start[EXTENDED..EXTENDED + 16].copy_from_slice(line.extended_request_id);
        start[TIME..TIME + 26].copy_from_slice(line.request_time);
        start[PROTOCOL..PROTOCOL + 8].copy_from_slice(line.protocol);
        out.extend_from_slice(&start);
        number(out, u64::from(line.status));
        out.extend_from_slice(b",\"responseLength\":");
        number(out, line.response_length);
        out.extend_from_slice(b",\"responseLatency\":");
        number(out, line.response_latency / 1000);
        if let Some((status, latency)) = line.integration {
            out.extend_from_slice(b",\"integrationStatus\":");
            number(out, u64::from(status));
            out.extend_from_slice(b",\"integrationLatency\":");
            number(out, latency / 1000);
        }
        out.extend_from_slice(b",\"ip\":\"");
        out.extend_from_slice(line.ip);
        out.extend_from_slice(b"\",\"httpMethod\":\"");
        // A token: no quote, backslash or control can be in it.
        out.extend_from_slice(line.http_method);
        out.extend_from_slice(b"\",\"resourcePath\":\"");
        escaped(out, line.resource_path);
        out.extend_from_slice(b"\",\"path\":\"");
        escaped(out, line.path);
        out.extend_from_slice(line.stage);
        escaped(out, line.user_agent);
        out.extend_from_slice(b"\"}\n");
        self.lines += 1;
    }

    /// Whether it is time to hand the page over.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= PAGE
    }

    /// The page and how many lines it holds; what remains is an empty page.
    pub fn take(&mut self) -> (Vec<u8>, u64) {
        (std::mem::take(&mut self.bytes), std::mem::take(&mut self.lines))
    }

    /// Gives an emptied page's memory back.
    pub fn reuse(&mut self, mut bytes: Vec<u8>) {
        bytes.clear();
        if self.bytes.capacity() == 0 {
            self.bytes = bytes;
        }
    }
}

/// The beginning of every line, with places for what differs.
const START: &[u8; LENGTH] = b"{\"requestId\":\"00000000-0000-0000-0000-000000000000\",\"extendedRequestId\":\"0000000000000000\",\"requestTime\":\"01/Jan/1970:00:00:00 +0000\",\"protocol\":\"HTTP/1.1\",\"status\":";
const REQUEST_ID: usize = 14;
const EXTENDED: usize = REQUEST_ID + 36 + 23;
const TIME: usize = EXTENDED + 16 + 17;
const PROTOCOL: usize = TIME + 26 + 14;
const LENGTH: usize = PROTOCOL + 8 + 11;

/// What stands in a line between path and user agent, written once for each stage.
pub fn stage_members(api_id: &str, stage: &str) -> Box<[u8]> {
    let mut members = b"\",\"apiId\":\"".to_vec();
    escaped(&mut members, api_id.as_bytes());
    members.extend_from_slice(b"\",\"stage\":\"");
    escaped(&mut members, stage.as_bytes());
    members.extend_from_slice(b"\",\"userAgent\":\"");
    members.into()
}

/// The same for a request without a stage.
pub const NO_STAGE: &[u8] = b"\",\"apiId\":\"\",\"stage\":\"\",\"userAgent\":\"";

#[inline]
fn number(out: &mut Vec<u8>, number: u64) {
    // Nearly all numbers here are a status, a latency or a short length.
    let digit = |power: u32| b'0' + (number as u32 / power % 10) as u8;
    match number {
        0..10 => out.push(digit(1)),
        10..100 => out.extend_from_slice(&[digit(10), digit(1)]),
        100..1000 => out.extend_from_slice(&[digit(100), digit(10), digit(1)]),
        _ => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
    }
}

/// Whether a byte stands for itself in a JSON text.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0x20;
    while byte < 0x7f {
        plain[byte] = byte != b'"' as usize && byte != b'\\' as usize;
        byte += 1;
    }
    plain
};

/// Whether every byte stands for itself in a JSON text: printable ASCII but for the quote and the backslash. Eight at a time:
/// a log line is scanned at the cost of a copy.
#[inline]
fn is_plain(value: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The classic test for a byte below `n` (and for zero) in a word; the high bits of the words themselves are tested too.
    let special = |word: u64| {
        let below_space = word.wrapping_sub(ONES * 0x20);
        let quote = (word ^ (ONES * 0x22)).wrapping_sub(ONES);
        let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
        let delete = (word ^ (ONES * 0x7f)).wrapping_sub(ONES);
        (word | below_space | quote | backslash | delete) & HIGH
    };
    let Some(last) = value.last_chunk::<8>() else {
        return value.iter().all(|byte| PLAIN[usize::from(*byte)]);
    };
    // The last eight bytes may have been seen already; that is cheaper than to look at them one by one.
    let mut found = special(u64::from_le_bytes(*last));
    for word in value.as_chunks::<8>().0 {
        found |= special(u64::from_le_bytes(*word));
    }
    found == 0
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A value as the inside of a JSON string; bytes that are no UTF-8 become U+FFFD.
#[inline]
pub(crate) fn escaped(out: &mut Vec<u8>, value: &[u8]) {
    if is_plain(value) {
        return out.extend_from_slice(value);
    }
    escaped_slowly(out, value);
}

#[cold]
fn escaped_slowly(out: &mut Vec<u8>, value: &[u8]) {
    for chunk in value.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.extend_from_slice(b"\\\""),
                '\\' => out.extend_from_slice(b"\\\\"),
                '\n' => out.extend_from_slice(b"\\n"),
                '\t' => out.extend_from_slice(b"\\t"),
                '\0'..='\u{1f}' | '\u{7f}' => {
                    let code = character as usize;
                    out.extend_from_slice(&[b'\\', b'u', b'0', b'0', HEX[code >> 4], HEX[code & 15]]);
                }
                // Some log readers take these two for line ends.
                '\u{2028}' => out.extend_from_slice(b"\\u2028"),
                '\u{2029}' => out.extend_from_slice(b"\\u2029"),
                other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_bytes_are_told_from_others_at_every_place() {
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=255_u8 {
                    let mut value = vec![b'a'; length];
                    value[at] = byte;
                    let plain = (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\';
                    assert_eq!(is_plain(&value), plain, "{byte} at {at} of {length}");
                }
            }
        }
    }

    #[test]
    fn numbers_of_every_length() {
        for wanted in [0, 7, 10, 99, 100, 404, 999, 1000, 65_536, u64::MAX] {
            let mut out = Vec::new();
            number(&mut out, wanted);
            assert_eq!(out, wanted.to_string().as_bytes());
        }
    }

    #[test]
    fn a_line_is_one_json_object_whatever_the_client_sent() {
        let mut page = AccessLogPage::default();
        let hostile: Vec<u8> = (0..=255).chain("\u{2028}é\"}\n{".bytes()).collect();
        page.push(&Line {
            request_id: b"0b9bd7a1-0f9c-4a57-b1a9-3f3f6a9b3b0e",
            extended_request_id: b"f-ZvmEb3PHcEeNg=",
            ip: b"192.0.2.7",
            request_time: b"21/Nov/2026:09:00:00 +0000",
            http_method: b"GET",
            resource_path: b"/pets/{petId}",
            path: &hostile,
            protocol: b"HTTP/1.1",
            status: 200,
            response_length: 7,
            response_latency: 12_345,
            integration: Some((201, 9_999)),
            stage: &stage_members("abcdefghij", "a\"b"),
            user_agent: &hostile,
        });
        let (bytes, lines) = page.take();
        assert_eq!(lines, 1);
        assert_eq!(memchr::memchr_iter(b'\n', &bytes).count(), 1);
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(value["path"], String::from_utf8_lossy(&hostile).into_owned());
        assert_eq!(
            (&value["ip"], &value["apiId"], &value["stage"]),
            (&"192.0.2.7".into(), &"abcdefghij".into(), &"a\"b".into())
        );
        assert_eq!(
            (&value["requestId"], &value["protocol"]),
            (&"0b9bd7a1-0f9c-4a57-b1a9-3f3f6a9b3b0e".into(), &"HTTP/1.1".into())
        );
        assert_eq!(
            (&value["extendedRequestId"], &value["requestTime"], &value["status"]),
            (&"f-ZvmEb3PHcEeNg=".into(), &"21/Nov/2026:09:00:00 +0000".into(), &200.into())
        );
        assert_eq!(NO_STAGE, &*stage_members("", ""));
        assert_eq!(
            (&value["responseLatency"], &value["integrationStatus"], &value["integrationLatency"]),
            (&12.into(), &201.into(), &9.into())
        );
        assert_eq!(value.as_object().unwrap().len(), 16);
    }
}
