import type { Code } from "./diagnostics/codes.js";
import { isError, type Details, type Diagnostic, type Note, type SourceSpan } from "./diagnostics/diagnostic.js";
import type { IRFunction } from "./ir/ir.js";

/** What a user or a test can set for one run. */
export interface CompilationOptions {
  /** Passes that are skipped, by name (`hoistInvariants`): the gradient stays the same, only its speed changes. */
  readonly disabledPasses: ReadonlySet<string>;
  /** Which passes are dumped: by name, or all of them. */
  readonly dump: ReadonlySet<string> | "all";
  /** Where dumps go; the text is only made for passes that `dump` names. */
  readonly onDump: (name: string, text: string) => void;
  /** Verify the intermediate representation after every pass. Always on in tests. */
  readonly checks: boolean;
  /** Into how many bytes what the loops of a derivative keep is to fit; null: as many as they need. */
  readonly memory: number | null;
  /** Where packages ship JavaScript beside declarations: from a declaration file to the file that runs instead. */
  readonly packageSources: ReadonlyMap<string, string>;
}

export const defaultOptions: CompilationOptions = {
  disabledPasses: new Set(),
  dump: new Set(),
  onDump: () => undefined,
  checks: false,
  memory: null,
  packageSources: new Map(),
};

/** What one run carries through all passes: its options, its diagnostics, its dumps, its functions. */
export class Compilation {
  readonly options: CompilationOptions;
  /** Every function that a `call` may name: helpers of the user, augmented primals and reverse passes. */
  readonly functions = new Map<string, IRFunction>();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #seen = new Set<string>();

  constructor(options: Partial<CompilationOptions> = {}) {
    this.options = { ...defaultOptions, ...options };
  }

  /** Everything reported so far, in the order of the reports. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some(isError);
  }

  /** Verify after every pass? */
  get checks(): boolean {
    return this.options.checks;
  }

  /**
   * Reports one problem. The same problem at the same place is kept once: a helper that two primals call is
   * examined twice.
   */
  report(code: Code, span: SourceSpan | null, details: Details = {}, notes: readonly Note[] = []): void {
    const key = keyOf({ code, span, details });
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#diagnostics.push({ code, span, details, notes });
  }

  /** Takes back all but the first reports, as if they had not been made. */
  rewind(count: number): void {
    for (const one of this.#diagnostics.splice(count)) this.#seen.delete(keyOf(one));
  }

  /** Takes back what others say better; false where there was nothing of the kind. */
  withdraw(isMeant: (diagnostic: Diagnostic) => boolean): boolean {
    const kept = this.#diagnostics.filter((one) => !isMeant(one));
    const isLess = kept.length < this.#diagnostics.length;
    this.#diagnostics.splice(0, Infinity, ...kept);
    return isLess;
  }

  /** Is the pass of this name to be run? */
  isEnabled(pass: string): boolean {
    return !this.options.disabledPasses.has(pass);
  }

  /** Hands a dump to the sink, where the pass is asked for; `print` is not called otherwise. */
  dump(name: string, print: () => string): void {
    const { dump, onDump } = this.options;
    if (dump === "all" || dump.has(name)) onDump(name, print());
  }
}

const keyOf = ({ code, span, details }: Pick<Diagnostic, "code" | "span" | "details">): string =>
  JSON.stringify([code, span?.file, span?.start, span?.end, details]);
