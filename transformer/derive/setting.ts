import type { NamesOfFile } from "../differentiate/derivatives.js";
import type { Source } from "../differentiate/explain-memory.js";
import type { IRFunction } from "../ir/ir.js";

/** What all differentiations of a program share. */
export interface Setting {
  /** Callees as they were before they were simplified. */
  readonly originals: Map<string, IRFunction>;
  readonly source: Source;
  readonly names: NamesOfFile;
}
