//! The documentation of arguments: what COMMAND DOCS and the client's hints show.

/// One argument of a command, or a group of them.
#[derive(Clone, Copy)]
pub struct Arg {
    /// Name.
    pub name: &'static str,
    /// What stands there.
    pub kind: ArgKind,
    /// The word that must come before it.
    pub token: Option<&'static str>,
    /// What hints show instead of the name.
    pub display: Option<&'static str>,
    /// Which of the command's key specs finds it.
    pub key_spec: Option<usize>,
    /// The version that brought it, if not the command's.
    pub since: Option<&'static str>,
    /// May be left out.
    pub optional: bool,
    /// May be repeated.
    pub multiple: bool,
    /// The token is repeated with it.
    pub multiple_token: bool,
}

/// What stands at the place of an argument.
#[derive(Clone, Copy)]
pub enum ArgKind {
    /// Any bytes.
    String,
    /// A signed integer.
    Integer,
    /// A floating point number.
    Double,
    /// A key.
    Key,
    /// A glob pattern.
    Pattern,
    /// Seconds or milliseconds since 1970.
    UnixTime,
    /// Only the token.
    PureToken,
    /// One of these.
    OneOf(&'static [Arg]),
    /// All of these in order.
    Block(&'static [Arg]),
}

impl ArgKind {
    /// The name in COMMAND DOCS.
    pub const fn name(self) -> &'static str {
        match self {
            ArgKind::String => "string",
            ArgKind::Integer => "integer",
            ArgKind::Double => "double",
            ArgKind::Key => "key",
            ArgKind::Pattern => "pattern",
            ArgKind::UnixTime => "unix-time",
            ArgKind::PureToken => "pure-token",
            ArgKind::OneOf(_) => "oneof",
            ArgKind::Block(_) => "block",
        }
    }
}

impl Arg {
    /// An argument of some kind.
    pub const fn new(name: &'static str, kind: ArgKind) -> Arg {
        Arg {
            name,
            kind,
            token: None,
            display: None,
            key_spec: None,
            since: None,
            optional: false,
            multiple: false,
            multiple_token: false,
        }
    }

    /// Any bytes.
    pub const fn string(name: &'static str) -> Arg {
        Arg::new(name, ArgKind::String)
    }

    /// An integer.
    pub const fn integer(name: &'static str) -> Arg {
        Arg::new(name, ArgKind::Integer)
    }

    /// A floating point number.
    pub const fn double(name: &'static str) -> Arg {
        Arg::new(name, ArgKind::Double)
    }

    /// A key, found by the command's first key spec.
    pub const fn key(name: &'static str) -> Arg {
        Arg { key_spec: Some(0), ..Arg::new(name, ArgKind::Key) }
    }

    /// A glob pattern.
    pub const fn pattern(name: &'static str) -> Arg {
        Arg::new(name, ArgKind::Pattern)
    }

    /// A point in time.
    pub const fn unix_time(name: &'static str) -> Arg {
        Arg::new(name, ArgKind::UnixTime)
    }

    /// A bare word such as `NX`.
    pub const fn token(name: &'static str, token: &'static str) -> Arg {
        Arg { token: Some(token), ..Arg::new(name, ArgKind::PureToken) }
    }

    /// One of several.
    pub const fn one_of(name: &'static str, args: &'static [Arg]) -> Arg {
        Arg::new(name, ArgKind::OneOf(args))
    }

    /// Several in order.
    pub const fn block(name: &'static str, args: &'static [Arg]) -> Arg {
        Arg::new(name, ArgKind::Block(args))
    }

    /// With a word before it.
    pub const fn after(mut self, token: &'static str) -> Arg {
        self.token = Some(token);
        self
    }

    /// Shown under another name.
    pub const fn shown_as(mut self, display: &'static str) -> Arg {
        self.display = Some(display);
        self
    }

    /// Found by another key spec than the first.
    pub const fn of_key_spec(mut self, index: usize) -> Arg {
        self.key_spec = Some(index);
        self
    }

    /// Brought by a later version than the command.
    pub const fn since(mut self, version: &'static str) -> Arg {
        self.since = Some(version);
        self
    }

    /// May be left out.
    pub const fn optional(mut self) -> Arg {
        self.optional = true;
        self
    }

    /// May be repeated.
    pub const fn multiple(mut self) -> Arg {
        self.multiple = true;
        self
    }

    /// May be repeated together with its token.
    pub const fn multiple_token(mut self) -> Arg {
        self.multiple = true;
        self.multiple_token = true;
        self
    }
}
