//! HTTP/2 clients that ask for a lot without asking for anything: each is ended, counted, and hurts nobody else.

use super::{
    backend::Backend,
    client::Wire,
    gateway::{Gateway, mock, proxy, with_tls},
    http2_client::{Http2, block, frame, get, goaway, next, raw},
};

const ENHANCE_YOUR_CALM: u32 = 11;

fn gateway() -> Gateway {
    Gateway::configured(&[("/m", mock("mocked"))], |config| {
        with_tls(config);
        config.limits.head_seconds = 2;
    })
}

/// Sends until the other end closes or everything is out.
fn pour(wire: &mut Wire, frames: &[u8], times: usize) {
    let many = frames.repeat(100);
    for _ in 0..times.div_ceil(100) {
        if wire.write(&many).is_err() {
            return;
        }
    }
}

#[test]
fn floods_of_frames_end_the_connection() {
    let gateway = gateway();
    let mut other = Http2::connect(&gateway);
    let floods = [
        ("ping", frame(6, 0, 0, &[0; 8])),
        ("settings", frame(4, 0, 0, &[])),
        ("priority", frame(2, 0, 1, &[0, 0, 0, 0, 1])),
        ("window update", frame(8, 0, 0, &[0, 0, 0, 1])),
        ("unknown", frame(0x7f, 0, 0, &[])),
    ];
    for (number, (name, flood)) in floods.iter().enumerate() {
        let mut wire = raw(&gateway);
        // Answers are read meanwhile, or a client's own buffers would end it.
        std::thread::scope(|scope| {
            let mut reading = wire.stream.try_clone().unwrap();
            scope.spawn(move || std::io::copy(&mut reading, &mut std::io::sink()));
            pour(&mut wire, flood, 60_000);
            let _ = wire.stream.shutdown(std::net::Shutdown::Write);
        });
        while gateway.metric("apigw_connections") > 1 {
            std::thread::yield_now();
        }
        assert_eq!(gateway.metric("apigw_http2_floods_total"), number as u64 + 1, "{name}");
        assert_eq!(other.get("/m").text(), "mocked");
    }
}

#[test]
fn the_reason_is_said() {
    let gateway = gateway();
    let mut wire = raw(&gateway);
    // Frames that are not answered, so that nothing is lost in a reset.
    pour(&mut wire, &frame(2, 0, 1, &[0, 0, 0, 0, 1]), 10_100);
    assert_eq!(goaway(&mut wire), Some(ENHANCE_YOUR_CALM));
}

#[test]
fn empty_data_and_endless_heads_end_the_connection() {
    let gateway = gateway();
    let post = block(&[
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", "localhost"),
        (":path", &super::gateway::target("/m")),
    ]);
    for (name, first, flood) in [
        ("empty data", frame(1, 4, 1, &post), frame(0, 0, 1, &[])),
        ("continuations", frame(1, 0, 1, &post), frame(9, 0, 1, &[])),
        ("a head without an end", frame(1, 0, 1, &post), frame(9, 0, 1, &block(&[("x", &"y".repeat(100))]))),
    ] {
        let mut wire = raw(&gateway);
        wire.send(&first);
        pour(&mut wire, &flood, 60_000);
        while next(&mut wire).is_some() {}
        while gateway.metric("apigw_connections") > 0 {
            std::thread::yield_now();
        }
        assert_eq!(gateway.metric("apigw_requests_in_flight"), 0, "{name}");
    }
    assert_eq!(Http2::connect(&gateway).get("/m").text(), "mocked");
}

#[test]
fn a_head_that_does_not_end_is_cut_in_time() {
    let gateway = gateway();
    let mut whole = raw(&gateway);
    whole.send(frame(1, 0, 1, &get("/m")));
    let mut piece = raw(&gateway);
    piece.send(&frame(1, 5, 1, &get("/m"))[..20]);
    // And one that does not even begin.
    let socket = std::net::TcpStream::connect(gateway.secure.unwrap()).unwrap();
    let mut silent = Wire::secured(socket, &super::gateway::trusting(&[b"h2"])).unwrap();
    silent.send(b"PRI * HTTP/2.0");
    for wire in [&mut whole, &mut piece, &mut silent] {
        while next(wire).is_some() {}
    }
}

#[test]
fn rapid_resets_end_the_connection_and_leave_no_backend_busy() {
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        wire.read();
        wire.is_closed();
    });
    let gateway = Gateway::configured(&[("/p", proxy(&backend.uri("/"))), ("/m", mock("mocked"))], with_tls);
    let mut wire = raw(&gateway);
    let mut asked = 0;
    for number in 0..5000_u32 {
        let stream = 2 * number + 1;
        let both = [frame(1, 5, stream, &get("/p")), frame(3, 0, stream, &[0, 0, 0, 8])].concat();
        if wire.write(&both).is_err() {
            break;
        }
        asked += 1;
    }
    assert!(asked < 5000, "nothing stops it");
    while next(&mut wire).is_some() {}
    while gateway.metric("apigw_connections") + gateway.metric("apigw_requests_in_flight") > 0 {
        std::thread::yield_now();
    }
    assert_eq!(gateway.metric("apigw_upstream_connections"), 0);
    assert!(gateway.metric("apigw_upstream_connects_total") < 500);
    // A client that takes back now and then is served on.
    let mut client = Http2::connect(&gateway);
    for _ in 0..300 {
        let streams = client.streams.clone();
        client.runtime.block_on(async move {
            let request = Http2::request("GET", "/p", &[]);
            let (response, _) = streams.ready().await.unwrap().send_request(request, true).unwrap();
            drop(response);
        });
        assert_eq!(client.get("/m").text(), "mocked");
    }
}

#[test]
fn more_streams_than_allowed_are_refused() {
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        wire.read();
        std::thread::park();
    });
    let gateway = Gateway::configured(&[("/p", proxy(&backend.uri("/")))], with_tls);
    let mut wire = raw(&gateway);
    for number in 0..130_u32 {
        wire.send(frame(1, 5, 2 * number + 1, &get("/p")));
    }
    let mut refused = Vec::new();
    while refused.len() < 2 {
        if let Some((3, _, stream, reason)) = next(&mut wire) {
            assert_eq!(reason, [0, 0, 0, 7], "REFUSED_STREAM");
            refused.push(stream);
        }
    }
    assert_eq!(refused, [257, 259]);
}
