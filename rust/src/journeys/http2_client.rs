//! Two clients that speak HTTP/2: the library's, blocking, and one that writes frames byte by byte.

use std::net::TcpStream;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};

use super::{
    client::Wire,
    gateway::{Gateway, trusting},
};

pub(super) struct Http2 {
    pub(super) runtime: tokio::runtime::Runtime,
    pub(super) streams: h2::client::SendRequest<Bytes>,
    /// How the connection ended.
    pub(super) ended: tokio::task::JoinHandle<Result<(), h2::Error>>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Http2 {
    pub(super) fn connect(gateway: &Gateway) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (streams, ended) = runtime.block_on(async {
            let socket = tokio::net::TcpStream::connect(gateway.secure.unwrap()).await.unwrap();
            let connector = tokio_rustls::TlsConnector::from(trusting(&[b"h2"]));
            let stream = connector.connect("localhost".try_into().unwrap(), socket).await.unwrap();
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            let (streams, connection) = h2::client::handshake(stream).await.unwrap();
            (streams.ready().await.unwrap(), tokio::spawn(connection))
        });
        Self { runtime, streams, ended }
    }

    pub(super) fn request(method: &str, path: &str, fields: &[(&str, &str)]) -> Request<()> {
        let uri = format!("https://localhost{}", super::gateway::target(path));
        let mut request = Request::builder().method(method).uri(uri).version(http::Version::HTTP_2);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    pub(super) fn ask(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, h2::Error> {
        let request = Self::request(method, path, fields);
        let streams = self.streams.clone();
        let body = body.to_vec();
        self.runtime.block_on(async move { ask(streams, request, body).await })
    }

    pub(super) fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"").unwrap()
    }
}

/// One request and its whole answer.
pub(super) async fn ask(
    streams: h2::client::SendRequest<Bytes>,
    request: Request<()>,
    body: Vec<u8>,
) -> Result<Answer, h2::Error> {
    let (response, mut sending) = streams.ready().await?.send_request(request, body.is_empty())?;
    let mut rest = Bytes::from(body);
    let sender = async {
        while !rest.is_empty() {
            sending.reserve_capacity(rest.len());
            let Some(Ok(room)) = std::future::poll_fn(|context| sending.poll_capacity(context)).await else { return };
            let piece = rest.split_to(room.min(rest.len()));
            if sending.send_data(piece, rest.is_empty()).is_err() {
                return;
            }
        }
    };
    let reader = async { whole(response.await?).await };
    let mut sender = std::pin::pin!(sender);
    let mut reader = std::pin::pin!(reader);
    let mut is_sent = false;
    std::future::poll_fn(|context| {
        is_sent = is_sent || sender.as_mut().poll(context).is_ready();
        reader.as_mut().poll(context)
    })
    .await
}

async fn whole(response: Response<h2::RecvStream>) -> Result<Answer, h2::Error> {
    let (parts, mut receiving) = response.into_parts();
    let mut body = Vec::new();
    while let Some(piece) = receiving.data().await {
        let piece = piece?;
        let _ = receiving.flow_control().release_capacity(piece.len());
        body.extend_from_slice(&piece);
    }
    assert_ne!(parts.status, StatusCode::CONTINUE);
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
}

/// A frame.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend_from_slice(&[kind, flags]);
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// Fields as HPACK literals without indexing.
pub(super) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            assert!(text.len() < 127);
            block.push(text.len() as u8);
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// A request's head as a block.
pub(super) fn get(path: &str) -> Vec<u8> {
    let target = super::gateway::target(path);
    block(&[(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", &target)])
}

/// A connection whose preface and settings were exchanged.
pub(super) fn raw(gateway: &Gateway) -> Wire {
    let socket = TcpStream::connect(gateway.secure.unwrap()).unwrap();
    let mut wire = Wire::secured(socket, &trusting(&[b"h2"])).unwrap();
    wire.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    wire.send(frame(4, 0, 0, &[]));
    wire.send(frame(4, 1, 0, &[]));
    wire
}

/// The next frame: kind, flags, stream, payload.
pub(super) fn next(wire: &mut Wire) -> Option<(u8, u8, u32, Vec<u8>)> {
    let head = wire.read_exactly(9)?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
    Some((head[3], head[4], stream, wire.read_exactly(length as usize)?))
}

/// The reason of a GOAWAY, if the connection ends with one.
pub(super) fn goaway(wire: &mut Wire) -> Option<u32> {
    let mut reason = None;
    while let Some((kind, _, _, payload)) = next(wire) {
        if kind == 7 {
            reason = payload.get(4..8).map(|bytes| u32::from_be_bytes(bytes.try_into().unwrap()));
        }
    }
    reason
}
