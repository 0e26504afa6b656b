//! `--replication`: who follows whom, how far everybody is, and what is wrong, in sentences.

mod report;
mod view;

use std::collections::HashSet;

use net::stream::Address;
use resp::value::Value;

use crate::Failure;
use crate::args::Options;
use crate::connect::shown_address;
use crate::modes::{connection, open};
use crate::run::print;
use crate::session::Session;
use view::View;

/// Primaries above primaries, replicas below replicas: no chain is followed further.
const DEPTH_MAX: usize = 16;

/// Nodes that are asked.
const NODES_MAX: usize = 256;

/// How many of each node's last events are shown.
const EVENTS_SHOWN: &str = "5";

/// A node that was asked, or could not be.
pub(super) struct Node {
    /// Where it was asked.
    pub address: String,
    /// What it said of itself, or why it said nothing.
    pub view: Result<View, String>,
    /// Those that follow it.
    pub replicas: Vec<Node>,
}

/// Asks everybody and prints. Something that is wrong is a failure.
pub fn run(options: &Options) -> Result<(), Failure> {
    let first = open(options)?;
    let top = find_top(options, first)?;
    let mut known = HashSet::new();
    let root = explore(options, &top, &mut known, DEPTH_MAX);
    let report = report::of(&root);
    print(report.text.as_bytes())?;
    if report.problems == 0 { Ok(()) } else { Err(Failure::Told) }
}

/// The address of the primary above the server that was named, as far as primaries answer.
fn find_top(options: &Options, mut session: Session) -> Result<Address, Failure> {
    let mut address = options.address.clone();
    let mut seen = HashSet::new();
    loop {
        let view = ask(&mut session).map_err(Failure::Message)?;
        let Some(link) = view.link.filter(|_| seen.insert(view.run_id) && seen.len() < DEPTH_MAX) else {
            return Ok(address);
        };
        let above = Address::Tcp { host: link.host, port: link.port };
        match open_at(options, &above) {
            Ok(next) => (session, address) = (next, above),
            Err(_) => return Ok(address),
        }
    }
}

fn open_at(options: &Options, address: &Address) -> Result<Session, String> {
    let options = Options { address: address.clone(), database: 0, ..options.clone() };
    open(&options).map_err(|failure| match failure {
        Failure::Message(text) => text,
        Failure::Told | Failure::Status(_) | Failure::Output => "no connection".to_string(),
    })
}

/// Asks a node and those that follow it. A node that is known already is not asked for its replicas again.
fn explore(options: &Options, address: &Address, known: &mut HashSet<String>, depth: usize) -> Node {
    let view = open_at(options, address).and_then(|mut session| ask(&mut session));
    let mut replicas = Vec::new();
    if let Ok(view) = &view
        && known.insert(view.run_id.clone())
        && depth > 0
    {
        for replica in &view.replicas {
            if known.len() + replicas.len() < NODES_MAX {
                let address = Address::Tcp { host: replica.host.clone(), port: replica.port };
                replicas.push(explore(options, &address, known, depth - 1));
            }
        }
    }
    Node { address: shown_address(address), view, replicas }
}

fn ask(session: &mut Session) -> Result<View, String> {
    let connection = connection(session).map_err(|_| "no connection".to_string())?;
    let mut info = String::new();
    for section in ["server", "replication", "persistence", "keyspace"] {
        match connection.ask(&["INFO", section]).map_err(|error| error.to_string())? {
            Value::Error(text) => return Err(String::from_utf8_lossy(&text).into_owned()),
            reply => info.push_str(&String::from_utf8_lossy(reply.as_bytes().unwrap_or_default())),
        }
    }
    // Servers of others keep no events: theirs is an unknown command.
    let events = match connection.ask(&["OCHRE", "EVENTS", "COUNT", EVENTS_SHOWN]) {
        Ok(Value::Array(lines)) => lines,
        _ => Vec::new(),
    };
    let text = |line: &Value| line.as_bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    Ok(View::parse(&info, events.iter().filter_map(text).collect()))
}
