import { type CompiledQuery, sql } from "kysely";
import type { ProofPurpose } from "../../domain/email-proof.ts";
import type { ProofId, UserId } from "../../domain/ids.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { PROOF_COLUMNS, WITHOUT_ADDRESS } from "./proof-row.ts";
import type { Schema } from "./sql-dialect.ts";
import type { ProofRow, StoredTime } from "./tables.ts";

interface Id {
  readonly id: ProofId;
}

interface At extends Id {
  readonly now: StoredTime;
}

interface Binding extends Id {
  readonly userId: UserId;
  readonly epoch: number;
}

interface Sent {
  readonly purpose: ProofPurpose;
  readonly email: string;
  readonly sentAfter: StoredTime;
}

interface Ending {
  readonly userId: UserId;
  readonly keep: readonly ProofPurpose[];
  readonly laterThan?: number | undefined;
  readonly at: StoredTime;
}

export interface ProofStatements {
  readonly open: Prepared<ProofRow, unknown>;
  readonly find: Prepared<At, ProofRow>;
  readonly bind: Prepared<Binding, unknown>;
  readonly forget: Prepared<Id, unknown>;
  readonly countAttempt: Prepared<At & { readonly max: number }, unknown>;
  readonly take: Prepared<At, unknown>;
  readonly markSent: Prepared<Id & { readonly at: StoredTime }, unknown>;
  readonly newestSent: Prepared<Sent, ProofRow>;
  readonly renew: Prepared<Id & { readonly expiresAt: StoredTime }, unknown>;
  readonly endAll: (ending: Ending) => CompiledQuery<unknown>;
}

export function proofStatements(schema: Schema): ProofStatements {
  return { ...reads(schema), ...addressing(schema), ...uses(schema), ...renewals(schema) };
}

function reads({ db, names }: Schema): Pick<ProofStatements, "find" | "newestSent"> {
  const proofs = db.selectFrom(names.proofs).select(PROOF_COLUMNS);
  return {
    find: prepare(["id", "now"], ({ id, now }: At) =>
      proofs.where("id", "=", id).where("expires_at", ">", now),
    ),
    newestSent: prepare(["purpose", "email", "sentAfter"], ({ purpose, email, sentAfter }: Sent) =>
      proofs
        .where("email_canonical", "=", email)
        .where("purpose", "=", purpose)
        .where("used_at", "is", null)
        .where("sent_at", ">", sentAfter)
        .orderBy("sent_at", "desc")
        .orderBy("id", "desc")
        .limit(1),
    ),
  };
}

function addressing({ db, names }: Schema): Pick<ProofStatements, "open" | "bind" | "forget"> {
  const update = db.updateTable(names.proofs);
  return {
    open: prepare(PROOF_COLUMNS, (row: ProofRow) => db.insertInto(names.proofs).values(row)),
    // A proof of a deleted user has an epoch and no user: it is not bound again.
    bind: prepare(["id", "userId", "epoch"], ({ id, userId, epoch }: Binding) =>
      update
        .set({ user_id: userId, epoch })
        .where("id", "=", id)
        .where("user_id", "is", null)
        .where("epoch", "is", null),
    ),
    forget: prepare(["id"], ({ id }: Id) =>
      update.set(WITHOUT_ADDRESS).where("id", "=", id).where("user_id", "is", null),
    ),
  };
}

function uses({ db, names }: Schema): Pick<ProofStatements, "countAttempt" | "take" | "endAll"> {
  const update = db.updateTable(names.proofs);
  const end = (at: StoredTime) => update.set({ used_at: at, data: "{}" }).where("used_at", "is", null);
  return {
    countAttempt: prepare(["id", "max", "now"], ({ id, max, now }: At & { readonly max: number }) =>
      update
        .set({ attempts: sql<number>`attempts + 1` })
        .where("id", "=", id)
        .where("attempts", "<", max)
        .where("expires_at", ">", now),
    ),
    take: prepare(["id", "now"], ({ id, now }: At) =>
      end(now).where("id", "=", id).where("expires_at", ">", now),
    ),
    endAll: ({ userId, keep, laterThan, at }) =>
      end(at)
        .where("user_id", "=", userId)
        .$if(keep.length > 0, (query) =>
          query.where(({ eb, or }) => {
            const others = eb("purpose", "not in", keep);
            return laterThan === undefined ? others : or([others, eb("epoch", ">", laterThan)]);
          }),
        )
        .compile(),
  };
}

function renewals({ db, names }: Schema): Pick<ProofStatements, "markSent" | "renew"> {
  const update = db.updateTable(names.proofs);
  return {
    markSent: prepare(["id", "at"], ({ id, at }: Id & { readonly at: StoredTime }) =>
      update.set({ sent_at: at }).where("id", "=", id),
    ),
    renew: prepare(["id", "expiresAt"], ({ id, expiresAt }: Id & { readonly expiresAt: StoredTime }) =>
      update
        .set({ expires_at: expiresAt })
        .where("id", "=", id)
        .where("used_at", "is", null)
        .where("expires_at", "<", expiresAt),
    ),
  };
}
