//! Command flags, under the names that COMMAND INFO shows.

/// A set of command flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u32);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $text:literal;)*) => {
        impl Flags {
            $($(#[$doc])* pub const $name: Flags = Flags(1 << $bit);)*
            const NAMES: &'static [(Flags, &'static str)] = &[$((Flags::$name, $text)),*];
        }
        $($(#[$doc])* pub const $name: Flags = Flags::$name;)*
    };
}

// The order is the one in which COMMAND INFO lists them.
flags! {
    /// May change the data set.
    WRITE = 0, "write";
    /// Reads keys and changes nothing.
    READONLY = 1, "readonly";
    /// May need memory: refused when over the limit.
    DENYOOM = 2, "denyoom";
    /// For administrators.
    ADMIN = 4, "admin";
    /// Publish and subscribe.
    PUBSUB = 5, "pubsub";
    /// Not from scripts.
    NOSCRIPT = 6, "noscript";
    /// May wait.
    BLOCKING = 7, "blocking";
    /// Allowed while the data set is being loaded.
    LOADING = 8, "loading";
    /// Allowed on a replica whose data is stale.
    STALE = 9, "stale";
    /// Not shown to MONITOR.
    SKIP_MONITOR = 10, "skip_monitor";
    /// Not in the slow log.
    SKIP_SLOWLOG = 11, "skip_slowlog";
    /// May be asked of a node that is importing the slot.
    ASKING = 12, "asking";
    /// Constant or logarithmic time.
    FAST = 13, "fast";
    /// Allowed before authentication.
    NO_AUTH = 14, "no_auth";
    /// May reach replicas although it is not a write command. Not shown.
    MAY_REPLICATE = 15, "";
    /// Keys are optional.
    NO_MANDATORY_KEYS = 16, "no_mandatory_keys";
    /// Only where the configuration allows it (DEBUG, MODULE).
    PROTECTED = 17, "protected";
    /// Not while data is loaded in the background.
    NO_ASYNC_LOADING = 18, "no_async_loading";
    /// Not inside a transaction.
    NO_MULTI = 19, "no_multi";
    /// Allowed while a script runs over its time.
    ALLOW_BUSY = 20, "allow_busy";
    /// The key positions depend on the arguments.
    MOVABLEKEYS = 21, "movablekeys";
    /// Runs at once inside a transaction instead of being queued (EXEC, DISCARD, RESET ...). Not shown.
    RUNS_IN_MULTI = 22, "";
    /// Runs the queue of a transaction (EXEC): the gates ask what is in the queue. Not shown.
    RUNS_QUEUE = 23, "";
    /// Allowed to a subscriber who speaks RESP2. Not shown.
    RUNS_WHEN_SUBSCRIBED = 24, "";
}

impl Flags {
    /// No flag.
    pub const NONE: Flags = Flags(0);

    /// Both sets together.
    pub const fn and(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// The flags that are in both sets.
    pub const fn common(self, other: Flags) -> Flags {
        Flags(self.0 & other.0)
    }

    /// The flags that are not in `other`.
    pub const fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }

    /// Whether all of `other` are set.
    #[inline]
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is set.
    #[inline]
    pub const fn has_any(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }

    /// The names of the flags that COMMAND INFO shows.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let shown = move |(flag, name): &(Flags, &'static str)| {
            (self.has(*flag) && *flag != Flags::PROTECTED && !name.is_empty()).then_some(*name)
        };
        Flags::NAMES.iter().filter_map(shown)
    }
}
