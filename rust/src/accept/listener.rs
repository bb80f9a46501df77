//! Listening: one `SO_REUSEPORT` socket a core, so that the kernel spreads connections; a core that has far too many
//! hands fresh ones over. The port is first bound without it: else a second gateway would silently share the first one's traffic.

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener, TcpStream as StdTcpStream},
    rc::Rc,
    time::Duration,
};

use socket2::{Domain, Protocol, Socket as NewSocket, Type};
use tokio::io::{Interest, unix::AsyncFd};

use super::{
    Client, Role, Socket, Wire,
    client::Seat,
    connection::{connection, secure},
    handed_over::hand_over,
    socket::reading,
};
use crate::per_core::Core;

const BACKLOG: i32 = 4096;
/// How long accepting pauses when there are no descriptors left.
const PAUSE: Duration = Duration::from_millis(100);

/// Why an address cannot be listened at.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at {address}: {why}")]
pub struct ListenError {
    address: SocketAddr,
    why: io::Error,
}

/// An address that is ours.
#[derive(Debug, Clone, Copy)]
pub struct Listening {
    /// With the real port.
    pub address: SocketAddr,
    /// What it serves.
    pub role: Role,
}

/// A socket that was accepted and that no runtime knows yet.
#[derive(Debug)]
pub(super) struct Accepted {
    socket: StdTcpStream,
    peer: SocketAddr,
    local_port: u16,
    role: Role,
}

fn socket(address: SocketAddr, shared: bool) -> io::Result<NewSocket> {
    let socket = NewSocket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if shared {
        socket.set_reuse_port(true)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Makes sure that nobody else listens at an address and finds out its port when that is 0.
pub fn bind(address: SocketAddr, role: Role, silent: u32) -> Result<(Listening, StdListener), ListenError> {
    let attempt = || {
        let probe = socket(address, false)?;
        // A bind alone succeeds beside a listener that set SO_REUSEADDR; listening does not.
        probe.listen(1)?;
        let found = probe.local_addr()?.as_socket().unwrap_or(address);
        drop(probe);
        Ok((Listening { address: found, role }, share(found, silent)?))
    };
    attempt().map_err(|why| ListenError { address, why })
}

/// One more socket for an address of ours. A connection without a byte waits so many seconds before it is ours.
pub fn share(address: SocketAddr, silent: u32) -> io::Result<StdListener> {
    let socket = socket(address, true)?;
    // Accepted sockets inherit it: one system call fewer for each.
    socket.set_tcp_nodelay(true)?;
    if silent > 0 {
        defer(&socket, silent)?;
    }
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Clients speak first, over TLS too: a connection is accepted when its first bytes are there, at the latest after
/// so many seconds. One look then finds its request, and neither the runtime nor the kernel's list of what is waited for hears of it.
#[cfg(target_os = "linux")]
fn defer(socket: &NewSocket, silent: u32) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    use uapi::c::{IPPROTO_TCP, TCP_DEFER_ACCEPT};

    Ok(uapi::setsockopt(socket.as_raw_fd(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &silent)?)
}

/// Elsewhere a connection is accepted at once.
#[cfg(not(target_os = "linux"))]
fn defer(_: &NewSocket, _: u32) -> io::Result<()> {
    Ok(())
}

/// A listener as this core's runtime knows it.
pub fn registered(listener: StdListener) -> io::Result<AsyncFd<StdListener>> {
    reading(listener)
}

/// The next connection of a listener that does not block; nor does its socket.
#[cfg(target_os = "linux")]
fn next(listener: &StdListener) -> io::Result<(StdTcpStream, SocketAddr)> {
    use rustix::net::{SocketFlags, acceptfrom_with};
    // One system call; the peer of an accepted socket is never unknown.
    let (socket, peer) = acceptfrom_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC)?;
    let peer = peer.ok_or(io::ErrorKind::ConnectionAborted)?;
    Ok((socket.into(), peer.try_into()?))
}

/// The next connection of a listener that does not block; nor does its socket.
#[cfg(not(target_os = "linux"))]
fn next(listener: &StdListener) -> io::Result<(StdTcpStream, SocketAddr)> {
    let (socket, peer) = socket2::SockRef::from(listener).accept()?;
    let peer = peer.as_socket().ok_or(io::ErrorKind::ConnectionAborted)?;
    socket.set_nonblocking(true)?;
    Ok((socket.into(), peer))
}

/// Accepts connections for one core until its task is dropped.
pub async fn accept(core: Rc<Core>, listener: AsyncFd<StdListener>, listening: Listening) {
    let Listening { address, role } = listening;
    loop {
        let (socket, peer) = match listener.async_io(Interest::READABLE, next).await {
            Ok(accepted) => accepted,
            // The client was gone before it was accepted.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            // No descriptors or no memory: those who wait in the backlog are better off than those who are turned away.
            Err(_) => {
                core.metrics.accept_pauses.add(1);
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // At the node's limit this one waits, and nobody else is accepted; its place comes back when a connection ends.
        let permit = if let Ok(permit) = core.node.connections.try_acquire() {
            Ok(permit)
        } else {
            core.metrics.accept_pauses.add(1);
            core.node.connections.acquire().await
        };
        let Ok(permit) = permit else { return };
        permit.forget();
        // Whatever address it came to: its port is the listener's.
        let accepted = Accepted { socket, peer, local_port: address.port(), role };
        match core.node.lighter_core(core.index) {
            Some(other) => hand_over(&core, other, accepted),
            None => start(&core, accepted),
        }
    }
}

/// Serves an accepted socket on this core. It counts at once, not when its task is polled first: the next one may be accepted
/// before that.
pub(super) fn start(core: &Rc<Core>, accepted: Accepted) {
    core.metrics.connections.add(1);
    core.metrics.accepted.add(1);
    let Accepted { socket, peer, local_port, role } = accepted;
    let seat = Seat::new(core.clone());
    drop(if role == Role::InvokeTls {
        tokio::task::spawn_local(secure(seat, socket, peer, local_port))
    } else {
        let socket = Wire::Plain(Socket::new(socket));
        tokio::task::spawn_local(connection(Box::new(Client::new(seat, socket, peer, local_port, role))))
    });
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn accepted_sockets_do_not_delay() {
        let (listening, listener) = bind("127.0.0.1:0".parse().unwrap(), Role::Invoke, 1).unwrap();
        listener.set_nonblocking(false).unwrap();
        let mut client = StdTcpStream::connect(listening.address).unwrap();
        client.write_all(b"x").unwrap();
        assert!(listener.accept().unwrap().0.nodelay().unwrap());
    }

    #[test]
    fn a_connection_need_not_wait() {
        let (listening, listener) = bind("127.0.0.1:0".parse().unwrap(), Role::Invoke, 0).unwrap();
        let client = StdTcpStream::connect(listening.address).unwrap();
        assert_eq!(next(&listener).unwrap().1, client.local_addr().unwrap());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_connection_is_accepted_with_its_first_bytes_or_after_a_while() {
        let (listening, listener) = bind("127.0.0.1:0".parse().unwrap(), Role::Invoke, 1).unwrap();
        let mut client = StdTcpStream::connect(listening.address).unwrap();
        assert_eq!(next(&listener).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        client.write_all(b"x").unwrap();
        let (mut accepted, _) = next(&listener).unwrap();
        assert_eq!(accepted.read(&mut [0; 2]).unwrap(), 1);
        let silent = StdTcpStream::connect(listening.address).unwrap();
        listener.set_nonblocking(false).unwrap();
        assert_eq!(next(&listener).unwrap().1, silent.local_addr().unwrap());
    }
}
