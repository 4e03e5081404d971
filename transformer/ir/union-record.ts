/**
 * A union of records as one record.
 *
 *   { kind: "circle"; r: number } | { kind: "square"; a: number }   =>   { kind: string; r?: number; a?: number }
 */
import type { Field, RecordType, Type } from "./ir.js";
import { joinTypes, optionalOf } from "./join-types.js";

interface Particulars {
  readonly mirrors?: string | undefined;
  readonly isBase?: true | undefined;
  readonly tellsNothing?: (() => boolean) | undefined;
  /** Keys that some members have no field for, but a getter. */
  readonly computed?: ReadonlySet<string>;
}

/** The members may still be incomplete: fields are looked at when somebody asks for them. */
export function unionRecord(
  name: string | null,
  members: readonly RecordType[],
  { mirrors, isBase, tellsNothing, computed = new Set() }: Particulars = {},
): RecordType {
  let merged: readonly Field[] | null = null;
  return {
    kind: "record",
    name,
    members,
    ...(mirrors === undefined ? {} : { mirrors }),
    ...(isBase === undefined ? {} : { isBase }),
    get tellsNothing(): boolean {
      return tellsNothing?.() === true;
    },
    get fields(): readonly Field[] {
      return (merged ??= mergeFields(members, computed));
    },
  };
}

/** A key under which members keep unlike things is left out: it can be read only where the member is known. */
function mergeFields(members: readonly RecordType[], computed: ReadonlySet<string>): readonly Field[] {
  const all = new Set(members.flatMap(({ fields }) => fields.map((field) => field.name)));
  const names = [...all].filter((name) => !computed.has(name));
  return names.flatMap((name): readonly Field[] => {
    const own = members.flatMap(({ fields }) => fields.filter((field) => field.name === name));
    const isConst = own.some((field) => field.isConst === true);
    if (isConst && !own.every((field) => field.isConst === true)) return [];
    const type = own
      .map((field) => field.type)
      .reduce<Type | null>((a, b, k) => (k === 0 ? b : a && joinTypes(a, b)), null);
    if (type === null) return [];
    const joined = own.length === members.length ? type : optionalOf(type);
    return [{ name, type: joined, ...(isConst ? { isConst } : {}) }];
  });
}
