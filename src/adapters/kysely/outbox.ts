import type { QueuedMail } from "../../domain/queued-mail.ts";
import type { MailClaim, OutboxStore } from "../../ports/auth-store.ts";
import { readMail, writeMail } from "./mail-row.ts";
import { type MailStatements, mailStatements } from "./mail-statements.ts";
import { affected, type Runner } from "./runner.ts";
import type { Schema, SqlDialect } from "./sql-dialect.ts";

export function outboxVerbs(schema: Schema): (runner: Runner) => OutboxStore {
  const { dialect } = schema;
  const statements = mailStatements(schema);
  return (runner) =>
    Object.freeze<OutboxStore>({
      put: async (mails) => {
        if (mails.length === 0) return;
        await runner.run(statements.put(mails.map((mail) => writeMail(mail, dialect))));
      },
      claim: (wanted) => claim(runner, { dialect, statements, wanted }),
      ...claimed(runner, dialect, statements),
      ...lookups(runner, dialect, statements),
    });
}

interface Claiming {
  readonly dialect: SqlDialect;
  readonly statements: MailStatements;
  readonly wanted: MailClaim;
}

async function claim(
  runner: Runner,
  { dialect, statements, wanted }: Claiming,
): Promise<readonly QueuedMail[]> {
  const { audience, limit, lease } = wanted;
  const until = dialect.encodeTime(wanted.until);
  const now = dialect.encodeTime(wanted.now);
  const { rows } = await runner.run(statements.due({ audience, now, limit }));
  const won: QueuedMail[] = [];
  for (const row of rows) {
    const mail = readMail(row, dialect);
    const { id, attempts, dueAt } = mail;
    // Other workers may have read it as well. The one whose UPDATE finds it as it was gets it.
    const change = { id, attempts, dueAt: dialect.encodeTime(dueAt), until, lease };
    if (affected(await runner.run(statements.claim(change))) !== 1) continue;
    won.push({ ...mail, dueAt: wanted.until, attempts: attempts + 1, lease });
  }
  return won;
}

/** What a worker does with a mail that it claimed. */
function claimed(
  runner: Runner,
  { encodeTime }: SqlDialect,
  statements: MailStatements,
): Pick<OutboxStore, "settle" | "postpone" | "bury" | "revive"> {
  return {
    settle: async (id, lease) => affected(await runner.run(statements.settle({ id, lease }))) === 1,
    postpone: async (id, lease, dueAt) =>
      affected(await runner.run(statements.postpone({ id, lease, at: encodeTime(dueAt) }))) === 1,
    bury: async (id, lease, at) =>
      affected(await runner.run(statements.bury({ id, lease, at: encodeTime(at) }))) === 1,
    revive: async (id, now) =>
      affected(await runner.run(statements.revive({ id, now: encodeTime(now) }))) === 1,
  };
}

function lookups(
  runner: Runner,
  dialect: SqlDialect,
  statements: MailStatements,
): Pick<OutboxStore, "oldest" | "listDead"> {
  return {
    oldest: async (now) => {
      const [row] = (await runner.run(statements.oldest({ now: dialect.encodeTime(now) }))).rows;
      return row ? dialect.decodeTime(row.due_at) : null;
    },
    listDead: async (query) =>
      (await runner.run(statements.listDead(query))).rows.map((row) => readMail(row, dialect)),
  };
}
