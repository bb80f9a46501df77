//! Header names that the gateway knows by heart, as one byte each. A field carries its name's identity from the parser on, so
//! that no later step compares strings. Names are sorted by length because that is what `identify` switches on.

macro_rules! header_names {
    ($($variant:ident = $text:literal,)*) => {
        /// The identity of a header name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub enum HeaderName {
            /// Any name that is not in this list.
            #[default]
            Other,
            $($variant,)*
        }

        /// Every known name in lower case with its identity.
        pub const KNOWN: &[(&[u8], HeaderName)] = &[$(($text.as_bytes(), HeaderName::$variant),)*];

        impl HeaderName {
            /// The name in lower case; empty for `Other`.
            pub const fn lower(self) -> &'static str {
                match self {
                    Self::Other => "",
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

header_names! {
    Te = "te",
    Age = "age",
    Via = "via",
    Date = "date",
    ETag = "etag",
    From = "from",
    Host = "host",
    Vary = "vary",
    Allow = "allow",
    Range = "range",
    Accept = "accept",
    Cookie = "cookie",
    Expect = "expect",
    Origin = "origin",
    Pragma = "pragma",
    Server = "server",
    Expires = "expires",
    Referer = "referer",
    Trailer = "trailer",
    Upgrade = "upgrade",
    IfMatch = "if-match",
    Location = "location",
    Forwarded = "forwarded",
    XApiKey = "x-api-key",
    Connection = "connection",
    KeepAlive = "keep-alive",
    SetCookie = "set-cookie",
    UserAgent = "user-agent",
    XAmzDate = "x-amz-date",
    ContentMd5 = "content-md5",
    RetryAfter = "retry-after",
    Traceparent = "traceparent",
    ContentType = "content-type",
    MaxForwards = "max-forwards",
    AcceptRanges = "accept-ranges",
    Authorization = "authorization",
    CacheControl = "cache-control",
    ContentRange = "content-range",
    IfNoneMatch = "if-none-match",
    LastModified = "last-modified",
    XAmzApigwId = "x-amz-apigw-id",
    AcceptCharset = "accept-charset",
    ContentLength = "content-length",
    AcceptEncoding = "accept-encoding",
    AcceptLanguage = "accept-language",
    XAmznTraceId = "x-amzn-trace-id",
    XForwardedFor = "x-forwarded-for",
    ContentEncoding = "content-encoding",
    ContentLanguage = "content-language",
    ContentLocation = "content-location",
    ProxyConnection = "proxy-connection",
    WwwAuthenticate = "www-authenticate",
    XAmznErrorType = "x-amzn-errortype",
    XAmznRequestId = "x-amzn-requestid",
    XForwardedHost = "x-forwarded-host",
    XForwardedPort = "x-forwarded-port",
    IfModifiedSince = "if-modified-since",
    TransferEncoding = "transfer-encoding",
    XForwardedProto = "x-forwarded-proto",
    ProxyAuthenticate = "proxy-authenticate",
    ContentDisposition = "content-disposition",
    ProxyAuthorization = "proxy-authorization",
    XAmzContentSha256 = "x-amz-content-sha256",
    XAmzSecurityToken = "x-amz-security-token",
    XHttpMethodOverride = "x-http-method-override",
    XAmznApigatewayApiId = "x-amzn-apigateway-api-id",
    StrictTransportSecurity = "strict-transport-security",
}

/// The identity of a name in any letter case.
#[inline(always)]
#[expect(clippy::inline_always, reason = "once per field of every head; measured")]
pub fn identify(name: &[u8]) -> HeaderName {
    let Some(&(low, high)) = BY_LENGTH.get(name.len()) else { return HeaderName::Other };
    let (start, end) = ends(name);
    for known in &ENDS[low as usize..high as usize] {
        if start | known.start_case == known.start && end | known.end_case == known.end {
            // Two words cover sixteen bytes; longer names that begin and end alike are compared in full.
            if name.len() <= 16 || name.eq_ignore_ascii_case(known.id.lower().as_bytes()) {
                return known.id;
            }
        }
    }
    HeaderName::Other
}

/// A known name's first and last eight bytes (they overlap, or are four or fewer, in short names) and, for each letter, the bit
/// that makes it lower case: so a word of any letter case is compared at once, and no other byte is mistaken for a letter.
#[derive(Clone, Copy)]
struct Ends {
    start: u64,
    end: u64,
    start_case: u64,
    end_case: u64,
    id: HeaderName,
}

const ENDS: [Ends; KNOWN.len()] = {
    let mut all = [Ends { start: 0, end: 0, start_case: 0, end_case: 0, id: HeaderName::Other }; KNOWN.len()];
    let mut at = 0;
    while at < KNOWN.len() {
        let (start, end) = ends(KNOWN[at].0);
        all[at] = Ends { start, end, start_case: case_bits(start), end_case: case_bits(end), id: KNOWN[at].1 };
        at += 1;
    }
    all
};

#[inline]
const fn ends(name: &[u8]) -> (u64, u64) {
    if let (Some(start), Some(end)) = (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (u64::from_le_bytes(*start), u64::from_le_bytes(*end))
    } else if let (Some(start), Some(end)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        (u32::from_le_bytes(*start) as u64, u32::from_le_bytes(*end) as u64)
    } else {
        let (mut word, mut at) = (0, 0);
        while at < name.len() {
            word = word << 8 | name[at] as u64;
            at += 1;
        }
        (word, 0)
    }
}

const fn case_bits(word: u64) -> u64 {
    let bytes = word.to_le_bytes();
    let (mut bits, mut at) = (0, 0);
    while at < 8 {
        if bytes[at].is_ascii_lowercase() {
            bits |= 0x20 << (at * 8);
        }
        at += 1;
    }
    bits
}

const LONGEST: usize = 26;

/// For each length, where its names begin and end in `KNOWN`.
const BY_LENGTH: [(u8, u8); LONGEST] = {
    let mut ranges = [(0u8, 0u8); LONGEST];
    let mut at = 0;
    while at < KNOWN.len() {
        let length = KNOWN[at].0.len();
        if ranges[length].1 == 0 {
            ranges[length].0 = at as u8;
        }
        assert!(ranges[length].1 == 0 || ranges[length].1 as usize == at, "names must be sorted by length");
        ranges[length].1 = at as u8 + 1;
        at += 1;
    }
    ranges
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_identified_in_any_letter_case() {
        for (text, id) in KNOWN {
            assert_eq!(identify(text), *id);
            assert_eq!(identify(&text.to_ascii_uppercase()), *id);
            assert_eq!(id.lower().as_bytes(), *text);
            assert!(text.iter().all(|byte| !byte.is_ascii_uppercase()));
        }
    }

    #[test]
    fn near_misses_are_other() {
        for name in [
            "",
            "h",
            "hos",
            "hosts",
            "h\u{0f}st",
            "x-api-ke",
            "x_api_key",
            "content\rlength",
            "strict-transport-security-",
        ] {
            assert_eq!(identify(name.as_bytes()), HeaderName::Other, "{name:?}");
        }
        assert_eq!(identify(&[b'a'; 4096]), HeaderName::Other);
        for (text, _) in KNOWN {
            for at in 0..text.len() {
                let mut changed = text.to_vec();
                changed[at] ^= 0x40;
                assert_eq!(identify(&changed), HeaderName::Other, "{changed:?}");
            }
        }
    }
}
