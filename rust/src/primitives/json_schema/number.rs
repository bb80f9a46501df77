//! Numbers of any size by their digits: compared, divided and said as Java's `BigDecimal` has them; never rounded.

use std::cmp::Ordering;

/// A number as digits and the power of ten that the last one stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: Box<[u8]>,
    exponent: i64,
}

/// More than this is no exponent that anybody means; it only has to stay comparable.
const MOST: i64 = 1 << 40;

impl Decimal {
    /// A number as JSON writes it.
    pub(super) fn parse(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let negative = mantissa.starts_with('-');
        let (whole, fraction) = mantissa.trim_start_matches('-').split_once('.').unwrap_or((mantissa, ""));
        let whole = whole.trim_start_matches('-');
        // An exponent beyond counting is as good as the largest one.
        let limit = if exponent.starts_with('-') { -MOST } else { MOST };
        let exponent = exponent.parse::<i64>().unwrap_or(limit).clamp(-MOST, MOST) - signed(fraction.len());
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|digit| digit - b'0').collect();
        let trailing = digits.iter().rev().take_while(|digit| **digit == 0).count();
        digits.truncate(digits.len() - trailing);
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..leading);
        let exponent = if digits.is_empty() { 0 } else { exponent + signed(trailing) };
        Self { negative: negative && !digits.is_empty(), digits: digits.into(), exponent }
    }

    /// By value.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let sign = |one: &Self| match (one.digits.is_empty(), one.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        match sign(self).cmp(&sign(other)) {
            Ordering::Equal if self.negative => other.magnitude(self),
            Ordering::Equal => self.magnitude(other),
            unequal => unequal,
        }
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        let top = |one: &Self| one.exponent + signed(one.digits.len());
        top(self).cmp(&top(other)).then_with(|| self.digits.cmp(&other.digits))
    }

    /// A divisor that `is_multiple_of` takes: positive, of up to 18 digits, no power of ten beyond a hundred.
    pub(super) fn is_divisor(&self) -> bool {
        !self.negative && (1..=18).contains(&self.digits.len()) && self.exponent.abs() <= 100
    }

    /// Whether nothing remains when divided by a divisor.
    pub(super) fn is_multiple_of(&self, divisor: &Self) -> bool {
        let value = divisor.digits.iter().take(18).fold(0u128, |value, digit| value * 10 + u128::from(*digit));
        let shift = self.exponent - divisor.exponent;
        if self.digits.is_empty() {
            return true;
        }
        if value == 0 {
            return false;
        }
        // A last digit that is not zero is no multiple of anything ten times as large.
        let Ok(raise) = u64::try_from(shift) else { return false };
        let mut remainder = self.digits.iter().fold(0, |rest, digit| (rest * 10 + u128::from(*digit)) % value);
        let (mut base, mut left) = (10 % value, raise);
        while left > 0 && remainder != 0 {
            if left & 1 == 1 {
                remainder = remainder * base % value;
            }
            base = base * base % value;
            left >>= 1;
        }
        remainder == 0
    }

    /// What two equal numbers share and others hardly do.
    pub(super) fn parts(&self) -> (bool, &[u8], i64) {
        (self.negative, &self.digits, self.exponent)
    }
}

/// Whether a whole number of JSON fits: compared without making digits.
#[inline]
pub(super) fn small(text: &str) -> Option<i64> {
    (text.len() <= 18).then(|| text.parse().ok()).flatten()
}

/// A number as Java says it: whole ones as they are, others as `BigDecimal.toString`.
pub(super) fn said(text: &str) -> String {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return if text == "-0" { "0".to_owned() } else { text.to_owned() };
    };
    let negative = mantissa.starts_with('-');
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = match all.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let Ok(exponent) = exponent.parse::<i32>() else { return text.to_owned() };
    let scale = signed(fraction.len()) - i64::from(exponent);
    let adjusted = signed(digits.len()) - 1 - scale;
    let sign = if negative && digits != "0" { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    if scale > 0 && adjusted >= -6 {
        let places = usize::try_from(scale).unwrap_or_default();
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        return format!("{sign}{whole}.{fraction}");
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}E{}{}", if adjusted < 0 { '-' } else { '+' }, adjusted.abs())
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(MOST)
}
