import { createHash, randomBytes, scryptSync } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Auth, AuthStore, PasswordHasher, UserId } from "sallyport";
import { codeBlock } from "./pages.ts";
import { makeFolder } from "./programs.ts";

export const PAGE = "docs/migrating.md";
export const PASSWORD = "hunter 2"; // the policy of today would refuse it
export const EMAIL = "Ada.Lovelace@Example.com";
export const JOINED: Date = new Date("2019-05-01T00:00:00.000Z");

export interface OldHash {
  recognises(stored: string): boolean;
  verify(stored: string, password: string): Promise<boolean>;
  readonly decoy: string;
}

export interface OldUser {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly createdAt: Date;
  readonly emailVerifiedAt: Date | null;
  readonly isDisabled: boolean;
}

export type Compare = (password: string, stored: string) => Promise<boolean>;
type Outcome = { readonly imported: UserId } | { readonly refused: string };

export interface Page {
  migratingHasher(old: OldHash): PasswordHasher;
  readonly betterAuthScrypt: OldHash;
  bcrypt(compare: Compare, cost: number): OldHash;
  canonical(email: string): string | null;
  importUser(store: AuthStore, old: OldUser, isReadable: (hash: string) => boolean): Promise<Outcome>;
  userOf(auth: Auth, token: string, readOld: (token: string) => Promise<string | null>): Promise<string>;
}

const COUNTED = "argon2CallsOfTheMigratingPage";
/** What the examples ask of argon2: the real one, counted. */
const COUNTING_ARGON2 = `
import * as real from "@node-rs/argon2";
const count = () => (globalThis.${COUNTED} = (globalThis.${COUNTED} ?? 0) + 1);
export const hash = (...args) => (count(), real.hash(...args));
export const verify = (...args) => (count(), real.verify(...args));
`;

/** The examples of the page, as they stand but for the counting. */
export async function loadPage(): Promise<Page & { remove(): Promise<void> }> {
  const folder = makeFolder({
    "argon2.mjs": COUNTING_ARGON2,
    "hashers.ts": codeBlock(PAGE, "ts", "migratingHasher(").replace('"@node-rs/argon2"', '"./argon2.mjs"'),
    "import.ts": codeBlock(PAGE, "ts", "importUser("),
    "bridge.ts": codeBlock(PAGE, "ts", "userOf("),
  });
  const load = (name: string) => import(/* @vite-ignore */ pathToFileURL(join(folder.path, name)).href);
  const parts = await Promise.all(["hashers.ts", "import.ts", "bridge.ts"].map(load));
  return Object.assign({ remove: folder.remove }, ...parts);
}

/** How often the examples have called argon2 so far. */
export function argon2Calls(): number {
  return (globalThis as { [COUNTED]?: number })[COUNTED] ?? 0;
}

export function oldUser(passwordHash: string, rest: Partial<OldUser> = {}): OldUser {
  const id = "6f1c1a52-5b2f-4d0e-9a55-0b7d5a0c9a11"; // a UUIDv4, as many systems have them
  return {
    ...{ id, email: EMAIL, passwordHash, createdAt: JOINED, emailVerifiedAt: JOINED, isDisabled: false },
    ...rest,
  };
}

function digest(password: string, salt: string): string {
  const seen = Buffer.from(password).subarray(0, 72);
  return createHash("sha256")
    .update(salt)
    .update(seen)
    .digest("base64")
    .replaceAll(/[+=]/g, ".")
    .slice(0, 31);
}

/** Not bcrypt, but with its spelling, and as blind as bcrypt to what comes after 72 bytes. */
export function bcryptLike(password: string): string {
  const salt = randomBytes(11).toString("hex");
  return `$2b$12$${salt}${digest(password, salt)}`;
}

export const compare: Compare = async (password, stored) =>
  stored.slice(29) === digest(password, stored.slice(7, 29));

export function betterAuth(password: string): string {
  const salt = randomBytes(16).toString("hex");
  const cost = { N: 16_384, r: 16, p: 1, maxmem: 64 * 1024 * 1024 };
  return `${salt}:${scryptSync(password.normalize("NFKC"), salt, 64, cost).toString("hex")}`;
}
