//! Command lines, with their secrets cut: people hand tokens to programs as arguments, and a command line is shown, stored and
//! pasted into tickets.
//!
//! It is a guard against what is common, not a proof: an argument that neither its name nor its form betrays stays.

/// Parts of an argument's name that announce a secret.
const NAMES: [&str; 15] = [
    "token",
    "secret",
    "passw",
    "passphrase",
    "pwd",
    "apikey",
    "api-key",
    "api_key",
    "auth",
    "credential",
    "private",
    "access-key",
    "access_key",
    "cookie",
    "dsn",
];

/// How well-known tokens begin: GitHub, GitLab, npm, Heroku, Slack, Stripe, AWS, Google, SendGrid, JSON Web Tokens, ….
const PREFIXES: [&str; 22] = [
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "npm_",
    "HRKU-",
    "xoxa-",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "sk-",
    "AKIA",
    "ASIA",
    "AIza",
    "SG.",
    "eyJ",
    "ya29.",
];

/// From this length on a word of letters and digits is taken for a token.
const LONG: usize = 24;

const CUT: &str = "***";

/// The words of a command line, joined by blanks, with what looks like a secret replaced by `***`.
pub fn without_secrets<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut shown = Vec::new();
    let mut announced = false;
    for word in words {
        if announced && !word.starts_with('-') {
            shown.push(CUT.to_owned());
            announced = false;
            continue;
        }
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let secret = announces(name) && (word.starts_with('-') || value.is_some());
        announced = secret && value.is_none();
        shown.push(match value {
            Some(_) if secret => format!("{name}={CUT}"),
            Some(value) if !name.contains("://") => format!("{name}={}", cut(value)),
            _ => cut(word),
        });
    }
    shown.join(" ")
}

fn announces(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.contains('/') && NAMES.iter().any(|part| name.contains(part))
}

/// A word by itself: a URL's user, its query, a token.
fn cut(word: &str) -> String {
    if let Some((scheme, rest)) = word.split_once("://") {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host =
            authority.rsplit_once('@').map_or(authority.to_owned(), |(_, host)| format!("{CUT}@{host}"));
        let path = path.split_once('?').map_or(path.to_owned(), |(path, _)| format!("{path}?{CUT}"));
        return format!("{scheme}://{host}{path}");
    }
    if PREFIXES.iter().any(|prefix| word.len() >= prefix.len() + 8 && word.starts_with(prefix))
        || is_token(word)
    {
        return CUT.to_owned();
    }
    word.to_owned()
}

/// Long, and neither a path nor words: letters and digits change too often.
fn is_token(word: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'=');
    let digits = |byte: &u8| byte.is_ascii_digit();
    let bytes = word.as_bytes();
    let changes = bytes.windows(2).filter(|pair| digits(&pair[0]) != digits(&pair[1])).count();
    bytes.len() >= LONG && !word.starts_with('-') && bytes.iter().copied().all(fits) && changes >= 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, expected: &str) {
        assert_eq!(without_secrets(command.split(' ')), expected);
    }

    #[test]
    fn what_a_name_announces_is_cut() {
        check("node app.js --api-token=abc --port=80", "node app.js --api-token=*** --port=80");
        check("node app.js --password hunter2 --quiet", "node app.js --password *** --quiet");
        check(
            "node app.js --use-openssl-ca --password --quiet",
            "node app.js --use-openssl-ca --password --quiet",
        );
        check("DB_PASSWORD=x node app.js", "DB_PASSWORD=*** node app.js");
        check("node /srv/auth/token.js serve", "node /srv/auth/token.js serve");
    }

    #[test]
    fn what_the_form_betrays_is_cut() {
        check("node app.js postgres://u:p@db:5432/shop", "node app.js postgres://***@db:5432/shop");
        check(
            "node app.js --db=postgres://u:p@db/shop?sslkey=1",
            "node app.js --db=postgres://***@db/shop?***",
        );
        check("node app.js https://example.com/a", "node app.js https://example.com/a");
        check("node app.js ghp_0123456789abcdef", "node app.js ***");
        check("node app.js --key4=a1b2c3d4e5f60718293a4b5c", "node app.js --key4=***");
    }

    #[test]
    fn the_ordinary_stays() {
        for command in [
            "node --max-old-space-size=4096 --inspect=127.0.0.1:9229 server.js",
            "/app/.heroku/node/bin/node /app/node_modules/next/dist/bin/next start -p 3000",
            "node dist/a-rather-long-name-of-a-worker-process",
            "next-server (v15.1.0)",
        ] {
            check(command, command);
        }
    }
}
