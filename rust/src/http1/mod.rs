//! The pure HTTP/1.1 codec, both directions: bytes in, offsets out; it knows no socket, no clock and no API.
//!
//! Reading is strict (one framing or a refusal) and writing is checked as strictly as reading.

mod assemble;
mod body;
mod fields;
mod head;
mod host;
mod reason;
mod request;
mod response;
mod scan;
mod writer;

pub use assemble::{HeadAssembler, Pseudo};
pub use body::{BodyError, BodyReader, Step};
pub use head::{Field, Framing, Span, Version};
pub use host::is_host;
pub use request::{HeadLimits, Refusal, RequestHead, parse_request};
pub use response::{BadResponse, ResponseHead, parse_response};
pub use writer::{HeadWriter, LAST_CHUNK, Unwritable, prebuild, write_chunk_head};
