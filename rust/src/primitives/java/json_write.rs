//! JSON as json-smart writes it: no blanks, control characters and U+2000 to U+20FF escaped, other text as it is.

use super::{NoText, Value, text::DEEPEST, utf16};

/// Which of json-smart's two ways is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What `JSONPath`'s `toJson` gives: `/` stays.
    Json,
    /// What `toString()` of a JSON array gives: `/` is escaped.
    Text,
}

/// Appends a value as JSON; `out` grows to `most` bytes and a few more at the most.
pub fn write(value: &Value, style: Style, out: &mut String, most: usize) -> Result<(), NoText> {
    write_nested(value, style, out, most, DEEPEST)
}

pub(super) fn write_nested(
    value: &Value,
    style: Style,
    out: &mut String,
    most: usize,
    depth: u32,
) -> Result<(), NoText> {
    let document = match value {
        Value::List(list) => list.document(),
        Value::Map(map) => map.document(),
        _ => None,
    };
    if let Some(handle) = document {
        return handle.write(style, out, most, depth);
    }
    let deeper = depth.checked_sub(1).ok_or(NoText::TooLarge)?;
    match value {
        Value::String(text) => quote(text, style, out),
        Value::Character(unit) => quote(&utf16::of_unit(*unit), style, out),
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.items().iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_nested(item, style, out, most, deeper)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            let mut first = true;
            map.try_each(|key, value| {
                if !std::mem::take(&mut first) {
                    out.push(',');
                }
                match key {
                    Value::String(name) => quote(name, style, out),
                    Value::Null => return Err(NoText::NullKey),
                    other => {
                        let mut name = String::new();
                        other.write_text(&mut name, most)?;
                        quote(&name, style, out);
                    }
                }
                out.push(':');
                write_nested(value, style, out, most, deeper)
            })?;
            out.push('}');
        }
        Value::Entry(_) | Value::Object(_) => {
            let mut text = String::new();
            value.write_text(&mut text, most)?;
            quote(&text, style, out);
        }
        Value::Number(number) if number.to_f64().is_infinite() && !number.is_integer() => match number {
            super::Number::BigDecimal(decimal) => decimal.write(out),
            _ => out.push_str("null"),
        },
        Value::Null | Value::Boolean(_) | Value::Number(_) => value.write_text(out, usize::MAX)?,
    }
    if out.len() > most { Err(NoText::TooLarge) } else { Ok(()) }
}

/// Appends a text in double quotes.
pub fn quote(text: &str, style: Style, out: &mut String) {
    out.push('"');
    let bytes = text.as_bytes();
    let mut plain = 0;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if !may_need_escape(byte, style) {
            at += 1;
            continue;
        }
        // Only characters that begin with these bytes can need it; the others stay part of the plain run.
        let Some(character) = text[at..].chars().next() else { break };
        let end = at + character.len_utf8();
        if needs_escape(character, style) {
            out.push_str(&text[plain..at]);
            escape(character, out);
            plain = end;
        }
        at = end;
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

#[inline]
fn may_need_escape(byte: u8, style: Style) -> bool {
    byte < 0x20 || matches!(byte, b'"' | b'\\' | 0x7f | 0xc2 | 0xe2) || (byte == b'/' && style == Style::Text)
}

fn needs_escape(character: char, style: Style) -> bool {
    match character {
        '"' | '\\' | '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2000}'..='\u{20ff}' => true,
        '/' => style == Style::Text,
        _ => false,
    }
}

fn escape(character: char, out: &mut String) {
    out.push('\\');
    match character {
        '\u{8}' => out.push('b'),
        '\u{c}' => out.push('f'),
        '\n' => out.push('n'),
        '\r' => out.push('r'),
        '\t' => out.push('t'),
        '"' | '\\' | '/' => out.push(character),
        other => {
            out.push('u');
            let code = u32::from(other);
            for shift in [12, 8, 4, 0] {
                out.push(char::from(b"0123456789ABCDEF"[(code >> shift & 15) as usize]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str, style: Style) -> String {
        let mut out = String::new();
        quote(text, style, &mut out);
        out
    }

    #[test]
    fn text_is_escaped_as_json_smart_does() {
        assert_eq!(json("a\"b\\c/d\n\u{1}é\u{2028}\u{85}", Style::Json), "\"a\\\"b\\\\c/d\\n\\u0001é\\u2028\\u0085\"");
        assert_eq!(json("a/b", Style::Text), "\"a\\/b\"");
        assert_eq!(json("", Style::Json), "\"\"");
    }
}
