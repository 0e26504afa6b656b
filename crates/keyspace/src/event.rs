//! The keyspace events that clients can subscribe to: their names and classes.

/// The class of an event, by its letter in `notify-keyspace-events`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// `g`: commands of no type, such as DEL and EXPIRE.
    Generic = b'g',
    /// `$`: strings.
    String = b'$',
    /// `l`: lists.
    List = b'l',
    /// `s`: sets.
    Set = b's',
    /// `h`: hashes.
    Hash = b'h',
    /// `z`: sorted sets.
    SortedSet = b'z',
    /// `t`: streams.
    Stream = b't',
    /// `x`: a key expired.
    Expired = b'x',
    /// `e`: a key was evicted.
    Evicted = b'e',
    /// `m`: a read found nothing; not part of `A`.
    KeyMiss = b'm',
    /// `n`: a key came into being; not part of `A`.
    New = b'n',
    /// No letter: nobody can subscribe to it. For changes that only those who watch or cache the key are told of.
    Silent = b'-',
}

impl Class {
    /// The letter of the class in `notify-keyspace-events`.
    pub fn letter(self) -> char {
        char::from(self as u8)
    }

    /// Whether the letter `A` stands for this class among others.
    pub fn is_in_all(self) -> bool {
        !matches!(self, Class::KeyMiss | Class::New | Class::Silent)
    }
}

/// A keyspace event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The name that subscribers see.
    pub name: &'static str,
    /// Which subscribers see it.
    pub class: Class,
}

macro_rules! events {
    ($($constant:ident = $name:literal, $class:ident;)*) => {
        impl Event {
            $(#[doc = concat!("`", $name, "`.")]
            pub const $constant: Event = Event { name: $name, class: Class::$class };)*
        }
    };
}

events! {
    SET = "set", String;
    APPEND = "append", String;
    INCRBY = "incrby", String;
    DECRBY = "decrby", String;
    INCRBYFLOAT = "incrbyfloat", String;
    SETRANGE = "setrange", String;
    SETBIT = "setbit", String;
    PFADD = "pfadd", String;
    LPUSH = "lpush", List;
    RPUSH = "rpush", List;
    LPOP = "lpop", List;
    RPOP = "rpop", List;
    LINSERT = "linsert", List;
    LSET = "lset", List;
    LREM = "lrem", List;
    LTRIM = "ltrim", List;
    SORTSTORE = "sortstore", List;
    SADD = "sadd", Set;
    SREM = "srem", Set;
    SPOP = "spop", Set;
    SINTERSTORE = "sinterstore", Set;
    SUNIONSTORE = "sunionstore", Set;
    SDIFFSTORE = "sdiffstore", Set;
    HSET = "hset", Hash;
    HDEL = "hdel", Hash;
    HINCRBY = "hincrby", Hash;
    HINCRBYFLOAT = "hincrbyfloat", Hash;
    HEXPIRE = "hexpire", Hash;
    HPERSIST = "hpersist", Hash;
    HEXPIRED = "hexpired", Hash;
    ZADD = "zadd", SortedSet;
    ZINCR = "zincr", SortedSet;
    ZREM = "zrem", SortedSet;
    ZREMRANGEBYRANK = "zremrangebyrank", SortedSet;
    ZREMRANGEBYSCORE = "zremrangebyscore", SortedSet;
    ZREMRANGEBYLEX = "zremrangebylex", SortedSet;
    ZPOPMIN = "zpopmin", SortedSet;
    ZPOPMAX = "zpopmax", SortedSet;
    ZINTERSTORE = "zinterstore", SortedSet;
    ZUNIONSTORE = "zunionstore", SortedSet;
    ZDIFFSTORE = "zdiffstore", SortedSet;
    ZRANGESTORE = "zrangestore", SortedSet;
    GEORADIUSSTORE = "georadiusstore", SortedSet;
    GEOSEARCHSTORE = "geosearchstore", SortedSet;
    XADD = "xadd", Stream;
    XDEL = "xdel", Stream;
    XTRIM = "xtrim", Stream;
    XSETID = "xsetid", Stream;
    XGROUP_CREATE = "xgroup-create", Stream;
    XGROUP_CREATECONSUMER = "xgroup-createconsumer", Stream;
    XGROUP_DELCONSUMER = "xgroup-delconsumer", Stream;
    XGROUP_DESTROY = "xgroup-destroy", Stream;
    XGROUP_SETID = "xgroup-setid", Stream;
    DEL = "del", Generic;
    EXPIRE = "expire", Generic;
    PERSIST = "persist", Generic;
    RENAME_FROM = "rename_from", Generic;
    RENAME_TO = "rename_to", Generic;
    MOVE_FROM = "move_from", Generic;
    MOVE_TO = "move_to", Generic;
    COPY_TO = "copy_to", Generic;
    RESTORE = "restore", Generic;
    EXPIRED = "expired", Expired;
    EVICTED = "evicted", Evicted;
    KEY_MISS = "keymiss", KeyMiss;
    NEW = "new", New;
    TOUCHED = "touched", Silent;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_redis_letters() {
        assert_eq!((Event::SET.class.letter(), Event::DEL.class.letter()), ('$', 'g'));
        assert!(Event::EXPIRED.class.is_in_all() && !Event::NEW.class.is_in_all());
    }
}
