//! `java.lang.Double`, with the static methods that templates call through an instance.

use super::{
    Called,
    numbers::{not_a_number, order},
};
use crate::primitives::{
    java::{Number, Value},
    vtl::{RenderError, meter::Meter},
};

/// Calls a method of a Double.
pub(super) fn call(meter: &mut Meter, own: f64, name: &str, arguments: &[Value]) -> Called {
    let double = |number: f64| Value::Number(Number::Double(number));
    Ok(Some(match (name, arguments) {
        ("isNaN", []) => Value::Boolean(own.is_nan()),
        ("isInfinite", []) => Value::Boolean(own.is_infinite()),
        ("parseDouble" | "valueOf", [Value::Null]) => return Err(not_a_number("null")),
        ("parseDouble" | "valueOf", [Value::String(digits)]) => {
            meter.look(digits.len())?;
            double(parse(digits)?)
        }
        ("longBitsToDouble", [Value::Number(bits)]) if bits.is_integer() => {
            double(f64::from_bits(bits.to_i64().cast_unsigned()))
        }
        (name, [Value::Number(one)]) => of_one(meter, name, one.to_f64())?.unwrap_or_default(),
        (name, [Value::Number(a), Value::Number(b)]) => {
            let (a, b) = (a.to_f64(), b.to_f64());
            let any_is_nan = a.is_nan() || b.is_nan();
            match name {
                "max" | "min" if any_is_nan => double(f64::NAN),
                // Java's -0.0 is below 0.0.
                "max" => double(if a.total_cmp(&b).is_lt() { b } else { a }),
                "min" => double(if a.total_cmp(&b).is_gt() { b } else { a }),
                "sum" => double(a + b),
                "compare" => Value::Number(order(a.total_cmp(&b))),
                _ => return Ok(None),
            }
        }
        _ => return Ok(None),
    }))
    .map(|called| called.filter(|value| !value.is_null()))
}

fn of_one(meter: &mut Meter, name: &str, one: f64) -> Called {
    let own = || Value::Number(Number::Double(one));
    Ok(Some(match name {
        "valueOf" => own(),
        "isNaN" => Value::Boolean(one.is_nan()),
        "isInfinite" => Value::Boolean(one.is_infinite()),
        "isFinite" => Value::Boolean(one.is_finite()),
        "toString" => super::text(meter, &own())?,
        "hashCode" => Value::Number(Number::Integer(own().hash_code())),
        "doubleToLongBits" | "doubleToRawLongBits" => Value::Number(Number::Long(one.to_bits().cast_signed())),
        _ => return Ok(None),
    }))
}

/// `Double.parseDouble`, but for hexadecimal fractions.
fn parse(text: &str) -> Result<f64, RenderError> {
    let plain = text.trim_matches(|character| character <= ' ');
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    let number = match unsigned {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(if plain.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        _ => {
            // A suffix says the class, which is ignored.
            let digits = plain.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(plain);
            let is_decimal = |byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
            if digits.bytes().all(is_decimal) { digits.parse().ok() } else { None }
        }
    };
    number.ok_or_else(|| not_a_number(text))
}
