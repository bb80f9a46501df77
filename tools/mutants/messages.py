"""Rules of reading answers and of writing: what a backend says, what anybody is told."""

from __future__ import annotations

from .table import Rule, mutant

FIELDS, RESPONSE, WRITER, SCAN = (f"http1/{name}.rs" for name in ("fields", "response", "writer", "scan"))
ANSWERS = "http1::response::tests"
WRITING = "http1::writer::tests"

RULES = (
    Rule(
        "an answer begins with one status line of HTTP/1.0 or 1.1",
        (f"{ANSWERS}::what_is_no_single_response_is_malformed",),
        (
            mutant(RESPONSE, 'b"HTTP/1.0 " => Version::Http10,', 'b"HTTP/1.0 " | b"HTTP/1.2 " => Version::Http10,'),
            mutant(RESPONSE, "hundreds == 0 || hundreds > 9", "hundreds > 9"),
            mutant(
                RESPONSE, 'Some(_) => return Err(Malformed("a status of more than three digits")),', "Some(_) => {}"
            ),
            mutant(
                RESPONSE, '_ => Err(Malformed("a control character in the status line")),', "_ => Ok(Some(end + 1)),"
            ),
        ),
    ),
    Rule(
        "an answer has one framing, as a request has",
        (f"{ANSWERS}::what_is_no_single_response_is_malformed", "fuzz::response"),
        (
            mutant(
                RESPONSE,
                "Meaning::of(buf, &head.fields, head.version).map_err(Malformed)?",
                "Meaning::of(buf, &head.fields, head.version).unwrap_or_default()",
            ),
            mutant(
                RESPONSE,
                "Meaning::of(buf, &head.fields, head.version).map_err(Malformed)?",
                "Meaning::of(buf, &head.fields, Version::Http11).map_err(Malformed)?",
            ),
        ),
    ),
    Rule(
        "an upgrade that nobody asked for is refused",
        (f"{ANSWERS}::what_is_no_single_response_is_malformed",),
        (mutant(RESPONSE, "if head.status == 101 {", "if false {"),),
    ),
    Rule(
        "an answer to HEAD has no body, whatever its head says",
        (f"{ANSWERS}::usual_responses",),
        (
            mutant(
                RESPONSE,
                "_ if request_was_head => Framing::None,",
                "_ if request_was_head && meaning.length.is_none() => Framing::None,",
            ),
        ),
    ),
    Rule(
        "1xx, 204 and 304 have no body, whatever their heads say",
        (f"{ANSWERS}::usual_responses",),
        (
            mutant(RESPONSE, "100..=199 | 204 | 304 => Framing::None,", "204 | 304 => Framing::None,"),
            mutant(RESPONSE, "100..=199 | 204 | 304 => Framing::None,", "100..=199 | 304 => Framing::None,"),
            mutant(RESPONSE, "100..=199 | 204 | 304 => Framing::None,", "100..=199 | 204 => Framing::None,"),
        ),
    ),
    Rule(
        "an answer without framing ends with its connection, which is not used again",
        (f"{ANSWERS}::usual_responses",),
        (
            mutant(RESPONSE, "unwrap_or(Framing::UntilClose)", "unwrap_or(Framing::None)"),
            mutant(
                RESPONSE,
                "meaning.persistent(head.version) && head.framing != Framing::UntilClose",
                "meaning.persistent(head.version)",
            ),
        ),
    ),
    Rule(
        "a message that says close, or HTTP/1.0 without keep-alive, ends its connection",
        (f"{ANSWERS}::usual_responses", "http1::request::tests::persistence_and_expectations"),
        (
            mutant(
                FIELDS,
                "!self.close && (version != Version::Http10 || self.keep_alive)",
                "version != Version::Http10 || self.keep_alive",
            ),
            mutant(FIELDS, "!self.close && (version != Version::Http10 || self.keep_alive)", "!self.close"),
        ),
    ),
    Rule(
        "an answer's head over 64 KB or 256 fields is refused",
        (f"{ANSWERS}::heads_beyond_the_limits_are_too_large",),
        (
            mutant(RESPONSE, "let full = buf.len() >= MOST_BYTES;", "let full = false;"),
            mutant(RESPONSE, "const MOST_FIELDS: usize = 256;", "const MOST_FIELDS: usize = 512;"),
        ),
    ),
    Rule(
        "a name that is no token is never written",
        (f"{WRITING}::hostile_parts_fail_the_head", f"{WRITING}::rendered_parts_are_checked_like_given_ones"),
        (
            mutant(
                WRITER,
                "    pub fn field_parts(&mut self, name: &[u8], parts: &[&[u8]]) {\n        if !is_token(name) {",
                "    pub fn field_parts(&mut self, name: &[u8], parts: &[&[u8]]) {\n        if false {",
            ),
            mutant(
                WRITER,
                "    pub fn request_line(&mut self, method: &[u8], target: &[u8]) {\n        if !is_token(method) {",
                "    pub fn request_line(&mut self, method: &[u8], target: &[u8]) {\n        if method.is_empty() {",
            ),
            mutant(
                WRITER,
                "if !is_token(name) {\n            self.fail(Unwritable::Name);\n            return false;",
                "if name.is_empty() {\n            self.fail(Unwritable::Name);\n            return false;",
            ),
            mutant(
                WRITER,
                "render: impl FnOnce(&mut Vec<u8>)) {\n        if !is_token(method) {",
                "render: impl FnOnce(&mut Vec<u8>)) {\n        if method.is_empty() {",
            ),
        ),
    ),
    Rule(
        "CR, LF, NUL and other controls in a value are never written",
        (
            f"{WRITING}::hostile_parts_fail_the_head",
            f"{WRITING}::rendered_parts_are_checked_like_given_ones",
            f"{WRITING}::no_control_byte_ever_gets_through",
        ),
        (
            mutant(
                WRITER,
                "for part in parts {\n            if value_end(part, 0).is_some() {",
                "for part in parts {\n            if false {",
            ),
            mutant(
                WRITER,
                "for part in parts {\n            if value_end(part, 0).is_some() {",
                "for part in parts {\n            if value_end(part, 0).is_some_and(|at| part[at] != 0) {",
            ),
            mutant(WRITER, "if value_end(&self.out[start..], 0).is_some() {", "if false {"),
            mutant(WRITER, "if value_end(&self.out[value..], 0).is_some() {", "if false {"),
        ),
    ),
    Rule(
        "a space, control, fragment or byte beyond ASCII in a target is never written, nor none",
        (f"{WRITING}::hostile_parts_fail_the_head", f"{WRITING}::rendered_parts_are_checked_like_given_ones"),
        (
            mutant(WRITER, "if target.is_empty() || target_end(target, 0).is_some() {", "if target.is_empty() {"),
            mutant(
                WRITER,
                "if target.is_empty() || target_end(target, 0).is_some() {",
                "if target_end(target, 0).is_some() {",
            ),
            mutant(
                WRITER,
                "self.out.len() <= start || target_end(&self.out[start..], 0).is_some()",
                "self.out.len() <= start",
            ),
        ),
    ),
    Rule(
        "a status is three digits",
        (f"{WRITING}::hostile_parts_fail_the_head",),
        (mutant(WRITER, "if !(100..=999).contains(&status) {", "if status < 100 {"),),
    ),
    Rule(
        "a head is written with one framing, by the gateway alone",
        (f"{WRITING}::there_is_one_framing_and_one_host", f"{WRITING}::rendered_parts_are_checked_like_given_ones"),
        (
            mutant(
                WRITER,
                '14 if name.eq_ignore_ascii_case(b"content-length") => return self.fail(Unwritable::Framing),',
                '14 if name == b"content-length" => return self.fail(Unwritable::Framing),',
            ),
            mutant(
                WRITER,
                '17 if name.eq_ignore_ascii_case(b"transfer-encoding") => return self.fail(Unwritable::Framing),',
                "",
            ),
            mutant(WRITER, '14 if name.eq_ignore_ascii_case(b"content-length") => self.fail(Unwritable::Framing),', ""),
            mutant(
                WRITER, '17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.fail(Unwritable::Framing),', ""
            ),
            mutant(WRITER, "if std::mem::replace(&mut self.framed, true) {", "if false {"),
        ),
    ),
    Rule(
        "a head is written with one Host, and that is host[:port]",
        (
            f"{WRITING}::there_is_one_framing_and_one_host",
            f"{WRITING}::hostile_parts_fail_the_head",
            f"{WRITING}::rendered_parts_are_checked_like_given_ones",
        ),
        (
            mutant(WRITER, "if !is_host(&value) {", "if false {"),
            mutant(WRITER, "if !is_host(&self.out[start..]) {", "if false {"),
            mutant(
                WRITER,
                "if std::mem::replace(&mut self.hosted, true) {\n            return",
                "if false {\n            return",
            ),
            mutant(
                WRITER,
                "if std::mem::replace(&mut self.hosted, true) {\n                    self",
                "if false {\n                    self",
            ),
        ),
    ),
    Rule(
        "of a head that may not be written nothing is",
        (
            f"{WRITING}::hostile_parts_fail_the_head",
            f"{WRITING}::there_is_one_framing_and_one_host",
            f"{WRITING}::the_first_error_is_the_one_reported",
        ),
        (
            mutant(WRITER, "self.out.truncate(self.start);", ""),
            mutant(WRITER, "self.failed.get_or_insert(why);", "self.failed = Some(why);"),
        ),
    ),
    Rule(
        "fields are passed on as they were read, written anew",
        (
            f"{WRITING}::forwarded_fields_are_written_anew",
            f"{WRITING}::there_is_one_framing_and_one_host",
            "fuzz::writer",
        ),
        (
            mutant(
                WRITER,
                "field.value.start == field.name.end + 2 && line.get(name + 1) == Some(&b' ') && line.ends_with(b\"\\r\\n\")",
                "line.get(name + 1) == Some(&b' ')",
            ),
            mutant(WRITER, '&& buffer.get(end - 2..end) == Some(b"\\r\\n");', ";"),
            mutant(
                WRITER,
                "pub fn forward(&mut self, buffer: &[u8], field: &Field) {\n        match field.id {\n            HeaderName::ContentLength | HeaderName::TransferEncoding => self.fail(Unwritable::Framing),",
                "pub fn forward(&mut self, buffer: &[u8], field: &Field) {\n        match field.id {",
            ),
        ),
    ),
    Rule(
        "chunks are written as hexadecimal sizes, the last one as zero",
        (f"{WRITING}::chunk_heads_are_hexadecimal", "http1::body::tests::payload_survives_any_chunking"),
        (
            mutant(WRITER, ".div_ceil(4).max(1);", ".div_ceil(4).max(2);"),
            mutant(
                WRITER, 'pub const LAST_CHUNK: &[u8] = b"0\\r\\n\\r\\n";', 'pub const LAST_CHUNK: &[u8] = b"0\\r\\n";'
            ),
        ),
    ),
)
