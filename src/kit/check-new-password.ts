import type { Context } from "../context.ts";
import { isEasilyGuessed, type KnownWords } from "../domain/guessing/is-easily-guessed.ts";
import {
  compositionProblems,
  contextWords,
  isContextWord,
  isRepetitive,
  type PasswordProblem,
} from "../domain/password-policy.ts";
import { AuthError, type FieldError } from "../errors.ts";
import { askHook } from "./hook-answer.ts";

const COMMON: PasswordProblem = {
  code: "common_password",
  message:
    "This password is easy to guess. Choose another one, such as four words that do not belong together.",
};
const REPETITIVE: PasswordProblem = {
  code: "repetitive",
  message: "This password repeats itself. Choose another one.",
};
const CONTEXT: PasswordProblem = {
  code: "context_specific",
  message: "This password is your email, your provider or this site's name. Choose another one.",
};
const BREACHED: PasswordProblem = {
  code: "breached_password",
  message: "This password appeared in a data breach. Choose another one.",
};

/** A new password, and the input field that holds it. */
export interface NewPassword {
  readonly password: string;
  readonly path: string;
}

/** Returns every rule that a new password breaks. */
export async function newPasswordErrors(
  ctx: Context,
  { password, path }: NewPassword,
  emailCanonical: string,
): Promise<readonly FieldError[]> {
  const problems = compositionProblems(ctx.settings.password.policy, password);
  const context = contextWords(emailCanonical, ctx.settings.issuer);
  const guessed = guessProblem(password, await ctx.commonWords(), context);
  const isLong = problems.every(({ code }) => code !== "too_short");
  // A short password has room for one problem only: its length.
  return [...problems, ...(guessed && isLong ? [guessed] : [])].map((problem) => ({ path, ...problem }));
}

/** Why guessing finds the password early, or null. */
function guessProblem(
  password: string,
  words: KnownWords,
  context: readonly string[],
): PasswordProblem | null {
  if (isContextWord(context, password)) return CONTEXT;
  if (isRepetitive(password)) return REPETITIVE;
  return isEasilyGuessed(password, words, context) ? COMMON : null;
}

/** Checks a new password by all rules, and hashes it. Throws `weak_password` with every rule that it breaks. */
export async function hashNewPassword(
  ctx: Context,
  candidate: NewPassword,
  emailCanonical: string,
): Promise<string> {
  const errors = await newPasswordErrors(ctx, candidate, emailCanonical);
  if (errors.length > 0) throw new AuthError("weak_password", { errors });
  await checkBreaches(ctx, candidate);
  return ctx.hasher.hash(candidate.password);
}

/** Throws `weak_password` if the application's breach service knows the password. */
export async function checkBreaches(ctx: Context, { password, path }: NewPassword): Promise<void> {
  const { isBreached } = ctx.settings.password;
  if (!isBreached) return;
  const answer = await askHook("password.isBreached", () => isBreached(password));
  // A service that is down or hangs must not stop signups.
  if ("error" in answer) ctx.report(answer.error);
  else if (answer.value) throw new AuthError("weak_password", { errors: [{ path, ...BREACHED }] });
}
