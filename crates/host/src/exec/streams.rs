//! What tools are known to do with stdin and stdout, by their options: a terminal there changes bytes, and without stdin
//! nobody can be spoken with.

/// How an option is spelt: whole, and as one letter among others.
struct Spelt {
    long: &'static [&'static str],
    short: char,
    /// The letters that it can stand among.
    among: &'static str,
}

struct Tool {
    names: &'static [&'static str],
    terminal: Spelt,
    detached: Spelt,
    /// What passes stdin on, where it is not passed on by itself.
    stdin: Option<Spelt>,
}

const CONTAINERS: Tool = Tool {
    names: &["docker", "podman", "nerdctl", "kubectl", "oc"],
    terminal: Spelt { long: &["--tty", "--tty=true"], short: 't', among: "dit" },
    detached: Spelt { long: &["--detach", "--detach=true"], short: 'd', among: "dit" },
    stdin: Some(Spelt {
        long: &["--interactive", "--interactive=true", "--stdin", "--stdin=true"],
        short: 'i',
        among: "dit",
    }),
};

/// Compose passes stdin on by itself.
const COMPOSE: Tool = Tool { names: &["docker-compose", "podman-compose"], stdin: None, ..CONTAINERS };

const SSH: Tool = Tool {
    names: &["ssh"],
    terminal: Spelt { long: &["-oRequestTTY=yes", "-oRequestTTY=force"], short: 't', among: SSH_FLAGS },
    detached: Spelt { long: &[], short: 'n', among: SSH_FLAGS },
    stdin: None,
};
/// The options of ssh(1) that have no argument.
const SSH_FLAGS: &str = "46AaCfGgKkMNnqsTtVvXxYy";

/// Why nothing could be said to a command, by the words before the place of the remote one; `None` where it is not known to be so.
pub(super) fn unfit(words: &[String]) -> Option<String> {
    let name = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let (at, tool) = words.iter().enumerate().find_map(|(at, word)| {
        let named = |tool: &&Tool| tool.names.contains(&&*name(word));
        [&CONTAINERS, &COMPOSE, &SSH].into_iter().find(named).map(|tool| (at, tool))
    })?;
    let program = name(&words[at]);
    let options: Vec<&str> =
        words[at + 1..].iter().map(String::as_str).take_while(|word| *word != "--").collect();
    let containers = tool.names != SSH.names;
    if containers && !options.contains(&"exec") {
        return None;
    }
    let given = |option: &Spelt| options.iter().copied().find(|word| option.is(word));
    if let Some(word) = given(&tool.terminal) {
        let instead = if containers { "leave the t out" } else { "leave it out, or give -T" };
        return Some(format!(
            "{word} asks {program} for a terminal, which changes the bytes on their way: {instead}"
        ));
    }
    if let Some(word) = given(&tool.detached) {
        return Some(format!("with {word} nothing can be said to what {program} runs: leave it out"));
    }
    let passed_on =
        options.contains(&"compose") || tool.stdin.as_ref().is_none_or(|stdin| given(stdin).is_some());
    (!passed_on)
        .then(|| format!("without -i nothing can be said to what {program} runs: give `{program} exec -i`"))
}

impl Spelt {
    fn is(&self, word: &str) -> bool {
        let letters = word.strip_prefix('-').filter(|letters| !letters.is_empty()).unwrap_or_default();
        self.long.contains(&word)
            || (letters.contains(self.short) && letters.chars().all(|letter| self.among.contains(letter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, expected: Option<&str>) {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let why = unfit(&words);
        match expected {
            None => assert_eq!(why, None, "{command}"),
            Some(expected) => {
                let why = why.unwrap_or_else(|| panic!("{command} is taken"));
                assert!(why.contains(expected), "{command}: {why}");
            }
        }
    }

    #[test]
    fn a_terminal_is_seen_in_every_spelling() {
        for command in [
            "docker exec -it shop sh -c",
            "docker exec -i -t shop sh -c",
            "/usr/bin/docker exec --interactive --tty shop sh -c",
            "sudo docker exec -ti shop sh -c",
            "podman exec -dit shop sh -c",
            "kubectl -n prod exec -it shop -- sh -c",
            "docker compose exec -t shop sh -c",
            "ssh -t shop",
            "ssh -tt shop",
            "ssh -At shop",
            "ssh -oRequestTTY=force shop",
        ] {
            check(command, Some("terminal"));
        }
    }

    #[test]
    fn what_takes_stdin_away_is_seen() {
        check("docker exec shop sh -c", Some("without -i"));
        check("kubectl exec shop -- sh -c", Some("without -i"));
        check("docker exec -i -d shop sh -c", Some("with -d"));
        check("ssh -n shop", Some("with -n"));
    }

    #[test]
    fn all_else_is_taken() {
        for command in [
            "docker exec -i shop sh -c",
            "docker exec --interactive shop sh -c",
            "docker -H tcp://there:2375 exec -i -u app -w /tmp shop sh -c",
            "docker compose exec -T shop sh -c",
            "docker-compose exec -T shop sh -c",
            "kubectl exec -i shop -c app -- timeout -t 60 sh -c",
            "kubectl exec --stdin shop -- sh -c",
            "ssh -T shop",
            "ssh -i key -p 2222 -o BatchMode=yes shop",
            "ssh -Tq shop",
            "nsenter -t 42 -m -p sh -c",
            "sh -c",
            "timeout -t 60 sh -c",
        ] {
            check(command, None);
        }
    }
}
