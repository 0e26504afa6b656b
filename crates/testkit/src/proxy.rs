//! A TCP proxy between two servers that can cut, pause, delay, swallow and limit what passes.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How often the threads look at what they were told.
const TICK: Duration = Duration::from_millis(2);

/// A proxy in threads of its own. It passes bytes unchanged until told otherwise, and ends with this value.
///
/// The *client* is whoever connects to the proxy (the replica), the *server* whom it connects to (the primary).
pub struct Proxy {
    control: Arc<Control>,
    port: u16,
}

/// What the test has told the threads, and what they count.
struct Control {
    target: Mutex<String>,
    stopped: AtomicBool,
    refusing: AtomicBool,
    /// What is held back: to the client, to the server.
    held: [AtomicBool; 2],
    swallowing: AtomicBool,
    delay_ms: AtomicU64,
    /// Connections begun before this count changed are to be closed.
    cuts: AtomicU64,
    /// Bytes that may still pass to the client before the connection is cut; negative for no limit.
    allowance: AtomicI64,
    connections: AtomicU64,
    to_client: AtomicU64,
    to_server: AtomicU64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToClient,
    ToServer,
}

impl Proxy {
    /// A proxy on a port of its own that connects to `target`, a `HOST:PORT`.
    #[must_use]
    pub fn to(target: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a listener can be polled");
        let port = listener.local_addr().expect("bound").port();
        let control = Arc::new(Control::new(target));
        let shared = Arc::clone(&control);
        thread::spawn(move || shared.accept(&listener));
        Self { control, port }
    }

    /// Where to connect to it, `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Closes all connections; new ones pass.
    pub fn cut(&self) {
        self.control.cuts.fetch_add(1, SeqCst);
    }

    /// Closes all connections and every new one at once, until [`Proxy::restore`].
    pub fn cut_off(&self) {
        self.control.refusing.store(true, SeqCst);
        self.cut();
    }

    /// Lets everything pass again: the opposite of all that was told before.
    pub fn restore(&self) {
        let control = &self.control;
        control.delay_ms.store(0, SeqCst);
        control.allowance.store(-1, SeqCst);
        control.refusing.store(false, SeqCst);
        control.swallowing.store(false, SeqCst);
        control.held.iter().for_each(|held| held.store(false, SeqCst));
    }

    /// Holds everything back, with connections open, until [`Proxy::restore`].
    pub fn pause(&self) {
        self.hold_to_client();
        self.hold_to_server();
    }

    /// Holds back what goes to the client, until [`Proxy::restore`].
    pub fn hold_to_client(&self) {
        self.control.held[Direction::ToClient as usize].store(true, SeqCst);
    }

    /// Holds back what goes to the server, until [`Proxy::restore`].
    pub fn hold_to_server(&self) {
        self.control.held[Direction::ToServer as usize].store(true, SeqCst);
    }

    /// Takes everything and passes nothing on, as a network that drops every packet.
    pub fn swallow(&self) {
        self.control.swallowing.store(true, SeqCst);
    }

    /// Passes each piece on only after this time.
    pub fn delay(&self, time: Duration) {
        self.control.delay_ms.store(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), SeqCst);
    }

    /// Passes exactly this many more bytes to the client, then closes all connections and refuses new ones until
    /// [`Proxy::restore`].
    pub fn cut_after(&self, bytes: u32) {
        self.control.allowance.store(i64::from(bytes), SeqCst);
    }

    /// How many connections have been made through it.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.control.connections.load(SeqCst)
    }

    /// How many bytes have passed to the client.
    #[must_use]
    pub fn bytes_to_client(&self) -> u64 {
        self.control.to_client.load(SeqCst)
    }

    /// How many bytes have passed to the server.
    #[must_use]
    pub fn bytes_to_server(&self) -> u64 {
        self.control.to_server.load(SeqCst)
    }

    /// Connects new clients to another server from now on.
    pub fn redirect(&self, target: &str) {
        target.clone_into(&mut self.control.target.lock().unwrap_or_else(PoisonError::into_inner));
        self.cut();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.control.stopped.store(true, SeqCst);
        self.cut();
    }
}

impl Control {
    fn new(target: &str) -> Self {
        Self {
            target: Mutex::new(target.to_owned()),
            stopped: AtomicBool::new(false),
            refusing: AtomicBool::new(false),
            held: [AtomicBool::new(false), AtomicBool::new(false)],
            swallowing: AtomicBool::new(false),
            delay_ms: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
            allowance: AtomicI64::new(-1),
            connections: AtomicU64::new(0),
            to_client: AtomicU64::new(0),
            to_server: AtomicU64::new(0),
        }
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        while !self.stopped.load(SeqCst) {
            match listener.accept() {
                Ok((client, _)) if !self.refusing.load(SeqCst) => {
                    // A server that is not there: the client sees its connection closed.
                    let _ = self.connect(client);
                }
                Ok(_) => {}
                Err(_) => thread::sleep(TICK),
            }
        }
    }

    fn connect(self: &Arc<Self>, client: TcpStream) -> io::Result<()> {
        let target = self.target.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let server = TcpStream::connect(target)?;
        self.connections.fetch_add(1, SeqCst);
        let cuts = self.cuts.load(SeqCst);
        for stream in [&client, &server] {
            stream.set_nonblocking(false)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(TICK))?;
        }
        let (up, down) = (Arc::clone(self), Arc::clone(self));
        let (client_writer, server_writer) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || up.pump(client, server_writer, Direction::ToServer, cuts));
        thread::spawn(move || down.pump(server, client_writer, Direction::ToClient, cuts));
        Ok(())
    }

    /// Carries bytes one way until either side or the test ends the connection.
    fn pump(&self, mut from: TcpStream, mut to: TcpStream, direction: Direction, cuts: u64) {
        let mut buffer = vec![0; 64 * 1024];
        while self.cuts.load(SeqCst) == cuts {
            if self.holds(direction) {
                thread::sleep(TICK);
                continue;
            }
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    if !self.pass(&buffer[..length], &mut to, direction, cuts) {
                        break;
                    }
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                }
                Err(_) => break,
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }

    /// Passes one piece on as told; false ends the connection.
    fn pass(&self, piece: &[u8], to: &mut TcpStream, direction: Direction, cuts: u64) -> bool {
        let delay_ms = self.delay_ms.load(SeqCst);
        if delay_ms > 0 {
            thread::sleep(Duration::from_millis(delay_ms));
        }
        while self.holds(direction) && self.cuts.load(SeqCst) == cuts {
            thread::sleep(TICK);
        }
        if self.swallowing.load(SeqCst) {
            return true;
        }
        let allowed =
            if direction == Direction::ToClient { self.take_allowance(piece.len()) } else { piece.len() };
        if self.cuts.load(SeqCst) != cuts || to.write_all(&piece[..allowed]).is_err() {
            return false;
        }
        let counter = if direction == Direction::ToClient { &self.to_client } else { &self.to_server };
        counter.fetch_add(allowed as u64, SeqCst);
        if allowed < piece.len() {
            self.refusing.store(true, SeqCst);
            self.cuts.fetch_add(1, SeqCst);
        }
        allowed == piece.len()
    }

    fn holds(&self, direction: Direction) -> bool {
        self.held[direction as usize].load(SeqCst)
    }

    /// How many of `length` bytes may still pass.
    fn take_allowance(&self, length: usize) -> usize {
        let left = self.allowance.load(SeqCst);
        let Ok(allowed) = usize::try_from(left) else { return length };
        let taken = allowed.min(length);
        self.allowance.fetch_sub(taken as i64, SeqCst);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Client, wait_until};

    /// A server that sends back what it gets, and a client that reaches it through a proxy.
    fn echo_through_proxy() -> (Proxy, TcpStream) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let proxy = Proxy::to(&listener.local_addr().expect("bound").to_string());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut back = stream.try_clone().expect("a connected socket can be cloned");
                thread::spawn(move || io::copy(&mut &stream, &mut back));
            }
        });
        let client = TcpStream::connect(proxy.address()).expect("the proxy listens");
        client.set_read_timeout(Some(Duration::from_secs(20))).expect("a deadline");
        (proxy, client)
    }

    #[test]
    fn passes_then_cuts_at_a_byte() {
        let (proxy, mut client) = echo_through_proxy();
        client.write_all(b"hello").expect("connected");
        let mut answer = [0; 5];
        client.read_exact(&mut answer).expect("the echo");
        assert_eq!(&answer, b"hello");
        proxy.cut_after(3);
        client.write_all(b"world").expect("connected");
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).expect("an orderly end");
        assert_eq!(rest, b"wor");
        assert_eq!(proxy.bytes_to_client(), 8);
    }

    #[test]
    fn refuses_until_restored() {
        let (proxy, mut first) = echo_through_proxy();
        proxy.cut_off();
        assert_eq!(first.read_to_end(&mut Vec::new()).unwrap_or(0), 0);
        wait_until("a new connection is closed", || {
            Client::try_connect(&proxy.address()).is_ok_and(|mut client| client.try_reply().is_err())
        });
        proxy.restore();
        let mut again = Client::connect(&proxy.address());
        again.send(b"+OK\r\n");
        assert!(again.reply().is_ok());
    }

    #[test]
    fn pauses_and_goes_on() {
        let (proxy, mut client) = echo_through_proxy();
        proxy.pause();
        client.write_all(b"x").expect("connected");
        client.set_read_timeout(Some(Duration::from_millis(50))).expect("a deadline");
        assert!(client.read(&mut [0]).is_err());
        proxy.restore();
        client.set_read_timeout(Some(Duration::from_secs(20))).expect("a deadline");
        assert_eq!(client.read(&mut [0]).expect("the echo"), 1);
    }
}
