//! Query strings, split and decoded only where a mapping asks (rest-api §1.4).

use std::borrow::Cow;

use crate::primitives::percent;

/// The raw values of the parameter `name` in the order sent; `;` separates like `&`, `a` is `a=`.
pub fn values<'a>(query: &'a [u8], name: &'a [u8]) -> impl DoubleEndedIterator<Item = &'a [u8]> {
    query.split(|byte| matches!(byte, b'&' | b';')).filter(|pair| !pair.is_empty()).filter_map(move |pair| {
        let (key, value) = split(pair);
        percent::decodes_to(key, name).then_some(value)
    })
}

/// All names and values, raw, in the order sent.
pub fn pairs(query: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    query.split(|byte| matches!(byte, b'&' | b';')).filter(|pair| !pair.is_empty()).map(split)
}

fn split(pair: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'=', pair) {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, &[][..]),
    }
}

/// The last value of the parameter `name`, decoded.
pub fn last<'a>(query: &'a [u8], name: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    values(query, name).next_back().map(percent::decode)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(query: &str, name: &str) -> Vec<String> {
        values(query.as_bytes(), name.as_bytes())
            .map(|value| String::from_utf8(percent::decode(value).into_owned()).expect("text"))
            .collect()
    }

    #[test]
    fn s1_4_all_values_in_order_and_the_last_one() {
        assert_eq!(all("a=1&b=2&a=3", "a"), ["1", "3"]);
        assert_eq!(last(b"a=1&b=2&a=3", b"a").as_deref(), Some(&b"3"[..]));
        assert_eq!(last(b"a=1", b"c"), None);
    }

    #[test]
    fn s1_4_semicolons_split_and_bare_names_have_empty_values() {
        assert_eq!(all("a=1;a=2&a&a=", "a"), ["1", "2", "", ""]);
        assert_eq!(all("&&=x&", ""), ["x"]);
    }

    #[test]
    fn s1_4_names_are_case_sensitive_and_decoded() {
        assert_eq!(all("A=1&%61=2&a=3", "a"), ["2", "3"]);
        assert_eq!(all("v=a%3Db&v=a=b+c", "v"), ["a=b", "a=b c"]);
    }
}
