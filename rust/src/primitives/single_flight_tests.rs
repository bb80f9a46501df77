//! Flights, polled by hand: who leads, who goes on, who is next.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use super::*;

fn key(name: &str) -> Arc<[u8]> {
    name.as_bytes().into()
}

fn poll<F: Future>(future: &mut Pin<&mut F>) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn lead(flights: &Arc<Flights>, name: &str) -> Lead {
    let Poll::Ready(Some(lead)) = poll(&mut pin!(flights.board(key(name)))) else { panic!("{name} is under way") };
    lead
}

#[test]
fn the_first_leads_and_the_others_go_on_when_it_has_landed() {
    let flights = Arc::<Flights>::default();
    let first = lead(&flights, "a");
    let (mut second, mut third) = (pin!(flights.board(key("a"))), pin!(flights.board(key("a"))));
    assert!(poll(&mut second).is_pending() && poll(&mut third).is_pending());
    drop(lead(&flights, "b"));
    first.land();
    assert!(matches!(poll(&mut second), Poll::Ready(None)));
    assert!(matches!(poll(&mut third), Poll::Ready(None)));
    assert!(flights.is_empty());
    drop(lead(&flights, "a"));
}

#[test]
fn when_it_fails_the_one_that_waited_longest_leads() {
    let flights = Arc::<Flights>::default();
    let first = lead(&flights, "a");
    let (mut second, mut third) = (pin!(flights.board(key("a"))), pin!(flights.board(key("a"))));
    assert!(poll(&mut second).is_pending() && poll(&mut third).is_pending());
    drop(first);
    assert!(poll(&mut third).is_pending(), "one only");
    let Poll::Ready(Some(next)) = poll(&mut second) else { panic!("it is the second one's turn") };
    let mut late = pin!(flights.board(key("a")));
    assert!(poll(&mut late).is_pending(), "who comes later waits as well");
    next.land();
    assert!(matches!(poll(&mut third), Poll::Ready(None)));
    assert!(matches!(poll(&mut late), Poll::Ready(None)));
    assert!(flights.is_empty());
}

#[test]
fn who_gives_up_is_passed_over_also_in_its_turn() {
    let flights = Arc::<Flights>::default();
    let first = lead(&flights, "a");
    let mut third = pin!(flights.board(key("a")));
    {
        let mut second = pin!(flights.board(key("a")));
        assert!(poll(&mut second).is_pending());
        assert!(poll(&mut third).is_pending());
        drop(first);
        // Its turn has come, and it never hears of it.
    }
    assert!(matches!(poll(&mut third), Poll::Ready(Some(_))));
}

#[test]
fn nothing_is_left_of_flights_that_failed() {
    let flights = Arc::<Flights>::default();
    for round in 0..100 {
        let first = lead(&flights, "a");
        let mut second = Box::pin(flights.board(key("a")));
        assert!(poll(&mut second.as_mut()).is_pending());
        if round % 2 == 0 {
            drop(first);
            drop(second);
        } else {
            drop(second);
            drop(first);
        }
        assert_eq!(flights.len(), 0, "{round}");
    }
}

#[test]
fn threads_fetch_once() {
    let flights = Arc::<Flights>::default();
    let fetched = std::sync::atomic::AtomicU32::new(0);
    let there = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(async {
                    if let Some(lead) = flights.board(key("a")).await
                        && !there.load(std::sync::atomic::Ordering::Acquire)
                    {
                        fetched.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        there.store(true, std::sync::atomic::Ordering::Release);
                        lead.land();
                    }
                });
            });
        }
    });
    assert_eq!(fetched.into_inner(), 1);
    assert!(flights.is_empty());
}
