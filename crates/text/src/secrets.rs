//! Secrets, known by their form or by the name before them, cut out of text.

use std::borrow::Cow;

use crate::random::is_random;

/// What stands for a secret.
pub const SECRET: &str = "[secret]";

/// How the issuers of tokens begin them, by their own documentation, the characters that follow, and at least how many:
/// GitHub, GitLab, AWS, Stripe, Slack, npm, PyPI, Heroku, Google, SendGrid, Shopify, DigitalOcean, Vault, Docker, Tailscale,
/// New Relic, Postman, Sentry, Hugging Face, OpenAI and Anthropic.
const PREFIXES: &[(&str, Follow, usize)] = &[
    ("ghp_", Follow::Alphanumeric, 16),
    ("gho_", Follow::Alphanumeric, 16),
    ("ghu_", Follow::Alphanumeric, 16),
    ("ghs_", Follow::Alphanumeric, 16),
    ("ghr_", Follow::Alphanumeric, 16),
    ("github_pat_", Follow::Word, 20),
    ("glpat-", Follow::Url, 16),
    ("gldt-", Follow::Url, 16),
    ("glrt-", Follow::Url, 16),
    ("AKIA", Follow::Upper, 12),
    ("ASIA", Follow::Upper, 12),
    ("ABIA", Follow::Upper, 12),
    ("ACCA", Follow::Upper, 12),
    ("sk_live_", Follow::Alphanumeric, 10),
    ("sk_test_", Follow::Alphanumeric, 10),
    ("rk_live_", Follow::Alphanumeric, 10),
    ("rk_test_", Follow::Alphanumeric, 10),
    ("pk_live_", Follow::Alphanumeric, 10),
    ("whsec_", Follow::Base64, 16),
    ("xoxa-", Follow::Url, 10),
    ("xoxb-", Follow::Url, 10),
    ("xoxe-", Follow::Url, 10),
    ("xoxp-", Follow::Url, 10),
    ("xoxr-", Follow::Url, 10),
    ("xoxs-", Follow::Url, 10),
    ("xapp-", Follow::Url, 10),
    ("npm_", Follow::Alphanumeric, 30),
    ("pypi-", Follow::Url, 30),
    ("HRKU-", Follow::Url, 16),
    ("AIza", Follow::Url, 30),
    ("ya29.", Follow::Url, 16),
    ("GOCSPX-", Follow::Url, 16),
    ("SG.", Follow::Jwt, 30),
    ("shpat_", Follow::Alphanumeric, 20),
    ("shpss_", Follow::Alphanumeric, 20),
    ("dop_v1_", Follow::Alphanumeric, 30),
    ("hvs.", Follow::Url, 20),
    ("dckr_pat_", Follow::Url, 16),
    ("tskey-", Follow::Url, 16),
    ("NRAK-", Follow::Alphanumeric, 20),
    ("PMAK-", Follow::Url, 20),
    ("sntrys_", Follow::Base64, 20),
    ("hf_", Follow::Alphanumeric, 30),
    ("sk-ant-", Follow::Url, 16),
    ("sk-proj-", Follow::Url, 16),
    ("sk-", Follow::Alphanumeric, 20),
    // A JSON Web Token: `{"` in base64.
    ("eyJ", Follow::Jwt, 12),
];

/// The characters of which a token goes on.
#[derive(Clone, Copy)]
enum Follow {
    Alphanumeric,
    /// And `_`.
    Word,
    /// And `-`.
    Url,
    /// And `.`.
    Jwt,
    Base64,
    Upper,
}

impl Follow {
    fn has(self, byte: u8) -> bool {
        let extra: &[u8] = match self {
            Self::Upper => return byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Alphanumeric => b"",
            Self::Word => b"_",
            Self::Url => b"_-",
            Self::Jwt => b"_-.",
            Self::Base64 => b"+/=_-",
        };
        byte.is_ascii_alphanumeric() || extra.contains(&byte)
    }
}

/// Cuts out tokens that are known by how they begin, private keys, and what stands before the host of a URL.
#[must_use]
pub fn cut_tokens(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while at < text.len() {
        if let Some(token) = secret_at(text, at) {
            out.push_str(&text[kept..token.start]);
            out.push_str(SECRET);
            (kept, at) = (token.end, token.end);
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    if kept == 0 {
        return text.into();
    }
    out.push_str(&text[kept..]);
    out.into()
}

/// Whether a text has a token in it that is known by how it begins.
#[must_use]
pub fn has_token(text: &str) -> bool {
    (0..text.len()).any(|at| text.is_char_boundary(at) && secret_at(text, at).is_some())
}

/// The bytes with which what is cut out begins.
const BEGINNINGS: [bool; 256] = {
    let mut beginnings = [false; 256];
    let mut at = 0;
    while at < PREFIXES.len() {
        beginnings[PREFIXES[at].0.as_bytes()[0] as usize] = true;
        at += 1;
    }
    beginnings[b'-' as usize] = true;
    beginnings[b':' as usize] = true;
    beginnings
};

fn secret_at(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    if !BEGINNINGS[usize::from(text.as_bytes()[at])] {
        return None;
    }
    let rest = &text[at..];
    let within_word = text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    for (prefix, follow, least) in PREFIXES {
        // A short beginning, or one of letters, occurs in other words.
        let alone = prefix.len() > 4 || prefix.ends_with('_');
        if let Some(tail) = rest.strip_prefix(prefix).filter(|_| alone || !within_word) {
            let length = tail.bytes().take_while(|byte| follow.has(*byte)).count();
            let token = &rest[..prefix.len() + length];
            // What is made of words is a name: `sk-folding-cube`, `npm_config_registry`.
            if length >= *least && is_token(prefix, token) {
                return Some(at..at + token.len());
            }
        }
    }
    if rest.starts_with("-----BEGIN ") && rest.contains("PRIVATE KEY") {
        let end = rest.find("-----END ").map_or(rest.len(), |end| end + "-----END ".len());
        return Some(at..at + end);
    }
    user_of_url(rest).map(|user| at + user.start..at + user.end)
}

fn is_token(prefix: &str, token: &str) -> bool {
    let strict = matches!(prefix, "sk-" | "hf_" | "SG." | "eyJ");
    !strict || token.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// `USER:PASSWORD` or `TOKEN` in `://USER:PASSWORD@HOST`. The name of a user alone is none, but where it is a browser's protocol.
fn user_of_url(rest: &str) -> Option<std::ops::Range<usize>> {
    let tail = rest.strip_prefix("://")?;
    let word = tail.split(|c: char| c.is_whitespace() || "\"'`<>".contains(c)).next().unwrap_or_default();
    let authority = word.split(['/', '?', '#']).next().unwrap_or_default();
    // A password may have any of these characters in it, though it should not.
    let user = authority.rsplit_once('@').or_else(|| {
        let (user, host) = word.rsplit_once('@')?;
        let port = user.split_once(':')?.1.split('/').next().unwrap_or_default();
        (!host.is_empty() && !port.bytes().all(|byte| byte.is_ascii_digit())).then_some((user, host))
    })?;
    let user = user.0;
    (user.contains(':') || user.len() >= 16).then(|| "://".len().."://".len() + user.len())
}

/// Words that name a secret when they are the last of a name.
const NAMING: &[&str] = &[
    "key",
    "apikey",
    "token",
    "accesstoken",
    "authtoken",
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pass",
    "auth",
    "authorization",
    "credential",
    "credentials",
    "dsn",
    "cookie",
    "jwt",
    "bearer",
    "signature",
    "sig",
    "session",
    "sid",
    "pin",
    "otp",
];

/// Words that name a secret wherever they stand in a name, and behind others: `DBPASSWORD`.
const STRONG: &[&str] = &["password", "passwd", "passphrase", "secret", "token", "apikey", "credentials"];

/// Last words of names that are about a secret, and are not its own: `--token-file`.
const ABOUT: &[&str] = &[
    "file", "path", "dir", "folder", "name", "length", "size", "ttl", "expiry", "timeout", "count", "limit",
    "type",
];

/// Cuts everything out of running text that looks like a secret: what [`cut_tokens`] cuts, values behind a name such as
/// `--token`, `API_KEY=` or `Authorization:`, and words that nobody would write (see [`is_data`](crate::is_data)).
///
/// ```
/// assert_eq!(leakhunt_text::cut("node a.js --db-password hunter2 --port 80"), "node a.js --db-password [secret] --port 80");
/// ```
#[must_use]
pub fn cut(text: &str) -> String {
    let text = cut_tokens(text);
    let mut out = String::with_capacity(text.len());
    let mut due = Due::Nothing;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let blank = &word[bare.len()..];
        if bare.is_empty() {
            out.push_str(word);
            continue;
        }
        due = match due {
            // `Authorization: Bearer TOKEN`
            Due::Header if is_scheme(bare) => {
                out.push_str(bare);
                Due::Header
            }
            Due::Option if bare.starts_with('-') => cut_word(bare, &mut out),
            Due::Header | Due::Option => {
                out.push_str(SECRET);
                Due::Nothing
            }
            Due::Nothing => cut_word(bare, &mut out),
        };
        out.push_str(blank);
    }
    out
}

/// Whether the next word is a secret.
enum Due {
    Nothing,
    /// Behind `--token`, unless an option follows.
    Option,
    /// Behind `Authorization:`.
    Header,
}

fn is_scheme(word: &str) -> bool {
    ["bearer", "basic", "token", "digest", "negotiate"].contains(&word.to_ascii_lowercase().as_str())
}

fn cut_word(word: &str, out: &mut String) -> Due {
    if let Some((name, value)) = word.split_once('=').filter(|(name, _)| names_a_secret(name)) {
        out.push_str(name);
        out.push('=');
        out.push_str(if value.is_empty() { "" } else { SECRET });
        return Due::Nothing;
    }
    if let Some((name, value)) = word.split_once(':').filter(|(name, value)| {
        names_a_secret(name) && !value.starts_with("//") && (name.ends_with(['"', '\'']) || is_header(name))
    }) {
        out.push_str(name);
        out.push(':');
        if value.is_empty() {
            return Due::Header;
        }
        out.push_str(SECRET);
        return Due::Nothing;
    }
    let quotes: &[char] = &['"', '\'', '`', '(', ')', ',', ';', '.'];
    cut_parts(word, out);
    let option = word.trim_matches(quotes);
    if option.starts_with('-') && names_a_secret(option) { Due::Option } else { Due::Nothing }
}

fn is_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains('-')
        || ["authorization", "cookie", "password", "token", "secret", "apikey"].contains(&name.as_str())
}

/// Cuts what is random: the whole word, if it may be base64, or parts of it, such as the value of a query.
fn cut_parts(word: &str, out: &mut String) {
    let whole = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '/');
    let base64 = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    if !whole.starts_with('/') && whole.contains('/') && whole.chars().all(base64) && is_random(whole) {
        out.push_str(&word.replace(whole, SECRET));
        return;
    }
    let between = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'));
    for part in word.split_inclusive(between) {
        let bare = part.trim_end_matches(between);
        out.push_str(if is_random(bare) { SECRET } else { bare });
        out.push_str(&part[bare.len()..]);
    }
}

/// Whether a name, such as `--db-password`, `API_KEY` or `clientSecret`, is one for a secret.
#[must_use]
pub fn names_a_secret(name: &str) -> bool {
    let name = name
        .rsplit(['?', '&', ',', ';', '{', '(', '"', '\''])
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && before.is_ascii_lowercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    let Some(last) = words.last() else { return false };
    let strong = |word: &String| STRONG.iter().any(|name| word.ends_with(name));
    NAMING.contains(&last.as_str()) || (!ABOUT.contains(&last.as_str()) && words.iter().any(strong))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(cut(text), expected);
    }

    #[test]
    fn a_token_is_known_by_how_it_begins() {
        for token in [
            "ghp_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789",
            "AKIAIOSFODNN7EXAMPLE",
            "sk_live_abcdefghijklmnop",
            "xoxb-123456789012-abcdef",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_ghi",
            "HRKU-01234567-89ab-cdef-0123-456789abcdef",
            "npm_abcdefghijklmnopqrstuvwxyz0123456789",
        ] {
            assert_eq!(cut_tokens(&format!("a {token}, b")), "a [secret], b");
            assert!(has_token(&format!("user_{token}")) || token.starts_with("eyJ"), "{token}");
        }
        for name in [
            "sk-folding-cube-animation-frames",
            "npm_config_registry",
            "eyJs",
            "ghp_",
            "SG.",
            "Asia",
            "ASIATICA",
        ] {
            assert_eq!(cut_tokens(name), name);
        }
    }

    #[test]
    fn a_url_keeps_its_host() {
        check("postgres://u:p4ss@db.example/x", "postgres://[secret]@db.example/x");
        check("redis://:p/a#ss@h:6379", "redis://[secret]@h:6379");
        check("ssh://git@github.com/a", "ssh://git@github.com/a");
        check("http://localhost:4873/@scope/pkg", "http://localhost:4873/@scope/pkg");
        check("https://registry.npmjs.org/@scope/pkg", "https://registry.npmjs.org/@scope/pkg");
    }

    #[test]
    fn a_value_goes_by_its_name() {
        check("node a.js --token abc --port 80", "node a.js --token [secret] --port 80");
        check("node a.js --token --port 80", "node a.js --token --port 80");
        check("API_KEY=abc node --password=hunter2", "API_KEY=[secret] node --password=[secret]");
        check("Authorization: Bearer abc def", "Authorization: Bearer [secret] def");
        check("x-api-key: abc", "x-api-key: [secret]");
        check("/x?access_token=abc&b=1", "/x?access_token=[secret]");
        check("{\"password\":\"x\"}", "{\"password\":[secret]");
        check("clientSecret=abc", "clientSecret=[secret]");
    }

    #[test]
    fn command_lines_keep_what_is_ordinary() {
        check("node app.js --api-token=abc --port=80", "node app.js --api-token=[secret] --port=80");
        check(
            "node app.js --use-openssl-ca --password --quiet",
            "node app.js --use-openssl-ca --password --quiet",
        );
        check("DBPASSWORD=x node app.js", "DBPASSWORD=[secret] node app.js");
        check("node --db=postgres://u:p@db/shop?sslkey=1", "node --db=postgres://[secret]@db/shop?sslkey=1");
        check("node app.js ghp_0123456789abcdef", "node app.js [secret]");
        check("node app.js --key4=a1b2c3d4e5f60718293a4b5c", "node app.js --key4=[secret]");
        for command in [
            "node --max-old-space-size=4096 --inspect=127.0.0.1:9229 server.js",
            "/app/.heroku/node/bin/node /app/node_modules/next/dist/bin/next start -p 3000",
            "node dist/a-rather-long-name-of-a-worker-process",
            "next-server (v15.1.0)",
            "node /srv/auth/token.js serve --token-file /run/secrets/x",
        ] {
            check(command, command);
        }
    }

    #[test]
    fn what_says_no_secret_stays() {
        for text in [
            "node --max-old-space-size=4096 /app/server.js --key-file=/etc/a.pem",
            "Could not connect to dyno! Check if the dyno is running before retrying",
            "HEROKU_API_KEY is invalid, monkey=1",
            "error: connect ECONNREFUSED 127.0.0.1:5000 (http://localhost:5000/a/b)",
            "/app/node_modules/@scope/some-package/dist/index.development.js:12:5",
            "node:internal/modules/cjs/loader:1781:14",
            "asks: of the CLI's login",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn what_nobody_writes_is_cut() {
        check("id 01234567-89ab-cdef-0123-456789abcdef.", "id [secret].");
        check("got d41d8cd98f00b204e9800998ecf8427e", "got [secret]");
        check("/reset/q8XzR2vL9kTp4WmYc7", "/reset/[secret]");
    }
}
