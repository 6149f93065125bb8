//! The environment of a Heroku CLI child: the caller's own, credentials and all, less what would hurt.

use super::version::CliVersion;
use crate::Environment;

/// What every CLI child gets. Sources: `@oclif/core` and `heroku`'s `telemetry-utils`, majors 8 to 11.
const ALWAYS: [(&str, &str); 5] = [
    ("DISABLE_TELEMETRY", "true"),
    ("HEROKU_SKIP_NEW_VERSION_CHECK", "true"),
    ("HEROKU_DISABLE_AUTOUPDATE", "true"),
    // Else messages are wrapped at 80 columns and broken in the middle of what they are recognised by.
    ("OCLIF_COLUMNS", "500"),
    // What it prints is read, not looked at.
    ("NO_COLOR", "1"),
];

/// Prepares the environment.
pub(crate) fn child_environment(caller: &Environment, version: Option<CliVersion>) -> Environment {
    let mut env = caller.clone();
    for (name, value) in ALWAYS {
        env.set(name, value);
    }
    env.remove("FORCE_COLOR");
    match caller.text("NODE_OPTIONS").map(without_inspect) {
        Some(options) if !options.is_empty() => env.set("NODE_OPTIONS", options),
        _ => env.remove("NODE_OPTIONS"),
    }
    // The majors 8 to 10 read SSL_CERT_DIR as if it were a file and die with EISDIR.
    if version.is_some_and(|version| version.major <= 10) {
        env.remove("SSL_CERT_DIR");
    }
    env
}

/// NODE_OPTIONS without `--inspect…`, which would take port 9229 on this machine, and stop at once for `--inspect-brk`.
fn without_inspect(options: &str) -> String {
    let mut kept = Vec::new();
    let mut words = words(options).into_iter();
    while let Some(word) = words.next() {
        let name = word.trim_start_matches('"').replace('_', "-");
        if name.starts_with("--inspect") || name.starts_with("--debug-port") {
            // These two take their value as the next word when it is not joined by `=`.
            if name == "--inspect-port" || name == "--debug-port" || name == "--inspect-publish-uid" {
                words.next();
            }
        } else {
            kept.push(word);
        }
    }
    kept.join(" ")
}

/// Splits as Node does: at spaces outside double quotes, quotes kept.
fn words(options: &str) -> Vec<&str> {
    let (mut words, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in options.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b' ' if !quoted => {
                words.push(&options[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&options[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(options: &str, expected: &str) {
        assert_eq!(without_inspect(options), expected);
    }

    #[test]
    fn the_users_node_options_survive_but_for_the_inspector() {
        check("--max-old-space-size=4096", "--max-old-space-size=4096");
        check("--inspect", "");
        check("--inspect-brk=0.0.0.0:9229 --no-warnings", "--no-warnings");
        check("--trace-warnings --inspect-port 0 --no-warnings", "--trace-warnings --no-warnings");
        check("--inspect_port=1 --require \"/a b/--inspect.js\"", "--require \"/a b/--inspect.js\"");
        check("\"--inspect=9229\"  --use-openssl-ca", "--use-openssl-ca");
    }

    #[test]
    fn credentials_stay_and_what_hurts_goes() {
        let caller = Environment::new([
            ("HOME", "/home/me"),
            ("HEROKU_API_KEY", "token"),
            ("SSL_CERT_DIR", "/etc/ssl/certs"),
            ("NODE_OPTIONS", "--inspect"),
            ("FORCE_COLOR", "1"),
        ]);
        let version = |major| Some(CliVersion { major, minor: 0, patch: 0 });
        let env = child_environment(&caller, version(10));
        assert_eq!(env.text("HOME"), Some("/home/me"));
        assert_eq!(env.text("HEROKU_API_KEY"), Some("token"));
        assert_eq!(env.text("DISABLE_TELEMETRY"), Some("true"));
        assert_eq!(env.text("SSL_CERT_DIR"), None);
        assert_eq!(env.text("NODE_OPTIONS"), None);
        assert_eq!((env.text("FORCE_COLOR"), env.text("NO_COLOR")), (None, Some("1")));
        assert!(child_environment(&caller, version(11)).text("SSL_CERT_DIR").is_some());
    }
}
