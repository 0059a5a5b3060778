// Answers each line of JSON with a line of JSON: what the phone's side makes of a case.
import { createInterface } from "node:readline";
import { checkAnswers } from "../../frontend/src/phone/answers";
import { evaluate, toText } from "../../frontend/src/phone/expressions";

function evaluated(asked) {
  const answers = new Map(Object.entries(asked.answers));
  const value = evaluate(asked.tree, {
    answer: (name) => answers.get(name) ?? "",
    today: asked.today,
    own: asked.own,
    columns: new Map(Object.entries(asked.columns)),
  });
  return { kind: typeof value, text: toText(value) };
}

function checked(asked) {
  const found = checkAnswers(asked.definition, asked.values, asked.today);
  return { values: found.values, faults: found.faults };
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(asked.map((one) => (one.tree ? evaluated(one) : checked(one))))}\n`);
});
