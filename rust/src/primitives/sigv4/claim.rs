//! What a request says about its signer, before anything is believed: presence, syntax, scope and date, in AWS's order and words.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    ALGORITHM, ErrorKind, Request, SignatureError, TERMINATOR, canonical,
    date::{basic, parse_basic, parse_http},
    sha256,
};

/// What scope a signature must have.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// `execute-api` or `apigateway`.
    pub service: &'a str,
    /// The regions accepted; empty accepts every well-formed name.
    pub regions: &'a [String],
    /// Any key, signature and clock will do; syntax and scope are still checked.
    pub any_credentials: bool,
}

/// A signature as claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whose key.
    pub access_key_id: String,
    /// `YYYYMMDD`.
    pub day: String,
    /// The region of the scope.
    pub region: String,
    /// The service of the scope.
    pub service: String,
    /// `X-Amz-Security-Token`.
    pub token: Option<String>,
    /// In the query, not the header.
    pub presigned: bool,
    pub(super) date: String,
    pub(super) signed_headers: String,
    pub(super) signature: String,
}

impl Claim {
    pub(super) fn scope(&self) -> String {
        format!("{}/{}/{}/{TERMINATOR}", self.day, self.region, self.service)
    }

    /// Whether a header in lower case is among the signed ones.
    pub(super) fn signs(&self, name: &str) -> bool {
        self.signed_headers.split(';').any(|signed| signed == name)
    }
}

/// Clocks may differ by so many seconds.
const SKEW: i64 = 300;
const LONGEST_EXPIRES: i64 = 604_800;

/// Reads the claim and checks all that needs no key. `now` is in seconds since the epoch.
pub fn claim(request: &Request<'_>, rules: &Rules<'_>, now: i64) -> Result<Claim, SignatureError> {
    let (parts, validity) = match request.header("authorization") {
        Some(value) if !value.trim_ascii().is_empty() => (from_header(request, value)?, None),
        _ => {
            let (parts, expires) = from_query(request)?;
            (parts, Some(expires))
        }
    };
    let claim = scoped(parts, rules, validity.is_some())?;
    if !rules.any_credentials {
        current(&claim, validity, now)?;
    }
    Ok(claim)
}

/// The components of either form, present but not yet understood.
struct Parts {
    credential: String,
    signed_headers: String,
    signature: String,
    date: String,
    /// The date as it was sent.
    sent_date: String,
    token: Option<String>,
}

fn incomplete(message: impl Into<String>) -> SignatureError {
    SignatureError::new(ErrorKind::IncompleteSignature, message)
}

fn invalid(message: impl Into<String>) -> SignatureError {
    SignatureError::new(ErrorKind::InvalidSignature, message)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn from_header(request: &Request<'_>, value: &[u8]) -> Result<Parts, SignatureError> {
    let hashed = || STANDARD.encode(sha256(value));
    let hashed_suffix = || format!("(hashed with SHA-256 and encoded with Base64): '{}'.", hashed());
    let text = lossy(value.trim_ascii());
    let (algorithm, rest) = text.split_once([' ', '\t']).unwrap_or((&text, ""));
    if algorithm.contains('=') {
        return Err(incomplete(format!(
            "Authorization header must begin with the algorithm name, which cannot include an equal-sign {}",
            hashed_suffix()
        )));
    }
    let mut components = [None, None, None];
    for pair in rest.split(',').map(str::trim) {
        let Some((name, value)) = pair.split_once('=') else {
            if rest.is_empty() && algorithm == ALGORITHM {
                break;
            }
            return Err(incomplete(format!(
                "Invalid key=value pair (missing equal-sign) in Authorization header {}",
                hashed_suffix()
            )));
        };
        match name {
            "Credential" => components[0] = Some(value.to_owned()),
            "Signature" => components[1] = Some(value.to_owned()),
            "SignedHeaders" => components[2] = Some(value.to_owned()),
            _ => {}
        }
    }
    if algorithm != ALGORITHM {
        return Err(incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
    }
    let sent_date = request.header("x-amz-date").or_else(|| request.header("date"));
    let mut missing = String::new();
    for (component, name) in components.iter().zip(["Credential", "Signature", "SignedHeaders"]) {
        if component.is_none() {
            missing = missing + "Authorization header requires '" + name + "' parameter. ";
        }
    }
    if sent_date.is_none() {
        missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    }
    let ([Some(credential), Some(signature), Some(signed_headers)], Some(sent_date)) = (components, sent_date) else {
        return Err(incomplete(format!(
            "{missing}(Hashed with SHA-256 and encoded with Base64) Authorization={}",
            hashed()
        )));
    };
    let date = match parse_http(sent_date) {
        Some(epoch) if request.header("x-amz-date").is_none() => basic(epoch),
        _ => lossy(sent_date),
    };
    let token = request.header("x-amz-security-token").map(lossy);
    Ok(Parts {
        credential,
        signed_headers: signed_headers.to_ascii_lowercase(),
        signature,
        date,
        sent_date: lossy(sent_date),
        token,
    })
}

/// The components of the pre-signed form and for how many seconds it is good.
fn from_query(request: &Request<'_>) -> Result<(Parts, i64), SignatureError> {
    let find = |name: &str| {
        let found = canonical::parameters(request.query).find(|(other, _)| other == name.as_bytes());
        found.map(|(_, value)| String::from_utf8_lossy(&value).into_owned())
    };
    if ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"].iter().all(|name| find(name).is_none()) {
        return Err(SignatureError::new(ErrorKind::MissingAuthenticationToken, "Missing Authentication Token"));
    }
    let need = |name: &str| {
        let message = || {
            incomplete(format!(
                "AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."
            ))
        };
        find(name).filter(|value| !value.is_empty()).ok_or_else(message)
    };
    let algorithm = need("X-Amz-Algorithm")?;
    if algorithm != ALGORITHM {
        return Err(incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
    }
    let credential = need("X-Amz-Credential")?;
    let signature = need("X-Amz-Signature")?;
    let signed_headers = need("X-Amz-SignedHeaders")?.to_ascii_lowercase();
    let date = need("X-Amz-Date")?;
    let expires = match find("X-Amz-Expires") {
        None => SKEW,
        Some(text) => text.parse().ok().filter(|seconds| (1..=LONGEST_EXPIRES).contains(seconds)).ok_or_else(|| {
            incomplete(format!("X-Amz-Expires must be a number of seconds from 1 to {LONGEST_EXPIRES}, got '{text}'."))
        })?,
    };
    let token = find("X-Amz-Security-Token");
    Ok((Parts { credential, signed_headers, signature, sent_date: date.clone(), date, token }, expires))
}

fn scoped(parts: Parts, rules: &Rules<'_>, presigned: bool) -> Result<Claim, SignatureError> {
    let elements: Vec<&str> = parts.credential.split('/').collect();
    let &[access_key_id, day, region, service, terminator] = &elements[..] else {
        let got = &parts.credential;
        return Err(incomplete(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{got}'"
        )));
    };
    let date = &parts.date;
    if parse_basic(date.as_bytes()).is_none() {
        return Err(incomplete(format!(
            "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
        )));
    }
    let mut signed = parts.signed_headers.split(';');
    if !signed.any(|name| name == "host") {
        return Err(invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
    }
    if service != rules.service {
        return Err(invalid(format!("Credential should be scoped to correct service: '{}'. ", rules.service)));
    }
    let known =
        if rules.regions.is_empty() { well_formed(region) } else { rules.regions.iter().any(|known| known == region) };
    if !known {
        return Err(invalid(format!("Credential should be scoped to a valid region, not '{region}'. ")));
    }
    if terminator != TERMINATOR {
        return Err(invalid(format!(
            "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'. "
        )));
    }
    if day != &date[..8] {
        let (of_date, sent) = (&date[..8], &parts.sent_date);
        return Err(invalid(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{day}' != '{of_date}', from '{sent}'."
        )));
    }
    Ok(Claim {
        access_key_id: access_key_id.to_owned(),
        day: day.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        token: parts.token,
        presigned,
        date: parts.date,
        signed_headers: parts.signed_headers,
        signature: parts.signature,
    })
}

fn well_formed(region: &str) -> bool {
    let bytes = region.as_bytes();
    (2..=32).contains(&bytes.len())
        && bytes[0].is_ascii_lowercase()
        && !bytes.ends_with(b"-")
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
}

/// `validity` is how long a pre-signed request is good, in seconds.
fn current(claim: &Claim, validity: Option<i64>, now: i64) -> Result<(), SignatureError> {
    let date = &claim.date;
    let Some(epoch) = parse_basic(date.as_bytes()) else {
        return Err(incomplete("Date must be in ISO-8601 'basic format'."));
    };
    let good_for = validity.unwrap_or(SKEW);
    let clock = basic(now);
    if epoch < now - good_for {
        let unit = if good_for % 60 == 0 { format!("{} min.", good_for / 60) } else { format!("{good_for} sec.") };
        return Err(invalid(format!(
            "Signature expired: {date} is now earlier than {} ({clock} - {unit})",
            basic(now - good_for)
        )));
    }
    if epoch > now + SKEW {
        return Err(invalid(format!(
            "Signature not yet current: {date} is still later than {} ({clock} + 5 min.)",
            basic(now + SKEW)
        )));
    }
    Ok(())
}
