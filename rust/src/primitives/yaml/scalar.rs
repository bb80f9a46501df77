//! Scalars: YAML 1.2's core schema, written as JSON. A number that is JSON already is kept to the digit.

use saphyr_parser::Tag;

/// Writes a scalar as its tag, or for a plain one its looks, say.
pub(super) fn write(text: &str, plain: bool, tag: Option<&Tag>, out: &mut Vec<u8>) -> Result<(), String> {
    let Some(tag) = tag else {
        if plain {
            return resolved(text, out).map(|_| ());
        }
        string(text, out);
        return Ok(());
    };
    let wanted = match tag.suffix.as_str() {
        "" if tag.handle == "!" => "str",
        "!" if tag.handle.is_empty() => "str",
        name if tag.is_yaml_core_schema() => name,
        _ => "",
    };
    if wanted == "str" {
        string(text, out);
        return Ok(());
    }
    if !matches!(wanted, "int" | "float" | "bool" | "null") {
        return Err(format!("the tag {tag} is not supported"));
    }
    let kind = resolved(text, out)?;
    if kind == wanted || (kind, wanted) == ("int", "float") {
        return Ok(());
    }
    Err(format!("{text:?} is no {wanted}"))
}

/// Writes a plain scalar and says what it is.
fn resolved(text: &str, out: &mut Vec<u8>) -> Result<&'static str, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => out.extend_from_slice(b"null"),
        "true" | "True" | "TRUE" => out.extend_from_slice(b"true"),
        "false" | "False" | "FALSE" => out.extend_from_slice(b"false"),
        _ if !matches!(text.as_bytes()[0], b'0'..=b'9' | b'+' | b'-' | b'.') => {
            string(text, out);
            return Ok("str");
        }
        _ => return number(text, out),
    }
    Ok(if matches!(out.last(), Some(b'l')) { "null" } else { "bool" })
}

fn number(text: &str, out: &mut Vec<u8>) -> Result<&'static str, String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(format!("{text} has no place in JSON"));
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|digit| digit.is_digit(radix))
        {
            let value = u64::from_str_radix(digits, radix).map_err(|_| format!("{text} is too large"))?;
            out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
            return Ok("int");
        }
    }
    let Some((whole, fraction, exponent)) = decimal(unsigned) else {
        string(text, out);
        return Ok("str");
    };
    if text.starts_with('-') {
        out.push(b'-');
    }
    // JSON wants a digit before and after the point and no zeros in front.
    let significant = whole.trim_start_matches('0');
    out.extend_from_slice(if significant.is_empty() { "0" } else { significant }.as_bytes());
    if let Some(fraction) = fraction {
        out.push(b'.');
        out.extend_from_slice(if fraction.is_empty() { "0" } else { fraction }.as_bytes());
    }
    out.extend_from_slice(exponent.as_bytes());
    Ok(if fraction.is_none() && exponent.is_empty() { "int" } else { "float" })
}

/// Digits before the point, after it if there is one, and the exponent with its letter.
fn decimal(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = text.split_at(digits(text));
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => {
            let (fraction, rest) = rest.split_at(digits(rest));
            (Some(fraction), rest)
        }
        None => (None, rest),
    };
    if whole.is_empty() && fraction.is_none_or(str::is_empty) {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        return (!power.is_empty() && digits(power) == power.len()).then_some((whole, fraction, rest));
    }
    rest.is_empty().then_some((whole, fraction, ""))
}

/// Writes a JSON string.
pub(super) fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\r' => out.extend_from_slice(b"\\r"),
            byte if byte < 0x20 => {
                let digit = |value: u8| b"0123456789abcdef"[usize::from(value & 0xf)];
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte)]);
            }
            byte => out.extend_from_slice(&[b'\\', byte]),
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
