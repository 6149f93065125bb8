//! What is called, as it is shown: cut, and without what the calls before it are handed.

/// Arguments that take more are left out.
const SHORTEST_LEFT_OUT: usize = 8;
/// So many characters are shown.
const LONGEST: usize = 80;

pub(super) fn short_callee(callee: &str) -> String {
    shortened(callee).chars().take(LONGEST).collect()
}

/// What is called, without what the calls before it are handed, unless that is short: `list(…).pipe(…).subscribe`.
fn shortened(callee: &str) -> String {
    let mut short = String::new();
    let mut open: Vec<usize> = Vec::new();
    for char in callee.chars() {
        if char == ')'
            && let Some(from) = open.pop()
            && open.is_empty()
            && short[from..].chars().count() > SHORTEST_LEFT_OUT
        {
            short.truncate(from);
            short.push('…');
        }
        short.push(char);
        if char == '(' {
            open.push(short.len());
        }
    }
    short
}

/// Whether a call is handed what has this name, first of all, by what stands behind the callee: `(journal, …)`, `(rain.journal)`.
pub(super) fn is_handed(behind: &str, name: &str) -> bool {
    let first = behind.trim_start().strip_prefix('(').and_then(|rest| rest.split([',', ')']).next());
    first.is_some_and(|first| first.trim().rsplit('.').next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_call_is_handed_first_is_known_by_its_name() {
        for behind in ["(journal)", "(journal, { end: false })", " ( rain.journal ) ;"] {
            assert!(is_handed(behind, "journal"), "{behind}");
        }
        for behind in ["(map(one), journal)", "(journals)", "()", "", "(tap((journal) => log(journal)))"] {
            assert!(!is_handed(behind, "journal"), "{behind}");
        }
    }

    #[test]
    fn what_calls_are_handed_is_left_out_of_what_is_called() {
        for (callee, short) in [
            ("z.string().min(1).describe", "z.string().min(1).describe"),
            ("moves(names[1], 12 + (at % 5)).pipe((0, lib.first)()).subscribe", "moves(…).pipe(…).subscribe"),
            ("f)(", "f)("),
        ] {
            assert_eq!(shortened(callee), short);
        }
    }
}
