//! The JSON Schema of a runbook, for editors and validators: made of the same shapes and commands by which a file is checked.

use serde_json::{Map, Value, json};

use crate::command::{Command, Commands, HUNT, JSON, Kind, Nature, Opt};
use crate::shape::{HOSTS, Key, NAME, RUNBOOK, STEP, Shape};

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
        Shape::Named(inner, _, names) => {
            json!({ "type": "object", "propertyNames": { "pattern": names }, "additionalProperties": of(inner) })
        }
        Shape::List(inner, _) => json!({ "type": "array", "minItems": 1, "items": of(inner) }),
        Shape::Text | Shape::Command => json!({ "type": "string" }),
        Shape::Scalar => scalar(),
        Shape::Script => json!({ "type": "string", "pattern": r"\S", "not": { "pattern": r"\{\{" } }),
        Shape::Name => json!({ "type": "string", "pattern": NAME }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Count(most) => json!({ "type": "integer", "minimum": 0, "maximum": most }),
        Shape::Duration => json!({ "type": "string", "pattern": DURATION }),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::Options => json!({ "type": "object" }),
        // Never true, or an expression of a CI service's.
        Shape::Condition => {
            let not = json!([{ "enum": [false, "false"] }, { "type": "string", "pattern": r"^\s*\$" }]);
            json!({ "type": ["string", "boolean"], "not": { "anyOf": not } })
        }
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
    let mut with = json!({
        "type": "object", "description": about, "properties": properties, "required": required, "additionalProperties": false,
    });
    let both = both(command);
    if !both.is_empty() {
        with["not"] = json!({ "anyOf": both });
    }
    with
}

/// Two that exclude each other, each pair once.
fn both(command: &Command) -> Vec<Value> {
    let known = |name: &String| command.option(name).filter(|option| option.name != JSON);
    let mut pairs: Vec<[&Opt; 2]> = Vec::new();
    for option in command.options.iter().filter(|option| option.name != JSON) {
        for other in option.excludes.iter().filter_map(known) {
            if !pairs.iter().any(|pair| pair.contains(&option) && pair.contains(&other)) {
                pairs.push([option, other]);
            }
        }
    }
    pairs.into_iter().map(|pair| json!({ "allOf": pair.map(given) })).collect()
}

/// A flag that is false is not given.
fn given(option: &Opt) -> Value {
    let name = &option.name;
    match option.kind {
        Kind::Flag => json!({ "required": [name], "properties": { name: { "not": { "const": false } } } }),
        _ => json!({ "required": [name] }),
    }
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
