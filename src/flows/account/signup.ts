import type * as z from "zod/mini";
import type { SignupInput, SignupResult } from "../../api/auth.ts";
import { type Email, passwordField } from "../../api/input-fields.ts";
import { signupInput, signupWithFieldsInput } from "../../api/input-schemas.ts";
import { parse } from "../../api/schema.ts";
import type { Context, OpenRequest } from "../../context.ts";
import type { Credential } from "../../domain/credential.ts";
import type { CredentialId, UserId } from "../../domain/ids.ts";
import type { User } from "../../domain/user.ts";
import { AuthError } from "../../errors.ts";
import { attempt, refundIfFaulty } from "../../kit/attempt.ts";
import { checkBreaches, newPasswordErrors } from "../../kit/check-new-password.ts";
import { inputErrors, parseClient } from "../../kit/input.ts";
import { enforceLimits } from "../../kit/limits/budget.ts";
import { nameAccount, pseudonymsOf } from "../../kit/record-event.ts";
import { sessionBroughtBy } from "../../kit/replace-session.ts";
import { signIn } from "../../kit/sign-in.ts";
import { judgeFields } from "../../kit/signup-fields.ts";
import { userCreatedStep } from "../../kit/user-created.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

/** Creates a user with a password and opens their first session. It does both, or neither. */
export async function signup(
  ctx: Context,
  request: OpenRequest<SignupInput & OwnFields>,
): Promise<SignupResult> {
  const { email, password, refreshToken, fields } = await readInput(ctx, request.input);
  const client = parseClient(request.client);
  const account = pseudonymsOf(ctx, email.canonical);
  const draft = { type: "signup", named: { attemptedEmail: account[0] }, client } as const;
  // The same for a taken and a free email. Otherwise strangers could fill the owner's trail with signups.
  const refund = await enforceLimits(ctx, ctx.settings.limits.signup, { ...draft, account });

  const signingUp = attempt(ctx, draft, async (trying) => {
    await checkBreaches(ctx, { password, path: "password" });
    const user = newUser(ctx, email);
    const credential = passwordCredential(ctx, user, await ctx.hasher.hash(password));
    const userCreated = userCreatedStep(ctx, user, fields);
    const create = async (tx: AuthStore): Promise<boolean> => {
      if (!(await storeUser(tx, user, credential))) return false;
      await userCreated.run(tx);
      return true;
    };
    const replaces = sessionBroughtBy(ctx, refreshToken);
    const entry = { user, amr: ["pwd"], device: null, replaces, spends: [], client, create };
    const result = await signIn(ctx, trying, entry).catch((failure) => {
      throw userCreated.judge(failure);
    });
    if (result) return result;
    // The event names the owner of the email. So the owner sees it in their trail, and a deletion includes it.
    const holder = await ctx.store.users.findForLogin(email.canonical);
    trying.name(nameAccount(ctx, holder?.user ?? null, email.canonical));
    throw trying.refuse("email_taken");
  });
  return refundIfFaulty(refund, signingUp);
}

// The unique email decides, not an earlier read: of any number of parallel signups, one creates the user.
async function storeUser(tx: AuthStore, user: User, credential: Credential): Promise<boolean> {
  if (!(await tx.users.create(user))) return false;
  if (await tx.credentials.add(credential)) return true;
  throw new TypeError("The store already has a password for a new user id");
}

interface OwnFields {
  readonly fields?: unknown;
}

type ReadInput = z.output<typeof signupInput> & { readonly fields: unknown };

// It checks email, password and fields before it refuses, so that the user sees all mistakes at once. No limit and no
// account is asked before: a refusal of the fields says nothing about the email.
async function readInput(ctx: Context, input: SignupInput & OwnFields): Promise<ReadInput> {
  const schema: z.ZodMiniType<z.output<typeof signupInput> & OwnFields> = ctx.settings.signup.fields
    ? signupWithFieldsInput
    : signupInput;
  const parsed = parse(schema, input);
  const password = parse(passwordField, input?.password);
  const email = parsed.data?.email.canonical ?? "";
  // The copy of the parsed input, before any wait: the caller's object may change, or answer differently.
  const fields = judgeFields(ctx, parsed.success ? parsed.data.fields : input?.fields);
  const weak = password.success
    ? await newPasswordErrors(ctx, { password: password.data, path: "password" }, email)
    : [];
  const invalid = [...(parsed.success ? [] : inputErrors(parsed.error, schema)), ...fields.errors];
  if (!parsed.success || invalid.length > 0)
    throw new AuthError("invalid_input", { errors: [...invalid, ...weak] });
  if (weak.length > 0) throw new AuthError("weak_password", { errors: weak });
  return { ...parsed.data, fields: fields.value };
}

function newUser(ctx: Context, email: Email): User {
  const now = ctx.clock.now();
  return {
    id: ctx.newId<UserId>(now),
    email: email.typed,
    emailCanonical: email.canonical,
    emailVerifiedAt: null,
    status: "active",
    epoch: 0,
    lastLoginAt: now,
    createdAt: now,
    updatedAt: now,
    deleteAfter: null,
  };
}

function passwordCredential(ctx: Context, user: User, hash: string): Credential {
  return {
    id: ctx.newId<CredentialId>(user.createdAt),
    userId: user.id,
    kind: "password",
    identifier: user.id,
    data: hash,
    version: 0,
    createdAt: user.createdAt,
    lastUsedAt: null,
  };
}
