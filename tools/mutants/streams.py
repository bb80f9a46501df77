"""Rules of HTTP/2 on its way to HTTP/1.1: what no stream may say."""

from __future__ import annotations

from .table import Rule, mutant

ASSEMBLE = "http1/assemble.rs"
HEADS = "http1::assemble::tests"
REFUSED = f"{HEADS}::what_http1_refuses_is_refused"

RULES = (
    Rule(
        "fields that rule a connection of HTTP/1.1 are refused in a stream",
        (REFUSED,),
        (
            mutant(ASSEMBLE, "            | HeaderName::TransferEncoding\n", ""),
            mutant(ASSEMBLE, "            | HeaderName::KeepAlive\n", ""),
            mutant(
                ASSEMBLE,
                "            HeaderName::Connection\n            | HeaderName::KeepAlive",
                "            HeaderName::KeepAlive",
            ),
            mutant(ASSEMBLE, 'HeaderName::Te if value != b"trailers" =>', "HeaderName::Te if value.is_empty() =>"),
        ),
    ),
    Rule(
        "a stream's names are tokens, its values hold no control and no white space at their ends",
        (REFUSED,),
        (
            mutant(ASSEMBLE, "if id == HeaderName::Other && !is_token(name) {", "if name.is_empty() {"),
            mutant(ASSEMBLE, "value_end(value, 0).is_some() || value.trim_ascii()", "value.trim_ascii()"),
            mutant(
                ASSEMBLE,
                "value_end(value, 0).is_some() || value.trim_ascii().len() != value.len()",
                "value_end(value, 0).is_some()",
            ),
        ),
    ),
    Rule(
        "a stream's pseudo-headers are a method, a path and a host as HTTP/1.1 would have them",
        (REFUSED, f"{HEADS}::the_authority_is_the_host"),
        (
            mutant(ASSEMBLE, "if !is_token(method) || method.len()", "if method.is_empty() || method.len()"),
            mutant(ASSEMBLE, '|| method == b"CONNECT" {', "{"),
            mutant(
                ASSEMBLE, "path.first() != Some(&b'/') || target_end(path, 0).is_some()", "path.first() != Some(&b'/')"
            ),
            mutant(
                ASSEMBLE,
                "path.first() != Some(&b'/') || target_end(path, 0).is_some()",
                "target_end(path, 0).is_some()",
            ),
            mutant(ASSEMBLE, "if !is_host(host.of(input)) {", "if false {"),
        ),
    ),
    Rule(
        "a Host beside an authority names the same host",
        (f"{HEADS}::the_authority_is_the_host",),
        (
            mutant(
                ASSEMBLE, "return if self.head.host.of(self.input).eq_ignore_ascii_case(value) {", "return if true {"
            ),
        ),
    ),
    Rule(
        "a stream's length is that of its data: what contradicts it is forwarded nowhere",
        (f"{HEADS}::bodies_end_with_their_stream",),
        (
            mutant(ASSEMBLE, "(None | Some(0), true) => Framing::None,", "(_, true) => Framing::None,"),
            mutant(
                ASSEMBLE,
                "(None | Some(0), false) => Framing::UntilClose,",
                "(Some(0), false) => Framing::None,\n            (None, false) => Framing::UntilClose,",
            ),
        ),
    ),
)
