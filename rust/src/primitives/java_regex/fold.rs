//! Java's simple case mappings and what they make of sets.

use std::sync::OnceLock;

use super::charset::CharSet;

/// `Character.toUpperCase`: one character to one.
pub(super) fn upper(point: u32) -> u32 {
    if point < 128 {
        return u32::from((point as u8).to_ascii_uppercase());
    }
    // Where the full mapping gives several characters, the simple one is the title case letter beside, if there is one.
    match point {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => return point + 8,
        0x1FB3 | 0x1FC3 | 0x1FF3 => return point + 9,
        _ => {}
    }
    let Some(char) = char::from_u32(point) else { return point };
    let mut upper = char.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => u32::from(one),
        _ => point,
    }
}

/// `Character.toLowerCase`: one character to one.
pub(super) fn lower(point: u32) -> u32 {
    if point < 128 {
        return u32::from((point as u8).to_ascii_lowercase());
    }
    // The only letter whose full mapping has two characters: a capital I with a dot.
    if point == 0x130 {
        return 0x69;
    }
    char::from_u32(point).and_then(|char| char.to_lowercase().next()).map_or(point, u32::from)
}

/// What letters become whose case can change: (letter, upper case, lower case of that).
fn cased() -> &'static [(u32, u32, u32)] {
    static CASED: OnceLock<Vec<(u32, u32, u32)>> = OnceLock::new();
    CASED.get_or_init(|| {
        // No letter beyond has a case.
        (0..0x1_F000)
            .map(|point| (point, upper(point), lower(upper(point))))
            .filter(|(point, upper, lower)| point != upper || point != lower)
            .collect()
    })
}

/// One character with its other cases, as Java compares them.
pub(super) fn single(point: u32, unicode: bool) -> CharSet {
    if !unicode {
        return if point < 128 {
            CharSet::of(vec![(upper(point), upper(point)), (lower(point), lower(point))])
        } else {
            CharSet::single(point)
        };
    }
    let folded = lower(upper(point));
    if folded == upper(point) {
        return CharSet::single(point);
    }
    let same = cased().iter().filter(|(_, _, lower)| *lower == folded).map(|(point, _, _)| (*point, *point));
    CharSet::of(same.chain([(point, point), (folded, folded)]).collect())
}

/// A range with the other cases of its letters.
pub(super) fn range(first: u32, last: u32, unicode: bool) -> Vec<(u32, u32)> {
    let inside = |point: u32| (first..=last).contains(&point);
    let mut ranges = vec![(first, last)];
    if unicode {
        let other = cased().iter().filter(|(_, upper, lower)| inside(*upper) || inside(*lower));
        ranges.extend(other.map(|(point, _, _)| (*point, *point)));
    } else {
        let letters = (0..128).filter(|point| inside(upper(*point)) || inside(lower(*point)));
        ranges.extend(letters.map(|point| (point, point)));
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_simple_ones() {
        for (letter, up) in [('a', 'A'), ('ß', 'ß'), ('ŉ', 'ŉ'), ('ᾀ', 'ᾈ'), ('ᾳ', 'ᾼ'), ('ÿ', 'Ÿ'), ('ǆ', 'Ǆ')]
        {
            assert_eq!(upper(u32::from(letter)), u32::from(up), "{letter}");
        }
        assert_eq!(lower(0x130), 0x69);
        let kelvin = single(u32::from('k'), true);
        assert_eq!(kelvin, CharSet::of_chars("kK\u{212A}"));
        assert_eq!(single(u32::from('k'), false), CharSet::of_chars("kK"));
    }
}
