import type * as z from "zod/mini";
import type { MailSent, SignupInput, SignupResult } from "../../api/auth.ts";
import { type JsonObject, passwordField } from "../../api/input-fields.ts";
import { signupInput, signupWithFieldsInput } from "../../api/input-schemas.ts";
import { parse } from "../../api/schema.ts";
import type { Context, OpenRequest } from "../../context.ts";
import { onlyScopes } from "../../domain/budget.ts";
import { AuthError, type FieldError } from "../../errors.ts";
import { askByMail } from "../../kit/ask-by-mail.ts";
import { type Attempt, attempt, refundIfFaulty } from "../../kit/attempt.ts";
import { checkBreaches, newPasswordErrors } from "../../kit/check-new-password.ts";
import { type Client, inputErrors, parseClient } from "../../kit/input.ts";
import { enforceLimits } from "../../kit/limits/budget.ts";
import { type PreparedMail, prepareUserMail } from "../../kit/mail-to-user.ts";
import { type Account, newAccount, storeAccount } from "../../kit/new-account.ts";
import { writePending } from "../../kit/pending-signup.ts";
import { nameAccount, pseudonymsOf } from "../../kit/record-event.ts";
import { sessionBroughtBy } from "../../kit/replace-session.ts";
import { signIn } from "../../kit/sign-in.ts";
import { judgeFields } from "../../kit/signup-fields.ts";
import { userCreatedStep } from "../../kit/user-created.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

/**
 * Creates a user with a password and opens their first session. It does both, or neither. Where verification is
 * required it creates nothing: it stores a proof and a mail, in the same way for a taken and a free email.
 */
export async function signup(
  ctx: Context,
  request: OpenRequest<SignupInput & OwnFields>,
): Promise<SignupResult> {
  const given = await readInput(ctx, request.input);
  const client = parseClient(request.client);
  const account = pseudonymsOf(ctx, given.email.canonical);
  const draft = { type: "signup", named: { attemptedEmail: account[0] }, client } as const;
  const { signup: budget } = ctx.settings.limits;
  if (ctx.settings.email.verification === "required") {
    await enforceLimits(ctx, onlyScopes(budget, "address"), draft);
    return attempt(ctx, draft, (trying) => askForProof(ctx, trying, { ...given, client }));
  }
  // The same for a taken and a free email. Otherwise strangers could fill the owner's trail with signups.
  const refund = await enforceLimits(ctx, budget, { ...draft, account });
  const signingUp = attempt(ctx, draft, (trying) => createNow(ctx, trying, { ...given, client }));
  return refundIfFaulty(refund, signingUp);
}

interface OwnFields {
  readonly fields?: unknown;
}

interface Given extends z.output<typeof signupInput> {
  /** The application's own fields as they came, and as its schema read them. */
  readonly raw: JsonObject | null;
  readonly fields: unknown;
}

interface SigningUp extends Given {
  readonly client: Client;
}

/** The password waits as a hash, in the proof. No user has the email before its mailbox is proven. */
async function askForProof(ctx: Context, trying: Attempt, given: SigningUp): Promise<MailSent> {
  const { email, password, raw, client } = given;
  await checkBreaches(ctx, { password, path: "password" });
  const data = writePending({ hash: await ctx.hasher.hash(password), fields: raw });
  return askByMail(ctx, trying, { purpose: "signup", email, client, data });
}

async function createNow(ctx: Context, trying: Attempt, given: SigningUp): Promise<SignupResult> {
  const { email, password, refreshToken, fields, client } = given;
  await checkBreaches(ctx, { password, path: "password" });
  const account = newAccount(ctx, email, { hash: await ctx.hasher.hash(password) });
  const { user } = account;
  const userCreated = userCreatedStep(ctx, user, fields);
  const mail = await verificationMail(ctx, account, client);
  const create = async (tx: AuthStore): Promise<boolean> => {
    if (!(await storeAccount(tx, account))) return false;
    await userCreated.run(tx);
    await mail?.write(tx);
    return true;
  };
  const replaces = sessionBroughtBy(ctx, refreshToken);
  const entry = { user, amr: ["pwd"], device: null, replaces, spends: [], client, create, mail };
  const result = await signIn(ctx, trying, entry).catch((failure) => {
    throw userCreated.judge(failure);
  });
  if (result?.status === "signed_in" && mail) return { ...result, challengeToken: mail.sent.challengeToken };
  if (result) return result;
  // The event names the owner of the email. So the owner sees it in their trail, and a deletion includes it.
  const holder = await ctx.store.users.findForLogin(email.canonical);
  trying.name(nameAccount(ctx, holder?.user ?? null, email.canonical));
  throw trying.refuse("email_taken");
}

// It counts with the mails of signups: those that a signed-in user asks for have a budget of their own.
async function verificationMail(
  ctx: Context,
  { user }: Account,
  client: Client,
): Promise<PreparedMail | null> {
  if (ctx.settings.email.verification !== "later") return null;
  return prepareUserMail(ctx, { purpose: "email_verification", countsAs: "signup", user, client });
}

type Schema = z.ZodMiniType<z.output<typeof signupInput> & { readonly fields?: JsonObject | undefined }>;

// It checks email, password and fields before it refuses, so that the user sees all mistakes at once. No limit and no
// account is asked before: a refusal of the fields says nothing about the email.
async function readInput(ctx: Context, input: SignupInput & OwnFields): Promise<Given> {
  const schema: Schema = ctx.settings.signup.fields ? signupWithFieldsInput : signupInput;
  const parsed = parse(schema, input);
  const email = parsed.data?.email.canonical ?? "";
  // The copy of the parsed input, before any wait: the caller's object may change, or answer differently.
  const fields = judgeFields(ctx, parsed.success ? parsed.data.fields : input?.fields);
  const weak = await passwordErrors(ctx, input?.password, email);
  const invalid = [...(parsed.success ? [] : inputErrors(parsed.error, schema)), ...fields.errors];
  if (!parsed.success || invalid.length > 0)
    throw new AuthError("invalid_input", { errors: [...invalid, ...weak] });
  if (weak.length > 0) throw new AuthError("weak_password", { errors: weak });
  return { ...parsed.data, raw: parsed.data.fields ?? null, fields: fields.value };
}

/** The rules that the password breaks, whatever else is wrong with the input. */
async function passwordErrors(ctx: Context, typed: unknown, email: string): Promise<readonly FieldError[]> {
  const password = parse(passwordField, typed);
  return password.success ? newPasswordErrors(ctx, { password: password.data, path: "password" }, email) : [];
}
