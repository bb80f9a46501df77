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
#[inline]
pub fn identify(name: &[u8]) -> HeaderName {
    let (low, high) = match BY_LENGTH.get(name.len()) {
        Some(range) => *range,
        None => return HeaderName::Other,
    };
    let Some(&first) = name.first() else { return HeaderName::Other };
    let first = first | 0x20;
    for (text, id) in &KNOWN[low as usize..high as usize] {
        if text[0] == first && name.eq_ignore_ascii_case(text) {
            return *id;
        }
    }
    HeaderName::Other
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
        for name in ["", "h", "hos", "hosts", "h\u{0f}st", "x-api-ke", "x_api_key", "content\rlength", "strict-transport-security-"] {
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
