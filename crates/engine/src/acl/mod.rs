//! Who may do what. For now there is one user, `default`, whose password is `requirepass`.

pub mod user;

use user::User;

/// All users.
#[derive(Debug)]
pub struct Acl {
    default: User,
    /// Refused passwords since the start.
    pub denied_auth: u64,
}

impl Default for Acl {
    fn default() -> Self {
        Acl { default: User::new("default"), denied_auth: 0 }
    }
}

impl Acl {
    /// The user of that name.
    pub fn find(&self, name: &[u8]) -> Option<&User> {
        (name == self.default.name.as_bytes()).then_some(&self.default)
    }

    /// Sets the password of the default user (`requirepass`); an empty one lets everybody in.
    pub fn set_default_password(&mut self, password: &[u8]) {
        self.default.set_only_password(password);
    }

    /// Whether a new connection need not authenticate.
    pub fn default_needs_no_password(&self) -> bool {
        self.default.needs_no_password()
    }

    /// Whether the user exists and the password is his. Takes equally long for every wrong password.
    pub fn authenticate(&mut self, name: &[u8], password: &[u8]) -> bool {
        let accepted = self.find(name).is_some_and(|user| user.accepts(password));
        self.denied_auth += u64::from(!accepted);
        accepted
    }
}
