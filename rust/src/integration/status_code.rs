//! The `statusCode` of a MOCK request template, read as leniently as AWS does (rest-api §7.13): keys without quotes or in single ones,
//! trailing commas and junk between the commas are fine; the value must be an integer.

/// The top-level `statusCode`; `None` when there is none, or none that is an integer.
pub fn parse(text: &[u8]) -> Option<i64> {
    let inside = text.trim_ascii().strip_prefix(b"{")?.strip_suffix(b"}")?;
    let mut status = None;
    for pair in pairs(inside) {
        let Some((key, value)) = key_and_value(pair) else { continue };
        if unquote(key.trim_ascii())? == b"statusCode" {
            status = Some(integer(value.trim_ascii())?);
        }
    }
    status
}

/// Splits at commas that are in no string and no nested value.
fn pairs(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut depth, mut quote, mut escaped) = (0i32, None, false);
    text.split(move |&byte| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match (quote, byte) {
            (Some(_), b'\\') => escaped = true,
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'{' | b'[') => depth += 1,
            (None, b'}' | b']') => depth -= 1,
            (None, b',') => return depth == 0,
            _ => {}
        }
        false
    })
}

/// Splits at the first colon that is in no string.
fn key_and_value(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut quote = None;
    let at = pair.iter().position(|&byte| {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b':') => return true,
            _ => {}
        }
        false
    })?;
    Some((&pair[..at], &pair[at + 1..]))
}

/// A key without its quotes; `None` when they are not balanced.
fn unquote(key: &[u8]) -> Option<&[u8]> {
    match key {
        [b'"', name @ .., b'"'] | [b'\'', name @ .., b'\''] => Some(name),
        [b'"' | b'\'', ..] | [.., b'"' | b'\''] => None,
        name => Some(name),
    }
}

fn integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn s7_13_lenient_forms_are_read() {
        for text in [
            r#"{"statusCode": 200}"#,
            "{statusCode: 200}",
            "{'statusCode':200}",
            "  {\n \"statusCode\" : 200 ,\n}\n",
            r#"{"message": "a, {b: \"", "statusCode": 200}"#,
            r#"{"x": {"statusCode": 1, "y": [2]}, "statusCode": 200, junk, :, "z": }"#,
            r#"{"statusCode": 404, "statusCode": 200}"#,
        ] {
            assert_eq!(parse(text.as_bytes()), Some(200), "{text}");
        }
    }

    #[test]
    fn s7_13_any_integer_is_a_value() {
        assert_eq!(parse(b"{statusCode: 0}"), Some(0));
        assert_eq!(parse(b"{statusCode: -7}"), Some(-7));
        assert_eq!(parse(b"{statusCode: 123456}"), Some(123_456));
    }

    #[test]
    fn s7_13_everything_else_is_no_status_code() {
        for text in [
            "",
            "200",
            "{}",
            r#"{"statusCode": "200"}"#,
            r#"{"statusCode: 200}"#,
            r#"{statusCode": 200}"#,
            r#"{"statusCode": 200.0}"#,
            r#"{"statusCode": 2e2}"#,
            r#"{"statusCode": +200}"#,
            r#"{"statusCode": }"#,
            r#"{"statuscode": 200}"#,
            r#"{"x": {"statusCode": 200}}"#,
            r#"["statusCode", 200]"#,
            r#"{"statusCode": 200"#,
            r#"{"statusCode": 99999999999999999999}"#,
            "{\"",
            "{'}",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
