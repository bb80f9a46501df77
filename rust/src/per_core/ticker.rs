//! The one timer of a core: sleeps until the earliest deadline, wakes what is due, sleeps again; forever when nothing is armed.

use std::{
    future::poll_fn,
    pin::pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep};

use super::{Core, deadlines::NEVER};

/// The runtime's timer has an end, our deadlines have none.
const FAR: Duration = Duration::from_hours(24);

/// Runs as long as its core.
pub async fn tick(core: Rc<Core>) {
    let mut sleep = pin!(tokio::time::sleep(FAR));
    let mut asleep_until = NEVER;
    poll_fn(move |context| poll(&core, context, sleep.as_mut(), &mut asleep_until)).await;
}

fn poll(core: &Core, context: &mut Context<'_>, mut sleep: std::pin::Pin<&mut Sleep>, until: &mut u64) -> Poll<()> {
    core.deadlines.set_ticker(context.waker());
    loop {
        let now = core.clock.refresh();
        if core.deadlines.next() <= now {
            core.deadlines.fire(now);
            core.keep_house(now);
        }
        let next = core.deadlines.next();
        if next != *until {
            *until = next;
            let wait = Duration::from_micros(next.saturating_sub(now)).min(FAR);
            // The timer counts whole milliseconds and must not wake before its time.
            sleep.as_mut().reset(Instant::now() + wait + Duration::from_micros(500));
        }
        if sleep.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        *until = NEVER - 1;
    }
}
