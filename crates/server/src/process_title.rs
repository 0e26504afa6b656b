//! The process's title in `ps` and `top`, from a template.

mod area;

pub use area::Area;

use std::fmt;

/// What a template may name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fields<'a> {
    /// `{title}`: the program's path as it was started.
    pub title: &'a str,
    /// `{listen-addr}`: the first address and its port, or `unixsocket:` and the path.
    pub listen_address: &'a str,
    /// `{server-mode}`: empty, `[cluster]` or `[sentinel]`.
    pub server_mode: &'a str,
    /// `{port}`.
    pub port: u16,
    /// `{tls-port}`.
    pub tls_port: u16,
    /// `{unixsocket}`: its path.
    pub unix_socket: &'a str,
    /// `{config-file}`: its path.
    pub config_file: &'a str,
}

/// The template when none is configured.
pub const DEFAULT_TEMPLATE: &str = "{title} {listen-addr} {server-mode}";

/// A template with an open brace or an unknown name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateError;

impl fmt::Display for TemplateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("template format is invalid or contains unknown variables")
    }
}

impl std::error::Error for TemplateError {}

/// Fills a template in. Two opening braces stand for one. Spaces at the end are left away.
pub fn expand(template: &str, fields: &Fields<'_>) -> Result<String, TemplateError> {
    let mut title = String::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('{') {
        title.push_str(text);
        if let Some(after) = after.strip_prefix('{') {
            title.push('{');
            rest = after;
            continue;
        }
        let (name, after) = after.split_once('}').ok_or(TemplateError)?;
        push_field(&mut title, name, fields)?;
        rest = after;
    }
    title.push_str(rest);
    title.truncate(title.trim_end_matches(' ').len());
    Ok(title)
}

fn push_field(title: &mut String, name: &str, fields: &Fields<'_>) -> Result<(), TemplateError> {
    match name {
        "title" => title.push_str(fields.title),
        "listen-addr" => title.push_str(fields.listen_address),
        "server-mode" => title.push_str(fields.server_mode),
        "port" => title.push_str(&fields.port.to_string()),
        "tls-port" => title.push_str(&fields.tls_port.to_string()),
        "unixsocket" => title.push_str(fields.unix_socket),
        "config-file" => title.push_str(fields.config_file),
        _ => return Err(TemplateError),
    }
    Ok(())
}

/// Whether a template can be filled in at all.
pub fn check(template: &str) -> Result<(), TemplateError> {
    expand(template, &Fields::default()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: Fields<'_> = Fields {
        title: "./ochre-server",
        listen_address: "*:6379",
        server_mode: "",
        port: 6379,
        tls_port: 0,
        unix_socket: "/tmp/a",
        config_file: "/etc/ochre.conf",
    };

    #[test]
    fn every_field_is_filled_in() {
        assert_eq!(expand(DEFAULT_TEMPLATE, &FIELDS).as_deref(), Ok("./ochre-server *:6379"));
        let all = "{title} {listen-addr} [{server-mode}] {port} {tls-port} {unixsocket} {config-file}";
        let expected = "./ochre-server *:6379 [] 6379 0 /tmp/a /etc/ochre.conf";
        assert_eq!(expand(all, &FIELDS).as_deref(), Ok(expected));
        assert_eq!(expand("{{title} é {port}", &FIELDS).as_deref(), Ok("{title} é 6379"));
        assert_eq!(expand("", &FIELDS).as_deref(), Ok(""));
    }

    #[test]
    fn what_cannot_be_filled_in_is_refused() {
        for template in ["{title", "{", "{nobody}", "{}", "a {{{", "{title {port}", "{TITLE}"] {
            assert_eq!(check(template), Err(TemplateError), "{template}");
        }
        assert_eq!(check(DEFAULT_TEMPLATE), Ok(()));
    }
}
