//! The codings of bodies: `gzip` and `deflate`, undone and made piece by piece.

mod coding;
mod decode;
mod encode;

pub use coding::Coding;
pub use decode::{Corrupt, Decoder, NotDecoded, decode};
pub use encode::{Encoder, encode};
