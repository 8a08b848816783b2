import type { AuthOptions } from "../api/options.ts";

/** How `insecureTestHasher()` names itself. */
const INSECURE_TEST_HASHER = "insecure-test-hasher";

interface Contradictory
  extends Pick<AuthOptions, "password" | "issuer" | "audience" | "mailer" | "mail" | "email" | "limits"> {
  readonly signup?: { readonly fields?: unknown } | undefined;
  readonly hooks?: { readonly userCreated?: unknown } | undefined;
}

/** Options that are valid alone, but unsafe or without effect together. */
export function findContradictions(options: Contradictory, secrets: readonly string[]): readonly string[] {
  return [
    secretContradiction(options, secrets),
    ...hasherContradictions(options.password),
    fieldsContradiction(options),
    mailerContradiction(options),
  ].filter((problem) => problem !== null);
}

function fieldsContradiction({ signup, hooks }: Contradictory): string | null {
  if (!signup?.fields || hooks?.userCreated) return null;
  return "signup.fields: needs hooks.userCreated, because the library itself stores no fields";
}

/** Without a mailer these would have no effect. */
function mailerContradiction({ mailer, mail, email, limits }: Contradictory): string | null {
  if (mailer) return null;
  const given = {
    mail,
    "email.verification": email?.verification !== "off" && email?.verification,
    "limits.mail": limits?.mail,
    "limits.proof": limits?.proof,
  };
  const names = Object.entries(given).filter(([, value]) => value);
  return names.length > 0 ? `${names.map(([name]) => name).join(", ")}: needs the option mailer` : null;
}

function secretContradiction({ issuer, audience }: Contradictory, secrets: readonly string[]): string | null {
  if (!secrets.some((secret) => secret === issuer || secret === audience)) return null;
  return "secret: is also the issuer or the audience, which every token shows; use it for nothing else";
}

function hasherContradictions(password: Contradictory["password"]): readonly (string | null)[] {
  const { hasher, hashing } = password ?? {};
  if (!hasher) return [];
  const isTuned = hashing?.memoryKiB !== undefined || hashing?.passes !== undefined;
  const isUnsafe = hasher.name === INSECURE_TEST_HASHER && !isTestRun();
  return [
    isTuned ? "password.hasher: has its own parameters; drop memoryKiB and passes of password.hashing" : null,
    isUnsafe
      ? "password.hasher: insecureTestHasher() works in tests only (NODE_ENV=test); leave the option out"
      : null,
  ];
}

function isTestRun(): boolean {
  return process.env["NODE_ENV"] === "test" || process.env["NODE_TEST_CONTEXT"] !== undefined;
}
