import { repeatsItself } from "../lib/repetition.ts";
import { foldWord } from "./guessing/fold.ts";

/**
 * The rules for a new password. Lengths count code points after NFC.
 *
 * A password needs `minLength` characters and all of `classes`. Or, where `passphraseLength` is not null, it
 * needs that many characters of any kind (NIST SP 800-63B-4, section 3.1.1.2).
 */
export interface PasswordPolicy {
  readonly minLength: number;
  readonly classes: readonly CharacterClass[];
  readonly passphraseLength: number | null;
}

export type CharacterClass = "upper" | "lower" | "digit";

export interface PasswordPolicies {
  /** 8 and more characters with upper, lower and digit, or 15 and more of any kind. */
  readonly standard: PasswordPolicy;
  /** NIST SP 800-63B-4: 15 and more characters, no composition rules. */
  readonly nist: PasswordPolicy;
  /** Composition always: 8 and more characters with upper, lower and digit. */
  readonly classic: PasswordPolicy;
}

const MIN_DISTINCT = 5;
const ALL_CLASSES: readonly CharacterClass[] = ["upper", "lower", "digit"];

export const passwordPolicies: PasswordPolicies = {
  standard: { minLength: 8, classes: ALL_CLASSES, passphraseLength: 15 },
  nist: { minLength: 15, classes: [], passphraseLength: null },
  classic: { minLength: 8, classes: ALL_CLASSES, passphraseLength: null },
};

export interface PasswordProblem {
  readonly code: string;
  readonly message: string;
}

// A letter of a script without case (Han, Arabic, Hindi) counts as both: such a script has no other one to add.
const CLASS_RULES: Readonly<Record<CharacterClass, { pattern: RegExp; problem: PasswordProblem }>> = {
  upper: {
    pattern: /[\p{Lu}\p{Lt}\p{Lo}]/u,
    problem: { code: "missing_upper", message: "Add an upper-case letter." },
  },
  lower: {
    pattern: /[\p{Ll}\p{Lt}\p{Lo}]/u,
    problem: { code: "missing_lower", message: "Add a lower-case letter." },
  },
  digit: { pattern: /\p{Nd}/u, problem: { code: "missing_digit", message: "Add a digit." } },
};

/** The form in which a password is measured, hashed and compared (NIST SP 800-63B-4: normalise once). */
export function normalizePassword(typed: string): string {
  return typed.normalize("NFC");
}

/** Whether a password repeats itself, in any case: length alone is no strength (NIST SP 800-63B-4, section 3.1.1.2). */
export function isRepetitive(password: string): boolean {
  const folded = password.toLowerCase();
  return new Set(folded).size < MIN_DISTINCT || repeatsItself(folded);
}

/** Every rule of length and composition that a normalised password fails. */
export function compositionProblems(policy: PasswordPolicy, password: string): readonly PasswordProblem[] {
  const length = [...password].length;
  if (policy.passphraseLength !== null && length >= policy.passphraseLength) return [];
  const problems: PasswordProblem[] = [];
  if (length < policy.minLength) {
    problems.push({ code: "too_short", message: `Use at least ${policy.minLength} characters.` });
  }
  for (const name of policy.classes) {
    const rule = CLASS_RULES[name];
    if (!rule.pattern.test(password)) problems.push(rule.problem);
  }
  return withWayOut(policy, problems);
}

/** The words that an attacker tries first: the parts of the email and the product's name. */
export function contextWords(emailCanonical: string, issuer: string): readonly string[] {
  const [local = "", domain = ""] = emailCanonical.split("@");
  const product = issuer.toLowerCase();
  const parts = [local, product].flatMap((text) => text.split(/[^\p{L}\p{N}]+/u));
  const words = [emailCanonical, local, ...domain.split("."), product, ...parts];
  return words.filter((word) => word.length >= 4);
}

/**
 * Whether a normalised password is one of these words, also with added digits and symbols. A word inside a
 * longer password is allowed: otherwise the email `a@b.c` would forbid every password.
 */
export function isContextWord(words: readonly string[], password: string): boolean {
  const folded = password.toLowerCase();
  const bare = folded.replace(/[^\p{L}]/gu, "");
  const core = foldWord(folded.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, ""));
  const isDressed = (word: string): boolean =>
    (bare === word.replace(/[^\p{L}]/gu, "") && bare.length >= 4) || core === foldWord(word);
  return words.some((word) => folded === word || isDressed(word));
}

// A passphrase satisfies the policy as well: the last message says so.
function withWayOut(
  { passphraseLength }: PasswordPolicy,
  problems: readonly PasswordProblem[],
): readonly PasswordProblem[] {
  const last = problems.at(-1);
  if (!last || passphraseLength === null) return problems;
  const message = `${last.message} Or use a passphrase of ${passphraseLength} characters or more.`;
  return [...problems.slice(0, -1), { ...last, message }];
}
