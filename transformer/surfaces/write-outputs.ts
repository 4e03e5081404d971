import { mkdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";

export interface Output {
  readonly path: string;
  readonly content: Buffer;
}

/**
 * Writes all files or none: each first beside its place under another name, and only when all are there, every one
 * takes its place. Returns null, or what went wrong; then everything is as it was before.
 */
export async function writeOutputs(outputs: readonly Output[]): Promise<string | null> {
  const folders: string[] = [];
  const staged: string[] = [];
  const replaced: { readonly file: string; readonly before: Buffer | null }[] = [];
  const stagedName = (file: string): string =>
    path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`);
  try {
    for (const { path: file, content } of outputs) {
      await makeFolders(path.dirname(file), folders);
      if (await isFolder(file)) throw new Error(`a folder stands where a file is needed: ${file}`);
      staged.push(stagedName(file));
      await writeFile(stagedName(file), content);
    }
    for (const { path: file } of outputs) {
      const before = await readFile(file).catch(() => null);
      await rename(stagedName(file), file);
      replaced.push({ file, before });
    }
    return null;
  } catch (fault) {
    const ignore = (): undefined => undefined;
    await Promise.all(staged.map((file) => rm(file, { force: true }).catch(ignore)));
    for (const { file, before } of replaced.reverse()) {
      await (before === null ? rm(file, { force: true }) : writeFile(file, before)).catch(ignore);
    }
    // Only what is still empty goes, the innermost first.
    for (const folder of folders.reverse()) await rmdir(folder).catch(ignore);
    return reasonOf(fault);
  }
}

/** Makes a folder and those that it lies in, one by one: where one cannot be made, the whole call might not end. */
async function makeFolders(folder: string, made: string[]): Promise<void> {
  if (await isFolder(folder)) return;
  const outer = path.dirname(folder);
  if (outer !== folder) await makeFolders(outer, made);
  await mkdir(folder);
  made.push(folder);
}

async function isFolder(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The system's reason in words, without a stack; with the path that it names, unless that is known. */
export function reasonOf(fault: unknown, known?: string): string {
  if (!(fault instanceof Error)) return String(fault);
  const { code, path: where } = fault as NodeJS.ErrnoException;
  const place = where === undefined || where === known ? "" : `: ${where}`;
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
    case "ENAMETOOLONG":
      return `the name is too long${place}`;
    case "ELOOP":
      return `symbolic links lead in a circle${place}`;
    default:
      return fault.message;
  }
}
