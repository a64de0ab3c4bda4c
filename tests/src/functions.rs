//! The functions as they are deployed: what the templates of the machine and `functions/Cargo.toml` say of each.
//! And which function a state of the definitions calls.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::definition::{DOCTOR, RECONCILE};
use crate::template::{from_root, of_type, paths_of_the_machine, referred, template};
use crate::{json, text};

/// The variable in which the settings' revision comes to functions that have versions.
pub const SETTINGS_REVISION: &str = "AVM_SETTINGS_REVISION";

/// A function of a template.
pub struct Function {
    /// The path of that template, from the root.
    pub template: String,
    /// Its logical id.
    pub id: String,
    /// The folder of its main file.
    pub folder: String,
    /// The path of its main file, from the root.
    pub main: String,
    /// Its name on AWS.
    pub name: String,
    pub description: String,
    /// The logical id of its role, which is the role's name, too.
    pub role: String,
    /// Its environment, with what all functions have.
    pub variables: BTreeMap<String, Value>,
    pub resource: Value,
}

impl Function {
    /// Whether it serves callers outside of the machine, by one of the names that meshStack's documents give; then no state
    /// calls it.
    pub fn is_for_callers(&self) -> bool {
        !self.name.starts_with("avm-")
    }

    /// Whether the definition of the vend names versions of it.
    pub fn is_versioned(&self) -> bool {
        self.resource["Properties"]
            .get("AutoPublishAlias")
            .is_some()
    }

    /// What it is called where people read of it: two functions may be of one folder.
    pub fn title(&self) -> &str {
        if self.main.ends_with("/main.rs") {
            &self.folder
        } else {
            &self.name
        }
    }
}

/// Every function of the machine.
pub fn functions() -> Vec<Function> {
    let paths = paths_of_the_machine().into_iter();
    paths.flat_map(|path| functions_of(&path)).collect()
}

/// The templates that have functions.
pub fn paths_with_functions() -> Vec<String> {
    let mut paths = paths_of_the_machine();
    paths.retain(|path| functions().iter().any(|one| one.template == *path));
    paths
}

fn functions_of(path: &str) -> Vec<Function> {
    let template = template(path);
    let mains = mains();
    let common = &template["Globals"]["Function"]["Environment"]["Variables"];
    of_type(&template, "AWS::Serverless::Function")
        .map(|(id, resource)| {
            let properties = &resource["Properties"];
            let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str();
            let main = &mains[binary.unwrap()];
            let text = |key: &str| properties[key].as_str().unwrap().to_owned();
            let own = &properties["Environment"]["Variables"];
            let variables = [common, own].into_iter().filter_map(Value::as_object);
            Function {
                template: path.to_owned(),
                id: id.clone(),
                folder: folder_of(main).to_owned(),
                main: main.clone(),
                name: text("FunctionName"),
                description: text("Description"),
                role: referred(&properties["Role"]).to_owned(),
                variables: variables
                    .flatten()
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect(),
                resource: resource.clone(),
            }
        })
        .collect()
}

/// The folder below `functions/` of a main file.
fn folder_of(main: &str) -> &str {
    main.split('/').nth(1).unwrap()
}

/// The main file of each binary of the package `functions`, by the binary's name.
pub fn mains() -> BTreeMap<String, String> {
    let manifest = text("functions/Cargo.toml");
    let value = |block: &str, key: &str| -> String {
        let mut lines = block.lines();
        let found = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
        found.unwrap().trim_matches('"').to_owned()
    };
    manifest
        .split("[[bin]]\n")
        .skip(1)
        .map(|block| {
            let main = format!("functions/{}", value(block, "path"));
            (value(block, "name"), main)
        })
        .collect()
}

/// A state machine of a template.
pub struct Machine {
    /// The path of that template, from the root.
    pub template: String,
    /// The path of its definition, from the root.
    pub definition: String,
    pub properties: Value,
}

/// Every state machine.
pub fn machines() -> Vec<Machine> {
    let of_path = |path: String| -> Vec<Machine> {
        let template = template(&path);
        of_type(&template, "AWS::Serverless::StateMachine")
            .map(|(_, machine)| {
                let properties = machine["Properties"].clone();
                let definition = properties["DefinitionUri"].as_str().unwrap();
                Machine {
                    definition: from_root(&path, definition),
                    template: path.clone(),
                    properties,
                }
            })
            .collect()
    };
    paths_of_the_machine()
        .into_iter()
        .flat_map(of_path)
        .collect()
}

/// The title of the function that each task of a definition calls, by the state's name. Those that callers outside may
/// invoke are no steps: a state that calls one is a mistake, but for the reconciler, which asks for what everybody may.
pub fn called_by(definition: &str) -> BTreeMap<String, String> {
    let machine = machines()
        .into_iter()
        .find(|machine| machine.definition == definition);
    let substitutions = &machine.unwrap().properties["DefinitionSubstitutions"];
    let functions = functions();
    let mut called = BTreeMap::new();
    add_calls(&json(definition), &mut |state, placeholder| {
        let id = referred(&substitutions[placeholder]);
        let function = functions.iter().find(|function| function.id == id).unwrap();
        let may_call = !function.is_for_callers() || definition == RECONCILE;
        assert!(may_call, "{state} calls {id}");
        called.insert(state.to_owned(), function.title().to_owned());
    });
    called
}

/// The titles of the functions that a definition calls; the doctor's has their names in a list.
pub fn all_called_by(definition: &str) -> BTreeSet<String> {
    if definition != DOCTOR {
        return called_by(definition).into_values().collect();
    }
    let text = text(definition);
    let functions = functions();
    let named = functions
        .iter()
        .filter(|function| text.contains(&format!("'{}'", function.name)));
    named.map(|function| function.title().to_owned()).collect()
}

/// Tells every state that calls a function, with the placeholder of the function's ARN.
fn add_calls(part: &Value, tell: &mut impl FnMut(&str, &str)) {
    match part {
        Value::Object(fields) => {
            for (name, field) in fields {
                let function = field["Arguments"]["FunctionName"].as_str();
                if let Some(reference) = function {
                    tell(name, reference.trim_matches(['$', '{', '}']));
                }
                add_calls(field, tell);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| add_calls(item, tell)),
        _ => {}
    }
}
