//! Other parsers read what we accept, the same: httparse head by head, a hyper connection over memory message by message.
//! (hyper is built on httparse; parsers that share no code with either are asked by tests/framing.)

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use hyper::{
    Request, Response,
    body::{Body, Bytes, Frame, Incoming},
    rt::{Read, ReadBufCursor, Write},
    server::conn::http1::Builder,
    service::service_fn,
};

use super::requests::{self, Heard};

/// Method, target and body of one message.
type Message = (Vec<u8>, Vec<u8>, Vec<u8>);

/// See the module.
pub fn differential(text: &[u8]) {
    let said = requests::read(&[text]);
    let ours: Vec<_> = said
        .iter()
        .filter_map(|each| match each {
            Heard::Message(head, body) => Some((head, body)),
            _ => None,
        })
        .collect();
    let Some((first, _)) = ours.first() else { return };
    let mut fields = [httparse::EMPTY_HEADER; 256];
    let mut theirs = httparse::Request::new(&mut fields);
    assert_eq!(theirs.parse(text), Ok(httparse::Status::Complete(first.length)), "{}", text.escape_ascii());
    assert_eq!(
        (theirs.method.map(str::as_bytes), theirs.path.map(str::as_bytes)),
        (Some(&*first.method), Some(&*first.target))
    );
    let theirs: Vec<_> =
        theirs.headers.iter().map(|field| (field.name.as_bytes().to_vec(), field.value.to_vec())).collect();
    assert_eq!(first.fields, theirs);
    let theirs = through_hyper(text);
    for (number, (head, body)) in ours.iter().enumerate() {
        let Some((method, target, payload)) = theirs.get(number) else {
            // It may know fewer targets, and ends where the client asks for it.
            let may_stop = number > 0 && !ours[number - 1].0.keep_alive;
            assert!(may_stop || is_unusual(&head.target, &head.host), "{} ends hyper", text.escape_ascii());
            return;
        };
        assert_eq!((method, payload), (&head.method, *body), "{}", text.escape_ascii());
        assert!(head.target.ends_with(target) || is_unusual(&head.target, &head.host));
    }
    // Where we refuse it may read on.
    assert!(
        said.len() > ours.len() || theirs.len() == ours.len(),
        "hyper reads more messages in {}",
        text.escape_ascii()
    );
}

/// What hyper's types cannot hold: other bytes than RFC 3986 has, or no plain authority.
fn is_unusual(target: &[u8], host: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-._~%?&=+:@!$'()*,;".contains(byte);
    !target.starts_with(b"/") || !target.iter().all(plain) || host.starts_with(b"[")
}

fn through_hyper(text: &[u8]) -> Vec<Message> {
    let seen: Arc<Mutex<Vec<Message>>> = Arc::default();
    let service = service_fn(|mut request: Request<Incoming>| {
        let seen = Arc::clone(&seen);
        async move {
            let mut payload = Vec::new();
            let whole = loop {
                match poll_fn(|context| Pin::new(request.body_mut()).poll_frame(context)).await {
                    Some(Ok(frame)) => payload.extend(frame.into_data().unwrap_or_default()),
                    Some(Err(_)) => break false,
                    None => break true,
                }
            };
            let target = request.uri().path_and_query().map_or_else(Vec::new, |target| target.as_str().into());
            if whole {
                seen.lock().expect("one thread").push((request.method().as_str().into(), target, payload));
            }
            Ok::<_, Infallible>(Response::new(Nothing))
        }
    });
    let mut connection = pin!(
        Builder::new()
            .half_close(true)
            // It counts trailers too, of which 16 KB may come: four bytes each at least.
            .max_headers(4096)
            .serve_connection(Memory { unread: text.to_vec(), at: 0 }, service)
    );
    let mut context = Context::from_waker(Waker::noop());
    // Nothing in there waits: reading, answering and writing are ready at once.
    for _ in 0..10_000 {
        if connection.as_mut().poll(&mut context).is_ready() {
            break;
        }
    }
    std::mem::take(&mut *seen.lock().expect("one thread"))
}

/// An empty answer.
struct Nothing;

impl Body for Nothing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }
}

/// A connection whose client said everything and listens to nothing.
struct Memory {
    unread: Vec<u8>,
    at: usize,
}

impl Read for Memory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        let length = into.remaining().min(self.unread.len() - self.at);
        into.put_slice(&self.unread[self.at..self.at + length]);
        self.at += length;
        Poll::Ready(Ok(()))
    }
}

impl Write for Memory {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
