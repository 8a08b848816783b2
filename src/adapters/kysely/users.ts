import { sql } from "kysely";
import type { UserId } from "../../domain/ids.ts";
import type { LoginRecord, UserStore } from "../../ports/auth-store.ts";
import { CREDENTIAL_SELECTION, type CredentialSelection, readCredential } from "./credentials.ts";
import { prepare } from "./prepare.ts";
import { WITHOUT_ADDRESS } from "./proof-row.ts";
import { affected, type Runner } from "./runner.ts";
import type { Schema, SqlDialect } from "./sql-dialect.ts";
import type { StoredTime, UserRow } from "./tables.ts";
import { changeUser } from "./user-change.ts";
import { readUser, USER_SELECTION, type UserSelection, writeUser } from "./user-row.ts";

/** The user verbs. Their statements are compiled once, for every runner. */
export function userVerbs(schema: Schema): (runner: Runner) => UserStore {
  const statements = {
    ...userStatements(schema),
    ...admissionStatements(schema),
    ...doomStatements(schema),
    ...removalStatements(schema),
  };
  return (runner) => usersOn(runner, schema, statements);
}

function usersOn(runner: Runner, schema: Schema, statements: AllStatements): UserStore {
  const { dialect } = schema;
  return Object.freeze<UserStore>({
    create: async (user) =>
      affected(await runner.insertUnlessTaken(statements.create(writeUser(user, dialect)))) === 1,
    find: async (id) => {
      const [row] = (await runner.run(statements.find({ id }))).rows;
      return row ? readUser(row, dialect) : null;
    },
    findForLogin: async (email) => {
      const [row] = (await runner.run(statements.findForLogin({ email }))).rows;
      return row ? readLogin(row, dialect) : null;
    },
    admit: async (id, epoch, at) => {
      const admission = { id, epoch, at: dialect.encodeTime(at) };
      if (affected(await runner.run(statements.admit(admission))) === 1) return true;
      // Two logins in one millisecond write the same time: the second one changes nothing in its row.
      return (
        dialect.mayCountChanges && (await runner.run(statements.isAdmitted(admission))).rows.length === 1
      );
    },
    verify: async (id, epoch, at) =>
      affected(await runner.run(statements.verify({ id, epoch, at: dialect.encodeTime(at) }))) === 1,
    listDoomed: async (now, limit) => {
      const { rows } = await runner.run(statements.listDoomed({ now: dialect.encodeTime(now), limit }));
      return rows.map((row) => readUser(row, dialect));
    },
    change: (id, expectedEpoch, next) => changeUser(runner, schema, { id, expectedEpoch, next }),
    remove: (id, pseudonym) => runner.together((inside) => remove(inside, statements, { id, pseudonym })),
  });
}

type AllStatements = Statements & Admissions & Removals & ReturnType<typeof doomStatements>;

interface Admission {
  readonly id: UserId;
  readonly epoch: number;
  readonly at: StoredTime;
}

type Statements = ReturnType<typeof userStatements>;

function userStatements({ db, names, dialect }: Schema) {
  const users = `${names.users} as u` as const;
  const columns = USER_SELECTION.map((item) =>
    item.slice("u.".length, item.indexOf(" ")),
  ) as (keyof UserRow)[];
  return {
    create: prepare(columns, (row: UserRow) =>
      db.insertInto(names.users).values(row).modifyEnd(dialect.unlessTaken),
    ),
    find: prepare(["id"], ({ id }: { id: UserId }) =>
      db.selectFrom(users).select(USER_SELECTION).where("u.id", "=", id),
    ),
    findForLogin: prepare(["email"], ({ email }: { email: string }) =>
      db
        .selectFrom(users)
        .leftJoin(`${names.credentials} as c`, (join) =>
          join.onRef("c.user_id", "=", "u.id").on("c.kind", "=", "password"),
        )
        .select(USER_SELECTION)
        .select(CREDENTIAL_SELECTION)
        .where("u.email_canonical", "=", email),
    ),
  };
}

type Admissions = ReturnType<typeof admissionStatements>;

function admissionStatements({ db, names }: Schema) {
  return {
    admit: prepare(["id", "epoch", "at"], ({ id, epoch, at }: Admission) =>
      db
        .updateTable(names.users)
        .set({ last_login_at: at })
        .where("id", "=", id)
        .where("epoch", "=", epoch)
        .where("status", "=", "active"),
    ),
    verify: prepare(["id", "epoch", "at"], ({ id, epoch, at }: Admission) =>
      db
        .updateTable(names.users)
        .set({ email_verified_at: at })
        .where("id", "=", id)
        .where("epoch", "=", epoch)
        .where("status", "=", "active")
        .where("email_verified_at", "is", null),
    ),
    isAdmitted: prepare(["id", "epoch", "at"], ({ id, epoch, at }: Admission) =>
      db
        .selectFrom(names.users)
        .select("id")
        .where("id", "=", id)
        .where("epoch", "=", epoch)
        .where("status", "=", "active")
        .where("last_login_at", "=", at),
    ),
  };
}

/** `deleteAfter` counts only while the status is `deleting`: an older release leaves it when it changes the status. */
function doomStatements({ db, names }: Schema) {
  return {
    listDoomed: prepare(["now", "limit"], ({ now, limit }: { now: StoredTime; limit: number }) =>
      db
        .selectFrom(`${names.users} as u`)
        .select(USER_SELECTION)
        .where("u.delete_after", "<=", now)
        .where("u.status", "=", "deleting")
        .orderBy("u.delete_after")
        .orderBy("u.id")
        .limit(sql<number>`${limit}`),
    ),
  };
}

type Removals = ReturnType<typeof removalStatements>;

interface Removal {
  readonly id: UserId;
  readonly pseudonym: string;
}

function removalStatements({ db, names, dialect }: Schema) {
  return {
    lock: prepare(["id"], ({ id }: { id: UserId }) =>
      db.selectFrom(names.users).select("id").where("id", "=", id).modifyEnd(dialect.forUpdate),
    ),
    disown: prepare(["id", "pseudonym"], ({ id, pseudonym }: Removal) =>
      db
        .updateTable(names.events)
        .set({ user_id: null, attempted_email: pseudonym })
        .where("user_id", "=", id),
    ),
    // The foreign key takes the user from them.
    forgetProofs: prepare(["id"], ({ id }: { id: UserId }) =>
      db.updateTable(names.proofs).set(WITHOUT_ADDRESS).where("user_id", "=", id),
    ),
    remove: prepare(["id"], ({ id }: { id: UserId }) => db.deleteFrom(names.users).where("id", "=", id)),
  };
}

async function remove(runner: Runner, statements: Removals, { id, pseudonym }: Removal): Promise<boolean> {
  // The lock first: an event that is written meanwhile waits for it, and then finds that the user is gone.
  if ((await runner.run(statements.lock({ id }))).rows.length === 0) return false;
  await runner.run(statements.forgetProofs({ id }));
  await runner.run(statements.disown({ id, pseudonym }));
  return affected(await runner.run(statements.remove({ id }))) === 1;
}

type LoginSelection = UserSelection & {
  [Column in keyof CredentialSelection]: CredentialSelection[Column] | null;
};

function readLogin(row: LoginSelection, dialect: SqlDialect): LoginRecord {
  const password = row.c_id === null ? null : readCredential(row as CredentialSelection, dialect);
  return { user: readUser(row, dialect), password };
}
