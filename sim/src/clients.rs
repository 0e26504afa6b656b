//! Clients that write: growing numbers, counters, transactions, with and without a wait for replicas and disks.

use crate::network::{ConnectionId, End, Parcel, Side};
use crate::world::{Event, World};
use resp::request::append_multibulk;

/// How long a client waits for replies, in microseconds.
const PATIENCE_US: u64 = 1_500_000;

/// A client.
pub struct Client {
    /// Grows with every connection.
    pub attempt: u64,
    connection: Option<ConnectionId>,
    is_welcome: bool,
    received: Vec<u8>,
    /// Replies that are still to come.
    awaited: usize,
    /// When it gave the last sign, in microseconds: an older timer says nothing.
    timer_us: u64,
    /// The last number that was written.
    number: u64,
    /// It has stopped writing.
    pub is_over: bool,
}

impl Client {
    /// A client that has not connected.
    pub fn new() -> Client {
        Client {
            attempt: 0,
            connection: None,
            is_welcome: false,
            received: Vec::new(),
            awaited: 0,
            timer_us: 0,
            number: 0,
            is_over: false,
        }
    }

    /// Its first timer.
    pub fn begin(&mut self, at_us: u64) {
        self.timer_us = at_us;
    }
}

/// The end of the first reply, if it is whole.
fn reply_end(bytes: &[u8]) -> Option<usize> {
    let line_end = bytes.windows(2).position(|pair| pair == b"\r\n")? + 2;
    let length = || std::str::from_utf8(&bytes[1..line_end - 2]).ok()?.parse::<i64>().ok();
    match bytes.first()? {
        b'$' => {
            let length = usize::try_from(length()?).map_or(0, |length| length + 2);
            (bytes.len() >= line_end + length).then_some(line_end + length)
        }
        b'*' => {
            let mut end = line_end;
            for _ in 0..length()?.max(0) {
                end += reply_end(&bytes[end..])?;
            }
            Some(end)
        }
        _ => Some(line_end),
    }
}

impl World {
    fn set_timer(&mut self, client: usize, after_us: u64) {
        let at_us = self.now_us + after_us;
        self.clients[client].timer_us = at_us;
        self.at(at_us, Event::Client(client));
    }

    /// A client's time has come: it connects, writes, or gives up waiting.
    pub fn client_goes_on(&mut self, client: usize) {
        let one = &self.clients[client];
        if one.timer_us != self.now_us || one.is_over {
            return;
        }
        if one.connection.is_some() && (!one.is_welcome || one.awaited > 0) {
            return self.hang_up(client);
        }
        if one.connection.is_some() {
            return self.write(client);
        }
        let hosts = self.hosts.len();
        let to = if self.dice.below(8) == 0 { self.dice.index(hosts) } else { self.primary };
        self.clients[client].attempt += 1;
        let from = End { place: hosts + client, life: self.clients[client].attempt };
        let connection = self.connect(from, to);
        let one = &mut self.clients[client];
        (one.connection, one.is_welcome, one.awaited) = (Some(connection), false, 0);
        one.received.clear();
        self.set_timer(client, PATIENCE_US);
    }

    /// A client closes its connection and tries again later.
    pub fn hang_up(&mut self, client: usize) {
        if let Some(connection) = self.clients[client].connection.take() {
            self.send(connection, Side::Callee, Parcel::End);
        }
        let pause_us = 20_000 + self.dice.below(200_000);
        self.set_timer(client, pause_us);
    }

    /// Something arrives for a client.
    pub fn client_hears(&mut self, client: usize, attempt: u64, connection: ConnectionId, parcel: Parcel) {
        let one = &mut self.clients[client];
        if one.connection != Some(connection) || one.attempt != attempt {
            return;
        }
        match parcel {
            Parcel::Welcome => {
                one.is_welcome = true;
                self.set_timer(client, 0);
            }
            Parcel::Bytes(bytes) => {
                one.received.extend_from_slice(&bytes);
                let mut is_refused = false;
                while let Some(end) = reply_end(&one.received) {
                    is_refused |= one.received[0] == b'-';
                    one.received.drain(..end);
                    one.awaited = one.awaited.saturating_sub(1);
                }
                if is_refused {
                    self.hang_up(client);
                } else if self.clients[client].awaited == 0 {
                    let pause_us = self.dice.below(50_000);
                    self.set_timer(client, pause_us);
                }
            }
            Parcel::End | Parcel::Knock => {
                self.clients[client].connection = None;
                let pause_us = 10_000 + self.dice.below(100_000);
                self.set_timer(client, pause_us);
            }
        }
    }

    fn write(&mut self, client: usize) {
        let kind = self.dice.below(10);
        let one = &mut self.clients[client];
        one.number += 1;
        let number = one.number.to_string();
        let padding = self.dice.below(200) as usize;
        let mut requests: Vec<Vec<String>> = vec![words(&format!("SET w{client} {number}"))];
        match kind {
            0 | 1 => requests.push(words("WAIT 1 400")),
            2 => requests.push(words("WAITAOF 0 1 400")),
            3 => requests.push(words("WAITAOF 1 0 400")),
            4 => {
                requests.push(words("MULTI"));
                requests.push(words(&format!("SET t{client}a {number}")));
                requests.push(words(&format!("SET t{client}b {number}")));
                requests.push(words("EXEC"));
            }
            5 => requests.push(words(&format!("INCR c{client}"))),
            6 => requests.push(vec!["SET".into(), format!("p{client}:{}", padding % 7), "x".repeat(padding)]),
            7 => requests.insert(0, words(if padding < 100 { "SELECT 0" } else { "PING" })),
            _ => {}
        }
        let mut bytes = Vec::new();
        for request in &requests {
            append_multibulk(&mut bytes, request.iter().map(String::as_bytes));
        }
        let one = &mut self.clients[client];
        one.awaited = requests.len();
        let Some(connection) = one.connection else { return };
        self.send(connection, Side::Callee, Parcel::Bytes(bytes));
        self.set_timer(client, PATIENCE_US);
    }
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_string).collect()
}
