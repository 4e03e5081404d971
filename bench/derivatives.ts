import type { AnyWorkload } from "./workload.js";

/** The generated derivative of a workload, or why there is none. */
export type Generated =
  | { readonly kind: "function"; readonly derivative: (...args: unknown[]) => unknown }
  | { readonly kind: "missing"; readonly reason: string };

/**
 * Loads what the command has written for a workload, into `generated` or a folder in it; `refusals` maps workloads to the
 * reasons the command gave.
 */
export async function loadGenerated(
  workload: AnyWorkload,
  refusals: Readonly<Record<string, string>>,
  folder = ".",
): Promise<Generated> {
  const refused = refusals[workload.name];
  if (refused !== undefined) return { kind: "missing", reason: refused };
  try {
    const module: unknown = await import(`./generated/${folder}/workloads/${workload.name}/primal.js`);
    const name = `${workload.primal.name}_${workload.mode}`;
    const derivative: unknown = (module as Record<string, unknown>)[name];
    if (typeof derivative !== "function") return { kind: "missing", reason: `no ${name}` };
    return { kind: "function", derivative: derivative as (...args: unknown[]) => unknown };
  } catch (error) {
    return { kind: "missing", reason: error instanceof Error ? error.message.split("\n")[0] : String(error) };
  }
}
