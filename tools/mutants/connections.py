"""Rules of connections: what ends one, what is passed over one, and when another request may follow."""

from __future__ import annotations

from .table import Rule, mutant

CONNECTION, LINGER, INCOMING = (f"accept/{name}.rs" for name in ("connection", "linger", "incoming"))
ASK, HOLD, POOL = (f"upstream/{name}.rs" for name in ("ask", "hold", "pool"))
MESSAGES, BACKENDS, CLIENT_BODIES, OURS, OVER_TLS = (
    f"journeys::{name}" for name in ("messages", "backends", "bodies", "framing", "over_tls::framing")
)

RULES = (
    Rule(
        "what cannot be understood is answered and the connection closes",
        (
            f"{MESSAGES}::heads_that_cannot_be_understood_are_refused_and_the_connection_closes",
            f"{MESSAGES}::a_body_that_breaks_its_framing_ends_the_connection",
        ),
        (
            mutant(
                CONNECTION,
                "if after == After::Cut { After::Cut } else { After::Close }",
                "if after == After::Cut { After::Cut } else { After::KeepAlive }",
            ),
        ),
    ),
    Rule(
        "a close lingers, so that the answer arrives: up to 64 KB are read and dropped",
        (
            f"{MESSAGES}::an_answer_to_an_unread_body_arrives_although_the_client_is_still_sending",
            f"{OURS}::a_close_is_no_reset_although_the_client_is_still_sending",
            f"{OURS}::a_closed_connection_is_read_for_64_kilobytes_at_most",
        ),
        (
            mutant(CONNECTION, "timed::unless_cut(&core, pin!(linger(&core, &mut client))).await;", ""),
            mutant(LINGER, "while left > 0 {", "while left > MOST {"),
            mutant(LINGER, "left = left.saturating_sub(count)", "left = left.saturating_sub(count.min(1))"),
        ),
    ),
    Rule(
        "what is left of a body is no request: it is read, or the connection closes",
        (
            f"{OURS}::what_is_left_of_a_body_is_no_request",
            f"{OURS}::a_body_that_its_client_ends_early_ends_the_connection",
            f"{MESSAGES}::a_body_that_breaks_its_framing_ends_the_connection",
            f"{MESSAGES}::an_answer_to_an_unread_body_arrives_although_the_client_is_still_sending",
        ),
        (
            mutant(
                CONNECTION,
                "After::KeepAlive if !request.incoming.is_complete() => drain",
                "After::KeepAlive if false => drain",
            ),
            mutant(
                INCOMING,
                "Framing::Length(length) => !self.wants_leave && length - self.received <= super::linger::MOST as u64,",
                "Framing::Length(_) => true,",
            ),
            mutant(INCOMING, "self.decoder.is_some() || self.broken", "self.decoder.is_some()"),
        ),
    ),
    Rule(
        "a client that waits for leave to send is never waited for after the answer",
        (f"{CLIENT_BODIES}::leave_to_continue_is_given_when_the_body_is_wanted",),
        (
            mutant(
                INCOMING, "Framing::Length(length) => !self.wants_leave && length", "Framing::Length(length) => length"
            ),
        ),
    ),
    Rule(
        "a request that breaks half-way never ends well at its backend",
        (f"{OURS}::a_body_that_breaks_half_way_never_ends_well_at_its_backend",),
        (
            mutant("pipeline.rs", "if result? && complete {", "if result.unwrap_or(true) {"),
            mutant(
                INCOMING,
                "let reader = self.reader.as_mut().ok_or(Fault::MALFORMED_REQUEST)?;\n"
                "            reader.at_eof().map_err(|_| Fault::MALFORMED_REQUEST)?;",
                "self.reader = None;",
            ),
        ),
    ),
    Rule(
        "hop-by-hop fields and those that Connection names go no further, either way",
        (
            "integration::request::tests::headers::s7_4_what_is_dropped_at_entry_or_withheld_reaches_no_backend",
            "integration::request::tests::headers::headers_that_connection_names_are_for_us_only",
            "outbound::proxy::tests::headers_that_connection_names_are_dropped",
            "outbound::proxy::tests::s8_5_what_a_backend_sends_is_renamed_dropped_or_passed",
            "fuzz::mapping",
        ),
        (
            mutant(
                "integration/client_headers.rs",
                "if survey.names_headers && is_named_by_connection(fields, input, field) {",
                "if false {",
            ),
            mutant(
                "integration/headers.rs",
                "    H::Te,\n    H::TransferEncoding,\n    H::Trailer,",
                "    H::TransferEncoding,\n    H::Trailer,",
            ),
            mutant("integration/headers.rs", "    H::Upgrade,\n    H::WwwAuthenticate,", "    H::WwwAuthenticate,"),
            mutant(
                "integration/headers.rs",
                "        H::KeepAlive,\n        H::ProxyConnection,\n        H::XHttp",
                "        H::XHttp",
            ),
            mutant(
                "outbound/proxy.rs",
                "!(names_headers && is_named_by_connection(&backend.fields, backend_bytes, field))",
                "true",
            ),
            mutant(
                "outbound/headers.rs",
                "set(&[H::Te, H::TransferEncoding, H::Via, H::KeepAlive, H::ProxyConnection])",
                "set(&[H::Te, H::Via])",
            ),
        ),
    ),
    Rule(
        "the framing that was read is the framing that is kept: Connection cannot name it away",
        ("fuzz::mapping", f"{OURS}::a_length_that_connection_names_still_counts"),
        (
            mutant(
                "http1/fields.rs",
                "HeaderName::Connection => meaning.connection(field.value.of(buf)),",
                'HeaderName::Connection => {\n                    meaning.connection(field.value.of(buf));\n                    if field.value.of(buf).eq_ignore_ascii_case(b"content-length") {\n                        meaning.length = None;\n                    }\n                }',
            ),
        ),
    ),
    Rule(
        "a byte behind an answer drops the backend's connection",
        (
            f"{BACKENDS}::bytes_after_an_answer_drop_the_connection",
            f"{OURS}::bytes_behind_any_answer_drop_the_connection",
            # Over TLS nothing passes through a pipe.
            f"{OVER_TLS}::bytes_behind_any_answer_drop_the_connection",
        ),
        (
            mutant("outbound/forward.rs", "Ok(!stray && reply.answer.keep_alive)", "Ok(reply.answer.keep_alive)"),
            mutant("outbound/forward.rs", "let mut clean = !stray;", "let mut clean = true;"),
            mutant("outbound/splice.rs", "pipe.fill(backend, most)", "pipe.fill(backend, u64::MAX)"),
            mutant("outbound/forward.rs", "clean &= count as u64 <= left;", ""),
            mutant(
                "outbound/recoded.rs",
                "&& source.framing != Framing::UntilClose && source.used == reply.upstream.len())",
                "&& source.framing != Framing::UntilClose)",
            ),
            mutant(HOLD, "used == reply.upstream.len() && framing", "framing"),
        ),
    ),
    Rule(
        "an idle connection that has something to read is not used again",
        (
            f"{OURS}::what_an_idle_connection_says_is_nobodys_answer",
            f"{BACKENDS}::backend_connections_are_reused_and_dropped_when_they_end",
        ),
        (
            mutant(
                POOL,
                "if now.saturating_sub(since) < IDLE && connection.stream.is_quiet() {",
                "if now.saturating_sub(since) < IDLE {",
            ),
        ),
    ),
    Rule(
        "an answer that says close ends the backend's connection",
        (
            f"{BACKENDS}::backend_connections_are_reused_and_dropped_when_they_end",
            f"{OURS}::bytes_behind_any_answer_drop_the_connection",
        ),
        (
            mutant("outbound/forward.rs", "Ok(clean && reply.answer.keep_alive)", "Ok(clean)"),
            mutant("outbound/forward.rs", "Ok(!stray && reply.answer.keep_alive)", "Ok(!stray)"),
            mutant("pipeline.rs", "if clean && reply.answer.keep_alive {", "if clean {"),
        ),
    ),
    Rule(
        "interim answers are passed over, sixteen at most",
        (f"{BACKENDS}::interim_answers_are_passed_over", f"{BACKENDS}::answers_that_are_none"),
        (
            mutant(
                ASK,
                "Ok(true) if answer.status >= 200 => return Ok(()),",
                "Ok(true) if answer.status >= 103 => return Ok(()),",
            ),
            mutant(ASK, "const INTERIM: usize = 16;", "const INTERIM: usize = 1600;"),
        ),
    ),
    Rule(
        "a request is sent twice only if its verb allows it, on a reused connection that died before the first byte",
        (
            f"{BACKENDS}::a_reused_connection_that_died_is_replaced_for_verbs_that_may_be_repeated",
            f"{OURS}::a_reused_connection_that_died_within_its_answer_is_not_replaced",
        ),
        (
            mutant(ASK, 'b"GET" | b"HEAD" | b"OPTIONS"', 'b"GET" | b"POST" | b"OPTIONS"'),
            mutant(
                ASK, "Err(Failure::Died) if connection.reused && may_ask_twice", "Err(Failure::Died) if may_ask_twice"
            ),
            mutant(
                ASK,
                "Ok(0) | Err(Stopped::Broken(_)) => return Err(Fault::INTEGRATION_FAILURE.into()),",
                "Ok(0) | Err(Stopped::Broken(_)) => return Err(Failure::Died),",
            ),
        ),
    ),
    Rule(
        "an answer that breaks half-way is cut, so that nobody takes it for whole",
        (f"{OURS}::an_answer_that_breaks_half_way_is_cut", f"{OVER_TLS}::an_answer_that_breaks_half_way_is_cut"),
        (
            mutant(
                "outbound/splice.rs",
                "Ok(Filled::Bytes(0)) | Err(Stopped::Broken(_)) => Err(",
                "Ok(Filled::Bytes(0)) => Ok(Filled::Bytes(most as usize)),\n            Err(Stopped::Broken(_)) => Err(",
            ),
            mutant(
                "outbound/recoded.rs",
                "if count == 0 { source.at_eof() } else { Ok(()) }",
                "if count == 0 {\n            source.reader = BodyReader::new(Framing::None);\n        }\n        Ok(())",
            ),
            mutant(
                "outbound/forward.rs",
                "if count == 0 {\n                return Err(Fault::INTEGRATION_FAILURE.into());\n            }\n            clean",
                "if count == 0 {\n                break;\n            }\n            clean",
            ),
        ),
    ),
)
