import type { Edit } from "./mutant.ts";

const G03 = "test/security/g03-no-enumeration.test.ts";

export const G3: readonly Edit[] = [
  {
    edit: "no await of the hash for an unknown account",
    file: "src/kit/verify-password.ts",
    from: "await ctx.hasher.hash(password);",
    to: "void ctx.hasher.hash(password);",
    stoppedBy: G03,
  },
  {
    edit: "no hash for an unknown account",
    file: "src/kit/verify-password.ts",
    from: "  await ctx.hasher.hash(password);\n",
    to: "",
    stoppedBy: G03,
  },
  {
    edit: "no hash for a disabled account",
    file: "src/flows/account/login.ts",
    from: "const matches = await verifyPassword(",
    to: 'const matches = record?.user.status !== "disabled" && await verifyPassword(',
    stoppedBy: G03,
  },
  {
    edit: "a disabled account has an answer of its own",
    file: "src/flows/account/login.ts",
    from: 'trying.refuse("invalid_credentials", verdict.reason)',
    to: 'trying.refuse(verdict.reason === "disabled" ? "forbidden" : "invalid_credentials", verdict.reason)',
    stoppedBy: G03,
  },
  {
    edit: "a known account costs one more read",
    file: "src/flows/account/login.ts",
    from: "const verdict = judge(record, matches);",
    to: "if (record) await ctx.store.users.find(record.user.id); const verdict = judge(record, matches);",
    stoppedBy: G03,
  },
  {
    edit: "every right password is hashed again",
    file: "src/flows/account/login.ts",
    from: "  if (!ctx.hasher.needsRehash(credential.data)) return;\n",
    to: "",
    stoppedBy: G03,
  },
  {
    edit: "no extra work for an older hash",
    file: "src/adapters/argon2/argon2-hasher.ts",
    from: "      if (missing) await hashWith(password, missing);\n",
    to: "",
    stoppedBy: G03,
  },
  {
    edit: "no await of the extra work for an older hash",
    file: "src/adapters/argon2/argon2-hasher.ts",
    from: "if (missing) await hashWith(",
    to: "if (missing) void hashWith(",
    stoppedBy: G03,
  },
  {
    edit: "no hash for an unreadable hash",
    file: "src/adapters/argon2/argon2-hasher.ts",
    from: "await hashWith(password, cost); //",
    to: "//",
    stoppedBy: G03,
  },
  {
    edit: "the counters of unknown accounts show in the answer",
    file: "src/kit/limits/budget.ts",
    from: "{ retryAfterSeconds: secondsToWait(refusal) });",
    to: "{ retryAfterSeconds: secondsToWait(refusal), message: String(attempted.account) });",
    stoppedBy: G03,
  },
];
