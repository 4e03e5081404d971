import type { Code } from "../diagnostics/codes.js";
import type { Details } from "../diagnostics/diagnostic.js";
import type { SourceSpan } from "../diagnostics/diagnostic.js";

/** Something that a mode cannot do; the pipeline reports it at the primal, or where it knows better. */
export class Refusal extends Error {
  constructor(
    readonly code: Code,
    readonly details: Details,
    readonly span: SourceSpan | null = null,
  ) {
    super(code);
  }
}
