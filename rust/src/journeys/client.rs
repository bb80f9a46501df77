//! A blocking HTTP client, plain or over TLS, that writes what it is told and reads answers strictly.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

/// A parsed message: an answer, or (to a backend) a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) first_line: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Message {
    pub(super) fn status(&self) -> u16 {
        self.first_line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One end of a connection with what was read ahead.
pub(super) struct Wire {
    pub(super) stream: TcpStream,
    pub(super) tls: Option<Box<rustls::ClientConnection>>,
    ahead: Vec<u8>,
}

impl Wire {
    pub(super) fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    pub(super) fn over(stream: TcpStream) -> Self {
        // Nothing waits for this long; a test that does fails instead of hanging.
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, tls: None, ahead: Vec::new() }
    }

    /// Shakes hands, unless that fails.
    pub(super) fn secured(stream: TcpStream, config: &Arc<rustls::ClientConfig>) -> std::io::Result<Self> {
        let mut wire = Self::over(stream);
        let name = "localhost".try_into().unwrap();
        let mut session = Box::new(rustls::ClientConnection::new(config.clone(), name).unwrap());
        while session.is_handshaking() {
            session.complete_io(&mut wire.stream)?;
        }
        wire.tls = Some(session);
        Ok(wire)
    }

    pub(super) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.write(bytes.as_ref()).unwrap();
    }

    /// As much as can be written at all.
    pub(super) fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match &mut self.tls {
            Some(session) => rustls::Stream::new(&mut **session, &mut self.stream).write_all(bytes),
            None => self.stream.write_all(bytes),
        }
    }

    fn receive(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match &mut self.tls {
            Some(session) => rustls::Stream::new(&mut **session, &mut self.stream).read(room),
            None => self.stream.read(room),
        }
    }

    /// Says that nothing follows; what the other end sends can still be read.
    pub(super) fn half_close(&mut self) {
        if let Some(session) = &mut self.tls {
            session.send_close_notify();
            session.complete_io(&mut self.stream).unwrap();
        }
        self.stream.shutdown(std::net::Shutdown::Write).unwrap();
    }

    pub(super) fn get(&mut self, path: &str) -> Message {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        self.read().unwrap()
    }

    fn more(&mut self) -> Option<()> {
        let mut chunk = vec![0; 65_536];
        match self.receive(&mut chunk) {
            Ok(0) | Err(_) => None,
            Ok(count) => {
                self.ahead.extend_from_slice(&chunk[..count]);
                Some(())
            }
        }
    }

    /// The other end closed and sent nothing more.
    pub(super) fn is_closed(&mut self) -> bool {
        self.ahead.is_empty() && matches!(self.receive(&mut [0; 1]), Ok(0) | Err(_))
    }

    pub(super) fn read_head(&mut self) -> Option<Message> {
        let end = loop {
            if let Some(end) = self.ahead.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            self.more()?;
        };
        let head = String::from_utf8(self.ahead.drain(..end + 4).collect()).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let first_line = lines.next()?.to_owned();
        let headers = lines.map(|line| line.split_once(": ").unwrap_or((line.trim_end_matches(':'), "")));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Some(Message { first_line, headers, body: Vec::new() })
    }

    pub(super) fn read_exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.ahead.len() < length {
            self.more()?;
        }
        Some(self.ahead.drain(..length).collect())
    }

    pub(super) fn read_line(&mut self) -> Option<String> {
        let end = loop {
            if let Some(end) = self.ahead.windows(2).position(|window| window == b"\r\n") {
                break end;
            }
            self.more()?;
        };
        let line: Vec<u8> = self.ahead.drain(..end + 2).collect();
        String::from_utf8(line[..end].to_vec()).ok()
    }

    /// A whole message; `None` when the connection ends before it does.
    pub(super) fn read(&mut self) -> Option<Message> {
        let mut message = self.read_head()?;
        self.read_body(&mut message)?;
        Some(message)
    }

    pub(super) fn read_body(&mut self, message: &mut Message) -> Option<()> {
        if message.header("Transfer-Encoding").is_some() {
            loop {
                let size = usize::from_str_radix(&self.read_line()?, 16).ok()?;
                if size == 0 {
                    assert_eq!(self.read_line()?, "");
                    break;
                }
                message.body.extend(self.read_exactly(size)?);
                assert_eq!(self.read_line()?, "");
            }
        } else if let Some(length) = message.header("Content-Length") {
            let length = length.parse().unwrap();
            message.body = self.read_exactly(length)?;
        } else if message.first_line.starts_with("HTTP/") && message.header("Connection") == Some("close") {
            while self.more().is_some() {}
            message.body = std::mem::take(&mut self.ahead);
        }
        Some(())
    }
}
