import type { EmailProof, ProofPurpose } from "../../domain/email-proof.ts";
import type { ProofRenewal, ProofStore } from "../../ports/auth-store.ts";
import { readProof, writeProof } from "./proof-row.ts";
import { type ProofStatements, proofStatements } from "./proof-statements.ts";
import { affected, type Runner } from "./runner.ts";
import type { Schema, SqlDialect } from "./sql-dialect.ts";

export function proofVerbs(schema: Schema): (runner: Runner) => ProofStore {
  const { dialect } = schema;
  const statements = proofStatements(schema);
  return (runner) =>
    Object.freeze<ProofStore>({
      ...lookups(runner, dialect, statements),
      ...changes(runner, dialect, statements),
      renew: (purpose, email, renewal) => renew(runner, { dialect, statements, purpose, email, renewal }),
    });
}

function lookups(
  runner: Runner,
  dialect: SqlDialect,
  statements: ProofStatements,
): Pick<ProofStore, "open" | "find"> {
  return {
    open: async (proof) => {
      await runner.run(statements.open(writeProof(proof, dialect)));
    },
    find: async (id, now) => {
      const [row] = (await runner.run(statements.find({ id, now: dialect.encodeTime(now) }))).rows;
      return row ? readProof(row, dialect) : null;
    },
  };
}

function changes(
  runner: Runner,
  { encodeTime }: SqlDialect,
  statements: ProofStatements,
): Omit<ProofStore, "open" | "find" | "renew"> {
  return {
    bind: async (id, userId, epoch) =>
      affected(await runner.run(statements.bind({ id, userId, epoch }))) === 1,
    forget: async (id) => {
      await runner.run(statements.forget({ id }));
    },
    countAttempt: async (id, { max, now }) =>
      affected(await runner.run(statements.countAttempt({ id, max, now: encodeTime(now) }))) === 1,
    take: async (id, now) => affected(await runner.run(statements.take({ id, now: encodeTime(now) }))) === 1,
    markSent: async (id, at) => {
      await runner.run(statements.markSent({ id, at: encodeTime(at) }));
    },
    endAll: async (userId, { at, ...ending }) =>
      affected(await runner.run(statements.endAll({ ...ending, userId, at: encodeTime(at) }))),
  };
}

interface Wanted {
  readonly dialect: SqlDialect;
  readonly statements: ProofStatements;
  readonly purpose: ProofPurpose;
  readonly email: string;
  readonly renewal: ProofRenewal;
}

async function renew(runner: Runner, wanted: Wanted): Promise<EmailProof | null> {
  const { dialect, statements, purpose, email, renewal } = wanted;
  const sentAfter = dialect.encodeTime(renewal.sentAfter);
  const expiresAt = dialect.encodeTime(renewal.expiresAt);
  for (;;) {
    const [row] = (await runner.run(statements.newestSent({ purpose, email, sentAfter }))).rows;
    if (!row) return null;
    const proof = readProof(row, dialect);
    if (proof.expiresAt >= renewal.expiresAt) return proof;
    const renewed = await runner.run(statements.renew({ id: proof.id, expiresAt }));
    if (affected(renewed) === 1) return { ...proof, expiresAt: renewal.expiresAt };
    // Another call used, ended, purged or renewed it in between.
  }
}
