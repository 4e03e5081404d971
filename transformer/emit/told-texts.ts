/**
 * Variables of text that go where only some texts may go: they are declared as those that they are given.
 *
 *   let t: string; if (c) { t = "a"; } else { t = "b"; } mode = t;   =>   let t: "a" | "b"; ...
 *
 * A literal is any text to the passes before. All others stay `string`: TypeScript objects to comparing what is one of some
 * texts with another one.
 */
import { isOneOfSomeTexts, type Type } from "../ir/ir.js";
import { presentOpaque } from "../ir/join-types.js";
import { textsOf } from "../ir/literal-text.js";
import { elementOf, heldIn, typeOfPart } from "./literal-types.js";
import { assignedBy, eachStatement, expressionsOf, partsOf, type Block, type Expression, type Local } from "./tree.js";

/** What such variables are declared as. */
export function findToldTexts(params: readonly Local[], body: Block): ReadonlyMap<Local, string> {
  const sources = new Map<Local, Expression[]>();
  const wanted = new Set<Local>();
  const isOpen = (local: Local): boolean => isAnyText(local.type) && !params.includes(local);
  const want = (value: Expression): void => {
    for (const local of handedOn(value)) if (isOpen(local)) wanted.add(local);
  };
  const put = (to: Type | undefined, value: Expression): void => {
    if (to !== undefined && isOneOfSomeTexts(to)) want(value);
  };
  const inside = (one: Expression): void => {
    if (one.kind === "allocate" && one.fresh.kind === "parts") {
      const { type } = one;
      one.fresh.parts.forEach((part, k) => put(typeOfPart(type, k), part));
    }
    if (one.kind === "push") put(elementOf(one.array), one.value);
    partsOf(one).forEach(inside);
  };
  eachStatement(body, (statement) => {
    expressionsOf(statement).forEach(inside);
    if (statement.kind === "store" && statement.removes !== true) put(heldIn(statement.place), statement.value);
    if ((statement.kind === "assign" || statement.kind === "declare") && statement.value !== null) {
      const { local, value } = statement;
      sources.set(local, [...(sources.get(local) ?? []), value]);
      put(local.type, value);
    } else if (statement.kind !== "declare")
      for (const local of assignedBy(statement)) sources.set(local, [...(sources.get(local) ?? []), unknown]);
  });
  for (const local of wanted) sources.get(local)?.forEach(want);

  const told = new Map<Local, string>();
  for (const local of wanted) {
    const texts = new Set<string>();
    if (!collectTexts(local, sources, texts, new Set())) continue;
    const text = [...texts].sort().map((one) => JSON.stringify(one));
    told.set(local, text.join(" | "));
  }
  return told;
}

/** Given by a call: nobody knows what it is. */
const unknown: Expression = { kind: "opaque", template: "", operands: [] };

/** `string`, `string | null` */
const isAnyText = (type: Type): boolean => {
  const there = type.kind === "opaque" ? (presentOpaque(type) ?? type) : null;
  return there?.kind === "opaque" && there.text === "string";
};

/** The variables that a value may come from. */
function handedOn(value: Expression): readonly Local[] {
  if (value.kind === "local") return [value.local];
  if (value.kind === "unwrap") return handedOn(value.value);
  return value.kind === "conditional" ? [...handedOn(value.then), ...handedOn(value.otherwise)] : [];
}

/** Collects the texts that a variable is given; false: it may be given any. */
function collectTexts(
  local: Local,
  sources: ReadonlyMap<Local, readonly Expression[]>,
  found: Set<string>,
  seen: Set<Local>,
): boolean {
  if (seen.has(local)) return true;
  seen.add(local);
  const from = (value: Expression): boolean => {
    switch (value.kind) {
      case "literal":
        if (typeof value.value === "string") found.add(value.value);
        // That nothing is there is not said of texts.
        return typeof value.value === "string" || value.value === undefined || value.value === null;
      case "conditional":
        return from(value.then) && from(value.otherwise);
      case "unwrap":
        return from(value.value);
      case "load":
        return collectOf(heldIn(value.place), found);
      case "local":
        return isAnyText(value.local.type)
          ? collectTexts(value.local, sources, found, seen)
          : collectOf(value.local.type, found);
      default:
        return false;
    }
  };
  const given = sources.get(local) ?? [];
  return given.length > 0 && given.every(from);
}

function collectOf(type: Type | undefined, found: Set<string>): boolean {
  const texts = type?.kind === "opaque" ? textsOf(type.text) : null;
  texts?.forEach((one) => found.add(one));
  return texts !== null && texts.length > 0;
}
