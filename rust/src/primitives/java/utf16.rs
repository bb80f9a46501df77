//! Positions in Java's strings count UTF-16 units. Texts of ASCII, the usual ones, are sliced as bytes.
//! A half of a surrogate pair that is left alone becomes `?`, as Java writes it.

use super::Text;

/// `length()`.
pub fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// The unit at `index`.
pub fn unit_at(text: &str, index: usize) -> Option<u16> {
    if text.is_ascii() {
        text.as_bytes().get(index).map(|&byte| u16::from(byte))
    } else {
        text.encode_utf16().nth(index)
    }
}

/// The units from `start` to before `end`; nothing when they do not lie in the text in this order.
pub fn slice(text: &str, start: usize, end: usize) -> Option<Text> {
    if text.is_ascii() {
        return text.get(start..end).map(Text::new);
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    units.get(start..end).map(|units| Text::from(from_units(units)))
}

/// A text of these units.
pub fn from_units(units: &[u16]) -> String {
    char::decode_utf16(units.iter().copied()).map(|unit| unit.unwrap_or('?')).collect()
}

/// A text of one unit.
pub fn of_unit(unit: u16) -> Text {
    char::from_u32(u32::from(unit)).map_or(Text::new_static("?"), |character| {
        let mut buffer = [0; 4];
        Text::new(character.encode_utf8(&mut buffer))
    })
}

/// The position of a byte offset.
pub fn position(text: &str, offset: usize) -> usize {
    length(&text[..offset])
}

/// The byte offset of a position, at most the end.
pub fn offset(text: &str, position: usize) -> usize {
    if text.is_ascii() {
        return position.min(text.len());
    }
    let mut units = 0;
    for (offset, character) in text.char_indices() {
        if units >= position {
            return offset;
        }
        units += character.len_utf16();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_units() {
        let text = "aé😀z";
        assert_eq!(length(text), 5);
        assert_eq!(slice(text, 1, 4).as_deref(), Some("é😀"));
        assert_eq!(slice(text, 2, 3).as_deref(), Some("?"));
        assert_eq!(slice(text, 4, 3), None);
        assert_eq!(offset(text, 4), text.find('z').unwrap());
        assert_eq!(position(text, text.find('z').unwrap()), 4);
        assert_eq!(unit_at(text, 4), Some(u16::from(b'z')));
    }
}
