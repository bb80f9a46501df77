//! Tests of `response`.

use proptest::prelude::*;

use super::*;

/// Status, framing, persistence, version and length.
type Seen = (u16, Framing, bool, Version, usize);

fn parse(text: &[u8], request_was_head: bool) -> Result<Option<Seen>, BadResponse> {
    let mut head = ResponseHead::default();
    if !parse_response(text, request_was_head, &mut head)? {
        return Ok(None);
    }
    for field in &head.fields {
        assert!(!field.name.of(text).is_empty() && field.value.end <= head.length);
    }
    Ok(Some((head.status, head.framing, head.keep_alive, head.version, head.length as usize)))
}

/// What the text gives, whole and grown byte by byte: the same.
fn seen(text: &str, request_was_head: bool) -> Result<Option<Seen>, BadResponse> {
    let text = text.as_bytes();
    let whole = parse(text, request_was_head);
    let decided = (0..text.len()).map(|end| parse(&text[..end], request_was_head)).find(|result| *result != Ok(None));
    assert_eq!(decided.unwrap_or(whole), whole, "{}", text.escape_ascii());
    whole
}

#[test]
fn usual_responses() {
    use Framing::{Chunked, Length, None, UntilClose};
    for (text, head, status, framing, keep_alive) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, 200, Length(5), true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, 200, None, true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, 200, Chunked, true),
        ("HTTP/1.1 200 OK\r\n\r\n", false, 200, UntilClose, false),
        ("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", false, 200, UntilClose, false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", false, 200, Length(5), false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, 200, None, true),
        ("HTTP/1.1 200 OK\r\n\r\n", true, 200, None, true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, 200, None, true),
        ("HTTP/1.1 204 No Content\r\n\r\n", false, 204, None, true),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", false, 204, None, true),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, 304, None, true),
        ("HTTP/1.1 100 Continue\r\n\r\n", false, 100, None, true),
        ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", false, 103, None, true),
        ("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n", false, 200, Length(1), true),
        ("HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n", false, 200, Length(1), true),
        ("HTTP/1.1 299 \u{e9}\t!\r\nContent-Length: 1\r\n\r\n", false, 299, Length(1), true),
        ("HTTP/1.1 999 Request denied\r\nContent-Length: 1\r\n\r\n", false, 999, Length(1), true),
    ] {
        assert_eq!(seen(text, head), Ok(Some((status, framing, keep_alive, Version::Http11, text.len()))), "{text:?}");
        let followed = format!("{text}hello");
        assert_eq!(seen(&followed, head), Ok(Some((status, framing, keep_alive, Version::Http11, text.len()))));
    }
    for (lines, framing, keep_alive) in [
        ("Content-Length: 5\r\n", Length(5), false),
        ("Content-Length: 5\r\nConnection: keep-alive\r\n", Length(5), true),
        ("", UntilClose, false),
    ] {
        let text = format!("HTTP/1.0 200 OK\r\n{lines}\r\n");
        assert_eq!(seen(&text, false), Ok(Some((200, framing, keep_alive, Version::Http10, text.len()))));
    }
}

#[test]
fn what_is_no_single_response_is_malformed() {
    for text in [
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "\nHTTP/1.1 200 OK\r\n\r\n",
        " HTTP/1.1 200 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n",
        "HTTP/0.9 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1\t200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 000 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 +20 OK\r\n\r\n",
        "HTTP/1.1 200\tOK\r\n\r\n",
        "HTTP/1.1 200 OK\n\r\n",
        "HTTP/1.1 200 O\0K\r\n\r\n",
        "HTTP/1.1 200 O\rK\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\n",
        "HTTP/1.1 200\n\n",
        "<html>",
        "ICY 200 OK\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\n\r\n",
        "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n",
    ] {
        for head in [false, true] {
            let result = seen(text, head);
            assert!(matches!(result, Err(Malformed(_))), "{text:?} gave {result:?}");
        }
    }
}

#[test]
fn heads_beyond_the_limits_are_too_large() {
    let start = "HTTP/1.1 200 OK\r\nA: ";
    let sized = |length: usize| format!("{start}{}\r\n\r\n", "a".repeat(length - start.len() - 4));
    assert!(matches!(parse(sized(65_536).as_bytes(), false), Ok(Some(_))));
    assert_eq!(parse(sized(65_537).as_bytes(), false), Err(BadResponse::TooLarge));
    assert_eq!(parse(&sized(70_000).as_bytes()[..65_536], false), Err(BadResponse::TooLarge));
    assert_eq!(parse(&sized(70_000).as_bytes()[..65_535], false), Ok(None));
    assert_eq!(parse(format!("HTTP/1.1 200 {}", "a".repeat(65_536)).as_bytes(), false), Err(BadResponse::TooLarge));
    let counted = |count: usize| format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(count));
    assert!(matches!(parse(counted(256).as_bytes(), false), Ok(Some(_))));
    assert_eq!(parse(counted(257).as_bytes(), false), Err(BadResponse::TooLarge));
}

proptest! {
    #[test]
    fn one_changed_byte_never_confuses(place in 0usize..200, byte in any::<u8>(), head in any::<bool>()) {
        let mut text = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello".to_vec();
        let place = place % text.len();
        text[place] = byte;
        let whole = parse(&text, head);
        let decided = (0..text.len()).map(|end| parse(&text[..end], head)).find(|result| *result != Ok(None));
        prop_assert_eq!(decided.unwrap_or(whole), whole);
        let mut fields = [httparse::EMPTY_HEADER; 64];
        let theirs = httparse::Response::new(&mut fields).parse(&text);
        if let Ok(Some((.., length))) = whole {
            prop_assert_eq!(theirs, Ok(httparse::Status::Complete(length)));
        }
    }
}
