import { createIndex, type NewTable } from "./ddl-parts.ts";
import type { Ddl } from "./sql-dialect.ts";
import type { TableNames } from "./tables.ts";

/** Proofs of a mailbox, mail that waits to be sent, and accounts that wait for their deletion. */
export function mailTables(names: TableNames, ddl: Ddl): readonly string[] {
  const { users, proofs, outbox } = names;
  const { quote, columns, indexOnly } = ddl;
  const index = (table: string, suffix: string, indexed: string): string =>
    createIndex({ table, suffix, columns: indexed }, quote);
  return [
    `alter table ${quote(users)} add column delete_after ${columns.time}`,
    `${index(users, "delete_after", "delete_after")}${indexOnly("delete_after is not null")}`,
    proofsTable(names, ddl),
    index(proofs, "user", "user_id"),
    index(proofs, "expires", "expires_at"),
    index(proofs, "email", "email_canonical, purpose"),
    outboxTable(names, ddl),
    // Both columns: mail that was given up must not stand before what is due.
    index(outbox, "due", "dead_at, due_at"),
  ];
}

export function proofsAndOutbox({ proofs, outbox }: TableNames): readonly NewTable[] {
  return [
    { name: proofs, columns: ["email_canonical", "nonce", "used_at"] },
    { name: outbox, columns: ["proof_id", "lease", "due_at", "dead_at"] },
  ];
}

function proofsTable({ users, proofs }: TableNames, { quote, columns, tableOptions }: Ddl): string {
  const { id, word, key, text, integer, time } = columns;
  return `create table ${quote(proofs)} (
  id ${id} not null primary key,
  purpose ${word} not null,
  email ${key} not null,
  email_canonical ${key} not null,
  user_id ${id},
  epoch ${integer},
  nonce ${key} not null,
  attempts ${integer} not null,
  data ${text} not null,
  sent_at ${time},
  used_at ${time},
  expires_at ${time} not null,
  created_at ${time} not null,
  foreign key (user_id) references ${quote(users)} (id) on delete set null
) ${tableOptions}`;
}

// Its proof is no reference: a notice outlives its user, and a mail may outlive its proof.
function outboxTable({ outbox }: TableNames, { quote, columns, tableOptions }: Ddl): string {
  const { id, word, key, text, integer, time } = columns;
  return `create table ${quote(outbox)} (
  id ${id} not null primary key,
  kind ${word} not null,
  audience ${key} not null,
  recipient ${key} not null,
  proof_id ${id},
  data ${text} not null,
  attempts ${integer} not null,
  lease ${id},
  due_at ${time} not null,
  dead_at ${time},
  created_at ${time} not null
) ${tableOptions}`;
}
