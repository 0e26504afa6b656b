//! A user: name, passwords as hashes, and whether a password is needed.

use subtle::{Choice, ConstantTimeEq};

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// Name.
    pub name: String,
    password_hashes: Vec<[u8; 32]>,
    no_password: bool,
}

impl User {
    /// A user whom every password suits.
    pub fn new(name: &str) -> User {
        User { name: name.to_string(), password_hashes: Vec::new(), no_password: true }
    }

    /// Whether every password is right.
    pub fn needs_no_password(&self) -> bool {
        self.no_password
    }

    /// Makes `password` the only right one; an empty one makes every password right.
    pub fn set_only_password(&mut self, password: &[u8]) {
        self.no_password = password.is_empty();
        self.password_hashes.clear();
        if !password.is_empty() {
            self.password_hashes.push(stdx::sha::sha256(password));
        }
    }

    /// Whether `password` is right. Hashes are compared in constant time, all of them.
    pub fn accepts(&self, password: &[u8]) -> bool {
        let hash = stdx::sha::sha256(password);
        let matches = |known: &[u8; 32]| known.ct_eq(&hash);
        let any = self.password_hashes.iter().map(matches).fold(Choice::from(0), |any, one| any | one);
        self.no_password || bool::from(any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_replaces_nopass_and_back() {
        let mut user = User::new("default");
        assert!(user.accepts(b"anything"));
        user.set_only_password(b"secret");
        assert!(user.accepts(b"secret") && !user.accepts(b"Secret") && !user.accepts(b""));
        user.set_only_password(b"");
        assert!(user.accepts(b"x"));
    }
}
