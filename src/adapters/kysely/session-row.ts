import type { Session } from "../../domain/session.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { readTexts } from "./stored-json.ts";
import type { SessionRow } from "./tables.ts";

export const SESSION_COLUMNS = [
  "id",
  "user_id",
  "amr",
  "authenticated_at",
  "refresh_counter",
  "refreshed_at",
  "idle_expires_at",
  "expires_at",
  "revoked_at",
  "revoke_reason",
  "ip",
  "user_agent",
  "created_at",
  "audience",
] as const;

export function writeSession(session: Session, { encodeTime }: SqlDialect): SessionRow {
  return {
    id: session.id,
    user_id: session.userId,
    amr: JSON.stringify(session.amr),
    authenticated_at: encodeTime(session.authenticatedAt),
    refresh_counter: session.refreshCounter,
    refreshed_at: session.refreshedAt && encodeTime(session.refreshedAt),
    idle_expires_at: encodeTime(session.idleExpiresAt),
    expires_at: encodeTime(session.expiresAt),
    revoked_at: session.revokedAt && encodeTime(session.revokedAt),
    revoke_reason: session.revokeReason,
    ip: session.ip,
    user_agent: session.userAgent,
    created_at: encodeTime(session.createdAt),
    audience: session.audience,
  };
}

export function readSession(row: SessionRow, { decodeTime }: SqlDialect): Session {
  return {
    id: row.id,
    userId: row.user_id,
    amr: readTexts(row.amr),
    authenticatedAt: decodeTime(row.authenticated_at),
    refreshCounter: Number(row.refresh_counter),
    refreshedAt: row.refreshed_at === null ? null : decodeTime(row.refreshed_at),
    idleExpiresAt: decodeTime(row.idle_expires_at),
    expiresAt: decodeTime(row.expires_at),
    revokedAt: row.revoked_at === null ? null : decodeTime(row.revoked_at),
    revokeReason: row.revoke_reason,
    ip: row.ip,
    userAgent: row.user_agent,
    createdAt: decodeTime(row.created_at),
    audience: row.audience,
  };
}
