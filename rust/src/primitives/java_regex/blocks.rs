//! Unicode's blocks that patterns name (`\p{InGreek}`): those of living scripts and of signs. Others are refused.

use super::charset::CharSet;

/// Names without spaces, hyphens and underscores, in lower case.
const BLOCKS: &[(&[&str], u32, u32)] = &[
    (&["basiclatin"], 0x0000, 0x007F),
    (&["latin1supplement"], 0x0080, 0x00FF),
    (&["latinextendeda"], 0x0100, 0x017F),
    (&["latinextendedb"], 0x0180, 0x024F),
    (&["ipaextensions"], 0x0250, 0x02AF),
    (&["spacingmodifierletters"], 0x02B0, 0x02FF),
    (&["combiningdiacriticalmarks"], 0x0300, 0x036F),
    (&["greek", "greekandcoptic"], 0x0370, 0x03FF),
    (&["cyrillic"], 0x0400, 0x04FF),
    (&["armenian"], 0x0530, 0x058F),
    (&["hebrew"], 0x0590, 0x05FF),
    (&["arabic"], 0x0600, 0x06FF),
    (&["devanagari"], 0x0900, 0x097F),
    (&["bengali"], 0x0980, 0x09FF),
    (&["tamil"], 0x0B80, 0x0BFF),
    (&["thai"], 0x0E00, 0x0E7F),
    (&["georgian"], 0x10A0, 0x10FF),
    (&["hanguljamo"], 0x1100, 0x11FF),
    (&["latinextendedadditional"], 0x1E00, 0x1EFF),
    (&["greekextended"], 0x1F00, 0x1FFF),
    (&["generalpunctuation"], 0x2000, 0x206F),
    (&["superscriptsandsubscripts"], 0x2070, 0x209F),
    (&["currencysymbols"], 0x20A0, 0x20CF),
    (&["letterlikesymbols"], 0x2100, 0x214F),
    (&["numberforms"], 0x2150, 0x218F),
    (&["arrows"], 0x2190, 0x21FF),
    (&["mathematicaloperators"], 0x2200, 0x22FF),
    (&["boxdrawing"], 0x2500, 0x257F),
    (&["geometricshapes"], 0x25A0, 0x25FF),
    (&["miscellaneoussymbols"], 0x2600, 0x26FF),
    (&["dingbats"], 0x2700, 0x27BF),
    (&["cjksymbolsandpunctuation"], 0x3000, 0x303F),
    (&["hiragana"], 0x3040, 0x309F),
    (&["katakana"], 0x30A0, 0x30FF),
    (&["bopomofo"], 0x3100, 0x312F),
    (&["cjkunifiedideographs"], 0x4E00, 0x9FFF),
    (&["hangulsyllables"], 0xAC00, 0xD7AF),
    (&["privateusearea"], 0xE000, 0xF8FF),
    (&["cjkcompatibilityideographs"], 0xF900, 0xFAFF),
    (&["halfwidthandfullwidthforms"], 0xFF00, 0xFFEF),
    (&["emoticons"], 0x1F600, 0x1F64F),
];

/// The block of a name in any of Java's spellings.
pub(super) fn block(name: &str) -> Option<CharSet> {
    let plain: String =
        name.chars().filter(|char| !matches!(char, ' ' | '-' | '_')).map(|char| char.to_ascii_lowercase()).collect();
    let (_, first, last) = BLOCKS.iter().find(|(names, ..)| names.contains(&plain.as_str()))?;
    Some(CharSet::of(vec![(*first, *last)]))
}
