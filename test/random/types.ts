/** The types of a random program's variables, as far as rendering has to know them. */

export type Container = "Float64Array" | "Float32Array" | "Int32Array" | "Array" | "ReadonlyArray";

export type Type =
  | { readonly kind: "number" | "boolean" | "text" }
  /** From 0 to `most`. */
  | { readonly kind: "integer"; readonly most: number }
  /** `length` is null where only the run knows it. */
  | { readonly kind: "list"; readonly element: Type; readonly container: Container; readonly length: number | null }
  | { readonly kind: "tuple"; readonly elements: readonly Type[] }
  | { readonly kind: "record"; readonly name: RecordName }
  | { readonly kind: "optional"; readonly of: Type };

export const number: Type = { kind: "number" };
export const boolean: Type = { kind: "boolean" };
export const text: Type = { kind: "text" };
export const integer = (most: number): Type => ({ kind: "integer", most });
export const record = (name: RecordName): Type => ({ kind: "record", name });
export const tuple = (...elements: readonly Type[]): Type => ({ kind: "tuple", elements });
export const optional = (of: Type): Type => ({ kind: "optional", of });
export const list = (element: Type, container: Container, length: number | null): Type & { kind: "list" } => ({
  kind: "list",
  element,
  container,
  length,
});

/** Lists of numbers have this length where it is known; rows, bodies and points are fewer. */
export const usualLength = 4;
export const floats = list(number, "Float64Array", usualLength);
export const numbers = list(number, "Array", usualLength);

interface Field {
  readonly name: string;
  readonly type: Type;
  readonly readonly?: boolean;
}
interface RecordShape {
  readonly fields: readonly Field[];
  /** How a new one is written, from a text for each field; an object literal where it is left out. */
  readonly constructed?: boolean;
}

export type RecordName = "Point" | "Body" | "Model" | "Settings" | "Inner" | "Vec" | "Running";

export const records: Readonly<Record<RecordName, RecordShape>> = {
  Point: {
    fields: [
      { name: "x", type: number },
      { name: "y", type: number },
    ],
  },
  Body: {
    fields: [
      { name: "mass", type: number },
      { name: "at", type: record("Point") },
      { name: "velocity", type: record("Point") },
      { name: "drag", type: optional(number) },
      { name: "label", type: text, readonly: true },
    ],
  },
  Model: {
    fields: [
      { name: "weights", type: floats },
      { name: "bias", type: number },
      { name: "layers", type: list(numbers, "Array", 2) },
      { name: "level", type: text, readonly: true },
    ],
  },
  Settings: {
    fields: [
      { name: "gain", type: number, readonly: true },
      { name: "offset", type: optional(number), readonly: true },
      { name: "inner", type: optional(record("Inner")), readonly: true },
    ],
  },
  Inner: { fields: [{ name: "scale", type: number }] },
  Vec: {
    constructed: true,
    fields: [
      { name: "x", type: number },
      { name: "y", type: number },
    ],
  },
  Running: { constructed: true, fields: [{ name: "total", type: number }] },
};

export const sameType = (a: Type, b: Type): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The type as TypeScript; what it mentions is handed to `use`. */
export function spell(type: Type, use: (name: string) => void): string {
  switch (type.kind) {
    case "number":
    case "boolean":
      return type.kind;
    case "text":
      use("Level");
      return "Level";
    case "integer":
      use("int");
      return "int";
    case "tuple":
      return `[${type.elements.map((one) => spell(one, use)).join(", ")}]`;
    case "record":
      use(type.name);
      return type.name;
    case "optional":
      return `${spell(type.of, use)} | undefined`;
    case "list":
      if (type.container === "Array") return `${spell(type.element, use)}[]`;
      if (type.container === "ReadonlyArray") return `readonly ${spell(type.element, use)}[]`;
      return type.container;
  }
}

/** A value of the type as an expression; `next` writes each number in it. */
export function construct(type: Type, next: () => string, use: (name: string) => void): string {
  const inner = (one: Type): string => construct(one, next, use);
  switch (type.kind) {
    case "number":
      return next();
    case "boolean":
      return "true";
    case "text":
      return '"mid"';
    case "integer":
      return "1";
    case "optional":
      return "undefined";
    case "tuple":
      return `[${type.elements.map(inner).join(", ")}]`;
    case "record": {
      use(type.name);
      const { fields, constructed } = records[type.name];
      if (type.name === "Running") return "new Running()";
      if (constructed === true) return `new ${type.name}(${fields.map((field) => inner(field.type)).join(", ")})`;
      const present = fields.filter((field) => field.type.kind !== "optional");
      // Fields may be written in any order.
      if (type.name === "Body") present.reverse();
      return `{ ${present.map((field) => `${field.name}: ${inner(field.type)}`).join(", ")} }`;
    }
    case "list": {
      const items = Array.from({ length: type.length ?? 2 }, () => inner(type.element)).join(", ");
      if (type.container === "Array" || type.container === "ReadonlyArray") return `[${items}]`;
      return `${type.container}.from([${items}])`;
    }
  }
}
