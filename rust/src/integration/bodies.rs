//! Media types, and what they decide: which template plays, and whether a body is text (rest-api §7.6, §8.4, §9.1).

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    fault::{Cause, Fault},
    snapshot::{
        plan::{Template, Templates},
        wire::{ContentHandling, PassthroughBehavior},
    },
};

/// A body after its conversion: what templates may read, and what only passes.
#[derive(Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// UTF-8.
    Text(Cow<'a, [u8]>),
    /// Any bytes.
    Bytes(Cow<'a, [u8]>),
}

impl<'a> Payload<'a> {
    /// The bytes, whatever they are.
    pub fn into_bytes(self) -> Cow<'a, [u8]> {
        match self {
            Self::Text(bytes) | Self::Bytes(bytes) => bytes,
        }
    }

    /// The bytes, which stay.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(bytes) | Self::Bytes(bytes) => bytes,
        }
    }

    /// Whether a template may read it; nothing at all is text.
    pub fn is_text(&self) -> bool {
        match self {
            Self::Text(_) => true,
            Self::Bytes(bytes) => bytes.is_empty(),
        }
    }
}

/// The client's body as the integration gets it (§9.2).
pub fn convert_request(is_binary: bool, handling: Option<ContentHandling>, body: &[u8]) -> Result<Payload<'_>, Fault> {
    use ContentHandling::{ConvertToBinary, ConvertToText};
    Ok(match (is_binary, handling) {
        (false, None | Some(ConvertToText)) => Payload::Text(text(body)),
        (false, Some(ConvertToBinary)) => Payload::Bytes(from_base64(body)?),
        (true, None | Some(ConvertToBinary)) => Payload::Bytes(Cow::Borrowed(body)),
        (true, Some(ConvertToText)) => Payload::Text(to_base64(body)),
    })
}

/// AWS: what is no UTF-8 becomes U+FFFD.
pub fn text(body: &[u8]) -> Cow<'_, [u8]> {
    match String::from_utf8_lossy(body) {
        Cow::Borrowed(_) => Cow::Borrowed(body),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// What base64 stands for; 500 when it is none.
pub fn from_base64(body: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    if body.is_empty() {
        return Ok(Cow::Borrowed(body));
    }
    BASE64_STANDARD.decode(body).map(Cow::Owned).map_err(|_| Fault::mapping(Cause::NotBase64))
}

/// The base64 of bytes.
pub fn to_base64(body: &[u8]) -> Cow<'_, [u8]> {
    Cow::Owned(BASE64_STANDARD.encode(body).into_bytes())
}

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
            templates.entries.iter().position(|Template { content_type, text, .. }| {
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
            program: None,
        };
        Templates { entries: keys.iter().map(entry).collect(), has_programs: false, passthrough_behavior }
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
    fn s9_2_every_row_of_the_request_table() {
        use ContentHandling::{ConvertToBinary, ConvertToText};
        let lossy = "a\u{fffd}b".as_bytes();
        for (is_binary, handling, body, expected) in [
            (false, None, &b"a\xffb"[..], Ok(Payload::Text(lossy.into()))),
            (false, Some(ConvertToText), b"a\xffb", Ok(Payload::Text(lossy.into()))),
            (false, Some(ConvertToBinary), b"Yf9i", Ok(Payload::Bytes(b"a\xffb".into()))),
            (false, Some(ConvertToBinary), b"a\xffb", Err(Fault::CONFIGURATION)),
            (true, None, b"a\xffb", Ok(Payload::Bytes(b"a\xffb".into()))),
            (true, Some(ConvertToBinary), b"a\xffb", Ok(Payload::Bytes(b"a\xffb".into()))),
            (true, Some(ConvertToText), b"a\xffb", Ok(Payload::Text(b"Yf9i".into()))),
        ] {
            assert_eq!(convert_request(is_binary, handling, body), expected, "{is_binary} {handling:?} {body:?}");
        }
        assert_eq!(from_base64(b"?").expect_err("no base64").cause, Some(Cause::NotBase64));
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
