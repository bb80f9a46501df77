//! Signatures below were made by botocore with AWS's published example key; the first is `get-vanilla` of AWS's own test suite.

use super::*;

const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2015-08-30 12:36:00.
const NOW: i64 = 1_440_938_160;
const EXECUTE: Rules<'static> = Rules { service: "execute-api", regions: &[], any_credentials: false };

type Header = (&'static str, String);

/// A request that owns its parts, so that tests can change them.
#[derive(Clone)]
struct Sent {
    method: &'static str,
    target: String,
    headers: Vec<Header>,
    body: &'static str,
}

impl Sent {
    fn new(method: &'static str, target: &str, headers: &[(&'static str, &str)]) -> Self {
        Self {
            method,
            target: target.to_owned(),
            headers: headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            body: "",
        }
    }

    fn with<T>(&self, check: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        check(&Request {
            method: self.method.as_bytes(),
            path: path.as_bytes(),
            query: query.as_bytes(),
            headers: &headers,
        })
    }

    fn verify(&self, rules: &Rules<'_>, now: i64) -> Result<Caller, SignatureError> {
        self.with(|request| {
            verify(request, self.body.as_bytes(), rules, now, |claim| {
                if claim.access_key_id == KEY {
                    Ok(signing_key(SECRET, &claim.day, &claim.region, &claim.service))
                } else {
                    Err(KeyError::Unknown)
                }
            })
        })
    }

    fn set(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    fn without(&self, name: &str) -> Self {
        let mut sent = self.clone();
        sent.headers.retain(|(other, _)| *other != name);
        sent
    }

    /// Signs with our own signer, which covers all headers.
    fn signed(mut self, service: &str, region: &str) -> Self {
        let credentials = Credentials { access_key_id: KEY, secret_access_key: SECRET, region, service };
        let added = self.with(|request| sign(request, self.body.as_bytes(), &credentials, NOW));
        self.headers.extend(added);
        self
    }
}

fn authorization(scope: &str, signed: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={KEY}/20150830/us-east-1/{scope}/aws4_request, SignedHeaders={signed}, Signature={signature}"
    )
}

fn plain() -> Sent {
    Sent::new("GET", "/prod/pets?limit=2", &[("Host", "h.example")]).signed("execute-api", "us-east-1")
}

fn refusal(sent: &Sent) -> (ErrorKind, String) {
    let error = sent.verify(&EXECUTE, NOW).unwrap_err();
    (error.kind, error.message)
}

#[test]
fn signatures_of_botocore_hold() {
    let date = ("X-Amz-Date", "20150830T123600Z");
    let vectors = [
        (
            "service",
            Sent::new("GET", "/", &[("Host", "example.amazonaws.com"), date]),
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "apigateway",
            Sent::new(
                "GET",
                "/restapis?limit=2&position=a%2Fb%20c&a=",
                &[("Host", "127.0.0.1:9080"), ("Accept", "application/json"), date],
            ),
            "accept;host;x-amz-date",
            "c7fe36fefdea5d1aabd39ef7700fdac06bb9fc625422ce8df9e941bc17ee6a0d",
        ),
        (
            "apigateway",
            Sent {
                body: "{\"name\":\"x\"}",
                ..Sent::new(
                    "POST",
                    "/restapis",
                    &[("Host", "127.0.0.1:9080"), ("Content-Type", "application/json"), ("X-Multi", "  a   b "), date],
                )
            },
            "content-type;host;x-amz-date;x-multi",
            "cac6418697b230dc86624c7b600d8eea691e2d50930fd0dd19a72e338e8dd481",
        ),
        (
            "apigateway",
            Sent::new(
                "DELETE",
                "/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fabc",
                &[("Host", "127.0.0.1:9080"), ("X-Amz-Security-Token", "TOKEN/+="), date],
            ),
            "host;x-amz-date;x-amz-security-token",
            "62dbe334fb26a68054f5a8bd8e40ac85523eacc088a85d1727bbd66d41797ce0",
        ),
        (
            "execute-api",
            Sent::new("GET", "/prod/a%20b/./c//d/../e?x=~", &[("Host", "h.example"), date]),
            "host;x-amz-date",
            "1a530a19eb01830e3d4ad83529bb7384edd53144ad3943694e7291ac4f7ff0f2",
        ),
    ];
    for (service, mut sent, names, signature) in vectors {
        // Ours makes the same signature, and takes it.
        let credentials = Credentials { access_key_id: KEY, secret_access_key: SECRET, region: "us-east-1", service };
        let [(_, date), (_, ours)] = sent.with(|request| sign(request, sent.body.as_bytes(), &credentials, NOW));
        assert_eq!((date.as_str(), ours), ("20150830T123600Z", authorization(service, names, signature)));
        sent.set("Authorization", &authorization(service, names, signature));
        let rules = Rules { service, ..EXECUTE };
        let caller = Caller { access_key_id: KEY.into(), region: "us-east-1".into(), service: service.into() };
        assert_eq!(sent.verify(&rules, NOW), Ok(caller));
    }
}

const PRESIGNED: &str = "/prod/pets?limit=2&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fexecute-api%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-Signature=a8110206081f20e09c2d80e5b43e6c8f058ff73d3a1128f21d15f448858d82ab";

#[test]
fn presigned_requests_of_botocore_hold_for_their_time() {
    let sent = Sent::new("GET", PRESIGNED, &[("Host", "h.example")]);
    for (now, good) in [(NOW, true), (NOW + 600, true), (NOW + 601, false), (NOW - 300, true), (NOW - 301, false)] {
        assert_eq!(sent.verify(&EXECUTE, now).is_ok(), good, "{now}");
    }
    let error = sent.verify(&EXECUTE, NOW + 601).unwrap_err();
    assert_eq!(
        error.message,
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124601Z - 10 min.)"
    );
    let token = "/prod/pets?q=a%2Bb&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fexecute-api%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Security-Token=TOK%2FEN%2B%3D&X-Amz-Signature=52d4a7986465441e2e10c0bfda092ed36282a8957a9b6e438fe08177f5f0b2c6";
    let with_token = Sent::new("GET", token, &[("Host", "h.example")]);
    assert!(with_token.verify(&EXECUTE, NOW).is_ok());
    assert_eq!(with_token.with(|request| claim(request, &EXECUTE, NOW)).unwrap().token.as_deref(), Some("TOK/EN+="));
    // Any change breaks it; the body counts too.
    for changed in [
        sent.target.replace("limit=2", "limit=3"),
        sent.target.replace("Expires=600", "Expires=601"),
        format!("{}&x=1", sent.target),
        sent.target.replace("/pets", "/pet"),
    ] {
        assert_eq!(refusal(&Sent { target: changed, ..sent.clone() }).0, ErrorKind::InvalidSignature);
    }
    assert_eq!(refusal(&Sent { body: "x", ..sent.clone() }).0, ErrorKind::InvalidSignature);
    assert_eq!(refusal(&Sent { method: "POST", ..sent }).0, ErrorKind::InvalidSignature);
}

#[test]
fn presigned_requests_must_be_complete() {
    let part = |name: &str| {
        PRESIGNED.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect::<Vec<_>>().join("&")
    };
    for name in ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"] {
        let (kind, message) = refusal(&Sent::new("GET", &part(name), &[("Host", "h.example")]));
        assert_eq!(
            (kind, message),
            (
                ErrorKind::IncompleteSignature,
                format!("AWS query-string parameters must include '{name}'. Re-examine the query-string parameters.")
            )
        );
    }
    for expires in ["0", "-1", "604801", "x", ""] {
        let target = PRESIGNED.replace("Expires=600", &format!("Expires={expires}"));
        assert_eq!(
            refusal(&Sent::new("GET", &target, &[("Host", "h.example")])).0,
            ErrorKind::IncompleteSignature,
            "{expires}"
        );
    }
    let other = PRESIGNED.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
    assert_eq!(
        refusal(&Sent::new("GET", &other, &[("Host", "h.example")])).1,
        "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."
    );
}

#[test]
fn the_header_form_wins() {
    let mut sent = Sent::new("GET", PRESIGNED, &[("Host", "h.example"), ("X-Amz-Date", "20150830T123600Z")]);
    sent.set("Authorization", "Bearer abc");
    assert_eq!(refusal(&sent).0, ErrorKind::IncompleteSignature);
    sent.set("Authorization", "");
    assert!(sent.verify(&EXECUTE, NOW).is_ok());
}

#[test]
fn unsigned_and_unreadable_requests() {
    use ErrorKind::{IncompleteSignature, MissingAuthenticationToken};
    let unsigned = plain().without("Authorization");
    assert_eq!(refusal(&unsigned), (MissingAuthenticationToken, "Missing Authentication Token".into()));
    let rows = [
        (
            "Bearer abc",
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '{b64}'.",
        ),
        (
            "allow",
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '{b64}'.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a, b",
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '{b64}'.",
        ),
        (
            "Credential=a, Signature=b",
            "Authorization header must begin with the algorithm name, which cannot include an equal-sign (hashed with SHA-256 and encoded with Base64): '{b64}'.",
        ),
        ("Basic dXNlcjpwYXNz=", "Unsupported AWS 'algorithm': 'Basic'."),
        ("AWS4-ECDSA-P256-SHA256 Credential=a", "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."),
        (
            "AWS4-HMAC-SHA256 Credential=a",
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization={b64}",
        ),
        (
            "AWS4-HMAC-SHA256 Signature=a",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization={b64}",
        ),
        (
            "AWS4-HMAC-SHA256",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization={b64}",
        ),
    ];
    for (value, message) in rows {
        let mut sent = plain();
        sent.set("Authorization", value);
        let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, sha256(value.as_bytes()));
        assert_eq!(refusal(&sent), (IncompleteSignature, message.replace("{b64}", &hash)), "{value}");
    }
    let undated = plain().without("X-Amz-Date");
    let (kind, message) = refusal(&undated);
    assert_eq!(kind, IncompleteSignature);
    assert!(
        message.starts_with(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with"
        ),
        "{message}"
    );
}

#[test]
fn scopes() {
    use ErrorKind::{IncompleteSignature, InvalidSignature};
    let sent = |credential: &str| {
        let mut sent = plain();
        sent.set(
            "Authorization",
            &format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature=0"),
        );
        refusal(&sent)
    };
    for credential in ["AK", "AK/20150830/us-east-1/execute-api", "A/K/20150830/us-east-1/execute-api/aws4_request"] {
        let message = format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
        );
        assert_eq!(sent(credential), (IncompleteSignature, message));
    }
    for (credential, message) in [
        (
            "AK/20150830/us-east-1/apigateway/aws4_request",
            "Credential should be scoped to correct service: 'execute-api'. ",
        ),
        ("AK/20150830/US/execute-api/aws4_request", "Credential should be scoped to a valid region, not 'US'. "),
        ("AK/20150830//execute-api/aws4_request", "Credential should be scoped to a valid region, not ''. "),
        (
            "AK/20150830/us-east-1/execute-api/aws5",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. ",
        ),
        (
            "AK/20150831/us-east-1/execute-api/aws4_request",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150831' != '20150830', from '20150830T123600Z'.",
        ),
        // Service before region before terminator before date.
        ("AK/1/X/x/x", "Credential should be scoped to correct service: 'execute-api'. "),
        ("AK/1/X/execute-api/x", "Credential should be scoped to a valid region, not 'X'. "),
        (
            "AK/1/us-east-1/execute-api/x",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'x'. ",
        ),
    ] {
        assert_eq!(sent(credential), (InvalidSignature, message.into()));
    }
    let regions = ["eu-central-1".to_owned()];
    let pinned = Rules { regions: &regions, ..EXECUTE };
    let error = plain().verify(&pinned, NOW).unwrap_err();
    assert_eq!(error.message, "Credential should be scoped to a valid region, not 'us-east-1'. ");
    let there = Sent::new("GET", "/", &[("Host", "h")]).signed("execute-api", "eu-central-1");
    assert_eq!(there.verify(&pinned, NOW).map(|caller| caller.region), Ok("eu-central-1".into()));
}

#[test]
fn clocks() {
    let sent = plain();
    for (now, good) in [(NOW, true), (NOW + 300, true), (NOW + 301, false), (NOW - 300, true), (NOW - 301, false)] {
        assert_eq!(sent.verify(&EXECUTE, now).is_ok(), good, "{now}");
    }
    let late = sent.verify(&EXECUTE, NOW + 301).unwrap_err();
    assert_eq!(
        late.message,
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"
    );
    let early = sent.verify(&EXECUTE, NOW - 301).unwrap_err();
    assert_eq!(
        early.message,
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)"
    );
    let mut odd = plain();
    odd.set("X-Amz-Date", "2015-08-30T12:36:00Z");
    assert_eq!(refusal(&odd).0, ErrorKind::IncompleteSignature);
}

#[test]
fn keys() {
    let mut sent = plain();
    let theirs = sent.headers.last().unwrap().1.replace(KEY, "AKIDOTHER");
    sent.set("Authorization", &theirs);
    assert_eq!(
        refusal(&sent),
        (ErrorKind::UnrecognizedClient, "The security token included in the request is invalid.".into())
    );
    let expired = plain().with(|request| verify(request, b"", &EXECUTE, NOW, |_| Err(KeyError::Expired))).unwrap_err();
    assert_eq!(
        (expired.kind.as_str(), expired.message.as_str()),
        ("ExpiredTokenException", "The security token included in the request is expired")
    );
    // The date is judged before the key.
    assert_eq!(sent.verify(&EXECUTE, NOW + 9999).unwrap_err().kind, ErrorKind::InvalidSignature);
}

#[test]
fn any_change_is_noticed() {
    let sent = Sent {
        body: "{}",
        ..Sent::new("POST", "/prod/pets?b=2&a=1", &[("Host", "h.example"), ("X-A", "1"), ("X-A", "2")])
    }
    .signed("execute-api", "us-east-1");
    assert!(sent.verify(&EXECUTE, NOW).is_ok());
    // What changes on the way without meaning anything.
    for same in ["/prod/pets?a=1&b=2", "/prod//pets?b=2&a=1", "/prod/./pets?b=2&a=1", "/prod/pets?b=%32&a=1"] {
        assert!(Sent { target: same.into(), ..sent.clone() }.verify(&EXECUTE, NOW).is_ok(), "{same}");
    }
    for other in ["/prod/pets?b=2&a=2", "/prod/pets", "/prod/pets/?b=2&a=1", "/prod/Pets?b=2&a=1"] {
        assert_eq!(refusal(&Sent { target: other.into(), ..sent.clone() }).0, ErrorKind::InvalidSignature, "{other}");
    }
    assert_eq!(refusal(&Sent { body: "{} ", ..sent.clone() }).0, ErrorKind::InvalidSignature);
    assert_eq!(refusal(&Sent { method: "PUT", ..sent.clone() }).0, ErrorKind::InvalidSignature);
    assert_eq!(refusal(sent.clone().set("X-A", "1")).0, ErrorKind::InvalidSignature);
    assert_eq!(refusal(sent.clone().set("Host", "evil.example")).0, ErrorKind::InvalidSignature);
    let mut swapped = sent.clone();
    swapped.headers.swap(1, 2);
    assert_eq!(refusal(&swapped).0, ErrorKind::InvalidSignature);
    let mut cut = sent.clone();
    let shorter = sent.headers.last().unwrap().1.trim_end_matches(|digit: char| digit.is_ascii_hexdigit()).to_owned();
    assert_eq!(refusal(cut.set("Authorization", &shorter)).0, ErrorKind::InvalidSignature);
    // What is not signed may change.
    assert!(sent.clone().set("X-B", "3").verify(&EXECUTE, NOW).is_ok());
}

#[test]
fn a_path_signed_as_it_is_holds_too() {
    let sent = Sent::new("GET", "/prod//a/../b", &[("Host", "h.example")]);
    let names = "host;x-amz-date";
    let mut sent =
        Sent { headers: [sent.headers.clone(), vec![("X-Amz-Date", "20150830T123600Z".into())]].concat(), ..sent };
    let text =
        sent.with(|request| canonical::request(request, b"/prod//a/../b", b"", names, &hex(sha256(b"").as_ref())));
    let key = signing_key(SECRET, "20150830", "us-east-1", "execute-api");
    let made =
        signature(&key, &string_to_sign("20150830T123600Z", "20150830/us-east-1/execute-api/aws4_request", &text));
    sent.set("Authorization", &authorization("execute-api", names, &made));
    assert!(sent.verify(&EXECUTE, NOW).is_ok());
}

#[test]
fn what_must_be_signed() {
    let resigned = |headers: &[(&'static str, &str)], names: &str| {
        let mut sent = Sent::new("GET", "/p", headers);
        let text = sent.with(|request| canonical::request(request, b"/p", b"", names, &hex(sha256(b"").as_ref())));
        let key = signing_key(SECRET, "20150830", "us-east-1", "execute-api");
        let made =
            signature(&key, &string_to_sign("20150830T123600Z", "20150830/us-east-1/execute-api/aws4_request", &text));
        sent.set("Authorization", &authorization("execute-api", names, &made)).verify(&EXECUTE, NOW)
    };
    let (host, date) = (("Host", "h"), ("X-Amz-Date", "20150830T123600Z"));
    assert!(resigned(&[host, date], "host;x-amz-date").is_ok());
    assert!(resigned(&[host, ("Date", "20150830T123600Z")], "date;host").is_ok());
    assert!(resigned(&[host, ("Date", "Sun, 30 Aug 2015 12:36:00 GMT")], "date;host").is_ok());
    assert_eq!(
        resigned(&[host, date], "x-amz-date").unwrap_err().message,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    );
    assert_eq!(resigned(&[host, date], "host").unwrap_err().kind, ErrorKind::InvalidSignature);
    assert_eq!(resigned(&[host, date, ("Date", "x")], "date;host").unwrap_err().kind, ErrorKind::InvalidSignature);
    let overridden = [host, date, ("X-HTTP-Method-Override", "DELETE")];
    assert_eq!(resigned(&overridden, "host;x-amz-date").unwrap_err().kind, ErrorKind::InvalidSignature);
    assert!(resigned(&overridden, "host;x-amz-date;x-http-method-override").is_ok());
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert!(resigned(&[host, date, ("X-Amz-Content-Sha256", empty)], "host;x-amz-content-sha256;x-amz-date").is_ok());
    for hash in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "0", ""] {
        let headers = [host, date, ("X-Amz-Content-Sha256", hash)];
        assert_eq!(
            resigned(&headers, "host;x-amz-content-sha256;x-amz-date").unwrap_err().kind,
            ErrorKind::InvalidSignature,
            "{hash}"
        );
    }
}

#[test]
fn a_wrong_signature_is_explained() {
    let mut sent = Sent::new("GET", "/p", &[("Host", "h"), ("X-Amz-Date", "20150830T123600Z")]);
    sent.set("Authorization", &authorization("execute-api", "host;x-amz-date", &"0".repeat(64)));
    let (kind, message) = refusal(&sent);
    assert_eq!(kind, ErrorKind::InvalidSignature);
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let canonical = format!("GET\n/p\n\nhost:h\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n{empty}");
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/execute-api/aws4_request\n{}",
        hex(sha256(canonical.as_bytes()).as_ref())
    );
    let expected = format!(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{to_sign}'\n"
    );
    assert_eq!(message, expected);
}

#[test]
fn any_credentials_still_need_a_scope() {
    let rules = Rules { any_credentials: true, ..EXECUTE };
    let mut sent = plain();
    let theirs = sent.headers.last().unwrap().1.replace(KEY, "test");
    sent.set("Authorization", &theirs);
    assert_eq!(sent.verify(&rules, NOW + 1_000_000).map(|caller| caller.access_key_id), Ok("test".into()));
    assert_eq!(
        plain().without("Authorization").verify(&rules, NOW).unwrap_err().kind,
        ErrorKind::MissingAuthenticationToken
    );
    let elsewhere = Sent::new("GET", "/", &[("Host", "h")]).signed("s3", "us-east-1");
    assert_eq!(elsewhere.verify(&rules, NOW).unwrap_err().kind, ErrorKind::InvalidSignature);
}

#[test]
fn secrets_are_not_printed() {
    assert_eq!(format!("{:?}", signing_key(SECRET, "20150830", "us-east-1", "execute-api")), "SigningKey(…)");
}
