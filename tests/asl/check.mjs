// Checks the state machines' definitions with asl-validator, their substitutions filled in as a deployment does.
// Prints the problems and exits with 1 when there are any.

import { readFileSync } from "node:fs";
import validate from "asl-validator";

const check = typeof validate === "function" ? validate : validate.default;
let isFaulty = false;
for (const name of ["vend-account", "plan-account", "reconcile", "doctor"]) {
  const path = `statemachine/${name}.asl.json`;
  const definition = readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")
    .replaceAll("${Partition}", "aws")
    .replaceAll("${Elevates}", "true")
    .replaceAll("${Budgets}", "true")
    .replaceAll("${StackSetNames}", "avm-*")
    .replaceAll("${Metering}", "true")
    .replaceAll("${Settings}", "MC4xLjA=")
    .replaceAll("${FunctionsArn}", "arn:aws:lambda:eu-central-1:123456789012:function")
    .replaceAll(/\$\{(\w+)FunctionArn\}/g, "arn:aws:lambda:eu-central-1:123456789012:function:$1")
    .replaceAll("${FailureTopicArn}", "arn:aws:sns:eu-central-1:123456789012:avm-failures");
  const left = definition.match(/"[^"]*\$\{\w+\}[^"]*"/g) ?? [];
  const { isValid, errors } = check(JSON.parse(definition));
  for (const problem of [...left.map((text) => `unknown substitution in ${text}`), ...errors]) {
    console.error(path, typeof problem === "string" ? problem : JSON.stringify(problem));
  }
  isFaulty ||= !isValid || left.length > 0;
  if (isValid && left.length === 0) console.log(`asl-validator: ${path} is valid`);
}
if (isFaulty) process.exit(1);
