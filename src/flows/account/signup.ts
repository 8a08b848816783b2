import * as z from "zod";
import type { ClientInfo, SignedIn, SignupInput } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import type { AuthEvent } from "../../domain/auth-event.ts";
import type { Credential } from "../../domain/credential.ts";
import type { CredentialId, UserId } from "../../domain/ids.ts";
import type { User } from "../../domain/user.ts";
import { AuthError } from "../../errors.ts";
import { checkBreaches, newPasswordErrors } from "../../kit/check-new-password.ts";
import { customClaims } from "../../kit/custom-claims.ts";
import { enforceLimits, limitsOfEmail } from "../../kit/enforce-limits.ts";
import { type Email, emailField, inputErrors, parseClient, passwordField } from "../../kit/input.ts";
import { signIn } from "../../kit/issue-tokens.ts";
import { newSession, openSession } from "../../kit/open-session.ts";
import { announceEvent, failAttempt, nameAccount } from "../../kit/record-event.ts";
import { userCreatedStep } from "../../kit/user-created.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

const inputSchema = z.strictObject({ email: emailField, password: passwordField });

/** Creates a user with a password and opens their first session: all of it, or nothing. */
export async function signup(ctx: Context, input: SignupInput, clientInfo: ClientInfo): Promise<SignedIn> {
  const { email, password } = await readInput(ctx, input);
  const client = parseClient(clientInfo);
  await enforceLimits(ctx, limitsOfEmail(ctx, "signup", { emailCanonical: email.canonical, client }));

  const failAs = (holder: User | null) =>
    failAttempt(ctx, { type: "signup", ...nameAccount(ctx, holder, email.canonical) }, client);
  const fail = failAs(null);
  await checkBreaches(ctx, { password, path: "password" }).catch(fail);
  const hash = await ctx.hasher.hash(password).catch(fail);

  const user = newUser(ctx, email);
  const credential = passwordCredential(ctx, user, hash);
  const opening = { type: "signup", user, amr: ["pwd"], client } as const;
  const session = newSession(ctx, opening);
  const userCreated = userCreatedStep(ctx, user);
  const create = async (tx: AuthStore): Promise<AuthEvent | null> => {
    // The unique email decides, not a look beforehand: of any number of parallel signups one creates it.
    if (!(await tx.users.create(user))) return null;
    if (!(await tx.credentials.add(credential)))
      throw new TypeError("The store holds a password of a new id");
    await userCreated.run(tx);
    return openSession(ctx, tx, { ...opening, session });
  };
  const event = await ctx.store.transaction(create).catch((failure) => fail(userCreated.judge(failure)));
  if (!event) {
    // Named for its owner: they see it in their trail, and their deletion reaches it.
    const holder = await ctx.store.users.findForLogin(email.canonical).catch(fail);
    return failAs(holder?.user ?? null)(new AuthError("email_taken"));
  }
  announceEvent(ctx, event);
  // After the transaction: the hook finds what `userCreated` wrote. When it fails, the next login asks again.
  return signIn(ctx, { user, session, claims: await customClaims(ctx, user, session) }, null);
}

// Email and password are both judged before either is refused: people hear of every mistake at once.
async function readInput(ctx: Context, input: SignupInput): Promise<z.infer<typeof inputSchema>> {
  const parsed = inputSchema.safeParse(input);
  const password = passwordField.safeParse(input?.password);
  const email = parsed.data?.email.canonical ?? "";
  const weak = password.success
    ? await newPasswordErrors(ctx, { password: password.data, path: "password" }, email)
    : [];
  if (!parsed.success)
    throw new AuthError("invalid_input", { errors: [...inputErrors(parsed.error), ...weak] });
  if (weak.length > 0) throw new AuthError("weak_password", { errors: weak });
  return parsed.data;
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
