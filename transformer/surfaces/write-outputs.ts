import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

export interface Output {
  readonly path: string;
  readonly content: Buffer;
}

/**
 * Writes all files or none: each first beside its place under another name, and only when all are there, every one
 * takes its place. Returns null, or what went wrong.
 */
export async function writeOutputs(outputs: readonly Output[]): Promise<string | null> {
  const staged: { readonly from: string; readonly to: string }[] = [];
  try {
    for (const { path: to, content } of outputs) {
      await mkdir(path.dirname(to), { recursive: true });
      const from = path.join(path.dirname(to), `.${path.basename(to)}.${process.pid}.tmp`);
      staged.push({ from, to });
      await writeFile(from, content);
    }
    for (const { from, to } of staged) await rename(from, to);
    return null;
  } catch (fault) {
    await Promise.all(staged.map(({ from }) => rm(from, { force: true }).catch(() => undefined)));
    return reasonOf(fault);
  }
}

/** The system's reason in words, without a stack. */
export function reasonOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  const { code, path: where } = fault as NodeJS.ErrnoException;
  const place = where === undefined ? "" : `: ${where}`;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return `permission denied${place}`;
    case "ENOTDIR":
    case "EEXIST":
      return `a file stands where a folder is needed${place}`;
    case "EISDIR":
      return `a folder stands where a file is needed${place}`;
    case "ENOSPC":
      return "no space left on the device";
    case "EROFS":
      return `the file system is read-only${place}`;
    case "ENOENT":
      return `no such file or folder${place}`;
    default:
      return fault.message;
  }
}
