//! `$util`.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{RenderError, meter::Meter, render::Run};
use crate::primitives::{
    java::{self, Text, Thrown, Unread, Value},
    percent,
};

/// Base64 that takes a text with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Calls one of its functions with an argument as text; null gives an empty text.
pub(super) fn call(meter: &mut Meter, name: &str, argument: Option<Text>) -> Run<Value> {
    let known = ["escapeJavaScript", "parseJson", "urlEncode", "urlDecode", "base64Encode", "base64Decode"];
    if !known.contains(&name) {
        return Ok(Value::Null);
    }
    let Some(argument) = argument else {
        return Ok(if name == "parseJson" { Value::Null } else { Value::String(Text::default()) });
    };
    let text = argument.as_str();
    meter.make(text.len().saturating_mul(3))?;
    let mut out = String::new();
    match name {
        "escapeJavaScript" => escape_java_script(text, &mut out),
        "parseJson" => {
            let read = java::read_within(text, meter.room_for_values());
            let (value, taken) = read.map_err(|unread| match unread {
                Unread::TooLarge => RenderError::Memory,
                Unread::NotJson(error) => RenderError::Thrown(Thrown::new("ParseException", error.to_string())),
            })?;
            meter.make(taken)?;
            return Ok(value);
        }
        "urlEncode" => url_encode(text, &mut out),
        "urlDecode" => out = String::from_utf8_lossy(&percent::decode(text.as_bytes())).into_owned(),
        "base64Encode" => BASE64.encode_string(text, &mut out),
        _ => {
            let bytes = BASE64
                .decode(text.trim_ascii())
                .map_err(|error| RenderError::Thrown(Thrown::new("IllegalArgumentException", error.to_string())))?;
            out = String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    Ok(Value::String(Text::from(out)))
}

/// Escapes a text for JavaScript: quotes, backslash, slash, control characters, and everything beyond ASCII.
pub(super) fn escape_java_script(text: &str, out: &mut String) {
    let mut plain = 0;
    for (at, character) in text.char_indices() {
        let short = match character {
            '\'' => "\\'",
            '"' => "\\\"",
            '\\' => "\\\\",
            '/' => "\\/",
            '\u{8}' => "\\b",
            '\n' => "\\n",
            '\t' => "\\t",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            ' '..='\u{7f}' => continue,
            _ => "",
        };
        out.push_str(&text[plain..at]);
        plain = at + character.len_utf8();
        if short.is_empty() {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.push_str("\\u");
                for shift in [12, 8, 4, 0] {
                    out.push(char::from(b"0123456789ABCDEF"[usize::from(*unit >> shift & 15)]));
                }
            }
        } else {
            out.push_str(short);
        }
    }
    out.push_str(&text[plain..]);
}

/// As forms are encoded: letters, digits and `.-*_` stay, a blank becomes `+`.
fn url_encode(text: &str, out: &mut String) {
    for &byte in text.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => {
                out.push('%');
                for digit in [byte >> 4, byte & 15] {
                    out.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_encoded() {
        let mut out = String::new();
        escape_java_script("it's \"a\" \\ / \n é 😀", &mut out);
        assert_eq!(out, r#"it\'s \"a\" \\ \/ \n \u00E9 \uD83D\uDE00"#);
        let mut out = String::new();
        url_encode("{\"some\": \"value\"}", &mut out);
        assert_eq!(out, "%7B%22some%22%3A+%22value%22%7D");
    }
}
