//! Calls into Python are pulled: a queue bounded in count and bytes, a pipe that wakes the reader, answers by id.

mod calls;

pub use calls::{Answer, Call, Calls, Full, Pending};
