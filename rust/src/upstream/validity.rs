//! When a certificate is valid: the one thing that has to be read from it by hand when its issuer is not to be checked.

/// Seconds since the epoch, `[not_before, not_after]`; `None` for what is no X.509 certificate.
pub(crate) fn validity(certificate: &[u8]) -> Option<(i64, i64)> {
    let (body, _) = element(certificate, 0x30)?;
    let (mut fields, _) = element(body, 0x30)?;
    // Version, serial number, signature algorithm and issuer stand before the validity; the version may be missing.
    if let Some((_, rest)) = element(fields, 0xa0) {
        fields = rest;
    }
    for tag in [0x02, 0x30, 0x30] {
        fields = element(fields, tag)?.1;
    }
    let (times, _) = element(fields, 0x30)?;
    let (before, rest) = time(times)?;
    let (after, _) = time(rest)?;
    Some((before, after))
}

/// The content of the DER element at the beginning of `input`, which must have this tag, and what follows it.
fn element(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], mut rest) = input.split_first_chunk()?;
    if found != tag {
        return None;
    }
    let mut length = usize::from(first);
    if first >= 0x80 {
        let (bytes, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if bytes.is_empty() || bytes.len() > 4 {
            return None;
        }
        length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        rest = after;
    }
    rest.split_at_checked(length)
}

/// A `UTCTime` or `GeneralizedTime` in the forms RFC 5280 allows.
fn time(input: &[u8]) -> Option<(i64, &[u8])> {
    let (text, rest, century) = match element(input, 0x17) {
        Some((text, rest)) => (text, rest, None),
        None => element(input, 0x18).map(|(text, rest)| (text, rest, Some(())))?,
    };
    let digits = text.strip_suffix(b"Z")?;
    let number = |from: usize, length: usize| -> Option<i64> {
        let digits = digits.get(from..from + length)?;
        std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
    };
    let (year, at) = match century {
        Some(()) => (number(0, 4)?, 4),
        // RFC 5280: two digits below 50 are of this century.
        None => (number(0, 2).map(|year| if year < 50 { 2000 + year } else { 1900 + year })?, 2),
    };
    if digits.len() != at + 10 {
        return None;
    }
    let (month, day) = (number(at, 2)?, number(at + 2, 2)?);
    let (hour, minute, second) = (number(at + 4, 2)?, number(at + 6, 2)?, number(at + 8, 2)?);
    if !(1..=12).contains(&month) {
        return None;
    }
    // Howard Hinnant's days_from_civil.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    Some((days * 86_400 + hour * 3600 + minute * 60 + second, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_rcgen_writes() {
        for (year, before) in [(1999, 915_148_800), (2026, 1_767_225_600), (2075, 3_313_526_400)] {
            let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
            parameters.not_before = rcgen::date_time_ymd(year, 1, 1);
            parameters.not_after = rcgen::date_time_ymd(year + 1, 3, 1);
            let certificate = parameters.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
            let (found, after) = validity(certificate.der()).unwrap();
            assert_eq!(found, before);
            assert!(after > found + 365 * 86_400);
        }
    }

    #[test]
    fn broken_certificates_have_no_validity() {
        let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()])
            .unwrap()
            .self_signed(&rcgen::KeyPair::generate().unwrap())
            .unwrap();
        for length in 0..120 {
            assert_eq!(validity(&certificate.der()[..length]), None);
        }
        assert_eq!(validity(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
