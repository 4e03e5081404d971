import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** A project in a folder of its own, with this package installed; gone after `remove`. */
export interface TemporaryProject {
  readonly root: string;
  write(file: string, text: string | Buffer): void;
  read(file: string): string;
  bytes(file: string): Buffer;
  has(file: string): boolean;
  /** The files below a folder, sorted. */
  list(folder: string): string[];
  remove(): void;
}

export function temporaryProject(files: Readonly<Record<string, string | Buffer>>, copyOf?: string): TemporaryProject {
  const root = mkdtempSync(path.join(tmpdir(), "enzyme-ts-"));
  if (copyOf !== undefined) cpSync(path.join(repository, copyOf), root, { recursive: true });
  mkdirSync(path.join(root, "node_modules"), { recursive: true });
  symlinkSync(repository, path.join(root, "node_modules/enzyme-ts"), "dir");
  const project: TemporaryProject = {
    root,
    write(file, text) {
      const full = path.join(root, file);
      mkdirSync(path.dirname(full), { recursive: true });
      writeFileSync(full, text);
    },
    read: (file) => readFileSync(path.join(root, file), "utf8"),
    bytes: (file) => readFileSync(path.join(root, file)),
    has: (file) => project.list(".").includes(file),
    list: (folder) =>
      readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
        .map((entry) => path.relative(path.join(root, folder), path.join(entry.parentPath, entry.name)))
        .sort(),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  for (const [file, text] of Object.entries(files)) project.write(file, text);
  return project;
}
