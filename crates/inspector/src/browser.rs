//! What a browser is told, and answers: it speaks the same protocol as the inspector.

use serde::Deserialize;
use serde_json::json;

use crate::cut;

/// The order to show this page, in a window of its own.
pub fn page_order(address: &str) -> String {
    json!({ "id": 1, "method": "Target.createTarget", "params": { "url": address, "newWindow": true } })
        .to_string()
}

#[derive(Deserialize)]
struct Answer {
    error: Option<Why>,
}

#[derive(Deserialize)]
struct Why {
    message: String,
}

/// Whether the browser's answer means that it shows it.
///
/// # Errors
/// Why it does not, in its own words.
pub fn page_shown(answer: &str) -> Result<(), String> {
    match serde_json::from_str(answer) {
        Ok(Answer { error: None }) => Ok(()),
        Ok(Answer { error: Some(Why { message }) }) => Err(cut::reason(&message)),
        Err(error) => Err(cut::reason(&error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_one_message_and_the_answer_is_told_apart() {
        let order = page_order("devtools://devtools/\"\0");
        assert!(
            !order.contains('\0') && serde_json::from_str::<serde_json::Value>(&order).is_ok(),
            "{order}"
        );
        assert_eq!(page_shown(r#"{"id":1,"result":{"targetId":"7"}}"#), Ok(()));
        let refused = page_shown(r#"{"id":1,"error":{"code":-32000,"message":"no such thing"}}"#);
        assert_eq!(refused, Err("no such thing".to_owned()));
        assert!(page_shown("nonsense").is_err());
    }
}
