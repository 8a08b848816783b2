import type { QueuedMail } from "../../domain/queued-mail.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { MailRow } from "./tables.ts";

export const MAIL_COLUMNS = [
  "id",
  "kind",
  "audience",
  "recipient",
  "proof_id",
  "data",
  "attempts",
  "lease",
  "due_at",
  "dead_at",
  "created_at",
] as const;

export function writeMail(mail: QueuedMail, { encodeTime }: SqlDialect): MailRow {
  return {
    id: mail.id,
    kind: mail.kind,
    audience: mail.audience,
    recipient: mail.recipient,
    proof_id: mail.proofId,
    data: mail.data,
    attempts: mail.attempts,
    lease: mail.lease,
    due_at: encodeTime(mail.dueAt),
    dead_at: mail.deadAt && encodeTime(mail.deadAt),
    created_at: encodeTime(mail.createdAt),
  };
}

export function readMail(row: MailRow, { decodeTime }: SqlDialect): QueuedMail {
  return {
    id: row.id,
    kind: row.kind,
    audience: row.audience,
    recipient: row.recipient,
    proofId: row.proof_id,
    data: row.data,
    attempts: Number(row.attempts),
    lease: row.lease,
    dueAt: decodeTime(row.due_at),
    deadAt: row.dead_at === null ? null : decodeTime(row.dead_at),
    createdAt: decodeTime(row.created_at),
  };
}
