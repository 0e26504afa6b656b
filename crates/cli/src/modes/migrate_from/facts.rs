//! What a server says of itself in INFO.

use std::collections::BTreeMap;
use std::fmt;

/// The fields of some sections of INFO.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    fields: BTreeMap<String, String>,
}

/// Who made a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// This project.
    Ochre,
    /// Redis, or what says it is.
    Redis,
    /// Valkey.
    Valkey,
    /// Dragonfly: its replication is not that of Redis.
    Dragonfly,
}

/// A program: who made it, and which version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// Who made it.
    pub vendor: Vendor,
    /// Major, minor, patch.
    pub version: (u32, u32, u32),
}

/// How writes can be held back at a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// CLIENT PAUSE WRITE: writers wait, everything else goes on.
    PausesWrites,
    /// CLIENT PAUSE of an old server: every client waits, we too.
    PausesAll,
    /// There is no CLIENT PAUSE: writers can only be refused.
    Refuses,
}

/// A database with keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Database {
    /// Its number.
    pub number: u32,
    /// How many keys it has.
    pub keys: u64,
    /// How many of them expire.
    pub expires: u64,
}

impl Facts {
    /// Reads what INFO answered.
    pub fn parse(text: &str) -> Facts {
        let mut facts = Facts::default();
        facts.add(text);
        facts
    }

    /// Adds further sections.
    pub fn add(&mut self, text: &str) {
        let fields = text.lines().filter_map(|line| line.trim_end().split_once(':'));
        self.fields.extend(fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    /// A field's text, empty without it.
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// A field's number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }

    /// A field's number, zero without it.
    pub fn count(&self, name: &str) -> u64 {
        self.number(name).and_then(|number| u64::try_from(number).ok()).unwrap_or(0)
    }

    /// The program.
    pub fn product(&self) -> Product {
        let makers = [
            ("ochre_version", Vendor::Ochre),
            ("valkey_version", Vendor::Valkey),
            ("dragonfly_version", Vendor::Dragonfly),
            ("redis_version", Vendor::Redis),
        ];
        let said = makers.iter().find(|(field, _)| !self.text(field).is_empty());
        let (field, vendor) = said.copied().unwrap_or(("redis_version", Vendor::Redis));
        let vendor = if self.text("server_name") == "valkey" && vendor == Vendor::Redis {
            Vendor::Valkey
        } else {
            vendor
        };
        let text = self.text(field).trim_start_matches("df-v");
        let mut numbers = text.split(['.', '-']).map(|number| number.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Product { vendor, version: (next(), next(), next()) }
    }

    /// Whether it is a primary.
    pub fn is_primary(&self) -> bool {
        self.text("role") == "master"
    }

    /// Whom it follows.
    pub fn followed(&self) -> Option<String> {
        let (host, port) = (self.text("master_host"), self.text("master_port"));
        (!host.is_empty()).then(|| format!("{host}:{port}"))
    }

    /// The databases that have keys.
    pub fn databases(&self) -> Vec<Database> {
        let found = self.fields.iter().filter_map(|(name, value)| {
            let number = name.strip_prefix("db")?.parse().ok()?;
            let part =
                |wanted: &str| value.split(',').find_map(|part| part.strip_prefix(wanted)?.parse().ok());
            Some(Database { number, keys: part("keys=")?, expires: part("expires=").unwrap_or(0) })
        });
        let mut databases: Vec<Database> = found.collect();
        databases.sort_by_key(|database| database.number);
        databases
    }

    /// The keys of all databases.
    pub fn keys(&self) -> u64 {
        self.databases().iter().map(|database| database.keys).sum()
    }

    /// How often each command was called; needs the section `commandstats`.
    pub fn calls(&self) -> Vec<(String, u64)> {
        let mut calls: BTreeMap<String, u64> = BTreeMap::new();
        for (name, value) in &self.fields {
            let Some(name) = name.strip_prefix("cmdstat_") else { continue };
            let command = name.split('|').next().unwrap_or(name).to_lowercase();
            let count = value.strip_prefix("calls=").and_then(|rest| rest.split(',').next()?.parse().ok());
            *calls.entry(command).or_default() += count.unwrap_or(0);
        }
        calls.into_iter().collect()
    }

    /// At which address a primary sees the replica that listens on this port; of several, the first.
    pub fn replica_address(&self, port: u16) -> Option<String> {
        let replicas = self.fields.iter().filter(|(name, _)| {
            name.strip_prefix("slave").is_some_and(|number| number.parse::<u32>().is_ok())
        });
        replicas.into_iter().find_map(|(_, value)| {
            let part = |wanted: &str| value.split(',').find_map(|part| part.strip_prefix(wanted));
            (part("port=")?.parse() == Ok(port)).then(|| part("ip=").map(str::to_owned))?
        })
    }
}

impl Product {
    /// How writes are held back.
    pub fn hold(self) -> Hold {
        match self {
            Product { vendor: Vendor::Redis, version } if version < (2, 9, 50) => Hold::Refuses,
            Product { vendor: Vendor::Redis, version } if version < (6, 2, 0) => Hold::PausesAll,
            _ => Hold::PausesWrites,
        }
    }

    /// Whether it goes on from its own offset when it becomes a replica, without a full copy.
    pub fn continues_as_replica(self) -> bool {
        self.vendor != Vendor::Redis || self.version >= (4, 0, 0)
    }

    /// The word of the command that makes it follow or stand alone: REPLICAOF came with 5.0.
    pub fn replicaof(self) -> &'static str {
        if self.vendor == Vendor::Redis && self.version < (5, 0, 0) { "SLAVEOF" } else { "REPLICAOF" }
    }

    /// Whether users have names: ACLs came with 6.0.
    pub fn has_users(self) -> bool {
        self.vendor != Vendor::Redis || self.version >= (6, 0, 0)
    }
}

impl fmt::Display for Product {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor, patch) = self.version;
        write!(formatter, "{:?} {major}.{minor}.{patch}", self.vendor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_known_by_their_fields() {
        let shown = |text: &str| Facts::parse(text).product().to_string();
        assert_eq!(shown("redis_version:2.8.17\r\n"), "Redis 2.8.17");
        assert_eq!(
            shown("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.1.2\r\n"),
            "Valkey 9.1.2"
        );
        assert_eq!(shown("redis_version:8.0.6\r\nochre_version:0.1.0\r\n"), "Ochre 0.1.0");
        assert_eq!(shown("redis_version:7.4.0\r\ndragonfly_version:df-v1.23.1\r\n"), "Dragonfly 1.23.1");
        assert_eq!(shown("nothing"), "Redis 0.0.0");
    }

    #[test]
    fn what_a_version_can_do() {
        let of = |text: &str| Facts::parse(&format!("redis_version:{text}")).product();
        assert_eq!(of("2.8.17").hold(), Hold::Refuses);
        assert_eq!(of("6.0.9").hold(), Hold::PausesAll);
        assert_eq!(of("6.2.0").hold(), Hold::PausesWrites);
        assert_eq!((of("4.0.1").replicaof(), of("5.0.0").replicaof()), ("SLAVEOF", "REPLICAOF"));
        assert!(!of("3.2.0").continues_as_replica() && of("4.0.0").continues_as_replica());
        assert!(!of("5.0.0").has_users() && of("6.0.0").has_users());
    }

    #[test]
    fn keys_calls_and_replicas() {
        let facts = Facts::parse(
            "db3:keys=2,expires=0,avg_ttl=0\r\ndb0:keys=10,expires=4\r\ncmdstat_get:calls=5,usec=1\r\n\
             cmdstat_config|get:calls=2,usec=1\r\ncmdstat_config|set:calls=1,usec=1\r\n\
             slave0:ip=10.0.0.7,port=7001,state=online,offset=5,lag=0\r\nslave_repl_offset:7\r\n",
        );
        let database = |number, keys, expires| Database { number, keys, expires };
        assert_eq!(facts.databases(), [database(0, 10, 4), database(3, 2, 0)]);
        assert_eq!(facts.keys(), 12);
        assert_eq!(facts.calls(), [("config".to_owned(), 3), ("get".to_owned(), 5)]);
        assert_eq!(facts.replica_address(7001).as_deref(), Some("10.0.0.7"));
        assert_eq!(facts.replica_address(7002), None);
    }
}
