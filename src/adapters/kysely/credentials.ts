import { sql } from "kysely";
import type { Credential, CredentialKind } from "../../domain/credential.ts";
import type { CredentialId, UserId } from "../../domain/ids.ts";
import type { CredentialStore } from "../../ports/auth-store.ts";
import { prepare } from "./prepare.ts";
import { affected, type Runner } from "./runner.ts";
import type { Schema, SqlDialect } from "./sql-dialect.ts";
import type { CredentialRow, StoredTime } from "./tables.ts";

/** The credential's columns, renamed for joins. */
export const CREDENTIAL_SELECTION = [
  "c.id as c_id",
  "c.user_id as c_user_id",
  "c.kind as c_kind",
  "c.identifier as c_identifier",
  "c.data as c_data",
  "c.version as c_version",
  "c.created_at as c_created_at",
  "c.last_used_at as c_last_used_at",
] as const;

export type CredentialSelection = {
  readonly [Column in keyof CredentialRow as `c_${Column}`]: CredentialRow[Column];
};

export function credentialVerbs(schema: Schema): (runner: Runner) => CredentialStore {
  const statements = credentialStatements(schema);
  return (runner) => credentialsOn(runner, schema.dialect, statements);
}

function credentialsOn(runner: Runner, dialect: SqlDialect, statements: Statements): CredentialStore {
  const readAll = (rows: readonly CredentialSelection[]): Credential[] =>
    rows.map((row) => readCredential(row, dialect));
  return Object.freeze<CredentialStore>({
    add: async (credential) =>
      affected(await runner.insertUnlessTaken(statements.add(writeCredential(credential, dialect)))) === 1,
    list: async (userId, kind) => {
      const query = kind === undefined ? statements.list({ userId }) : statements.listKind({ userId, kind });
      return readAll((await runner.run(query)).rows);
    },
    findByIdentifier: async (kind, identifier) => {
      const [credential] = readAll((await runner.run(statements.find({ kind, identifier }))).rows);
      return credential ?? null;
    },
    replace: async ({ at, ...change }) =>
      affected(await runner.run(statements.replace({ ...change, at: dialect.encodeTime(at) }))) === 1,
    remove: async (userId, id) => affected(await runner.run(statements.remove({ userId, id }))) === 1,
  });
}

interface Replacement {
  readonly userId: UserId;
  readonly id: CredentialId;
  readonly expectedVersion: number;
  readonly data: string;
  readonly at: StoredTime;
}

type Statements = ReturnType<typeof credentialStatements>;

function credentialStatements({ db, names, dialect }: Schema) {
  const columns = CREDENTIAL_SELECTION.map((item) =>
    item.slice(2, item.indexOf(" ")),
  ) as (keyof CredentialRow)[];
  const selection = db.selectFrom(`${names.credentials} as c`).select(CREDENTIAL_SELECTION);
  const oldestFirst = selection.orderBy("c.created_at").orderBy("c.id");
  return {
    add: prepare(columns, (row: CredentialRow) =>
      db.insertInto(names.credentials).values(row).modifyEnd(dialect.unlessTaken),
    ),
    list: prepare(["userId"], ({ userId }: { userId: UserId }) =>
      oldestFirst.where("c.user_id", "=", userId),
    ),
    listKind: prepare(["userId", "kind"], ({ userId, kind }: { userId: UserId; kind: CredentialKind }) =>
      oldestFirst.where("c.user_id", "=", userId).where("c.kind", "=", kind),
    ),
    find: prepare(["kind", "identifier"], (wanted: { kind: CredentialKind; identifier: string }) =>
      selection.where("c.kind", "=", wanted.kind).where("c.identifier", "=", wanted.identifier),
    ),
    replace: prepare(["userId", "id", "expectedVersion", "data", "at"], (change: Replacement) =>
      db
        .updateTable(names.credentials)
        .set({ data: change.data, version: sql<number>`version + 1`, last_used_at: change.at })
        .where("id", "=", change.id)
        .where("user_id", "=", change.userId)
        .where("version", "=", change.expectedVersion),
    ),
    remove: prepare(["userId", "id"], ({ userId, id }: { userId: UserId; id: CredentialId }) =>
      db.deleteFrom(names.credentials).where("id", "=", id).where("user_id", "=", userId),
    ),
  };
}

function writeCredential(credential: Credential, { encodeTime }: SqlDialect): CredentialRow {
  return {
    id: credential.id,
    user_id: credential.userId,
    kind: credential.kind,
    identifier: credential.identifier,
    data: credential.data,
    version: credential.version,
    created_at: encodeTime(credential.createdAt),
    last_used_at: credential.lastUsedAt && encodeTime(credential.lastUsedAt),
  };
}

export function readCredential(row: CredentialSelection, { decodeTime }: SqlDialect): Credential {
  return {
    id: row.c_id,
    userId: row.c_user_id,
    kind: row.c_kind,
    identifier: row.c_identifier,
    data: row.c_data,
    version: Number(row.c_version),
    createdAt: decodeTime(row.c_created_at),
    lastUsedAt: row.c_last_used_at === null ? null : decodeTime(row.c_last_used_at),
  };
}
