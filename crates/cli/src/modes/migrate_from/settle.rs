//! After the cut-over: the source is kept from taking writes that nobody would see, or follows the target so that one can
//! go back.

use std::thread;
use std::time::{Duration, Instant};

use super::cut_over::close_gate;
use super::facts::{Hold, Vendor};
use super::peer::PeerError;
use super::undo::Side;
use super::{Migration, say};

/// How long the way back may take to come up: it may need a full copy.
const WAY_BACK_PATIENCE: Duration = Duration::from_secs(120);

/// Leaves the source as one that takes no writes. Returns whether it is so.
pub fn close_source(migration: &mut Migration) -> bool {
    if migration.source_product.hold() == Hold::PausesWrites
        && let Err(error) = close_gate(migration)
    {
        say(&format!(
            "The source cannot be kept from taking writes ({error}): stop it, or its writers, now."
        ));
        release(migration);
        return false;
    }
    release(migration);
    say(
        "The source refuses writes from now on (NOREPLICAS). It takes them again after CONFIG SET min-slaves-to-write 0.",
    );
    true
}

/// Ends the pause where it can be ended; a pause of everybody ends by itself.
fn release(migration: &mut Migration) {
    if migration.source_product.hold() == Hold::PausesWrites
        && let Err(error) = migration.source.order(&["CLIENT", "UNPAUSE"])
    {
        say(&format!("The pause at the source ends by itself within 15 s ({error})."));
    }
    migration.undo.forget(Side::Source);
}

/// Makes the source a replica of the target. Returns whether it follows.
pub fn open_way_back(migration: &mut Migration) -> bool {
    match follow(migration) {
        Ok(()) => {}
        Err(error) => {
            say(&format!("There is no way back: {error}."));
            close_source(migration);
            return false;
        }
    }
    say("The source follows the target from now on, and refuses writes (READONLY).");
    if !await_link(migration) {
        say(&format!(
            "Its link is not up after {} s: the logs of both say why. Until it is, one cannot go back without loss.",
            WAY_BACK_PATIENCE.as_secs()
        ));
        return false;
    }
    let (source, target) = (migration.source.address(), migration.target.address());
    let (host, port) = source.rsplit_once(':').unwrap_or((&source, "6379"));
    say(&format!(
        "To go back without loss, with the same passwords as now:\n  ochre-cli -h {host} -p {port} --migrate-from redis://{target} --cutover"
    ));
    true
}

fn follow(migration: &mut Migration) -> Result<(), PeerError> {
    let refused = |text: &str| PeerError::Refused(text.to_owned());
    let (host, port) = migration
        .target
        .host_and_port()
        .ok_or_else(|| refused("the target has no address that the source could reach"))?;
    let host = migration.seen_target_host.clone().unwrap_or(host);
    let (user, password) = migration.target.credentials.clone();
    let has_users = migration.source_product.has_users();
    speak_the_sources_version(migration)?;
    let source = &mut migration.source;
    if let Some(password) = password {
        source.order(&[b"CONFIG".as_slice(), b"SET", b"masterauth", password.as_slice()])?;
        if let Some(user) = user.filter(|_| has_users) {
            source.order(&[b"CONFIG".as_slice(), b"SET", b"masteruser", user.as_slice()])?;
        }
    }
    source.order(&[migration.source_product.replicaof(), &host, &port.to_string()])?;
    // It refuses writes as a replica; the gate would still be closed when it is a primary again.
    let steps = migration.undo.take(Side::Source);
    let opens_gate =
        steps.into_iter().filter(|step| step.words.first().is_some_and(|word| word == b"CONFIG"));
    for step in opens_gate {
        migration.source.order(&step.words)?;
    }
    release(migration);
    Ok(())
}

/// A server older than 7.0 says nothing of what it reads: the target has to be told.
fn speak_the_sources_version(migration: &mut Migration) -> Result<(), PeerError> {
    let is_old =
        migration.source_product.vendor == Vendor::Redis && migration.source_product.version < (7, 0, 0);
    if is_old && migration.target_product.vendor == Vendor::Ochre {
        migration.target.order(&["CONFIG", "SET", "rdb-version", "9"])?;
        say(
            "The target's option rdb-version is 9 as long as there is a way back: set it to auto afterwards.",
        );
    }
    Ok(())
}

fn await_link(migration: &mut Migration) -> bool {
    let deadline = Instant::now() + WAY_BACK_PATIENCE;
    while Instant::now() < deadline {
        let is_up = migration
            .source
            .info(&["replication"])
            .is_ok_and(|facts| facts.text("master_link_status") == "up");
        if is_up {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
}
