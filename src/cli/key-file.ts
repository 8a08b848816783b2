import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { AuthError, isAuthError } from "../errors.ts";

const OWNER_ONLY = 0o600;
const OTHERS = 0o007;
const PERMISSIONS = 0o777;
const MAX_BYTES = 64 * 1024;
const DRAFT = ".rotating";

/** Writes a new file that only its owner can read. It never overwrites a file. */
export function createKeyFile(path: string, text: string): void {
  const file = openNew(path, "it exists already");
  finish(file, () => writeAll(file.descriptor, text));
}

export interface Rewritten<T> {
  readonly result: T;
  /** Every user of the machine can read the file, as before. */
  readonly isOpenToAll: boolean;
}

type Rewrite<T> = (text: string) => { readonly text: string; readonly result: T };

/**
 * Replaces the text of a file in one step: a reader finds the old text or the new text, whole. Owner and
 * permissions stay. The draft beside the file is also the lock: a second rotation at the same time fails.
 */
export function rewriteKeyFile<T>(path: string, rewrite: Rewrite<T>): Rewritten<T> {
  const target = resolveLinks(path);
  const draft = openNew(
    `${target}${DRAFT}`,
    `another rotation is under way, or one was killed: then delete the file beside it that ends in ${DRAFT}`,
  );
  return finish(draft, () => {
    const stats = statSync(target);
    const { text, result } = rewrite(readText(target, stats));
    writeAll(draft.descriptor, text, stats);
    renameSync(draft.path, target);
    syncDirectory(dirname(target));
    return { result, isOpenToAll: process.getuid !== undefined && (stats.mode & OTHERS) !== 0 };
  });
}

interface NewFile {
  readonly path: string;
  readonly descriptor: number;
}

function openNew(path: string, whenThere: string): NewFile {
  try {
    return { path, descriptor: openSync(path, "wx", OWNER_ONLY) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw notWritten(code === "EEXIST" ? whenThere : `${code}`);
  }
}

/** Does the rest of the work. When it fails, the new file is deleted. */
function finish<T>({ path, descriptor }: NewFile, work: () => T): T {
  try {
    return work();
  } catch (error) {
    rmSync(path, { force: true });
    throw isAuthError(error) ? error : notWritten(`${(error as NodeJS.ErrnoException).code ?? "it failed"}`);
  } finally {
    closeSync(descriptor);
  }
}

/** A link stays a link: its target is replaced. */
function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw notWritten(code === "ENOENT" ? "there is none; `keys generate` makes one" : `${code}`);
  }
}

function readText(path: string, stats: Stats): string {
  if (!stats.isFile() || stats.size > MAX_BYTES) throw notWritten("it is no file of keys");
  return readFileSync(path, "utf8");
}

function writeAll(descriptor: number, text: string, like?: Stats): void {
  writeFileSync(descriptor, text);
  if (like) takeOver(descriptor, like);
  fsyncSync(descriptor);
}

// The application may run as another user than the rotation: it must still be able to read its file.
function takeOver(descriptor: number, { uid, gid, mode }: Stats): void {
  const own = fstatSync(descriptor);
  if (own.uid !== uid || own.gid !== gid) {
    try {
      fchownSync(descriptor, uid, gid);
    } catch {
      throw notWritten("its owner and group would change; run this as its owner");
    }
  }
  fchmodSync(descriptor, mode & PERMISSIONS);
}

/** A power cut must not undo the step. Some systems cannot sync a directory: there we go on without. */
function syncDirectory(path: string): void {
  try {
    const descriptor = openSync(path, "r");
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch {}
}

function notWritten(reason: string): AuthError {
  return new AuthError("unavailable", { message: `the file of --file was not written: ${reason}` });
}
