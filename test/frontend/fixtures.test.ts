/** Every fixture is lowered, and its example runs as it does in JavaScript. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, it } from "vitest";
import { agrees, exampleOf, markedFunctions } from "./support.js";

const root = fileURLToPath(new URL("../../fixtures", import.meta.url));
const refused = new Set(["unsupported", "invalid"]);

/** The class of what they make is asked for where they hand it to, or what their module counts is named. */
const asksOutside = new Set([
  "numbered-instances.ts chain",
  "protected-behind-a-base.ts solved",
  "abstract-without-fields.ts made",
  "abstract-with-fewer-fields.ts made",
  "carried-instance-of-another-class.ts relaxed",
  // whether an object has a field
  "spread-over-absent.ts configured",
  "copy-without-absent-fields.ts asked",
  // what a Set of a few numbers is asked for
  "given-literals.ts masked",
  "tags-in-loops.ts named",
  "tags-in-loops.ts byClass",
  "numbered-instances.ts chain",
  "chain-of-instances.ts nested",
  "chain-of-instances.ts looped",
  "tree-with-empty-leaves.ts tree",
  "tree-with-empty-leaves.ts poly",
  "classes-as-values.ts chosen",
  "classes-as-values.ts ofInstance",
  "instances-without-numbers.ts replaced",
  "method-of-union.ts made",
  "concrete-base.ts listed",
  "concrete-base.ts chosen",
  "concrete-base.ts hollow",
  "one-object-of-two-classes.ts energies",
  "classes-apart.ts narrowed",
  "overridden-below.ts reassigned",
  "overridden-below.ts either",
  "one-object-of-two-classes.ts asked",
  "classes-exchanged-in-loop.ts exchanged",
  // what the getters and setters are of an object that is made elsewhere
  "setters-of-literals.ts warmed",
]);

/** Modules that fixtures of a group import. */
function library(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  return Object.fromEntries(
    names.map((name) => [
      `/lib/${name}`,
      readFileSync(join(folder, name), "utf8").replaceAll("../../../src/index.js", "../enzyme.js"),
    ]),
  );
}

for (const group of readdirSync(root, { withFileTypes: true })) {
  if (!group.isDirectory() || refused.has(group.name)) continue;
  describe(group.name, () => {
    for (const file of readdirSync(join(root, group.name))) {
      if (!/^[\w-]+\.ts$/.test(file)) continue;
      it(file, () => {
        const source = readFileSync(join(root, group.name, file), "utf8").replaceAll(
          "../../src/index.js",
          "./enzyme.js",
        );
        const files = { ...library(join(root, group.name, "lib")), "/main.ts": source };
        // A derivative that a primal calls is made by the whole road.
        if (/\benzyme\(/.test(source)) return;
        // So is a call that is made as it stands: the interpreter knows no functions of the user's.
        const all = Object.values(files).join("\n");
        if (/\b(?:defineRule|stopGradient)\b|@enzyme (?:custom|inactive)\b/.test(all)) return;
        // Nor does it make instances of their classes.
        const isAsked = (name: string): boolean => !asksOutside.has(`${file} ${name}`);
        for (const name of markedFunctions(source).filter(isAsked)) agrees(files, name, exampleOf(files, name));
      });
    }
  });
}
