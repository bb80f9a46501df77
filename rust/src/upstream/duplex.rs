//! A body still goes out while its answer comes in: both run in one task until the answer is complete.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use super::Failure;
use crate::accept::{Pumped, Refused};

/// Runs both; the answer decides. A body the client does not finish ends the request, one the backend does not take does not.
pub async fn both<T>(
    pump: impl Future<Output = Result<Pumped, Refused>>,
    answer: impl Future<Output = Result<T, Failure>>,
    mut pumped: impl FnMut(Pumped),
) -> Result<T, Failure> {
    let mut pump = pin!(pump);
    let mut answer = pin!(answer);
    let mut pumping = true;
    poll_fn(|context| {
        // The body first: while it goes out, the deadline is its own.
        if pumping {
            match pump.as_mut().poll(context) {
                Poll::Ready(Ok(how)) => {
                    pumping = false;
                    pumped(how);
                }
                Poll::Ready(Err(refused)) => return Poll::Ready(Err(refused.into())),
                Poll::Pending => {}
            }
        }
        answer.as_mut().poll(context)
    })
    .await
}
