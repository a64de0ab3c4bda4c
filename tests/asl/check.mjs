// Checks the state machine's definition with asl-validator, its substitutions filled in as a deployment does.
// Prints the problems and exits with 1 when there are any.

import { readFileSync } from "node:fs";
import validate from "asl-validator";

const source = new URL("../../statemachine/vend-account.asl.json", import.meta.url);
const definition = readFileSync(source, "utf8")
  .replaceAll("${Partition}", "aws")
  .replaceAll(/\$\{(\w+)FunctionArn\}/g, "arn:aws:lambda:eu-central-1:123456789012:function:$1")
  .replaceAll("${FailureTopicArn}", "arn:aws:sns:eu-central-1:123456789012:avm-failures");

const left = definition.match(/"[^"]*\$\{\w+\}[^"]*"/g) ?? [];
const check = typeof validate === "function" ? validate : validate.default;
const { isValid, errors } = check(JSON.parse(definition));
for (const problem of [...left.map((text) => `unknown substitution in ${text}`), ...errors]) {
  console.error(typeof problem === "string" ? problem : JSON.stringify(problem));
}
if (!isValid || left.length > 0) process.exit(1);
console.log("asl-validator: statemachine/vend-account.asl.json is valid");
