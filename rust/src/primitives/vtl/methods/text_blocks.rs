//! The methods of String that Java has for its text blocks: indentation and escapes.

/// `indent(by)`: every line moved, and ended by one line feed.
pub(super) fn indent(text: &str, by: i32) -> String {
    let mut out = String::new();
    for line in lines(text) {
        if by > 0 {
            out.extend(std::iter::repeat_n(' ', by.unsigned_abs() as usize));
            out.push_str(line);
        } else {
            let most = by.unsigned_abs() as usize;
            let white = line.chars().take(most).take_while(|&character| is_white(character));
            out.push_str(&line[white.map(char::len_utf8).sum()..]);
        }
        out.push('\n');
    }
    out
}

/// `stripIndent()`: without what all lines begin with, and without white space at their ends.
pub(super) fn strip_indent(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let all: Vec<&str> = lines(text).collect();
    let ends_line = text.ends_with(['\n', '\r']);
    let leading = |line: &str| line.chars().take_while(|&character| is_white(character)).count();
    let is_blank = |line: &str| line.chars().all(is_white);
    let final_line = all.len() - 1;
    let counted = all.iter().enumerate().filter(|(at, line)| *at == final_line || !is_blank(line));
    let shared = if ends_line { 0 } else { counted.map(|(_, line)| leading(line)).min().unwrap_or(0) };
    let stripped = all.iter().map(|line| {
        let start: usize = line.chars().take(shared).map(char::len_utf8).sum();
        if is_blank(line) { "" } else { line[start..].trim_end_matches(is_white) }
    });
    let mut out = stripped.collect::<Vec<_>>().join("\n");
    if ends_line {
        out.push('\n');
    }
    out
}

/// `translateEscapes()`; nothing for an escape that Java does not know.
pub(super) fn translate_escapes(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match rest.next()? {
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            's' => out.push(' '),
            't' => out.push('\t'),
            same @ ('\'' | '"' | '\\') => out.push(same),
            first @ '0'..='7' => {
                let most = if first <= '3' { 2 } else { 1 };
                let mut code = u32::from(first) - u32::from('0');
                for _ in 0..most {
                    let Some(digit) = rest.next_if(|digit| ('0'..='7').contains(digit)) else { break };
                    code = code * 8 + u32::from(digit) - u32::from('0');
                }
                out.push(char::from_u32(code)?);
            }
            // The end of a line is left out.
            '\n' => {}
            '\r' => {
                rest.next_if_eq(&'\n');
            }
            _ => return None,
        }
    }
    Some(out)
}

/// Lines end at a line feed, a carriage return, or both; the last one may have no end.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let line = &rest[..end];
        let after = &rest[end..];
        let ended = if after.starts_with("\r\n") { 2 } else { after.len().min(1) };
        rest = &after[ended..];
        Some(line)
    })
}

/// `Character.isWhitespace`.
fn is_white(character: char) -> bool {
    super::strings::is_white(character)
}
