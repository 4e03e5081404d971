/** Runs the built `ad-transform` command in a folder. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");
const command = join(root, JSON.parse(readFileSync(join(root, "package.json"), "utf8")).bin["ad-transform"]);

/** Seconds by the clock and of CPU, exit status and everything that was printed. */
export function transform(folder, args, flags = []) {
  const start = performance.now();
  const result = spawnSync(process.execPath, [...flags, "--require", join(here, "report-cpu.cjs"), command, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const seconds = (performance.now() - start) / 1000;
  const text = `${result.stdout ?? ""}${result.stderr ?? ""}`;
  const cpu = Number(/^@cpu (\S+)$/m.exec(text)?.[1] ?? NaN) / 1000;
  return { status: result.status ?? 1, seconds, cpu, text: text.replace(/\n@cpu .*\n/, "") };
}
