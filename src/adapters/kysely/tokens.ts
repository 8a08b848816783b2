import { sql } from "kysely";
import type { UserId } from "../../domain/ids.ts";
import type { OneTimeToken, TokenPurpose } from "../../domain/one-time-token.ts";
import type { TokenStore } from "../../ports/auth-store.ts";
import { prepare } from "./prepare.ts";
import { affected, type Runner } from "./runner.ts";
import type { Schema, SqlDialect } from "./sql-dialect.ts";
import type { StoredTime, TokenRow } from "./tables.ts";

const COLUMNS = [
  "hash",
  "purpose",
  "user_id",
  "epoch",
  "attempts",
  "data",
  "expires_at",
  "created_at",
] as const;

export function tokenVerbs(schema: Schema): (runner: Runner) => TokenStore {
  const statements = tokenStatements(schema);
  return (runner) => tokensOn(runner, schema.dialect, statements);
}

function tokensOn(runner: Runner, dialect: SqlDialect, statements: Statements): TokenStore {
  const find = async (wanted: Wanted): Promise<OneTimeToken | null> => {
    const [row] = (await runner.run(statements.find(wanted))).rows;
    return row ? readToken(row, dialect) : null;
  };
  return Object.freeze<TokenStore>({
    issue: async (token) => {
      await runner.run(statements.issue(writeToken(token, dialect)));
    },
    find: (purpose, hash, now) => find({ purpose, hash, now: dialect.encodeTime(now) }),
    consume: async (purpose, hash, now) => {
      const wanted = { purpose, hash, now: dialect.encodeTime(now) };
      const token = await find(wanted);
      if (!token) return null;
      // Many callers may have read it; the one whose DELETE finds the row gets it.
      return affected(await runner.run(statements.take(wanted))) === 1 ? token : null;
    },
    countAttempt: async (purpose, hash, { max, now }) =>
      affected(
        await runner.run(statements.countAttempt({ purpose, hash, max, now: dialect.encodeTime(now) })),
      ) === 1,
    revokeAll: async (userId, purpose) =>
      affected(
        await runner.run(
          purpose === undefined ? statements.revokeAll({ userId }) : statements.revoke({ userId, purpose }),
        ),
      ),
  });
}

interface Wanted {
  readonly purpose: TokenPurpose;
  readonly hash: string;
  readonly now: StoredTime;
}

type Statements = ReturnType<typeof tokenStatements>;

function tokenStatements({ db, names }: Schema) {
  const { tokens } = names;
  return {
    issue: prepare(COLUMNS, (row: TokenRow) => db.insertInto(tokens).values(row)),
    find: prepare(["purpose", "hash", "now"], ({ purpose, hash, now }: Wanted) =>
      db
        .selectFrom(tokens)
        .select(COLUMNS)
        .where("hash", "=", hash)
        .where("purpose", "=", purpose)
        .where("expires_at", ">", now),
    ),
    take: prepare(["purpose", "hash", "now"], ({ purpose, hash, now }: Wanted) =>
      db
        .deleteFrom(tokens)
        .where("hash", "=", hash)
        .where("purpose", "=", purpose)
        .where("expires_at", ">", now),
    ),
    countAttempt: prepare(["purpose", "hash", "max", "now"], (wanted: Wanted & { max: number }) =>
      db
        .updateTable(tokens)
        .set({ attempts: sql<number>`attempts + 1` })
        .where("hash", "=", wanted.hash)
        .where("purpose", "=", wanted.purpose)
        .where("attempts", "<", wanted.max)
        .where("expires_at", ">", wanted.now),
    ),
    revokeAll: prepare(["userId"], ({ userId }: { userId: UserId }) =>
      db.deleteFrom(tokens).where("user_id", "=", userId),
    ),
    revoke: prepare(["userId", "purpose"], ({ userId, purpose }: { userId: UserId; purpose: TokenPurpose }) =>
      db.deleteFrom(tokens).where("user_id", "=", userId).where("purpose", "=", purpose),
    ),
  };
}

function writeToken(token: OneTimeToken, { encodeTime }: SqlDialect): TokenRow {
  return {
    hash: token.hash,
    purpose: token.purpose,
    user_id: token.userId,
    epoch: token.epoch,
    attempts: token.attempts,
    data: token.data,
    expires_at: encodeTime(token.expiresAt),
    created_at: encodeTime(token.createdAt),
  };
}

function readToken(row: TokenRow, { decodeTime }: SqlDialect): OneTimeToken {
  return {
    hash: row.hash,
    purpose: row.purpose,
    userId: row.user_id,
    epoch: Number(row.epoch),
    attempts: Number(row.attempts),
    data: row.data,
    expiresAt: decodeTime(row.expires_at),
    createdAt: decodeTime(row.created_at),
  };
}
