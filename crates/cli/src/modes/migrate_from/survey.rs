//! Looks at both servers before anything is changed. Every question is one that a server may refuse to answer.

use std::collections::BTreeMap;

use resp::value::Value;

use super::facts::Facts;
use super::peer::{Peer, PeerError};

/// How many keys of each database are looked at.
const SAMPLED_KEYS: u64 = 100;
/// In how many databases at most.
const SAMPLED_DATABASES: usize = 16;
/// The options that change what clients see, compared.
const COMPARED_OPTIONS: &[&str] =
    &["maxmemory", "maxmemory-policy", "appendonly", "appendfsync", "notify-keyspace-events", "timeout"];
/// Commands of operators: nobody misses them in an application.
const OPERATORS_COMMANDS: &[&str] = &[
    "acl",
    "bgrewriteaof",
    "bgsave",
    "cluster",
    "command",
    "config",
    "debug",
    "failover",
    "function",
    "info",
    "latency",
    "module",
    "monitor",
    "psync",
    "replconf",
    "replicaof",
    "role",
    "save",
    "sentinel",
    "slaveof",
    "slowlog",
    "sync",
];

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// Their addresses.
    pub addresses: [String; 2],
    /// INFO of the source.
    pub source: Facts,
    /// INFO of the target.
    pub target: Facts,
    /// How many of the sampled keys are of each type.
    pub kinds: BTreeMap<String, u64>,
    /// The modules that the source has loaded.
    pub modules: Vec<String>,
    /// Function libraries at the source.
    pub libraries: u64,
    /// Users of the source besides `default`.
    pub users: u64,
    /// Commands that were called at the source and that the target does not know.
    pub unknown_commands: Vec<(String, u64)>,
    /// Why the source refuses to be followed, if it does.
    pub psync_refusal: Option<String>,
    /// How many databases the target has.
    pub target_databases: Option<u32>,
    /// Options that differ: name, at the source, at the target.
    pub options: Vec<(String, String, String)>,
    /// Whether the source takes CONFIG SET.
    pub is_configurable: bool,
}

/// Looks.
pub fn take(source: &mut Peer, target: &mut Peer) -> Result<Survey, PeerError> {
    let mut survey = Survey { addresses: [source.address(), target.address()], ..Survey::default() };
    survey.source = source.info(&[])?;
    if let Ok(calls) = source.info(&["commandstats"]) {
        survey.unknown_commands = unknown(&calls, target);
    }
    survey.target = target.info(&[])?;
    survey.kinds = kinds(source, &survey.source)?;
    survey.modules = names_of(&source.ask(&["MODULE", "LIST"])?);
    survey.libraries = elements_of(&source.ask(&["FUNCTION", "LIST"])?);
    survey.users = elements_of(&source.ask(&["ACL", "USERS"])?).saturating_sub(1);
    survey.psync_refusal = psync_refusal(source)?;
    let databases = target.option("databases");
    survey.target_databases = databases.and_then(|text| String::from_utf8(text).ok()?.parse().ok());
    survey.options = options(source, target);
    survey.is_configurable = source.option("maxmemory").is_some();
    Ok(survey)
}

/// Asks for PSYNC inside a transaction that is thrown away, where it is queued, or refused for lack of rights. Servers since
/// Redis 7 refuse it there for the place, before they look at rights: those know a rehearsal, if we may ask for it.
fn psync_refusal(source: &mut Peer) -> Result<Option<String>, PeerError> {
    if source.ask(&["MULTI"])?.is_error() {
        return Ok(None);
    }
    let reply = source.ask(&["PSYNC", "?", "-1"])?;
    source.ask(&["DISCARD"])?;
    let Value::Error(text) = reply else { return Ok(None) };
    let text = String::from_utf8_lossy(&text).into_owned();
    if !text.contains("inside a transaction") && !text.contains("inside MULTI") {
        return Ok(Some(text));
    }
    let Value::Bulk(user) = source.ask(&["ACL", "WHOAMI"])? else { return Ok(None) };
    let rehearsal = source.ask(&[b"ACL".as_slice(), b"DRYRUN", &user, b"PSYNC", b"?", b"-1"])?;
    let refusal = if rehearsal.is_error() || rehearsal.is_ok() { None } else { rehearsal.as_bytes() };
    Ok(refusal.map(|text| String::from_utf8_lossy(text).into_owned()))
}

fn elements_of(reply: &Value) -> u64 {
    if reply.is_error() { 0 } else { reply.as_elements().map_or(0, |elements| elements.len() as u64) }
}

/// The names in MODULE LIST.
fn names_of(reply: &Value) -> Vec<String> {
    let name = |module: &Value| {
        let pairs = module.as_pairs()?;
        let (_, value) = pairs.into_iter().find(|(field, _)| field.as_bytes() == Some(b"name"))?;
        value.as_bytes().map(|name| String::from_utf8_lossy(name).into_owned())
    };
    reply.as_elements().unwrap_or_default().iter().filter_map(name).collect()
}

fn unknown(calls: &Facts, target: &mut Peer) -> Vec<(String, u64)> {
    let mut called = calls.calls();
    called.retain(|(name, count)| *count > 0 && !OPERATORS_COMMANDS.contains(&name.as_str()));
    let words: Vec<&str> =
        ["COMMAND", "INFO"].into_iter().chain(called.iter().map(|(name, _)| name.as_str())).collect();
    let Ok(reply) = target.ask(&words) else { return Vec::new() };
    let known = reply.as_elements().unwrap_or_default();
    if known.len() != called.len() {
        return Vec::new();
    }
    let is_known = known.iter().map(|one| one.as_elements().is_some_and(|facts| !facts.is_empty()));
    called.into_iter().zip(is_known).filter(|(_, is_known)| !is_known).map(|(call, _)| call).collect()
}

fn kinds(source: &mut Peer, facts: &Facts) -> Result<BTreeMap<String, u64>, PeerError> {
    let mut kinds = BTreeMap::new();
    for database in facts.databases().iter().take(SAMPLED_DATABASES) {
        source.select(database.number)?;
        for _ in 0..SAMPLED_KEYS.min(2 * database.keys) {
            let Ok(Value::Bulk(key)) = source.ask(&[b"RANDOMKEY"]) else { break };
            let Ok(Value::Simple(kind)) = source.ask(&[b"TYPE", key.as_slice()]) else { break };
            *kinds.entry(String::from_utf8_lossy(&kind).into_owned()).or_default() += 1;
        }
    }
    kinds.remove("none");
    source.select(0)?;
    Ok(kinds)
}

fn options(source: &mut Peer, target: &mut Peer) -> Vec<(String, String, String)> {
    let differing = COMPARED_OPTIONS.iter().filter_map(|name| {
        let [here, there] = [source.option(name)?, target.option(name)?].map(|value| {
            let text = String::from_utf8_lossy(&value).into_owned();
            if text.is_empty() { "nothing".to_owned() } else { text }
        });
        (here != there).then(|| ((*name).to_owned(), here, there))
    });
    differing.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_named_in_both_protocols() {
        let bulk = |text: &str| Value::Bulk(text.as_bytes().to_vec());
        let flat =
            Value::Array(vec![Value::Array(vec![bulk("name"), bulk("bf"), bulk("ver"), Value::Integer(1)])]);
        assert_eq!(names_of(&flat), ["bf"]);
        assert!(names_of(&Value::Error(b"ERR unknown".to_vec())).is_empty());
    }
}
