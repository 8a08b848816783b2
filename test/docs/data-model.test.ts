import { Kysely, sql } from "kysely";
import { memoryStore } from "sallyport";
import { migrate } from "sallyport/kysely";
import { nodeSqliteDialect } from "sallyport/sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MIGRATIONS } from "../../src/adapters/kysely/migrations.ts";
import type { AuthOptions } from "../../src/api/options.ts";
import { parseOptions } from "../../src/config/parse-options.ts";
import {
  CREDENTIAL_KINDS,
  EVENT_OUTCOMES,
  EVENTS,
  PROOF_PURPOSES,
  TOKEN_PURPOSES,
} from "../../src/domain/vocabulary.ts";
import { SECRET } from "../support/harness.ts";
import { codeBlock, codeSpans, readPage, section, tableRows } from "./support/pages.ts";

const PAGE = "docs/data-model.md";
const TABLES = [
  "auth_users",
  "auth_credentials",
  "auth_sessions",
  "auth_one_time_tokens",
  "auth_email_proofs",
  "auth_outbox",
  "auth_events",
  "auth_schema",
];
/** How the page calls a type, as SQLite has it. */
const SQLITE_TYPES: Readonly<Record<string, string>> = {
  id: "text",
  time: "integer",
  word: "text",
  key: "text",
  identifier: "text",
  text: "text",
  integer: "integer",
  counter: "integer",
};

const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(":memory:") });
beforeAll(async () => void (await migrate(db)));
afterAll(() => db.destroy());

test.each(TABLES)(
  "%s has the columns that the page lists, in type and in what may be null",
  async (table) => {
    const documented = tableRows(section(PAGE, `\`${table}\``)).map(([name = "", type = "", nullable]) => [
      codeSpans(name)[0],
      SQLITE_TYPES[type],
      nullable,
    ]);
    const { rows } = await sql<{ name: string; type: string; notnull: number }>`
    select name, lower(type) as type, "notnull" from pragma_table_info(${table})`.execute(db);
    expect(documented).toEqual(rows.map(({ name, type, notnull }) => [name, type, notnull ? "no" : "yes"]));
  },
);

test("the indexes are those that the page lists, each with its reason", async () => {
  const documented = tableRows(section(PAGE, "Indexes")).map(([name = "", columns = "", reason = ""]) => {
    expect(reason).not.toBe("");
    return [codeSpans(name)[0] ?? name, codeSpans(columns)[0]];
  });
  const { rows } = await sql<{ tbl: string; name: string; is_unique: number; columns: string }>`
    select m.name as tbl, l.name as name, l."unique" as is_unique,
      (select group_concat(name, ', ') from pragma_index_info(l.name)) as columns
    from sqlite_master m, pragma_index_list(m.name) l
    where m.type = 'table' and l.origin <> 'pk'`.execute(db);
  const made = rows.map(({ tbl, name, is_unique, columns }) => [
    is_unique ? "unique" : name,
    `${tbl} (${columns})`,
  ]);
  expect(documented.map(String).sort()).toEqual(made.map(String).sort());
});

/** The words that the page lists for a column. */
function cell(table: string, column: string): readonly string[] {
  const row = tableRows(section(PAGE, `\`${table}\``)).find(([name]) => name === `\`${column}\``);
  return codeSpans(row?.[3] ?? "");
}

test("the page names every kind of credential, purpose of a token or proof, type of event and outcome", () => {
  expect(cell("auth_credentials", "kind")).toEqual([...CREDENTIAL_KINDS]);
  expect(cell("auth_one_time_tokens", "purpose")).toEqual([...TOKEN_PURPOSES]);
  expect(cell("auth_email_proofs", "purpose")).toEqual([...PROOF_PURPOSES]);
  expect(cell("auth_events", "type")).toEqual(Object.keys(EVENTS));
  expect([...cell("auth_events", "outcome")].sort()).toEqual([...EVENT_OUTCOMES].sort());
});

test("the page names every reason for which a session ends", () => {
  const ending = /type Ending =([^;]+);/.exec(readPage("src/flows/sessions/refresh.ts"))?.[1] ?? "";
  const endings = [...ending.matchAll(/"(\w+)"/g)].map((match) => match[1] as string);
  expect(endings).toHaveLength(2);
  const ends = Object.keys(EVENTS).filter((type) =>
    /^(?:logout|revoke_|replace_|change_|reset_|disable)/.test(type),
  );
  const own = ["session_limit", ...endings];
  expect([...cell("auth_sessions", "revoke_reason")].sort()).toEqual([...ends, ...own].sort());
});

test("the page names every schema version", () => {
  const versions = tableRows(section(PAGE, "Versions")).map(([version]) => Number(version));
  expect(versions).toEqual(MIGRATIONS.map(({ version }) => version));
});

test("the picture shows every table, and keys that exist", async () => {
  const picture = codeBlock(PAGE, "mermaid", "erDiagram");
  for (const table of TABLES.filter((name) => name !== "auth_schema")) {
    const [, body = ""] = new RegExp(`^ {2}${table} \\{\\n(.*?)^ {2}\\}`, "ms").exec(picture) ?? [];
    const shown = [...body.matchAll(/^ +\w+ (\w+)/gm)].map((match) => match[1]);
    const { rows } = await sql<{ name: string }>`select name from pragma_table_info(${table})`.execute(db);
    expect(shown.length).toBeGreaterThan(3);
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(shown));
  }
});

test("retention is what the page says", () => {
  const options: AuthOptions = { secret: SECRET, store: memoryStore() };
  const { retention } = parseOptions(options);
  const rows = Object.fromEntries(
    tableRows(section(PAGE, "Retention")).map(([kind = "", goes = ""]) => [kind, goes]),
  );
  const days = (ms: number): string => `${ms / 86_400_000} days`;
  expect(rows["Sessions"]).toContain(days(retention.endedSessions));
  expect(rows["Events"]).toContain(days(retention.events));
  expect(rows["Mail that was given up"]).toContain(days(retention.deadMail));
});
