import type { Edit } from "./mutant.ts";

const SIGNUP = "test/flows/mail/signup.test.ts";
const RESET = "test/flows/mail/reset.test.ts";
const GATE = "test/flows/mail/gate.test.ts";
const VERIFICATION = "test/flows/mail/verification.test.ts";
const PURPOSES = "test/flows/mail/purposes.test.ts";
const RACES = "test/flows/mail/races.test.ts";
const BUDGETS = "test/flows/mail/budgets.test.ts";
const NOTICES = "test/flows/mail/notices.test.ts";
const LOST = "test/flows/mail/lost-commits.test.ts";
const CONFIRM = "src/kit/confirm-proof.ts";
const CHANGE = "src/kit/change-user.ts";

/** Of proofs by mail. They belong to no single guarantee. */
export const PROOFS: readonly Edit[] = [
  {
    edit: "a link alone confirms a signup",
    file: "src/api/proof-schemas.ts",
    from: '  ["challengeToken", "link"],\n];',
    to: '  ["challengeToken", "link"],\n  ["link"],\n];',
    stoppedBy: SIGNUP,
  },
  {
    edit: "a proof of one purpose counts for another",
    file: CONFIRM,
    from: "proof !== null && proof.purpose === purpose && proof.usedAt === null",
    to: "proof !== null && proof.usedAt === null",
    stoppedBy: PURPOSES,
  },
  {
    edit: "a code takes any number of guesses",
    file: CONFIRM,
    from: "const MAX_GUESSES = 5;",
    to: "const MAX_GUESSES = 500;",
    stoppedBy: RACES,
  },
  {
    edit: "codes of one address have no budget",
    file: "src/kit/limits/mail-budgets.ts",
    from: 'onlyScopes(ctx.settings.limits.proof, "account")',
    to: "onlyScopes(ctx.settings.limits.proof)",
    stoppedBy: BUDGETS,
  },
  {
    edit: "a verification does not take its proof",
    file: "src/flows/email/verify-email.ts",
    from: "      await takeSpends(tx, [spendOf(proof)], { trying, at });\n",
    to: "",
    stoppedBy: VERIFICATION,
  },
  {
    edit: "a code counts as long as its link",
    file: CONFIRM,
    from: " || isCodeOver(ctx, guess, now)",
    to: "",
    stoppedBy: SIGNUP,
  },
  {
    edit: "a link survives a change of the account",
    file: CONFIRM,
    from: "const isSame = user.epoch === proof.epoch && user.emailCanonical === proof.emailCanonical;",
    to: "const isSame = user.id === proof.userId;",
    stoppedBy: RESET,
  },
  {
    edit: "a signup does not take its proof",
    file: "src/flows/account/confirm-signup.ts",
    from: "      await takeSpends(tx, [spendOf(proof)], { trying, at: user.createdAt });\n",
    to: "",
    stoppedBy: SIGNUP,
  },
  {
    edit: "the password of a stranger's signup counts with the owner's link",
    file: "src/flows/account/confirm-signup.ts",
    from: "if (password === undefined) return",
    to: "if (proof.id) return",
    stoppedBy: SIGNUP,
  },
  {
    edit: "a reset leaves the squatter's passkeys",
    file: "src/kit/reclaim.ts",
    from: '["password", "passkey", "oauth"]',
    to: '["password"]',
    stoppedBy: RESET,
  },
  {
    edit: "a reset takes the second factor away",
    file: "src/kit/reclaim.ts",
    from: "if (WAYS_IN.includes(credential.kind)) ",
    to: "",
    stoppedBy: RESET,
  },
  {
    edit: "a reset takes the passkeys of a proven account",
    file: "src/flows/password/reset-password.ts",
    from: "if (reclaimed) await removeWaysIn(tx, user);",
    to: "await removeWaysIn(tx, user);",
    stoppedBy: RESET,
  },
  {
    edit: "a security change ends no proof",
    file: CHANGE,
    from: "  await tx.proofs.endAll(user.id, { keep: reclaims ? [] : WAYS_BACK, at });\n",
    to: "",
    stoppedBy: RESET,
  },
  {
    edit: "the gate asks no one",
    file: "src/gates/email.ts",
    from: "if (!isRequired || !isUnproven(attempt.user)) return null;",
    to: "if (!isRequired || isUnproven(attempt.user)) return null;",
    stoppedBy: GATE,
  },
  {
    edit: "a mailed code is a second factor",
    file: "src/flows/account/answer-email.ts",
    from: "{ ...parked, user: verified, spends, client }",
    to: '{ ...parked, amr: [...parked.amr, "mfa"], user: verified, spends, client }',
    stoppedBy: GATE,
  },
  {
    edit: "another user's session verifies the address",
    file: "src/flows/email/verify-email.ts",
    from: 'if (proof.userId !== user.id) throw trying.refuse("invalid_code", "proof_unknown");',
    to: "",
    stoppedBy: VERIFICATION,
  },
  {
    edit: "each tag has a budget",
    file: "src/domain/email.ts",
    from: "return plus > 0 && plus < at ?",
    to: "return plus > at ?",
    stoppedBy: BUDGETS,
  },
  {
    edit: "each tag gets a mail beyond the budget",
    file: "src/kit/postman/decide.ts",
    from: "(isTagged(proof) || (await hasWorkingLink(ctx, proof, null)))",
    to: "(await hasWorkingLink(ctx, proof, null))",
    stoppedBy: BUDGETS,
  },
  {
    edit: "a mail that is sent too often is void",
    file: "src/kit/postman/decide.ts",
    from: "return proof.sentAt === null ? { letter: null, forgotten: proof.id } : NOTHING;",
    to: "return { letter: null, forgotten: proof.id };",
    stoppedBy: BUDGETS,
  },
  {
    edit: "a failed signup spends the owner's budget of mails",
    file: "src/flows/account/signup.ts",
    from: "spends: [], client, create, mail }",
    to: "spends: [], client, create }",
    stoppedBy: LOST,
  },
  {
    edit: "a mail that an outage kept from being stored counts",
    file: "src/kit/limits/counted-mail.ts",
    from: "    await refund();\n    throw error;\n",
    to: "    throw error;\n",
    stoppedBy: LOST,
  },
  {
    edit: "calls that change nothing spend the owner's notices",
    file: "src/kit/limits/counted-mail.ts",
    from: "  if (stored === null) await refund();\n",
    to: "",
    stoppedBy: LOST,
  },
  {
    edit: "a notice without its change",
    file: "src/flows/password/change-password.ts",
    from: "      if (notice) await tx.outbox.put([notice.mail]);\n",
    to: "",
    stoppedBy: NOTICES,
  },
  {
    edit: "notices without end",
    file: "src/kit/notices.ts",
    from: "  if (!isWithin) return null;\n",
    to: "",
    stoppedBy: NOTICES,
  },
  {
    edit: "notices to any address",
    file: "src/kit/notices.ts",
    from: " || isUnproven(user)",
    to: "",
    stoppedBy: NOTICES,
  },
  {
    edit: "each order of the secrets has guesses of its own",
    file: "src/kit/limits/mail-budgets.ts",
    from: "countQuietly(ctx, budget, { account: recipient })",
    to: "countQuietly(ctx, budget, { account: recipient.slice(0, 1) })",
    stoppedBy: BUDGETS,
  },
  {
    edit: "a mail that is asked for again names no account",
    file: "src/kit/postman/name-reader.ts",
    from: "letter?.to ?? recipient",
    to: "recipient",
    stoppedBy: BUDGETS,
  },
];
