//! The real servers to compare with.

use testkit::{Program, Vendor, skip};

/// Which of the servers that this project follows; they differ among themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Redis 7.0, which every Debian has.
    Redis7,
    /// Redis 8.0: where it and 7.0 differ, it is followed.
    Redis8,
    /// Valkey 9.1, for what only Valkey has.
    Valkey9,
}

impl Kind {
    /// The name of its module of tests.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Redis7 => "redis_7",
            Kind::Redis8 => "redis_8",
            Kind::Valkey9 => "valkey_9",
        }
    }
}

/// A real server's program.
pub struct Reference {
    pub program: Program,
    pub kind: Kind,
}

impl Reference {
    /// The program found for it; `None`, said aloud, where there is none.
    pub fn found(program: Option<Program>, name: &str) -> Option<Self> {
        let Some(program) = program else {
            skip(&format!("{name} is not on this machine: set OCHRE_PEERS to a folder with its bin/"));
            return None;
        };
        let kind = match program.vendor {
            Vendor::Valkey => Kind::Valkey9,
            _ if program.version < (7, 2, 0) => Kind::Redis7,
            _ => Kind::Redis8,
        };
        Some(Self { program, kind })
    }
}

/// Makes of each check, which takes a reference and a number of workers, one test for every real server and one worker
/// and two: `redis_7::one_worker::NAME` and so on.
macro_rules! with_every_reference {
    ($($check:ident),* $(,)?) => {
        $crate::differential::reference::with_every_reference!(@of redis_7 [$($check)*]);
        $crate::differential::reference::with_every_reference!(@of redis_8 [$($check)*]);
        $crate::differential::reference::with_every_reference!(@of valkey_9 [$($check)*]);
    };
    (@of $reference:ident [$($check:ident)*]) => {
        mod $reference {
            fn reference() -> Option<$crate::differential::reference::Reference> {
                $crate::differential::reference::Reference::found(testkit::Program::$reference(), stringify!($reference))
            }
            mod one_worker {
                $(#[test] fn $check() { super::reference().into_iter().for_each(|it| super::super::$check(&it, 1)); })*
            }
            mod two_workers {
                $(#[test] fn $check() { super::reference().into_iter().for_each(|it| super::super::$check(&it, 2)); })*
            }
        }
    };
}
pub(crate) use with_every_reference;
