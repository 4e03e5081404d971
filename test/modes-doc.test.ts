/** What docs/modes.md shows runs, and prints what stands below it. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ModuleLoader } from "./support/load-module.js";
import { repository } from "./support/temporary-project.js";
import { transformFiles } from "./support/transform-files.js";
import { modes } from "../transformer/derivative-request.js";

const text = readFileSync(`${repository}/docs/modes.md`, "utf8");
const examples = [...text.matchAll(/^```ts\n([^]*?)^```\n+```text\n([^]*?)^```$/gm)].map(
  ([, source = "", output = ""], k) => ({ name: source.match(/"(\w+)"\)/)?.[1] ?? String(k), source, output }),
);

test("every mode has an example", () => {
  for (const mode of modes) expect(text).toContain(`\`${mode}\``);
  expect(examples.length).toBe([...text.matchAll(/^```ts$/gm)].length);
});

test.each(examples.map((one) => [one.name, one] as const))("%s", (_, { source, output }) => {
  const { texts, diagnostics } = transformFiles({ "main.ts": source });
  expect(diagnostics.filter((one) => !one.startsWith("EZ3"))).toEqual([]);
  const printed: string[] = [];
  const { log } = console;
  console.log = (...said: unknown[]): void =>
    void printed.push(said.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join(" "));
  try {
    new ModuleLoader(new Map([["/main.ts", texts["main.ts"] ?? ""]])).load("/main.ts");
  } finally {
    console.log = log;
  }
  expect(`${printed.join("\n")}\n`).toBe(output);
});
