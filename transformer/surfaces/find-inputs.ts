import { statSync } from "node:fs";
import path from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { reasonOf } from "./write-outputs.js";

export type InputsOrError =
  { readonly kind: "inputs"; readonly files: readonly string[] } | { readonly kind: "error"; readonly text: string };

/** The files that arguments name, by full path, each once, in a fixed order. Earlier outputs are not inputs. */
export async function findInputs(
  patterns: readonly string[],
  cwd: string,
  outDir: string | undefined,
): Promise<InputsOrError> {
  const files = new Set<string>();
  const problems: string[] = [];
  const out = outDir === undefined ? null : path.resolve(cwd, outDir);
  const isOutput = (file: string): boolean => out !== null && out !== cwd && file.startsWith(out + path.sep);
  for (const pattern of patterns) {
    const plain = path.resolve(cwd, pattern);
    const kind = pattern === "" ? "an empty argument names no file" : kindOf(plain);
    if (kind === "file") {
      if (isSource(plain)) files.add(plain);
      else problems.push(`${pattern} is no source file: name files that end in ${extensions.join(", ")}`);
    } else if (kind === "folder") {
      problems.push(`${pattern} is a folder: name its files, for instance "${path.join(pattern, "**/*.ts")}"`);
    } else if (kind !== "nothing") problems.push(pattern === "" ? kind : `cannot read ${pattern}: ${kind}`);
    else if (isDynamicPattern(pattern)) {
      const found = await glob(pattern, {
        cwd,
        absolute: true,
        ignore: ["**/node_modules/**"],
        expandDirectories: false,
      });
      const inputs = found.map((file) => path.resolve(file)).filter((file) => !isOutput(file));
      if (inputs.length === 0) problems.push(`no file matches ${pattern}`);
      for (const file of inputs.sort()) files.add(file);
    } else problems.push(`there is no file ${pattern}`);
  }
  return problems.length > 0 ? { kind: "error", text: problems.join("\n") } : { kind: "inputs", files: [...files] };
}

const extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

/** Can there be something to differentiate in it? */
export const isSource = (file: string): boolean => extensions.includes(path.extname(file));

/** What stands at a path; any other text says why that cannot be told. */
function kindOf(file: string): string {
  try {
    const found = statSync(file);
    return found.isDirectory() ? "folder" : "file";
  } catch (fault) {
    const code = fault instanceof Error && "code" in fault ? fault.code : undefined;
    return code === "ENOENT" || code === "ENOTDIR" ? "nothing" : reasonOf(fault, file);
  }
}
