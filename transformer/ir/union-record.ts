/**
 * A union of records as one record.
 *
 *   { kind: "circle"; r: number } | { kind: "square"; a: number }   =>   { kind: string; r?: number; a?: number }
 */
import type { Field, RecordType, Type } from "./ir.js";
import { joinTypes, optionalOf } from "./join-types.js";

/** The members may still be incomplete: fields are looked at when somebody asks for them. */
export function unionRecord(name: string | null, members: readonly RecordType[], mirrors?: string): RecordType {
  let merged: readonly Field[] | null = null;
  return {
    kind: "record",
    name,
    members,
    ...(mirrors === undefined ? {} : { mirrors }),
    get fields(): readonly Field[] {
      return (merged ??= mergeFields(members));
    },
  };
}

/** A key under which members keep unlike things is left out: it can be read only where the member is known. */
function mergeFields(members: readonly RecordType[]): readonly Field[] {
  const names = [...new Set(members.flatMap(({ fields }) => fields.map((field) => field.name)))];
  return names.flatMap((name): readonly Field[] => {
    let type: Type | null | undefined;
    let isEverywhere = true;
    for (const { fields } of members) {
      const own = fields.find((field) => field.name === name)?.type;
      if (own === undefined) isEverywhere = false;
      else type = type === undefined ? own : type === null ? null : joinTypes(type, own);
    }
    if (type === undefined || type === null) return [];
    return [{ name, type: isEverywhere ? type : optionalOf(type) }];
  });
}
