//! Bytes as hexadecimal digits.

/// Every byte as two digits.
pub static DIGITS: [[u8; 2]; 256] = {
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = [b"0123456789abcdef"[byte >> 4], b"0123456789abcdef"[byte & 15]];
        byte += 1;
    }
    digits
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_reads_back() {
        for byte in 0..=255_u8 {
            let digits = std::str::from_utf8(&DIGITS[usize::from(byte)]).unwrap();
            assert_eq!(u8::from_str_radix(digits, 16), Ok(byte));
            assert_eq!(digits, digits.to_lowercase());
        }
    }
}
