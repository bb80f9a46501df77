//! The two forms of time that signatures use: `20261121T090000Z` and, in a `Date` field, `Sat, 21 Nov 2026 09:00:00 GMT`.

/// Seconds since the epoch as `YYYYMMDDTHHMMSSZ`; what lies before the year 0 or after 9999 is cut to it.
pub fn basic(epoch: i64) -> String {
    let epoch = epoch.clamp(-62_167_219_200, 253_402_300_799);
    let (days, second) = (epoch.div_euclid(86_400), epoch.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Seconds since the epoch of `YYYYMMDDTHHMMSSZ`.
pub fn parse_basic(text: &[u8]) -> Option<i64> {
    if text.len() != 16 || text[8] != b'T' || text[15] != b'Z' {
        return None;
    }
    seconds([&text[..4], &text[4..6], &text[6..8], &text[9..11], &text[11..13], &text[13..15]])
}

/// Seconds since the epoch of an IMF-fixdate, the only form that clients send.
pub(super) fn parse_http(text: &[u8]) -> Option<i64> {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    const PATTERN: &[u8; 29] = b"ddd, 00 mmm 0000 00:00:00 GMT";
    let text: &[u8; 29] = text.try_into().ok()?;
    let fits = text.iter().zip(PATTERN).all(|(byte, expected)| match expected {
        b'd' | b'm' => byte.is_ascii_alphabetic(),
        b'0' => byte.is_ascii_digit(),
        _ => byte == expected,
    });
    let month = MONTHS.chunks(3).position(|month| month == &text[8..11])? + 1;
    let month = [b'0' + (month / 10) as u8, b'0' + (month % 10) as u8];
    if fits { seconds([&text[12..16], &month, &text[5..7], &text[17..19], &text[20..22], &text[23..25]]) } else { None }
}

fn seconds(parts: [&[u8]; 6]) -> Option<i64> {
    let mut numbers = [0i64; 6];
    for (number, part) in numbers.iter_mut().zip(parts) {
        for byte in part {
            *number = *number * 10 + i64::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
        }
    }
    let [year, month, day, hour, minute, second] = numbers;
    let days = days(year, month, day);
    let real =
        (1..=12).contains(&month) && civil(days) == (year, month, day) && hour < 24 && minute < 60 && second < 61;
    real.then_some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days since the epoch of a date of the Gregorian calendar; years begin in March so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse of `days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times() {
        for (epoch, text) in [
            (0, "19700101T000000Z"),
            (1_440_938_160, "20150830T123600Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (4_107_542_400, "21000301T000000Z"),
            (-1, "19691231T235959Z"),
        ] {
            assert_eq!(basic(epoch), text);
            assert_eq!(parse_basic(text.as_bytes()), Some(epoch));
        }
        assert_eq!(parse_http(b"Sun, 30 Aug 2015 12:36:00 GMT"), Some(1_440_938_160));
    }

    #[test]
    fn every_day_there_and_back() {
        for day in -800_000..800_000 {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "20150830",
            "20150830T123600",
            "2015-08-30T12:36:00Z",
            "20150230T123600Z",
            "20151330T123600Z",
            "20150030T000000Z",
            "20150100T000000Z",
            "20150830T243600Z",
            "20150830T126000Z",
            "20150830 123600Z",
            "2015083aT123600Z",
            "20150830T123600z",
            "+0150830T123600Z",
        ] {
            assert_eq!(parse_basic(text.as_bytes()), None, "{text}");
        }
        for text in [
            "",
            "Sun, 30 Aug 2015 12:36:00 UTC",
            "Sun, 30 Xyz 2015 12:36:00 GMT",
            "Sunday, 30-Aug-15 12:36:00 GMT",
            "Sun, 3a Aug 2015 12:36:00 GMT",
            "Sun, 31 Feb 2015 12:36:00 GMT",
        ] {
            assert_eq!(parse_http(text.as_bytes()), None, "{text}");
        }
    }
}
