//! What one core owns: clock, buffers, deadlines, pools, metrics, its page of the log. Shared by `&` on its own thread;
//! its parts are cells, borrowed inside one synchronous phase.

mod buffers;
pub mod clock;
mod core;
pub mod deadlines;
pub mod long_work;
mod mailbox;
mod node;
mod pipes;
mod places;
mod request_ids;
pub mod shared;
mod ticker;
pub mod timed;

pub use buffers::{BIG, Buffers, SMALL};
pub use core::Core;
pub use mailbox::{Mailbox, Message, Neighbour, read_mail};
pub use node::{Budget, Node, Share};
pub use pipes::{Filled, Pipe, Pipes};
pub use places::{Placed, Places};
pub use request_ids::RequestIds;
pub use ticker::tick;
