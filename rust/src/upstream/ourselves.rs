//! Connections to the gateway itself. A request that comes back as another one holds two connections, and a loop takes all it
//! can get: whatever names and backends it goes through, it gets no more of a core's connections than one backend may have.

use std::{
    cell::Cell,
    io,
    net::{IpAddr, SocketAddr},
    rc::Rc,
    sync::Arc,
};

use tokio::net::TcpStream;

use super::ConnectError;

/// One core's connections to any listener of its node.
#[derive(Debug)]
pub struct Ourselves {
    ports: Arc<[u16]>,
    open: Rc<Cell<u32>>,
    most: u32,
}

/// Counts a connection to ourselves as long as it lives.
#[derive(Debug)]
pub struct ToOurselves(Rc<Cell<u32>>);

impl Drop for ToOurselves {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Ourselves {
    /// A node that listens on these ports, and how many connections to them a core may have.
    pub fn new(ports: Arc<[u16]>, most: u32) -> Self {
        Self { ports, open: Rc::default(), most }
    }

    /// Counts a fresh connection if it leads to ourselves; `Full` when there are too many of those.
    pub(super) fn admit(&self, stream: &TcpStream, port: u16) -> Result<Option<ToOurselves>, ConnectError> {
        // Almost every backend has another port: then nobody asks the kernel for addresses.
        if !self.ports.contains(&port) || !is_local(stream)? {
            return Ok(None);
        }
        if self.open.get() >= self.most {
            return Err(ConnectError::Full);
        }
        self.open.set(self.open.get() + 1);
        Ok(Some(ToOurselves(self.open.clone())))
    }
}

/// What was asked for may be `0.0.0.0` or a name: what counts is where the connection ended.
fn is_local(stream: &TcpStream) -> io::Result<bool> {
    Ok(is_same_host(stream.peer_addr()?, stream.local_addr()?))
}

fn is_same_host(peer: SocketAddr, local: SocketAddr) -> bool {
    let (peer, local): (IpAddr, IpAddr) = (peer.ip().to_canonical(), local.ip().to_canonical());
    peer.is_loopback() || peer == local
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_within_the_host_is_told_by_its_two_ends() {
        for (peer, local, expected) in [
            ("127.0.0.1:80", "127.0.0.1:5000", true),
            ("127.0.0.2:80", "127.0.0.1:5000", true),
            ("[::1]:80", "[::1]:5000", true),
            ("[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:5000", true),
            ("192.0.2.7:80", "192.0.2.7:5000", true),
            ("[::ffff:192.0.2.7]:80", "192.0.2.7:5000", true),
            ("[2001:db8::7]:80", "[2001:db8::7]:5000", true),
            ("192.0.2.8:80", "192.0.2.7:5000", false),
            ("[2001:db8::8]:80", "[2001:db8::7]:5000", false),
        ] {
            assert_eq!(is_same_host(peer.parse().unwrap(), local.parse().unwrap()), expected, "{peer} from {local}");
        }
    }

    #[test]
    fn connections_to_ourselves_share_one_budget_whatever_they_are_called() {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(shared_budget());
    }

    async fn shared_budget() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ourselves = Ourselves::new(Arc::from([1, port]), 2);
        let mut admitted = Vec::new();
        for host in ["127.0.0.1", "0.0.0.0", "localhost"] {
            let stream = TcpStream::connect((host, port)).await.unwrap();
            assert!(Ourselves::new(Arc::from([1, 2]), 0).admit(&stream, port).unwrap().is_none(), "another's port");
            admitted.push(ourselves.admit(&stream, port));
        }
        assert!(matches!(admitted[..], [Ok(Some(_)), Ok(Some(_)), Err(ConnectError::Full)]), "{admitted:?}");
        let stream = TcpStream::connect(("localhost", port)).await.unwrap();
        admitted.pop();
        admitted.pop();
        assert!(matches!(ourselves.admit(&stream, port), Ok(Some(_))), "one was given back");
    }
}
