/** The simplification passes, found by their files: `fold-constants.ts` exports the pass `foldConstants`. */
import { readdirSync } from "node:fs";
import type { Compilation } from "../../transformer/compilation.js";
import type { IRFunction } from "../../transformer/ir/ir.js";

export type Pass = (fn: IRFunction, compilation: Compilation) => IRFunction;

const folder = new URL("../../transformer/simplify/", import.meta.url);

export async function simplificationPasses(): Promise<ReadonlyMap<string, Pass>> {
  const passes = new Map<string, Pass>();
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith(".ts")) continue;
    const name = file.slice(0, -".ts".length).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const module: unknown = await import(new URL(file, folder).href);
    const pass: unknown = typeof module === "object" && module !== null ? Reflect.get(module, name) : undefined;
    // A pass takes a function and the compilation; what else lives in the folder does not.
    if (isPass(pass)) passes.set(name, pass);
  }
  return passes;
}

const isPass = (value: unknown): value is Pass => typeof value === "function" && value.length === 2;
