//! `format`, as far as the validator that AWS uses knows it; other names mean nothing. What its Java libraries accept is
//! followed, not the newer specifications.

use super::pattern;

/// A format that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Base64,
    DateTime,
    Email,
    /// So many hexadecimal digits: `md5`, `sha1`, …
    Hex(usize),
    Hostname,
    Ipv4,
    Ipv6,
    JsonPointer,
    Mac,
    Regex,
    Uri,
    Uuid,
}

impl Format {
    /// The format of a name, if it is one.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "base64" => Self::Base64,
            "date-time" => Self::DateTime,
            "email" => Self::Email,
            "md5" => Self::Hex(32),
            "sha1" => Self::Hex(40),
            "sha256" => Self::Hex(64),
            "sha512" => Self::Hex(128),
            "hostname" => Self::Hostname,
            "ipv4" => Self::Ipv4,
            "ipv6" => Self::Ipv6,
            "json-pointer" => Self::JsonPointer,
            "mac" => Self::Mac,
            "regex" => Self::Regex,
            "uri" => Self::Uri,
            "uuid" => Self::Uuid,
            _ => return None,
        })
    }

    /// Whether a string has it.
    pub(super) fn holds(self, text: &str) -> bool {
        match self {
            Self::Base64 => text.len().is_multiple_of(4) && is_base64(text),
            Self::DateTime => is_date_time(text.as_bytes()),
            Self::Email => is_email(text),
            Self::Hex(length) => text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
            Self::Hostname => is_hostname(text),
            Self::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<std::net::Ipv6Addr>().is_ok(),
            Self::JsonPointer => is_json_pointer(text),
            Self::Mac => groups(text, ':', &[2; 6]),
            Self::Regex => pattern::is_regex(text),
            Self::Uri => is_uri(text),
            Self::Uuid => groups(text, '-', &[8, 4, 4, 4, 12]),
        }
    }

    /// What is said of a string without it.
    pub(super) fn complaint(self, text: &str) -> String {
        match self {
            Self::Base64 if !text.len().is_multiple_of(4) => {
                format!("input has illegal length (must be a multiple of 4, found {})", text.len())
            }
            Self::Base64 => "input is not a valid Base64 string: illegal characters".to_owned(),
            Self::DateTime => format!(
                "string \"{text}\" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.SSSZ]"
            ),
            Self::Email => format!("string \"{text}\" is not a valid email address"),
            Self::Hex(length) if text.chars().count() != length => {
                format!("input string has bad length ({}, expected {length})", text.chars().count())
            }
            Self::Hex(_) => "input string has illegal characters".to_owned(),
            Self::Hostname => format!("string \"{text}\" is not a valid hostname"),
            Self::Ipv4 => format!("string \"{text}\" is not a valid IPv4 address"),
            Self::Ipv6 => format!("string \"{text}\" is not a valid IPv6 address"),
            Self::JsonPointer => format!("input string \"{text}\" is not a valid JSON Pointer"),
            Self::Mac => format!("input string \"{text}\" is not a valid MAC address"),
            Self::Regex => format!("string \"{text}\" is not a valid ECMA 262 regular expression"),
            Self::Uri => format!("string \"{text}\" is not a valid URI"),
            Self::Uuid => format!("input string \"{text}\" is not a valid UUID"),
        }
    }
}

fn is_base64(text: &str) -> bool {
    let padding = text.bytes().rev().take(2).take_while(|byte| *byte == b'=').count();
    text.bytes().take(text.len() - padding).all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// Groups of hexadecimal digits.
fn groups(text: &str, separator: char, lengths: &[usize]) -> bool {
    let mut parts = text.split(separator);
    let fits = lengths.iter().all(|length| {
        parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    fits && parts.next().is_none()
}

fn is_json_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']))
}

/// `yyyy-MM-ddTHH:mm:ss`, up to twelve digits of a fraction, and `Z` or an offset of hours and minutes.
fn is_date_time(text: &[u8]) -> bool {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits
            .iter()
            .try_fold(0u32, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0')))
    };
    let is = |at: usize, wanted: u8| text.get(at).is_some_and(|byte| byte.eq_ignore_ascii_case(&wanted));
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else { return false };
    let (Some(hour), Some(minute), Some(second)) = (number(11..13), number(14..16), number(17..19)) else {
        return false;
    };
    let separated = is(4, b'-') && is(7, b'-') && is(10, b'T') && is(13, b':') && is(16, b':');
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    if !separated || !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return false;
    }
    let mut at = 19;
    if is(at, b'.') {
        let digits = text[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=12).contains(&digits) {
            return false;
        }
        at += 1 + digits;
    }
    match text.get(at) {
        Some(b'Z' | b'z') => text.len() == at + 1,
        Some(b'+' | b'-') => {
            let minutes = at + 3 + usize::from(is(at + 3, b':'));
            text.len() == minutes + 2
                && number(at + 1..at + 3).is_some_and(|hours| hours <= 23)
                && number(minutes..minutes + 2).is_some_and(|minutes| minutes <= 59)
        }
        _ => false,
    }
}

/// One address, bare or in angle brackets behind a name.
fn is_email(text: &str) -> bool {
    let address = match text.split_once('<') {
        Some((_, rest)) => match rest.strip_suffix('>') {
            Some(address) => address,
            None => return false,
        },
        None => text,
    };
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let is_quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !"()<>,;:\\\"[]@".contains(letter);
    let is_dotted = |part: &str| !part.is_empty() && part.split('.').all(|word| !word.is_empty());
    let is_local = is_quoted || is_dotted(local) && local.chars().all(is_plain);
    let is_literal = domain.starts_with('[') && domain.ends_with(']');
    let is_name =
        is_dotted(domain) && domain.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '.'));
    is_local && (is_literal || is_name)
}

fn is_hostname(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with(['-', '_'])
            && !label.ends_with(['-', '_'])
            && label.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.split('.').count() <= 127
        && name.split('.').all(is_label)
        && !last.starts_with(|letter: char| letter.is_ascii_digit())
}

/// As Java's `URI` reads it: relative ones too.
fn is_uri(text: &str) -> bool {
    let is_legal = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        ascii if ascii.is_ascii() => "-_.!~*'();/?:@&=+$,%#[]".contains(ascii),
        other => !other.is_control() && !other.is_whitespace(),
    };
    let is_escaped = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    if !text.chars().all(is_legal) || !text.split('%').skip(1).all(is_escaped) || text.matches('#').count() > 1 {
        return false;
    }
    let Some(at) = text.find([':', '/', '?', '#']).filter(|at| text.as_bytes()[*at] == b':') else {
        // Brackets are for hosts.
        return !text.contains(['[', ']']) || text.starts_with("//");
    };
    let (scheme, rest) = (&text[..at], &text[at + 1..]);
    let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    is_scheme && !rest.is_empty() && !rest.starts_with('#') && rest != "//"
}
