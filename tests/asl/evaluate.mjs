// Evaluates expressions in npm's jsonata, the reference of the language, with the functions that Step Functions adds.
// Reads a line of JSON for each, {"expression", "bindings"}, and writes one, {"value"}, {"undefined": true} or {"error"}.

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import jsonata from "jsonata";

const ALGORITHMS = { "MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512" };

function range(first, last, step) {
  const numbers = [];
  for (let number = first; step > 0 ? number <= last : number >= last; number += step) numbers.push(number);
  return numbers;
}

function partition(array, size) {
  const parts = [];
  for (let start = 0; start < array.length; start += size) parts.push(array.slice(start, start + size));
  return parts;
}

const FUNCTIONS = {
  hash: (text, algorithm) => createHash(ALGORITHMS[algorithm]).update(text, "utf8").digest("hex"),
  parse: JSON.parse,
  partition,
  // The same for every engine that is compared.
  random: () => 0.5,
  range,
};

async function answer({ expression, bindings }) {
  try {
    const compiled = jsonata(expression);
    for (const [name, implementation] of Object.entries(FUNCTIONS)) compiled.registerFunction(name, implementation);
    const value = await compiled.evaluate(undefined, bindings);
    if (value === undefined) return { undefined: true };
    const text = typeof value === "function" || value?._jsonata_lambda ? undefined : JSON.stringify(value);
    return text === undefined ? { error: "no value of JSON" } : { value: JSON.parse(text) };
  } catch (problem) {
    return { error: problem.code ?? String(problem) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
