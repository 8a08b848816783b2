import type { Edit } from "./mutant.ts";

const G06 = "test/security/g06-nothing-usable-at-rest.test.ts";
const PURGE = "test/flows/purge.test.ts";

export const G6: readonly Edit[] = [
  {
    edit: "a signup stores the password",
    file: "src/flows/account/signup.ts",
    from: "newAccount(ctx, email, { hash: await ctx.hasher.hash(password) })",
    to: "newAccount(ctx, email, { hash: password })",
    stoppedBy: G06,
  },
  {
    edit: "a password change stores the password",
    file: "src/flows/password/change-password.ts",
    from: "await ctx.hasher.hash(newPassword)",
    to: "newPassword",
    stoppedBy: G06,
  },
  {
    edit: "a renewed hash is the password",
    file: "src/flows/account/login.ts",
    from: "const data = await ctx.hasher.hash(password);",
    to: "const data = password;",
    stoppedBy: G06,
  },
  {
    edit: "a one-time secret is stored as it is",
    file: "src/lib/secrets.ts",
    from: 'return createHash("sha256").update(token).digest("base64url");',
    to: "return token;",
    stoppedBy: G06,
  },
  {
    edit: "an unknown email is stored as typed",
    file: "src/kit/record-event.ts",
    from: "attemptedEmail: emailCanonical } : { attemptedEmail };",
    to: "attemptedEmail: emailCanonical } : { attemptedEmail: emailCanonical };",
    stoppedBy: G06,
  },
  {
    edit: "a refused login stores the email",
    file: "src/flows/account/login.ts",
    from: "attemptedEmail: account[0]",
    to: "attemptedEmail: email.canonical",
    stoppedBy: G06,
  },
  {
    edit: "a refused signup stores the email",
    file: "src/flows/account/signup.ts",
    from: "attemptedEmail: account[0]",
    to: "attemptedEmail: email.canonical",
    stoppedBy: G06,
  },
  {
    edit: "a deletion keeps the email in events",
    file: "src/flows/operators/delete-user.ts",
    from: "= pseudonymOf(ctx, user.emailCanonical);",
    to: "= user.emailCanonical;",
    stoppedBy: G06,
  },
  {
    edit: "a deletion takes the user from events, but not the email, in SQL",
    file: "src/adapters/kysely/users.ts",
    from: ".set({ user_id: null, attempted_email: pseudonym })",
    to: ".set({ user_id: null })",
    stoppedBy: G06,
  },
  {
    edit: "an event during a deletion keeps the email, in SQL",
    file: "src/adapters/kysely/events.ts",
    from: "{ ...row, user_id: null, attempted_email: null }",
    to: "{ ...row, user_id: null }",
    stoppedBy: G06,
  },
  {
    edit: "the file of SQLite is for everyone to read",
    file: "src/adapters/sqlite/index.ts",
    from: "0o600",
    to: "0o644",
    stoppedBy: G06,
  },
  {
    edit: "a purge keeps old events",
    file: "src/flows/operators/purge.ts",
    from: "addMs(now, -events)",
    to: "addMs(now, -10 * events)",
    stoppedBy: PURGE,
  },
  {
    edit: "a purge deletes sessions that ended just now",
    file: "src/flows/operators/purge.ts",
    from: "endedSessionsBefore: addMs(now, -endedSessions)",
    to: "endedSessionsBefore: now",
    stoppedBy: PURGE,
  },
];
