//! `java.lang.Integer` and `java.lang.Long`: the static methods that templates call through an instance (`$n.parseInt("5")`).

use super::{
    Called,
    arguments::{int, long, text},
    numbers::{not_a_number, order},
};
use crate::primitives::{
    java::{Number, Value, utf16},
    vtl::RenderError,
};

/// The methods that take one or two numbers of a class.
macro_rules! methods {
    ($module:ident, $signed:ty, $unsigned:ty, $class:ident) => {
        mod $module {
            use super::{Number, Value, order, radix_text};

            pub(super) fn of_one(name: &str, one: $signed) -> Option<Value> {
                let number = |number: $signed| Value::Number(Number::$class(number));
                let count = |count: u32| Value::Number(Number::Integer(count.cast_signed()));
                let highest = || {
                    let shift = one.leading_zeros();
                    <$unsigned>::MAX.checked_shr(shift).map_or(0, |below| (below ^ (below >> 1)).cast_signed())
                };
                Some(match name {
                    "valueOf" => number(one),
                    "toString" => Value::from(one.to_string()),
                    "toHexString" => Value::from(format!("{one:x}")),
                    "toBinaryString" => Value::from(format!("{one:b}")),
                    "toOctalString" => Value::from(format!("{one:o}")),
                    "toUnsignedString" => Value::from(one.cast_unsigned().to_string()),
                    "hashCode" => Value::Number(Number::Integer(Value::Number(Number::$class(one)).hash_code())),
                    "signum" => Value::Number(Number::Integer(one.signum() as i32)),
                    "bitCount" => count(one.count_ones()),
                    "numberOfLeadingZeros" => count(one.leading_zeros()),
                    "numberOfTrailingZeros" => count(one.trailing_zeros()),
                    "highestOneBit" => number(highest()),
                    "lowestOneBit" => number(one & one.wrapping_neg()),
                    "reverse" => number(one.reverse_bits()),
                    "reverseBytes" => number(one.swap_bytes()),
                    _ => return None,
                })
            }

            pub(super) fn of_two(name: &str, a: $signed, b: $signed) -> Option<Value> {
                Some(Value::Number(match name {
                    "compare" => order(a.cmp(&b)),
                    "compareUnsigned" => order(a.cast_unsigned().cmp(&b.cast_unsigned())),
                    "max" => Number::$class(a.max(b)),
                    "min" => Number::$class(a.min(b)),
                    "sum" => Number::$class(a.wrapping_add(b)),
                    "divideUnsigned" => Number::$class(a.cast_unsigned().checked_div(b.cast_unsigned())?.cast_signed()),
                    "remainderUnsigned" => {
                        Number::$class(a.cast_unsigned().checked_rem(b.cast_unsigned())?.cast_signed())
                    }
                    _ => return None,
                }))
            }

            /// Of a number and an `int`.
            pub(super) fn of_int(name: &str, one: $signed, other: i32) -> Option<Value> {
                let bits = (other & (<$signed>::BITS.cast_signed() - 1)).cast_unsigned();
                Some(match name {
                    "rotateLeft" => Value::Number(Number::$class(one.rotate_left(bits))),
                    "rotateRight" => Value::Number(Number::$class(one.rotate_right(bits))),
                    "toString" => Value::from(radix_text(one < 0, u64::from(one.unsigned_abs()), other)),
                    "toUnsignedString" => Value::from(radix_text(false, u64::from(one.cast_unsigned()), other)),
                    _ => return None,
                })
            }
        }
    };
}

methods!(ints, i32, u32, Integer);
methods!(longs, i64, u64, Long);

/// Calls a method of an Integer.
pub(super) fn of_int(name: &str, arguments: &[Value]) -> Called {
    let parsed = match name {
        "parseInt" | "valueOf" | "decode" => read::<i32>(name, arguments)?.map(Number::Integer),
        "parseUnsignedInt" => read::<u32>(name, arguments)?.map(|number| Number::Integer(number.cast_signed())),
        _ => None,
    };
    if let Some(number) = parsed {
        return Ok(Some(Value::Number(number)));
    }
    let ints: Option<Vec<i32>> = arguments.iter().map(int).collect();
    Ok(match (name, ints.as_deref()) {
        ("toUnsignedLong", Some(&[one])) => Some(Value::Number(Number::Long(i64::from(one.cast_unsigned())))),
        ("divideUnsigned" | "remainderUnsigned", Some(&[_, 0])) => return Err(by_zero()),
        (_, Some(&[one])) => ints::of_one(name, one),
        (_, Some(&[a, b])) => ints::of_two(name, a, b).or_else(|| ints::of_int(name, a, b)),
        _ => None,
    })
}

/// Calls a method of a Long.
pub(super) fn of_long(name: &str, arguments: &[Value]) -> Called {
    let parsed = match name {
        "parseLong" | "valueOf" | "decode" => read::<i64>(name, arguments)?.map(Number::Long),
        "parseUnsignedLong" => read::<u64>(name, arguments)?.map(|number| Number::Long(number.cast_signed())),
        _ => None,
    };
    if let Some(number) = parsed {
        return Ok(Some(Value::Number(number)));
    }
    Ok(match arguments {
        [one] => long(one).and_then(|one| longs::of_one(name, one)),
        [a, b] => match (long(a), long(b)) {
            (Some(_), Some(0)) if matches!(name, "divideUnsigned" | "remainderUnsigned") => return Err(by_zero()),
            (Some(a), Some(wide)) => {
                longs::of_two(name, a, wide).or_else(|| int(b).and_then(|b| longs::of_int(name, a, b)))
            }
            _ => None,
        },
        _ => None,
    })
}

/// What a text of digits stands for; nothing when the arguments are no such.
fn read<T: TryFrom<i128>>(name: &str, arguments: &[Value]) -> Result<Option<T>, RenderError> {
    let (digits, radix) = match arguments {
        [Value::Null] => return Err(not_a_number("null")),
        [Value::String(digits)] if name == "decode" => return decoded(digits).map(Some),
        [Value::String(digits)] => (digits.clone(), 10),
        [Value::String(digits), radix] if name != "decode" => match int(radix) {
            Some(radix) => (digits.clone(), radix),
            None => return Ok(None),
        },
        // `parseInt(text, begin, end, radix)`.
        [digits, begin, end, radix] if name.starts_with("parse") => {
            let (Some(digits), Some(begin), Some(end), Some(radix)) = (text(digits)?, int(begin), int(end), int(radix))
            else {
                return Ok(None);
            };
            let bounds = usize::try_from(begin).ok().zip(usize::try_from(end).ok()).filter(|(begin, end)| begin <= end);
            let part = bounds.and_then(|(begin, end)| utf16::slice(digits, begin, end));
            (part.ok_or_else(|| not_a_number(digits))?, radix)
        }
        _ => return Ok(None),
    };
    parse(&digits, radix).map(Some)
}

/// Java and Rust take the same signs and digits, and none of ours is longer than 65 of them.
fn parse<T: TryFrom<i128>>(digits: &str, radix: i32) -> Result<T, RenderError> {
    let radix = u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix));
    let number = radix.and_then(|radix| i128::from_str_radix(digits, radix).ok());
    number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| not_a_number(digits))
}

/// `0x10`, `#10`, `010` and decimal digits, each with a sign.
fn decoded<T: TryFrom<i128>>(text: &str) -> Result<T, RenderError> {
    let (negative, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (digits, radix) = if let Some(digits) = ["0x", "0X", "#"].iter().find_map(|start| rest.strip_prefix(start)) {
        (digits, 16)
    } else if rest.len() > 1 && rest.starts_with('0') {
        (&rest[1..], 8)
    } else {
        (rest, 10)
    };
    if digits.starts_with(['-', '+']) {
        return Err(not_a_number(text));
    }
    let number = i128::from_str_radix(digits, radix).ok().map(|number| if negative { -number } else { number });
    number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| not_a_number(text))
}

/// Digits of a radix; of 10 when there is no such.
fn radix_text(negative: bool, mut number: u64, radix: i32) -> String {
    let radix = u64::try_from(radix).ok().filter(|radix| (2..=36).contains(radix)).unwrap_or(10);
    let mut digits = Vec::new();
    while {
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % radix) as usize]);
        number /= radix;
        number > 0
    } {}
    digits.extend(negative.then_some(b'-'));
    digits.iter().rev().map(|&digit| char::from(digit)).collect()
}

fn by_zero() -> RenderError {
    crate::primitives::java::Thrown::new("ArithmeticException", "/ by zero").into()
}
