//! The JSON Schema of a runbook, for editors and validators: made of the same shapes and commands by which a file is checked.

use serde_json::{Map, Value, json};

use crate::command::{Command, Commands, HUNT, JSON, Kind, Nature, Opt};
use crate::shape::{HOSTS, Key, RUNBOOK, STEP, Shape};

/// Where an expression can stand beside what is wanted.
const EXPRESSION: &str = r"\{\{.*\}\}";
const SIZE: &str = r"^\s*[0-9.]+\s*([kKmMgG]?[bB]|[kKmMgG]i[bB]|[kKmMgG])\s*$";
const DURATION: &str = r"^\s*([0-9.]+\s*(ms|s|m|h)\s*)+$";

/// The schema, for these commands.
#[must_use]
pub fn schema(commands: &Commands) -> Value {
    let mut schema = of(&RUNBOOK);
    let step = step(commands);
    if let Some(steps) = schema.pointer_mut("/properties/steps") {
        steps["items"] = json!({ "$ref": "#/$defs/step" });
    }
    if let Some(input) = schema.pointer_mut("/properties/inputs/additionalProperties") {
        input["allOf"] = json!([
            { "if": is("type", "enum"), "then": { "required": ["values"] }, "else": { "properties": { "values": false } } },
        ]);
    }
    let mut defs: Map<String, Value> =
        commands.commands.iter().map(|command| (key_of(&command.name), with(command))).collect();
    defs.insert("step".to_owned(), step);
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Runbook of leakhunt",
        "description": "What `leakhunt run` does, step by step. Printed by `leakhunt runbook schema`.",
        "allOf": HOSTS.iter().map(|host| hunts_on(host)).collect::<Vec<_>>(),
        "$defs": defs,
    });
    if let (Some(schema), Value::Object(head)) = (schema.as_object_mut(), head) {
        schema.extend(head);
    }
    schema
}

fn of(shape: &Shape) -> Value {
    match shape {
        Shape::Keys(keys) => object(keys),
        Shape::Named(inner, _) => json!({ "type": "object", "additionalProperties": of(inner) }),
        Shape::List(inner, _) => json!({ "type": "array", "minItems": 1, "items": of(inner) }),
        Shape::Text | Shape::Command => json!({ "type": "string" }),
        Shape::Scalar => scalar(),
        Shape::Name => json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$" }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Count(most) => json!({ "type": "integer", "minimum": 0, "maximum": most }),
        Shape::Duration => json!({ "type": "string", "pattern": DURATION }),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::Options => json!({ "type": "object" }),
        Shape::Condition => json!({ "type": ["string", "boolean"] }),
    }
}

fn object(keys: &[Key]) -> Value {
    let described = |key: &Key| {
        let mut schema = of(&key.shape);
        schema["description"] = json!(key.about);
        (key.name.to_owned(), schema)
    };
    let properties: Map<String, Value> = keys.iter().map(described).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn step(commands: &Commands) -> Value {
    let mut step = of(&STEP);
    let names: Vec<&str> =
        commands.commands.iter().map(|command| command.name.as_str()).chain([HUNT]).collect();
    step["properties"]["uses"]["enum"] = json!(names);
    step["oneOf"] = json!([
        { "required": ["uses"], "properties": { "run": false } },
        { "required": ["run"], "properties": { "uses": false, "with": false, "retry": { "const": 0 } } },
    ]);
    let per_command = commands.commands.iter().map(|command| {
        let mut then =
            json!({ "properties": { "with": { "$ref": format!("#/$defs/{}", key_of(&command.name)) } } });
        if command.required().next().is_some() {
            then["required"] = json!(["with"]);
        }
        if command.nature != Nature::Reads {
            then["properties"]["retry"] = json!({ "const": 0 });
        }
        json!({ "if": is("uses", &command.name), "then": then })
    });
    let hunt = json!({ "if": is("uses", HUNT), "then": { "properties": { "retry": { "const": 0 } } } });
    step["allOf"] = per_command.chain([hunt]).collect();
    step
}

/// A hunt on the runbook's host has the options of that host's command.
fn hunts_on(host: &str) -> Value {
    let mut condition = is("host", host);
    if Some(&host) == HOSTS.first() {
        // Unless it is said.
        condition = json!({ "anyOf": [condition, { "properties": { "host": false } }] });
    }
    let with = json!({ "properties": { "with": { "$ref": format!("#/$defs/{}", key_of(host)) } } });
    let step = json!({ "if": is("uses", HUNT), "then": with });
    json!({ "if": condition, "then": { "properties": { "steps": { "items": step } } } })
}

fn with(command: &Command) -> Value {
    let options = command.options.iter().filter(|option| option.name != JSON);
    let properties: Map<String, Value> = options.map(|option| (option.name.clone(), value(option))).collect();
    let about = format!("`leakhunt {}`: {}", command.name, command.about);
    let required: Vec<&str> = command.required().map(|option| option.name.as_str()).collect();
    json!({
        "type": "object", "description": about, "properties": properties, "required": required, "additionalProperties": false,
    })
}

fn value(option: &Opt) -> Value {
    let text = |pattern: &str| json!({ "type": "string", "pattern": format!("{pattern}|{EXPRESSION}") });
    let one = match &option.kind {
        Kind::Flag => {
            json!({ "anyOf": [{ "type": "boolean" }, { "type": "string", "pattern": EXPRESSION }] })
        }
        Kind::Choice(words) => {
            json!({ "anyOf": [{ "enum": words }, { "type": "string", "pattern": EXPRESSION }] })
        }
        Kind::Integer => json!({ "anyOf": [{ "type": "integer" }, text("^[0-9]+$")] }),
        Kind::Size => text(SIZE),
        Kind::Duration => text(DURATION),
        Kind::Path | Kind::Text => scalar(),
    };
    let mut schema = match option.repeats {
        true => json!({ "anyOf": [one, { "type": "array", "items": one }] }),
        false => one,
    };
    schema["description"] = json!(option.about);
    schema
}

fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn is(key: &str, value: &str) -> Value {
    json!({ "properties": { key: { "const": value } }, "required": [key] })
}

fn key_of(command: &str) -> String {
    format!("with-{}", command.replace(' ', "-"))
}
