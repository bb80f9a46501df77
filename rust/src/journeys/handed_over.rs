//! Connections that all come to one core's listener: how they spread, and what becomes of them when a core is busy, panics,
//! is gone or stops.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use super::{
    client::Wire,
    gateway::{Gateway, HOLD, mock, request, target},
};
use crate::per_core::{Message, Node};

const CONNECTIONS: u64 = 60;

/// A gateway of whose cores only the first one listens.
fn lopsided(workers: u32) -> (Gateway, Arc<Node>) {
    let gateway = Gateway::listening(&[("/a", mock("fine"))], 1, |config| config.workers = workers as usize);
    let node = gateway.engine.node().unwrap();
    (gateway, node)
}

fn loads(node: &Node) -> Vec<u64> {
    node.cores.iter().map(|core| core.load()).collect()
}

fn wait_until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        std::thread::yield_now();
    }
}

/// Opens connections until so many are being served or on their way.
fn open(gateway: &Gateway, node: &Node, total: u64) -> Vec<Wire> {
    let before = loads(node).iter().sum();
    let wires = (before..total).map(|_| gateway.connect()).collect();
    wait_until(|| {
        let kept = node.cores[0].connections.get();
        kept + node.cores[0].handed_over.get() >= total
    });
    wires
}

/// Nobody has many more than the one with the fewest, and nobody is missing.
fn assert_spread(node: &Node, total: u64) {
    let loads = loads(node);
    assert_eq!(loads.iter().sum::<u64>(), total, "{loads:?}");
    let (most, least) = (loads.iter().max().unwrap(), loads.iter().min().unwrap());
    assert!(*most <= least + least / 4 + 9, "{loads:?}");
}

/// Everybody has gone and has given everything back.
fn assert_nothing_is_left(node: &Node) {
    assert_eq!(loads(node).iter().sum::<u64>(), 0);
    assert_eq!(node.connections.available_permits(), node.config.limits.connections as usize);
}

#[test]
fn connections_that_come_to_one_core_are_served_by_all() {
    let (gateway, node) = lopsided(3);
    let mut wires = open(&gateway, &node, CONNECTIONS);
    for wire in &mut wires {
        assert_eq!(wire.get(&target("/a")).text(), "fine");
    }
    assert_spread(&node, CONNECTIONS);
    assert_eq!(gateway.metric("apigw_connections_accepted_total"), CONNECTIONS);
    let moved: u64 = node.cores[1..].iter().map(|core| core.accepted.get()).sum();
    assert_eq!(gateway.metric("apigw_connections_handed_over_total"), moved);
    // A panic on a core that was sent its connections is as harmless as anywhere.
    for wire in &mut wires {
        wire.send(request("GET", "/a", "X-Test-Panic: 1\r\n", b""));
        assert_eq!(wire.read().unwrap().status(), 500);
    }
    drop(wires);
    wait_until(|| loads(&node).iter().sum::<u64>() == 0);
    assert_nothing_is_left(&node);
}

#[test]
fn what_is_on_its_way_to_a_busy_core_counts_there_and_survives_a_drain() {
    let (gateway, node) = lopsided(2);
    let mut wires = open(&gateway, &node, 10);
    wait_until(|| node.cores[1].connections.get() == 1);
    let held = HOLD.lock().unwrap_or_else(PoisonError::into_inner);
    wires[9].send(request("GET", "/a", "X-Test-Hold: 1\r\n", b""));
    wait_until(|| node.cores[1].in_flight.get() == 1);
    wires.extend(open(&gateway, &node, CONNECTIONS));
    assert_spread(&node, CONNECTIONS);
    assert!(node.cores[1].arriving.get() >= 20, "the other core takes nothing now");
    for wire in &mut wires[..9] {
        assert_eq!(wire.get(&target("/a")).text(), "fine", "the first core is not held up");
    }
    for wire in &mut wires[10..] {
        wire.send(request("GET", "/a", "", b""));
    }
    std::thread::scope(|scope| {
        let stopping = scope.spawn(|| gateway.engine.stop(Duration::from_secs(20)));
        wait_until(|| node.draining.load(std::sync::atomic::Ordering::Relaxed));
        drop(held);
        for wire in &mut wires[9..] {
            let answer = wire.read().expect("what was sent before the drain is answered");
            assert_eq!(answer.text(), "fine");
        }
        assert_eq!(stopping.join().unwrap(), 0, "nothing was cut");
    });
    assert_nothing_is_left(&node);
}

#[test]
fn a_core_that_ends_closes_what_was_on_its_way() {
    let (gateway, node) = lopsided(2);
    let mut wires = open(&gateway, &node, 10);
    wait_until(|| node.cores[1].connections.get() == 1);
    let held = HOLD.lock().unwrap_or_else(PoisonError::into_inner);
    wires[9].send(request("GET", "/a", "X-Test-Hold: 1\r\n", b""));
    wait_until(|| node.cores[1].in_flight.get() == 1);
    let neighbour = node.mailboxes[1].upgrade().unwrap();
    neighbour.send(Message::Stop).unwrap();
    wires.extend(open(&gateway, &node, CONNECTIONS));
    assert!(node.cores[1].arriving.get() >= 20, "the other core takes nothing now");
    drop(held);
    wait_until(|| neighbour.is_closed() && node.cores[1].load() == 0);
    let kept = node.cores[0].load();
    assert_eq!(node.config.limits.connections as usize - node.connections.available_permits(), kept as usize);
    for wire in &mut wires {
        wire.stream.set_nonblocking(true).unwrap();
    }
    let is_open = |wire: &&mut Wire| matches!(wire.stream.peek(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock);
    assert_eq!(wires.iter_mut().filter(is_open).count() as u64, kept, "the rest is closed");
}

#[test]
fn a_core_that_is_gone_is_sent_nothing() {
    let (gateway, node) = lopsided(2);
    let neighbour = node.mailboxes[1].upgrade().unwrap();
    neighbour.send(Message::Stop).unwrap();
    wait_until(|| neighbour.is_closed());
    let mut wires: Vec<Wire> = (0..CONNECTIONS).map(|_| gateway.connect()).collect();
    for wire in &mut wires {
        assert_eq!(wire.get(&target("/a")).text(), "fine");
    }
    assert_eq!(loads(&node), [CONNECTIONS, 0]);
    assert_eq!(gateway.metric("apigw_connections_handed_over_total"), 0);
}

#[test]
fn a_stop_among_arrivals_gives_every_place_back() {
    for _ in 0..10 {
        let (gateway, node) = lopsided(3);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                // Until nobody listens any more; some are refused, some closed, none is forgotten.
                scope.spawn(|| {
                    let mut open = Vec::new();
                    while let Ok(stream) = std::net::TcpStream::connect(gateway.address) {
                        open.push(stream);
                    }
                });
            }
            wait_until(|| node.cores[0].handed_over.get() > 20);
            gateway.engine.stop(Duration::from_millis(5));
        });
        assert_nothing_is_left(&node);
    }
}
