//! Media types, and what they decide: which template plays, and whether a body is text (rest-api §7.6, §8.4, §9.1).

use crate::snapshot::{
    plan::{Template, Templates},
    wire::PassthroughBehavior,
};

/// What happens to a request body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// A template plays, by number.
    Render(usize),
    /// The body passes.
    Pass,
    /// 415.
    Refuse,
}

/// The media type in a header's value: the first of a list, without parameters.
#[inline]
pub fn media_type(value: &[u8]) -> &[u8] {
    value[..memchr::memchr2(b',', b';', value).unwrap_or(value.len())].trim_ascii()
}

/// The request template for a `Content-Type` (§7.6).
pub fn choose(templates: &Templates, content_type: Option<&[u8]>) -> Choice {
    if !templates.entries.is_empty() {
        let key = content_type.map(media_type).filter(|key| !key.is_empty()).unwrap_or(b"application/json");
        // AWS: an empty template counts as no match.
        let find = |wanted: &[u8]| {
            templates.entries.iter().position(|Template { content_type, text }| {
                !text.is_empty() && content_type.as_bytes().eq_ignore_ascii_case(wanted)
            })
        };
        if let Some(number) = find(key).or_else(|| find(b"$default")) {
            return Choice::Render(number);
        }
    }
    match templates.passthrough_behavior {
        PassthroughBehavior::WhenNoMatch => Choice::Pass,
        PassthroughBehavior::WhenNoTemplates if templates.entries.is_empty() => Choice::Pass,
        PassthroughBehavior::WhenNoTemplates | PassthroughBehavior::Never => Choice::Refuse,
    }
}

/// Whether a body so declared is binary (§9.1).
pub fn is_binary(binary_media_types: &[Box<str>], header: Option<&[u8]>) -> bool {
    if binary_media_types.is_empty() {
        return false;
    }
    let media_type = header.map(media_type).filter(|value| memchr::memchr(b'/', value).is_some());
    binary_media_types.iter().any(|entry| {
        let entry = entry.as_bytes();
        if entry == b"*/*" {
            return true;
        }
        let Some(media_type) = media_type else { return false };
        match entry.strip_suffix(b"*") {
            Some(prefix) if prefix.ends_with(b"/") => {
                media_type.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
            }
            _ => media_type.eq_ignore_ascii_case(entry),
        }
    })
}

#[cfg(test)]
mod tests {
    use PassthroughBehavior::{Never, WhenNoMatch, WhenNoTemplates};

    use super::*;

    fn templates(passthrough_behavior: PassthroughBehavior, keys: &[&str]) -> Templates {
        let entry = |key: &&str| Template {
            content_type: key.trim_start_matches('!').into(),
            text: if key.starts_with('!') { [].into() } else { b"x".as_slice().into() },
        };
        Templates { entries: keys.iter().map(entry).collect(), passthrough_behavior }
    }

    #[test]
    fn s7_6_the_three_behaviours() {
        for (behavior, no_match, no_templates) in [
            (WhenNoMatch, Choice::Pass, Choice::Pass),
            (WhenNoTemplates, Choice::Refuse, Choice::Pass),
            (Never, Choice::Refuse, Choice::Refuse),
        ] {
            let some = templates(behavior, &["application/json"]);
            assert_eq!(choose(&some, Some(b"application/json")), Choice::Render(0));
            assert_eq!(choose(&some, Some(b"text/plain")), no_match);
            assert_eq!(choose(&templates(behavior, &[]), Some(b"text/plain")), no_templates);
        }
    }

    #[test]
    fn s7_6_parameters_are_stripped_and_json_is_the_default() {
        let both = templates(WhenNoMatch, &["text/xml", "application/json"]);
        assert_eq!(choose(&both, None), Choice::Render(1));
        assert_eq!(choose(&both, Some(b"text/xml; charset=utf-8")), Choice::Render(0));
        assert_eq!(choose(&both, Some(b"Text/XML")), Choice::Render(0));
    }

    #[test]
    fn s7_6_default_key_and_empty_templates() {
        assert_eq!(choose(&templates(Never, &["$default"]), Some(b"a/b")), Choice::Render(0));
        assert_eq!(choose(&templates(Never, &["!application/json"]), None), Choice::Refuse);
        assert_eq!(choose(&templates(WhenNoTemplates, &["!application/json"]), None), Choice::Refuse);
    }

    #[test]
    fn s20_15_only_an_xml_template_and_no_content_type_is_refused() {
        assert_eq!(choose(&templates(WhenNoTemplates, &["application/xml"]), None), Choice::Refuse);
    }

    #[test]
    fn s9_1_binary_media_types() {
        let types = |entries: &[&str]| entries.iter().map(|entry| (*entry).into()).collect::<Vec<Box<str>>>();
        let is = |entries: &[&str], header: Option<&str>| is_binary(&types(entries), header.map(str::as_bytes));
        assert!(
            is(&["image/png"], Some("image/png;q=1, text/plain")) && is(&["application/*"], Some("application/pdf"))
        );
        assert!(is(&["*/*"], None) && is(&["*/*"], Some("application")) && is(&["image/*"], Some("image/*")));
        assert!(
            !is(&["image/png"], Some("image/*"))
                && !is(&["*/png"], Some("image/png"))
                && !is(&["application/*"], Some("application"))
        );
        assert!(
            !is(&["image/png"], Some("text/plain, image/png")) && !is(&["image/png"], None) && !is(&[], Some("a/b"))
        );
    }
}
