import type { User } from "../../domain/user.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { UserRow } from "./tables.ts";

/** The user's columns, renamed for joins. */
export const USER_SELECTION = [
  "u.id as u_id",
  "u.email as u_email",
  "u.email_canonical as u_email_canonical",
  "u.email_verified_at as u_email_verified_at",
  "u.status as u_status",
  "u.epoch as u_epoch",
  "u.last_login_at as u_last_login_at",
  "u.created_at as u_created_at",
  "u.updated_at as u_updated_at",
  "u.delete_after as u_delete_after",
] as const;

export type UserSelection = { readonly [Column in keyof UserRow as `u_${Column}`]: UserRow[Column] };

export function writeUser(user: User, { encodeTime }: SqlDialect): UserRow {
  return {
    id: user.id,
    email: user.email,
    email_canonical: user.emailCanonical,
    email_verified_at: user.emailVerifiedAt && encodeTime(user.emailVerifiedAt),
    status: user.status,
    epoch: user.epoch,
    last_login_at: user.lastLoginAt && encodeTime(user.lastLoginAt),
    created_at: encodeTime(user.createdAt),
    updated_at: encodeTime(user.updatedAt),
    delete_after: user.deleteAfter && encodeTime(user.deleteAfter),
  };
}

export function readUser(row: UserSelection, { decodeTime }: SqlDialect): User {
  return {
    id: row.u_id,
    email: row.u_email,
    emailCanonical: row.u_email_canonical,
    emailVerifiedAt: row.u_email_verified_at === null ? null : decodeTime(row.u_email_verified_at),
    status: row.u_status,
    epoch: Number(row.u_epoch),
    lastLoginAt: row.u_last_login_at === null ? null : decodeTime(row.u_last_login_at),
    createdAt: decodeTime(row.u_created_at),
    updatedAt: decodeTime(row.u_updated_at),
    deleteAfter: row.u_delete_after === null ? null : decodeTime(row.u_delete_after),
  };
}
