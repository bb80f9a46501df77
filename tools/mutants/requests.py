"""Rules of reading requests: heads, their framing, their bodies."""

from __future__ import annotations

from .table import Rule, mutant

FIELDS, HOST, REQUEST, SCAN, BODY = (f"http1/{name}.rs" for name in ("fields", "host", "request", "scan", "body"))
HEADS = "http1::request::tests"
BODIES = "http1::body::tests"

# Names for one reading of a value that is shared by several mutants.
_STOP = "let Some(stop) = value_end(buf, start) else { return incomplete };"


def _passing(byte: str) -> str:
    return (
        "let mut from = start; let stop = loop { let Some(at) = value_end(buf, from) else { return incomplete }; "
        f"if buf[at] != {byte} {{ break at; }} from = at + 1; }};"
    )


RULES = (
    Rule(
        "Content-Length with Transfer-Encoding is refused",
        (f"{HEADS}::ambiguous_framing_is_refused", "fuzz::request_head"),
        (
            mutant(
                FIELDS,
                "if meaning.chunked && meaning.length.is_some() {",
                "if meaning.chunked && meaning.length == Some(0) {",
            ),
        ),
    ),
    Rule(
        "several Content-Lengths are refused, equal ones too",
        (f"{HEADS}::ambiguous_framing_is_refused",),
        (
            mutant(
                FIELDS,
                "meaning.length.replace(length).is_some()",
                "meaning.length.replace(length).is_some_and(|other| other != length)",
            ),
            mutant(
                FIELDS, "meaning.length.replace(length).is_some()", "meaning.length.replace(length) == Some(length)"
            ),
        ),
    ),
    Rule(
        "a Content-Length is digits alone: no sign, no list, no decoration",
        (f"{HEADS}::ambiguous_framing_is_refused",),
        (
            mutant(
                FIELDS,
                "fn decimal(text: &[u8]) -> Option<u64> {",
                'fn decimal(text: &[u8]) -> Option<u64> {\n    let text = text.strip_prefix(b"+").unwrap_or(text);',
            ),
            mutant(
                FIELDS,
                "fn decimal(text: &[u8]) -> Option<u64> {",
                "fn decimal(text: &[u8]) -> Option<u64> {\n    let text = text.split(|&byte| byte == b',').next()?;",
            ),
            mutant(
                FIELDS,
                "if digit > 9 {",
                "if digit > 9 && byte.is_ascii_hexdigit() {\n            return Some(sum);\n        }\n        if digit > 9 {",
            ),
            mutant(
                FIELDS, "if text.is_empty() {\n        return None;", "if text.is_empty() {\n        return Some(0);"
            ),
        ),
    ),
    Rule(
        "a Content-Length fits 64 bits",
        (f"{HEADS}::ambiguous_framing_is_refused",),
        (
            mutant(
                FIELDS,
                "sum.checked_mul(10)?.checked_add(u64::from(digit))",
                "Some(sum.wrapping_mul(10).wrapping_add(u64::from(digit)))",
            ),
        ),
    ),
    Rule(
        "Transfer-Encoding is the single coding chunked, in any letter case",
        (f"{HEADS}::ambiguous_framing_is_refused", f"{HEADS}::framing_is_computed_once"),
        (
            mutant(
                FIELDS,
                'if !field.value.of(buf).eq_ignore_ascii_case(b"chunked") {',
                'if !field.value.of(buf).to_ascii_lowercase().ends_with(b"chunked") {',
            ),
            mutant(
                FIELDS,
                'if !field.value.of(buf).eq_ignore_ascii_case(b"chunked") {',
                'if !field.value.of(buf).to_ascii_lowercase().starts_with(b"chunked") {',
            ),
            mutant(
                FIELDS,
                'if !field.value.of(buf).eq_ignore_ascii_case(b"chunked") {',
                'if field.value.of(buf).eq_ignore_ascii_case(b"identity") { continue; }\n                    if !field.value.of(buf).eq_ignore_ascii_case(b"chunked") {',
            ),
            mutant(
                FIELDS,
                'if !field.value.of(buf).eq_ignore_ascii_case(b"chunked") {',
                'if field.value.of(buf) != b"chunked" {',
            ),
            mutant(
                FIELDS,
                "if meaning.chunked {\n                        return",
                "if false {\n                        return",
            ),
        ),
    ),
    Rule(
        "Transfer-Encoding in HTTP/1.0 is refused",
        (f"{HEADS}::ambiguous_framing_is_refused",),
        (
            mutant(
                FIELDS,
                "if version == Version::Http10 {\n                        return",
                "if false {\n                        return",
            ),
        ),
    ),
    Rule(
        "a line that continues another one (obs-fold) is refused",
        (f"{HEADS}::broken_lines_are_refused",),
        (
            mutant(
                FIELDS,
                "let Some((colon, id)) = name(buf, at)? else",
                "while let Some(b' ' | b'\\t') = buf.get(at) {\n            at += 1;\n        }\n        let Some((colon, id)) = name(buf, at)? else",
            ),
        ),
    ),
    Rule(
        "white space before the colon is refused",
        (f"{HEADS}::broken_lines_are_refused",),
        (
            mutant(
                FIELDS,
                "(1.., b' ' | b'\\t') => \"white",
                "(1.., b' ' | b'\\t') if rest.get(length + 1) == Some(&b':') => {\n            return Ok(Some((start + length + 1, identify(&rest[..length]))));\n        }\n        (1.., b' ' | b'\\t') => \"white",
            ),
        ),
    ),
    Rule(
        "NUL and other controls in a value are refused",
        (f"{HEADS}::broken_lines_are_refused", "http1::scan::tests::every_byte_is_judged_at_every_place"),
        (
            mutant(FIELDS, _STOP, _passing("0")),
            mutant(FIELDS, _STOP, _passing("0x1f")),
            mutant(
                SCAN,
                "|byte| (byte < 0x20) | (byte == 0x7f), |word| below(word, 0x20) | equal(word, 0x7f)",
                "|byte| byte < 0x20, |word| below(word, 0x20)",
            ),
        ),
    ),
    Rule(
        "a bare CR anywhere in a head is refused",
        (f"{HEADS}::broken_lines_are_refused", f"{HEADS}::one_empty_line_may_come_first"),
        (
            mutant(FIELDS, "(b'\\r', Some(_)) => return Err(Malformed(\"CR without LF\")),", "(b'\\r', Some(_)) => {}"),
            mutant(FIELDS, _STOP, _passing("b'\\r' || buf.get(at + 1).is_none_or(|&next| next == b'\\n')")),
            mutant(REQUEST, 'Some(_) => return Err(BadRequest("CR without LF")),', "Some(_) => at = 1,"),
        ),
    ),
    Rule(
        "a bare LF anywhere in a head is refused",
        (f"{HEADS}::broken_lines_are_refused", f"{HEADS}::one_empty_line_may_come_first"),
        (
            mutant(
                FIELDS,
                "(b'\\n', _) => return Err(Malformed(\"LF without CR\")),",
                "(b'\\n', _) => {}",
                "at = stop + 2;",
                "at = if buf[stop] == b'\\n' { stop + 1 } else { stop + 2 };",
            ),
            mutant(
                FIELDS,
                "if buf.get(at) == Some(&b'\\r') {",
                "if buf.get(at) == Some(&b'\\n') {\n            return Ok(Some((at + 1, marks)));\n        }\n        if buf.get(at) == Some(&b'\\r') {",
            ),
            mutant(
                REQUEST,
                'if rest.starts_with(b"HTTP/1.1\\r\\n") {',
                'if rest.starts_with(b"HTTP/1.1\\n") {\n        return Ok(Some((Version::Http11, at + 9)));\n    }\n    if rest.starts_with(b"HTTP/1.1\\r\\n") {',
            ),
            mutant(REQUEST, "let mut at = 0;", "let mut at = usize::from(buf.first() == Some(&b'\\n'));"),
        ),
    ),
    Rule(
        "a field line without a colon is refused",
        (f"{HEADS}::broken_lines_are_refused",),
        (
            mutant(
                FIELDS,
                "(1.., b'\\r' | b'\\n') => \"a field",
                "(2.., b'\\r') => return Ok(Some((start + length - 1, HeaderName::Other))),\n        (1.., b'\\r' | b'\\n') => \"a field",
            ),
        ),
    ),
    Rule(
        "an empty field name is refused",
        (f"{HEADS}::broken_lines_are_refused",),
        (
            mutant(
                FIELDS,
                "(0, b':') => \"a field without a name\",",
                "(0, b':') => return Ok(Some((start, HeaderName::Other))),",
            ),
        ),
    ),
    Rule(
        "a field name that is no token is refused",
        (f"{HEADS}::broken_lines_are_refused", "http1::scan::tests::every_byte_is_judged_at_every_place"),
        (
            mutant(
                FIELDS,
                "id != HeaderName::Other || is_token(name)",
                "id != HeaderName::Other || name.iter().all(u8::is_ascii_graphic) && !name.is_empty()",
            ),
            mutant(
                SCAN,
                "table[byte] = (byte as u8).is_ascii_alphanumeric();",
                "table[byte] = (byte as u8).is_ascii_alphanumeric() || byte > 0x7f;",
            ),
            mutant(SCAN, 'let others = b"!#', 'let others = b"(!#'),
        ),
    ),
    Rule(
        "a request names one Host: none is refused",
        (f"{HEADS}::hosts",),
        (
            mutant(
                REQUEST,
                'meaning.host.ok_or(BadRequest("no Host"))?',
                "meaning.host.unwrap_or(head.target)",
                "if !is_host(host.of(buf)) {",
                "if meaning.host.is_some() && !is_host(host.of(buf)) {",
            ),
        ),
    ),
    Rule(
        "a request names one Host: several are refused",
        (f"{HEADS}::hosts",),
        (mutant(FIELDS, 'HeaderName::Host if meaning.host.is_some() => return Err("several Hosts"),', ""),),
    ),
    Rule(
        "a Host is host[:port]",
        (f"{HEADS}::hosts", "http1::host::tests::hosts_and_what_is_none", "fuzz::address"),
        (
            mutant(REQUEST, "if !is_host(host.of(buf)) {", "if false {"),
            mutant(
                HOST,
                "matches!(byte as u8, b'-' | b'.' | b'_' | b'~')",
                "matches!(byte as u8, b'-' | b'.' | b'_' | b'~' | b'@')",
            ),
            mutant(
                HOST,
                "matches!(byte as u8, b'-' | b'.' | b'_' | b'~')",
                "matches!(byte as u8, b'-' | b'.' | b'_' | b'~' | b'/')",
            ),
            mutant(HOST, "(1..=5).contains(&text.len())", "text.len() <= 5"),
            mutant(HOST, "<= 65_535", "<= 99_999"),
            mutant(
                HOST,
                "[b':', port @ ..] => is_port(port),\n        _ => false,",
                "[b':', port @ ..] => is_port(port),\n        _ => true,",
            ),
        ),
    ),
    Rule(
        "an absolute target that names another host than Host is refused",
        (f"{HEADS}::hosts",),
        (
            mutant(
                REQUEST,
                "if head.host != Span::default() && !head.host.of(buf).eq_ignore_ascii_case(host.of(buf)) {",
                "if false {",
            ),
            mutant(
                REQUEST,
                "!head.host.of(buf).eq_ignore_ascii_case(host.of(buf))",
                "!head.host.of(buf).ends_with(host.of(buf))",
            ),
        ),
    ),
    Rule(
        "a target is in origin-form or absolute-form; CONNECT is refused",
        (f"{HEADS}::targets",),
        (
            mutant(REQUEST, 'if head.method.of(buf) == b"CONNECT" {', "if false {"),
            mutant(REQUEST, "if target[0] == b'/' {", "if target[0] == b'/' || target[0] == b'*' {"),
        ),
    ),
    Rule(
        "a target holds no control, space, fragment or byte beyond ASCII",
        (f"{HEADS}::targets", "http1::scan::tests::every_byte_is_judged_at_every_place"),
        (
            mutant(
                SCAN,
                "|byte| (byte < 0x21) | (byte > 0x7e) | (byte == b'#'),\n        |word| below(word, 0x21) | equal(word, 0x7f) | equal(word, b'#') | word & HIGH,",
                "|byte| (byte < 0x21) | (byte > 0x7e),\n        |word| below(word, 0x21) | equal(word, 0x7f) | word & HIGH,",
            ),
            mutant(SCAN, "| word & HIGH,", ","),
            mutant(SCAN, "|word| below(word, 0x21) | equal", "|word| below(word, 0x20) | equal"),
        ),
    ),
    Rule(
        "a method is a token of at most 64 bytes",
        (f"{HEADS}::request_lines",),
        (
            mutant(REQUEST, "if at - start > LONGEST_METHOD {", "if false {"),
            mutant(REQUEST, "Some(b' ') if at > start =>", "Some(b' ' | b'\\t') if at > start =>"),
        ),
    ),
    Rule(
        "a version other than HTTP/1.0 and 1.1 answers 505",
        (f"{HEADS}::request_lines",),
        (
            mutant(
                REQUEST, '!matches!(&rest[5..8], b"1.0" | b"1.1")', '!matches!(&rest[5..8], b"1.0" | b"1.1" | b"1.2")'
            ),
            mutant(REQUEST, "return Err(Refusal::Version);", 'return Err(BadRequest("version"));'),
        ),
    ),
    Rule(
        "one empty line before a request is passed over, no second one",
        (f"{HEADS}::one_empty_line_may_come_first",),
        (
            mutant(REQUEST, "Some(b'\\n') => at = 2,", "Some(b'\\n') => return Err(BadRequest(\"empty\")),"),
            mutant(
                REQUEST,
                "let start = at;\n    while let",
                'if buf[at..].starts_with(b"\\r\\n") {\n        at += 2;\n    }\n    let start = at;\n    while let',
            ),
        ),
    ),
    Rule(
        "more than 256 fields answer 431",
        (f"{HEADS}::limits_are_exact_and_known_early", "journeys::framing::a_head_has_256_fields_at_most"),
        (
            mutant(FIELDS, "if fields.len() == most && buf", "if fields.len() > most && buf"),
            mutant("accept/connection.rs", "const FIELDS: u16 = 256;", "const FIELDS: u16 = 257;"),
        ),
    ),
    Rule(
        "a head over its limit answers 431",
        (f"{HEADS}::limits_are_exact_and_known_early",),
        (
            mutant(FIELDS, "let full = buf.len() >= window;", "let full = false;"),
            mutant(FIELDS, "at.saturating_add(block).saturating_add(2)", "at.saturating_add(block).saturating_add(3)"),
        ),
    ),
    Rule(
        "a target over its limit answers 414",
        (f"{HEADS}::limits_are_exact_and_known_early",),
        (
            mutant(REQUEST, "Err(Refusal::UriTooLong) } else { Ok(None) };", "Ok(None) } else { Ok(None) };"),
            mutant(REQUEST, "saturating_add(1).min(buf.len());", "saturating_add(2).min(buf.len());"),
        ),
    ),
    Rule(
        "a chunk size is 1*HEXDIG",
        (f"{BODIES}::broken_chunks_are_refused",),
        (
            mutant(BODY, "(State::Size, b'\\r') if self.digits > 0 =>", "(State::Size, b'\\r') =>"),
            mutant(BODY, "(State::Size, b';') if self.digits > 0 =>", "(State::Size, b';') =>"),
            mutant(
                BODY,
                "(State::Size, _) => return",
                "(State::Size, b' ' | b'\\t') => State::Size,\n            (State::Size, _) => return",
            ),
            mutant(
                BODY,
                "(State::Size, _) => return",
                "(State::Size, b'x') if self.digits == 1 => State::Size,\n            (State::Size, _) => return",
            ),
            mutant(
                BODY,
                "(State::Size, _) => return",
                "(State::Size, b'+') if self.digits == 0 => State::Size,\n            (State::Size, _) => return",
            ),
        ),
    ),
    Rule(
        "a chunk size is followed by CR LF or an extension",
        (f"{BODIES}::broken_chunks_are_refused",),
        (
            mutant(
                BODY,
                "(State::Size, _) => return",
                "(State::Size, b'\\n') if self.remaining > 0 => State::Data,\n            (State::Size, _) => return",
            ),
            mutant(
                BODY,
                '(State::SizeLf, _) => return Err(Malformed("a chunk size line ends without CR LF")),',
                "(State::SizeLf, _) => State::SizeLf,",
            ),
        ),
    ),
    Rule(
        "a chunk size that overflows is refused",
        (f"{BODIES}::broken_chunks_are_refused",),
        (mutant(BODY, "if self.digits > MOST_DIGITS {", "if self.digits > 200 {"),),
    ),
    Rule(
        "long chunk extensions are refused, one and all together",
        (f"{BODIES}::broken_chunks_are_refused",),
        (
            mutant(BODY, "if self.extension > MOST_EXTENSION {", "if false {"),
            mutant(BODY, "self.count(State::Extension)?", "State::Extension"),
        ),
    ),
    Rule(
        "a line end inside of a chunk extension is refused",
        (f"{BODIES}::broken_chunks_are_refused",),
        (
            mutant(
                BODY,
                '(State::Extension, _) => return Err(Malformed("a control character in a chunk extension")),',
                "(State::Extension, _) => State::Extension,",
            ),
            mutant(
                BODY,
                "(State::Extension, b'\\r') => State::SizeLf,",
                "(State::Extension, b'\\r') => State::SizeLf,\n            (State::Extension, b'\\n') if self.remaining > 0 => State::Data,",
            ),
        ),
    ),
    Rule(
        "chunk data is followed by CR LF",
        (f"{BODIES}::broken_chunks_are_refused",),
        (
            mutant(
                BODY,
                "(State::DataCr | State::DataLf, _) => return",
                "(State::DataCr, b'\\n') => {\n                self.digits = 0;\n                State::Size\n            }\n            (State::DataCr | State::DataLf, _) => return",
            ),
            mutant(BODY, "(State::DataCr, b'\\r') => State::DataLf,", "(State::DataCr, _) => State::DataLf,"),
            mutant(BODY, "(State::DataLf, b'\\n') => {", "(State::DataLf, _) => {"),
        ),
    ),
    Rule(
        "trailers are field lines and are dropped",
        (f"{BODIES}::broken_chunks_are_refused", f"{BODIES}::chunks_are_joined_and_framing_is_dropped"),
        (
            mutant(
                BODY,
                '(State::TrailerStart | State::TrailerName, _) => return Err(Malformed("a trailer is no field")),',
                "(State::TrailerStart | State::TrailerName, _) => State::TrailerName,",
            ),
            mutant(
                BODY,
                "(State::TrailerStart, b'\\r') => State::LastLf,",
                "(State::TrailerStart | State::TrailerName, b'\\r') => State::LastLf,",
            ),
            mutant(BODY, "(State::LastLf, b'\\n') => State::Done,", "(State::LastLf, _) => State::Done,"),
            mutant(BODY, "self.count(State::TrailerValue)?", "State::TrailerValue"),
        ),
    ),
    Rule(
        "a body that ends before its length or its last chunk is no body",
        (f"{BODIES}::the_end_of_the_connection_ends_only_what_it_frames",),
        (
            mutant(
                BODY,
                "State::Done | State::UntilClose => {\n                self.state",
                "State::Done | State::UntilClose | State::Size | State::Length => {\n                self.state",
            ),
        ),
    ),
    Rule(
        "bytes behind a body belong to the next message",
        (f"{BODIES}::bodies_of_known_length_end_exactly_there", f"{BODIES}::chunks_are_joined_and_framing_is_dropped"),
        (
            mutant(
                BODY,
                "remaining.min(available)",
                "if remaining == 0 { 0 } else { available }",
                "self.remaining -= taken as u64;",
                "self.remaining = self.remaining.saturating_sub(taken as u64);",
            ),
        ),
    ),
)
