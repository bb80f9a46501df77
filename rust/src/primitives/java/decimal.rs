//! `java.math.BigDecimal`: an integer and how many of its digits stand behind the point.
//! Sums of numbers whose exponents lie far apart need memory; beyond `MOST_DIGITS` they are refused.

#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "lengths of numbers, far below any limit, and signs looked at before"
)]

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_traits::{Pow as _, Signed as _, ToPrimitive as _, Zero as _};

use super::{number::low_bits, value::Thrown};

/// More digits than this are not calculated with.
pub const MOST_DIGITS: u64 = 20_000;

/// `unscaled` × 10^-`scale`. Equal when both are, as in Java.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    unscaled: BigInt,
    scale: i32,
}

impl Decimal {
    /// A decimal of these digits.
    pub fn new(unscaled: BigInt, scale: i32) -> Self {
        Self { unscaled, scale }
    }

    /// Reads `[sign]digits[.digits][E[sign]digits]`.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], parse_exponent(&text[at + 1..])?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.as_bytes().first()? {
            b'-' => (true, &mantissa[1..]),
            b'+' => (false, &mantissa[1..]),
            _ => (false, mantissa),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let magnitude = BigInt::parse_bytes(digits.as_bytes(), 10)?;
        let scale = i32::try_from(fraction.len() as i64 - exponent).ok()?;
        Some(Self::new(if negative { -magnitude } else { magnitude }, scale))
    }

    /// The exact value of a double; nothing for infinities and NaN.
    pub fn from_f64(number: f64) -> Option<Self> {
        if !number.is_finite() {
            return None;
        }
        let bits = number.to_bits();
        let exponent = ((bits >> 52) & 0x7ff) as i32;
        let fraction = bits & ((1 << 52) - 1);
        let (mut significand, mut power) =
            if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
        if significand == 0 {
            return Some(Self::new(BigInt::zero(), 0));
        }
        while significand & 1 == 0 {
            significand >>= 1;
            power += 1;
        }
        let mut unscaled = BigInt::from(significand);
        if number < 0.0 {
            unscaled = -unscaled;
        }
        Some(if power >= 0 {
            Self::new(unscaled << power.unsigned_abs(), 0)
        } else {
            Self::new(unscaled * BigInt::from(5).pow(power.unsigned_abs()), -power)
        })
    }

    /// How many digits stand behind the point.
    pub fn scale(&self) -> i32 {
        self.scale
    }

    /// All digits as an integer.
    pub fn unscaled(&self) -> &BigInt {
        &self.unscaled
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.unscaled.is_zero()
    }

    /// The sum.
    pub fn add(&self, other: &Self) -> Result<Self, Thrown> {
        let (left, right, scale) = self.aligned(other)?;
        Ok(Self::new(left + right, scale))
    }

    /// The difference.
    pub fn subtract(&self, other: &Self) -> Result<Self, Thrown> {
        let (left, right, scale) = self.aligned(other)?;
        Ok(Self::new(left - right, scale))
    }

    /// The product.
    pub fn multiply(&self, other: &Self) -> Result<Self, Thrown> {
        if digits(&self.unscaled) + digits(&other.unscaled) > MOST_DIGITS {
            return Err(too_long());
        }
        let scale = self.scale.checked_add(other.scale).ok_or_else(too_long)?;
        Ok(Self::new(&self.unscaled * &other.unscaled, scale))
    }

    /// The quotient with as many digits behind the point as this has, a half rounded towards zero.
    pub fn divide(&self, other: &Self) -> Result<Self, Thrown> {
        if other.is_zero() {
            return Err(Thrown::new("ArithmeticException", "Division by zero"));
        }
        // this / other = (unscaled / 10^scale) / (divisor / 10^s2): with `scale` kept the integer quotient is
        // unscaled × 10^s2 / divisor.
        let (mut dividend, mut divisor) = (self.unscaled.clone(), other.unscaled.clone());
        let power = power_of_ten(u64::from(other.scale.unsigned_abs()))?;
        if other.scale >= 0 {
            dividend *= power;
        } else {
            divisor *= power;
        }
        let quotient = &dividend / &divisor;
        let rest = (&dividend - &quotient * &divisor).abs() * 2_u8;
        let away = rest > divisor.abs();
        let towards = if (dividend.sign() == Sign::Minus) == (divisor.sign() == Sign::Minus) { 1 } else { -1 };
        Ok(Self::new(if away { quotient + towards } else { quotient }, self.scale))
    }

    /// Which one is larger; 1.0 and 1.00 are the same here.
    pub fn compare(&self, other: &Self) -> Ordering {
        let signs = self.unscaled.sign().cmp(&other.unscaled.sign());
        if signs != Ordering::Equal || self.is_zero() {
            return signs;
        }
        // The place of the first digit decides between numbers of very different size.
        let places = (digits(&self.unscaled) as i64 - i64::from(self.scale))
            .cmp(&(digits(&other.unscaled) as i64 - i64::from(other.scale)));
        if places != Ordering::Equal {
            return if self.unscaled.is_negative() { places.reverse() } else { places };
        }
        match self.aligned(other) {
            Ok((left, right, _)) => left.cmp(&right),
            Err(_) => Ordering::Equal,
        }
    }

    /// `doubleValue()`.
    pub fn to_f64(&self) -> f64 {
        format!("{}e{}", self.unscaled, -i64::from(self.scale)).parse().unwrap_or(f64::NAN)
    }

    /// `longValue()`: the lowest 64 bits of the integer part.
    pub fn to_i64(&self) -> i64 {
        if self.scale <= -64 {
            return 0; // ten to such a power has 64 zero bits at its end
        }
        low_bits(&self.to_big_integer())
    }

    /// The integer part; zero for one whose exponent is out of all measure.
    pub fn to_big_integer(&self) -> BigInt {
        let Ok(power) = power_of_ten(u64::from(self.scale.unsigned_abs())) else { return BigInt::zero() };
        if self.scale <= 0 { &self.unscaled * power } else { &self.unscaled / power }
    }

    /// `hashCode()`.
    pub fn hash_code(&self) -> i32 {
        big_hash(&self.unscaled).wrapping_mul(31).wrapping_add(self.scale)
    }

    /// Writes what `toString()` gives.
    pub fn write(&self, out: &mut String) {
        let digits = self.unscaled.magnitude().to_string();
        if self.unscaled.is_negative() {
            out.push('-');
        }
        let length = digits.len() as i64;
        let scale = i64::from(self.scale);
        let adjusted = length - 1 - scale;
        if scale == 0 {
            out.push_str(&digits);
        } else if scale > 0 && adjusted >= -6 {
            if length > scale {
                let (whole, fraction) = digits.split_at((length - scale) as usize);
                out.push_str(whole);
                out.push('.');
                out.push_str(fraction);
            } else {
                out.push_str("0.");
                out.extend(std::iter::repeat_n('0', (scale - length) as usize));
                out.push_str(&digits);
            }
        } else {
            out.push_str(&digits[..1]);
            if length > 1 {
                out.push('.');
                out.push_str(&digits[1..]);
            }
            if adjusted != 0 {
                out.push_str(if adjusted > 0 { "E+" } else { "E-" });
                out.push_str(itoa::Buffer::new().format(adjusted.unsigned_abs()));
            }
        }
    }

    /// Writes what `toPlainString()` gives.
    pub fn write_plain(&self, out: &mut String) -> Result<(), Thrown> {
        if self.scale >= 0 {
            let plain = Self::new(self.unscaled.clone(), self.scale);
            if plain.scale as u64 > MOST_DIGITS {
                return Err(too_long());
            }
            let digits = plain.unscaled.magnitude().to_string();
            let scale = plain.scale as usize;
            let padded = format!("{digits:0>width$}", width = scale + 1);
            let (whole, fraction) = padded.split_at(padded.len() - scale);
            out.push_str(if plain.unscaled.is_negative() { "-" } else { "" });
            out.push_str(whole);
            if scale > 0 {
                out.push('.');
                out.push_str(fraction);
            }
            return Ok(());
        }
        if self.is_zero() {
            out.push('0');
            return Ok(());
        }
        let power = power_of_ten(u64::from(self.scale.unsigned_abs()))?;
        out.push_str(&(&self.unscaled * power).to_string());
        Ok(())
    }

    fn aligned(&self, other: &Self) -> Result<(BigInt, BigInt, i32), Thrown> {
        let scale = self.scale.max(other.scale);
        let stretch = |decimal: &Self| {
            let power = power_of_ten((i64::from(scale) - i64::from(decimal.scale)).unsigned_abs())?;
            Ok::<_, Thrown>(&decimal.unscaled * power)
        };
        Ok((stretch(self)?, stretch(other)?, scale))
    }
}

/// `BigInteger.hashCode()`: 31 × over the magnitude's 32-bit words from the highest.
#[allow(clippy::cast_possible_wrap, reason = "Java's words are signed")]
pub fn big_hash(number: &BigInt) -> i32 {
    let hash = number.iter_u32_digits().rev().fold(0_i32, |hash, word| hash.wrapping_mul(31).wrapping_add(word as i32));
    if number.is_negative() { hash.wrapping_neg() } else { hash }
}

/// How many decimal digits a number has, at least one.
fn digits(number: &BigInt) -> u64 {
    // A first guess from the bits is right but for one.
    let bits = number.bits();
    if bits <= 63 {
        return number.magnitude().to_u64().map_or(1, |small| u64::from(small.checked_ilog10().unwrap_or(0)) + 1);
    }
    number.magnitude().to_string().len() as u64
}

fn power_of_ten(power: u64) -> Result<BigInt, Thrown> {
    if power > MOST_DIGITS {
        return Err(too_long());
    }
    Ok(BigInt::from(10).pow(power))
}

fn too_long() -> Thrown {
    Thrown::new("ArithmeticException", "the number has too many digits")
}

/// The exponent of a number's text, at most ten digits of it, as Java reads it.
fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent = digits.trim_start_matches('0');
    if exponent.len() > 10 {
        return None;
    }
    let magnitude: i64 = if exponent.is_empty() { 0 } else { exponent.parse().ok()? };
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(decimal: &Decimal) -> String {
        let mut out = String::new();
        decimal.write(&mut out);
        out
    }

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap_or_else(|| panic!("{text} is a decimal"))
    }

    #[test]
    fn texts_are_javas() {
        for (given, expected) in [
            ("1.10", "1.10"),
            ("1E3", "1E+3"),
            ("12.5e10", "1.25E+11"),
            ("0.0000001", "1E-7"),
            ("0.000001", "0.000001"),
            ("-0.50", "-0.50"),
            ("1.", "1"),
            (".5", "0.5"),
            ("0E-10", "0E-10"),
        ] {
            assert_eq!(text(&decimal(given)), expected, "{given}");
        }
        assert!(Decimal::parse("1E99999999999").is_none());
        assert!(Decimal::parse("-.").is_none());
    }

    #[test]
    fn arithmetic_keeps_scales() {
        assert_eq!(text(&decimal("1.10").add(&decimal("2.345")).unwrap()), "3.445");
        assert_eq!(text(&decimal("1.10").multiply(&decimal("2.0")).unwrap()), "2.200");
        assert_eq!(text(&decimal("10.00").divide(&decimal("3")).unwrap()), "3.33");
        assert_eq!(text(&decimal("0.5").divide(&decimal("10")).unwrap()), "0.0");
        assert_eq!(text(&decimal("-7").divide(&decimal("4")).unwrap()), "-2");
        assert!(decimal("1E2000000000").add(&decimal("1")).is_err());
        assert_eq!(decimal("1E2000000000").compare(&decimal("1")), Ordering::Greater);
        assert_eq!(decimal("-1E2000000000").compare(&decimal("-1")), Ordering::Less);
    }

    #[test]
    fn doubles_become_exact() {
        assert_eq!(text(&Decimal::from_f64(0.1).unwrap()), "0.1000000000000000055511151231257827021181583404541015625");
        assert_eq!(text(&Decimal::from_f64(-3.0).unwrap()), "-3");
        assert_eq!(Decimal::from_f64(f64::INFINITY), None);
    }
}
