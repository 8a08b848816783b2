import { sql } from "kysely";
import type { UserId } from "../../domain/ids.ts";
import type { UserChange, UserChangeResult } from "../../ports/auth-store.ts";
import { affected, type Runner } from "./runner.ts";
import type { Schema } from "./sql-dialect.ts";

interface WantedChange {
  readonly id: UserId;
  readonly expectedEpoch: number;
  readonly next: UserChange;
}

/** The lock of a security change, and the change. */
export async function changeUser(
  runner: Runner,
  schema: Schema,
  wanted: WantedChange,
): Promise<UserChangeResult> {
  const { db, names } = schema;
  const { encodeTime } = schema.dialect;
  const { id, expectedEpoch, next } = wanted;
  const query = db
    .updateTable(names.users)
    .set({
      epoch: sql<number>`epoch + 1`,
      updated_at: encodeTime(next.at),
      // Kysely leaves out what is undefined.
      status: next.status,
      email: next.email,
      email_canonical: next.emailCanonical,
      email_verified_at: next.emailVerifiedAt && encodeTime(next.emailVerifiedAt),
      delete_after: next.deleteAfter && encodeTime(next.deleteAfter),
    })
    .where("id", "=", id)
    .where("epoch", "=", expectedEpoch);
  const compiled = query.compile();
  const mayBeTaken = next.emailCanonical !== undefined;
  const result = mayBeTaken ? await runner.runUnlessTaken(compiled) : await runner.run(compiled);
  if (!result) return "conflict";
  return affected(result) === 1 ? "changed" : "stale";
}
