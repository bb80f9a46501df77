//! Long work away from its core: what a large body needs would keep every other request of the core waiting. It is computation
//! on what it owns; it knows no requests.

use std::sync::Arc;

use tokio::{sync::Semaphore, task::spawn_blocking};

/// A body of more bytes is judged elsewhere: this many are judged in a millisecond or so.
pub const LONG: usize = 256 << 10;

/// So much at once for each core: the others wait, and names are still resolved meanwhile, which the same threads do.
const AT_ONCE: usize = 2;

/// The threads for long work of one core.
#[derive(Debug)]
pub struct LongWork(Arc<Semaphore>);

impl Default for LongWork {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl LongWork {
    /// Does work on another thread, as soon as one is free; nothing if it panicked. Who stops waiting does not stop it: its
    /// place is free when it has ended.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let place = self.0.clone().acquire_owned().await.ok()?;
        let work = move || {
            let result = work();
            drop(place);
            result
        };
        spawn_blocking(work).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn on_a_core(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
    }

    #[test]
    fn no_more_runs_at_once_than_it_may_and_all_of_it_ends() {
        on_a_core(async {
            let work = LongWork::default();
            let (begun, begins) = channel();
            let mut gates = Vec::new();
            let mut waiting = Vec::new();
            for number in 0..=AT_ONCE {
                let (open, gate) = channel::<()>();
                let begun = begun.clone();
                gates.push(open);
                waiting.push(Box::pin(work.run(move || {
                    begun.send(number).unwrap();
                    gate.recv().unwrap();
                    number
                })));
            }
            for one in &mut waiting {
                assert!(
                    std::future::poll_fn(|context| std::task::Poll::Ready(one.as_mut().poll(context).is_pending()))
                        .await
                );
            }
            let mut first: Vec<usize> = (0..AT_ONCE).map(|_| begins.recv().unwrap()).collect();
            first.sort_unstable();
            assert_eq!(first, (0..AT_ONCE).collect::<Vec<_>>());
            assert!(begins.try_recv().is_err(), "the last one waits for a place");
            for open in &gates {
                open.send(()).unwrap();
            }
            for (number, one) in waiting.into_iter().enumerate() {
                assert_eq!(one.await, Some(number));
            }
        });
    }

    #[test]
    fn work_that_panics_gives_nothing_and_frees_its_place() {
        on_a_core(async {
            let work = LongWork::default();
            for _ in 0..2 * AT_ONCE {
                assert_eq!(work.run(|| assert!(std::hint::black_box(false), "as the test wants")).await, None);
            }
            assert_eq!(work.run(|| 1).await, Some(1));
        });
    }
}
