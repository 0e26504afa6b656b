//! In which version of the RDB format a replica gets its full copy: the newest that it reads, as far as its words tell.
//!
//! Valkey says its own version since 8, Redis a capability that is new in 8.0, Ochre what it reads. Who says nothing is
//! Redis 7, or what the option `rdb-version` says. A replica that cannot hold the expiry of fields of hashes gets the fields
//! without: it could not expire them, and learns from the stream when they are gone.

use engine::client::session::ReplicaWords;
use rdb::version::Reader;

/// What a replica reads, by its words; `unsaid` is what one reads that says nothing of it.
pub fn reader_of(words: &ReplicaWords, unsaid: Reader) -> Reader {
    // A replica that says its port and nothing of psync2 is older than Redis 4.0.
    if !words.takes_psync2 && words.port != 0 && words.version.is_none() {
        return Reader::REDIS_2;
    }
    let version = words.version.as_deref().and_then(|version| version.split('.').next());
    let major = version.and_then(|major| major.parse::<u32>().ok());
    match (words.rdb_version, words.takes_rdb_channel, major) {
        (Some(version), _, _) => Reader::of_version(version),
        (None, true, _) => Reader::REDIS_8,
        (None, false, Some(9..)) => Reader::Valkey,
        (None, false, Some(8)) => Reader::VALKEY_8,
        (None, false, _) => unsaid,
    }
}

/// Which of several readers share the next copy, by place, and what those all read. None of them may get less than it can
/// hold, as to streams always, as to fields that expire while there are some: the others wait for the copy behind.
pub fn share(readers: &[Reader], fields_expire: bool) -> (Vec<bool>, Reader) {
    let mut common = readers.first().copied().unwrap_or(Reader::REDIS_7);
    let takes_part = readers.iter().map(|reader| {
        let both = common.and(*reader);
        let loses = |one: Reader| {
            one.holds_streams() && !both.holds_streams()
                || fields_expire && one.holds_field_expiries() && !both.holds_field_expiries()
        };
        let fits = !loses(common) && !loses(*reader);
        if fits {
            common = both;
        }
        fits
    });
    (takes_part.collect(), common)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(version: Option<&str>, takes_rdb_channel: bool, rdb_version: Option<u32>) -> ReplicaWords {
        let version = version.map(str::to_string);
        ReplicaWords {
            version,
            takes_rdb_channel,
            rdb_version,
            takes_psync2: true,
            port: 1,
            ..ReplicaWords::default()
        }
    }

    #[test]
    fn replicas_are_known_by_their_words() {
        for (words, reader) in [
            (words(None, false, None), Reader::REDIS_7),
            (words(None, true, None), Reader::REDIS_8),
            (words(Some("9.1.2"), false, None), Reader::Valkey),
            (words(Some("8.0.1"), false, None), Reader::VALKEY_8),
            (words(Some("7.0.15"), false, Some(12)), Reader::REDIS_8),
            (words(Some("nonsense"), false, None), Reader::REDIS_7),
        ] {
            assert_eq!(reader_of(&words, Reader::REDIS_7), reader, "{words:?}");
        }
        assert_eq!(reader_of(&words(None, false, None), Reader::Valkey), Reader::Valkey);
        let old = ReplicaWords { port: 6379, ..ReplicaWords::default() };
        assert_eq!(reader_of(&old, Reader::REDIS_7), Reader::REDIS_2);
        assert_eq!(
            reader_of(&ReplicaWords::default(), Reader::REDIS_7),
            Reader::REDIS_7,
            "a client that wants a file"
        );
    }

    #[test]
    fn copies_are_shared_where_nobody_loses() {
        let all = [Reader::Valkey, Reader::REDIS_7, Reader::REDIS_8, Reader::Valkey];
        assert_eq!(share(&all, false), (vec![true; 4], Reader::REDIS_7));
        assert_eq!(share(&all, true), (vec![true, false, false, true], Reader::Valkey));
        assert_eq!(share(&all[1..], true), (vec![true, false, false], Reader::REDIS_7));
        let oldest = [Reader::REDIS_2, Reader::REDIS_7, Reader::REDIS_2];
        assert_eq!(share(&oldest, false), (vec![true, false, true], Reader::REDIS_2));
        let old = [Reader::REDIS_7, Reader::VALKEY_8];
        assert_eq!(share(&old, true), (vec![true, true], Reader::REDIS_7));
    }
}
