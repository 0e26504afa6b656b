//! Sends keys to other servers for MIGRATE: each request on a thread of its own, over connections that are kept for a while;
//! those of transactions at once.

use crate::shared::Server;
use engine::client::card::ClientId;
use engine::facts::migrations::{Delivery, Migration, Parcel};
use engine::shared::Shared;
use net::stream::{Address, Stream};
use resp::request::append_multibulk;
use resp::value::{Value, parse};
use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::time::Duration;

/// How long a connection is kept after its last use, in milliseconds.
const KEPT_MS: u64 = 10_000;
/// How many connections are kept.
const KEPT_LINKS_MAX: usize = 64;
/// Keys and bytes that are sent before their replies are read.
const BATCH_KEYS: usize = 64;
const BATCH_BYTES: usize = 1 << 20;
/// The longest reply that is taken, in bytes.
const REPLY_BYTES_MAX: usize = 1 << 20;

const CONNECTING: &str = "IOERR error or timeout connecting to the client";
const WRITING: &str = "IOERR error or timeout writing to target instance";
const READING: &str = "IOERR error or timeout reading from target instance";

/// A connection to another server, and the database that it has selected.
struct Link {
    address: Address,
    stream: Stream,
    database: i64,
    used_ms: u64,
}

/// The connections that are kept.
#[derive(Default)]
pub struct Links(Shared<Vec<Link>>);

impl Links {
    fn take(&self, address: &Address) -> Option<Link> {
        let mut links = self.0.lock();
        let found = links.iter().position(|link| link.address == *address)?;
        Some(links.swap_remove(found))
    }

    fn keep(&self, link: Link) {
        let mut links = self.0.lock();
        if links.len() < KEPT_LINKS_MAX {
            links.push(link);
        }
    }

    /// Closes the connections that were not used for a while; returns how many are left.
    pub fn close_idle(&self, now_ms: u64) -> usize {
        let mut links = self.0.lock();
        links.retain(|link| now_ms.saturating_sub(link.used_ms) < KEPT_MS);
        links.len()
    }
}

/// Begins to send; the client's request runs again when that is over.
pub fn begin(server: &Arc<Server>, client: ClientId, migration: Migration) {
    let own = Arc::clone(server);
    let work = move || {
        let delivery = deliver(&own.migration_links, &migration);
        report(&own, client, delivery);
    };
    if let Err(error) = std::thread::Builder::new().name("migrate".to_string()).spawn(work) {
        stdx::logging::warning!("Can't start a thread that migrates keys: {error}");
        report(server, client, Delivery { taken: Vec::new(), error: Some(CONNECTING.to_string()) });
    }
}

/// Sends all keys while the caller waits, over a connection of its own.
pub fn send_now(migration: &Migration) -> Delivery {
    deliver(&Links::default(), migration)
}

fn report(server: &Server, client: ClientId, delivery: Delivery) {
    let kept = server.migration_links.close_idle(now_ms());
    let mut node = server.node.lock();
    node.engine.migrations.kept_links = kept;
    node.engine.migrations.finish(client, delivery);
    node.engine.clients.wake_all();
}

fn now_ms() -> u64 {
    stdx::clock::monotonic_us() / 1000
}

/// How a connection failed.
enum Failure {
    /// It is of no use any more. Over a kept connection another try is worth while unless time ran out.
    Link { error: &'static str, timed_out: bool },
    /// The other server refused something before the first key.
    Refused(String),
}

impl Failure {
    fn of(error: &'static str, kind: ErrorKind) -> Failure {
        Failure::Link { error, timed_out: matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut) }
    }
}

/// Sends all keys, over a kept connection if there is one.
fn deliver(links: &Links, migration: &Migration) -> Delivery {
    let address = Address::Tcp { host: migration.host.clone(), port: migration.port };
    let mut delivery = Delivery::default();
    let mut kept = links.take(&address);
    loop {
        let is_kept = kept.is_some();
        let outcome = match kept.take().map_or_else(|| connect(&address, migration), Ok) {
            Ok(link) => send_all(link, migration, &mut delivery),
            Err(failure) => Err(failure),
        };
        match outcome {
            Ok(link) => links.keep(link),
            Err(Failure::Link { timed_out: false, .. }) if is_kept && delivery == Delivery::default() => {
                continue;
            }
            Err(Failure::Link { error, .. }) => delivery.error = Some(error.to_string()),
            Err(Failure::Refused(error)) => delivery.error = Some(error),
        }
        return delivery;
    }
}

fn connect(address: &Address, migration: &Migration) -> Result<Link, Failure> {
    let timeout = Some(Duration::from_millis(migration.timeout_ms));
    let open = || {
        let stream = Stream::connect(address, timeout)?;
        stream.set_nodelay(true)?;
        Ok(stream)
    };
    let stream = open().map_err(|error: std::io::Error| match error.kind() {
        // Redis learns of a refusal when it writes, and says so.
        ErrorKind::ConnectionRefused => Failure::of(WRITING, error.kind()),
        kind => Failure::of(CONNECTING, kind),
    })?;
    Ok(Link { address: address.clone(), stream, database: 0, used_ms: now_ms() })
}

fn send_all(mut link: Link, migration: &Migration, delivery: &mut Delivery) -> Result<Link, Failure> {
    let timeout = Some(Duration::from_millis(migration.timeout_ms));
    let prepared =
        link.stream.set_read_timeout(timeout).and_then(|()| link.stream.set_write_timeout(timeout));
    prepared.map_err(|error| Failure::of(WRITING, error.kind()))?;
    greet(&mut link, migration)?;
    let mut next = 0;
    while next < migration.parcels.len() {
        next = send_batch(&mut link, migration, next, delivery)?;
    }
    link.used_ms = now_ms();
    Ok(link)
}

/// Says who we are and selects the database.
fn greet(link: &mut Link, migration: &Migration) -> Result<(), Failure> {
    let (mut request, mut replies) = (Vec::new(), 0);
    if !migration.credentials.is_empty() {
        let words = migration.credentials.iter().map(Vec::as_slice);
        append_multibulk(&mut request, [b"AUTH".as_slice()].into_iter().chain(words).collect::<Vec<_>>());
        replies += 1;
    }
    if link.database != migration.database {
        let number = migration.database.to_string();
        append_multibulk(&mut request, [b"SELECT".as_slice(), number.as_bytes()]);
        replies += 1;
    }
    for reply in exchange(link, &request, replies)? {
        if let Value::Error(text) = reply {
            return Err(Failure::Refused(refusal(&text)));
        }
    }
    link.database = migration.database;
    Ok(())
}

/// Sends some keys from `first` on and hears what becomes of them; returns where to go on.
fn send_batch(
    link: &mut Link,
    migration: &Migration,
    first: usize,
    delivery: &mut Delivery,
) -> Result<usize, Failure> {
    let (mut request, mut next) = (Vec::new(), first);
    let wall_ms = stdx::clock::wall_ms();
    for parcel in migration.parcels.iter().skip(first).take(BATCH_KEYS) {
        append_restore(&mut request, parcel, migration.replace, wall_ms);
        next += 1;
        if request.len() >= BATCH_BYTES {
            break;
        }
    }
    for (place, reply) in (first..).zip(exchange(link, &request, next - first)?) {
        match reply {
            Value::Error(text) => {
                delivery.error.get_or_insert_with(|| refusal(&text));
            }
            _ => delivery.taken.push(place),
        }
    }
    Ok(next)
}

fn append_restore(request: &mut Vec<u8>, parcel: &Parcel, replace: bool, wall_ms: i64) {
    // Zero stands for no expiry: what is over already has a last millisecond there.
    let ttl_ms = parcel.expire_at_ms.map_or(0, |at_ms| at_ms.saturating_sub(wall_ms).max(1)).to_string();
    let mut words = vec![b"RESTORE".as_slice(), &parcel.key, ttl_ms.as_bytes(), &parcel.payload];
    if replace {
        words.push(b"REPLACE");
    }
    append_multibulk(request, words);
}

fn refusal(text: &[u8]) -> String {
    format!("ERR Target instance replied with error: {}", String::from_utf8_lossy(text))
}

/// Writes requests and reads so many replies.
fn exchange(link: &mut Link, request: &[u8], replies: usize) -> Result<Vec<Value>, Failure> {
    link.stream.write_all(request).map_err(|error| Failure::of(WRITING, error.kind()))?;
    let (mut input, mut values) = (Vec::new(), Vec::new());
    let mut buffer = [0; 4096];
    while values.len() < replies {
        let parsed = parse(&input).map_err(|_| Failure::of(READING, ErrorKind::InvalidData))?;
        if let Some((value, used)) = parsed {
            input.drain(..used);
            values.push(value);
            continue;
        }
        let read = link.stream.read(&mut buffer).map_err(|error| Failure::of(READING, error.kind()))?;
        if read == 0 || input.len() > REPLY_BYTES_MAX {
            return Err(Failure::of(READING, ErrorKind::UnexpectedEof));
        }
        input.extend_from_slice(&buffer[..read]);
    }
    Ok(values)
}
