/** Compiles src/ and transformer/ twice: as ES modules to dist/esm, as CommonJS to dist/cjs. */
import { spawn } from "node:child_process";
import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const compiler = createRequire(import.meta.url).resolve("typescript/lib/tsc.js");

/** Runs the compiler on one project; resolves to its exit code. */
function compile(project) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [compiler, "-p", join(root, "transformer", project)], { stdio: "inherit" });
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Removes output files whose source is gone, so that a renamed module does not linger in the package. */
async function removeStale(folder) {
  await rm(join(root, "dist", folder), { recursive: true, force: true });
  await mkdir(join(root, "dist", folder), { recursive: true });
}

await Promise.all(["esm", "cjs"].map(removeStale));
const codes = await Promise.all(["tsconfig.esm.json", "tsconfig.cjs.json"].map(compile));
await writeFile(join(root, "dist/cjs/package.json"), `${JSON.stringify({ type: "commonjs", sideEffects: false })}\n`);
for (const name of await readdir(join(root, "dist/esm/transformer/surfaces")).catch(() => [])) {
  if (name === "ad-transform.js") await chmod(join(root, "dist/esm/transformer/surfaces", name), 0o755);
}
process.exitCode = Math.max(...codes);
