// Three processes send what waits, and are killed again and again: no mail is lost, and a duplicate is the same mail.
import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import PostalMime from "postal-mime";
import { kyselyStore, migrate } from "sallyport/kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../support/databases.ts";
import { makeAuth, SECRET } from "../support/harness.ts";
import { ask, PAGE, sendingBy } from "../support/mail.ts";
import { reachable } from "../support/required-services.ts";
import { LOCAL, type Smtp, smtpServer } from "../support/smtp-server.ts";
import { endAll, forkAll, tellAll } from "./processes/callers.ts";
import type { PostmanOrder } from "./processes/postman.ts";
import type { RaceOptions } from "./processes/race-suite.ts";

const SCRIPT = fileURLToPath(new URL("processes/postman.ts", import.meta.url));
const PROCESSES = 3;
/** The rest of a release's trial: `MAIL_KILLS=40`, and `MAIL_SERVER_MS=0` to count what a fast server gets twice. */
const { MAIL_KILLS = "10", MAIL_SERVER_MS = "150" } = process.env;
const KILLS = Number(MAIL_KILLS);
const MAILS = 30 * KILLS;
/** A claim of two minutes is over after six seconds. */
const SPEED = 20;
/** The mail server thinks this long before it says yes: most kills hit a mail in hand. */
const THINKS_MS = Number(MAIL_SERVER_MS);
/** One that says yes at once takes its time before, or all mails would be gone before the last kill. */
const GREETS_MS = THINKS_MS === 0 ? 300 : 0;
/** The kills keep no time: in step with the starts, each would hit a process at its first mails. */
const MOST_BETWEEN_KILLS_MS = 400;
/** A process has five mails in hand at most. A server that answers at once has mostly answered when a kill comes. */
const MOST_TWICE = THINKS_MS === 0 ? MAILS / 100 : KILLS * 5;
const DAY = 24 * 3_600_000;

/** What each run counted. It is printed at the end. */
const counts: string[] = [];
afterAll(() => void process.stdout.write(`${counts.join("\n")}\n`));

/** By the id of the mail, each message that the server accepted. */
type Accepted = Map<string, string[]>;

async function slowServer(accepted: Accepted): Promise<Smtp> {
  let count = 0;
  return smtpServer({
    host: LOCAL,
    options: {
      disabledCommands: ["STARTTLS", "AUTH"],
      onRcptTo: (_recipient, _session, done) => void setTimeout(done, GREETS_MS),
      onData: (stream, _session, done) => {
        const answer = async (raw: string): Promise<void> => {
          await pause(THINKS_MS);
          if (++count % 10 === 0) return done(Object.assign(new Error("Later"), { responseCode: 451 }));
          const [, id = ""] = /^message-id: <([\w-]+)@/im.exec(raw) ?? [];
          accepted.set(id, [...(accepted.get(id) ?? []), raw]);
          done();
        };
        // Its sender was killed in the middle of the message: no one waits for an answer.
        void text(stream).then(answer, () => {});
      },
    },
  });
}

/** What a mail says, apart from what each message has of its own. */
async function saidIn(raw: string): Promise<string> {
  const { subject, text: said, to } = await PostalMime.parse(raw);
  return JSON.stringify([subject, said, to]);
}

function deliverySuite({ kind, itself = false }: RaceOptions): void {
  const accepted: Accepted = new Map();
  let database: TestDatabase;
  let smtp: Smtp;
  let children: ChildProcess[] = [];

  beforeAll(async () => {
    database = await createDatabase(kind);
    await migrate(database.db);
    smtp = await slowServer(accepted);
  });
  afterAll(async () => {
    await endAll(children);
    await smtp?.close();
    await database?.drop();
  });

  async function started(order: PostmanOrder): Promise<ChildProcess> {
    const forked = await forkAll(SCRIPT, 1);
    await tellAll(forked, () => order);
    return forked[0] as ChildProcess;
  }

  async function rowsOf(table: string): Promise<number> {
    const { rows } = await database.db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll().as("rows"))
      .executeTakeFirstOrThrow();
    return Number(rows);
  }

  test(`${MAILS} mails, ${KILLS} kills: none is lost, none is given up, and each duplicate is the same mail`, async () => {
    const start = Date.now();
    const store = kyselyStore(database.db);
    const clock = { now: () => new Date(start) };
    const { ctx } = makeAuth({ store, clock: clock as never, ...sendingBy({ send: async () => {} }) });
    const ids: string[] = [];
    for (let index = 0; index < MAILS; index++) {
      const asked = await ask(ctx, { purpose: "signup", email: `user-${index}@example.com`, ttl: 7 * DAY });
      ids.push(asked.mail.id);
    }

    const order = { open: { database: database.ref, itself }, port: smtp.port, secret: SECRET, page: PAGE };
    const timed: PostmanOrder = { ...order, start, speed: SPEED };
    children = await Promise.all(Array.from({ length: PROCESSES }, () => started(timed)));
    let kills = 0;
    while (kills < KILLS && (await rowsOf("auth_outbox")) > 0) {
      await pause(randomInt(MOST_BETWEEN_KILLS_MS));
      const victim = children.shift() as ChildProcess;
      victim.kill("SIGKILL");
      kills++;
      children.push(await started(timed));
    }
    await expect.poll(() => rowsOf("auth_outbox"), { timeout: 100_000, interval: 500 }).toBe(0);

    expect(kills).toBe(KILLS);
    expect([...accepted.keys()].sort()).toEqual(ids.sort());
    // One event for each mail: it is stored with the end of the mail.
    expect(await rowsOf("auth_events")).toBe(MAILS);
    const twice = [...accepted.values()].filter((messages) => messages.length > 1);
    const thrice = twice.filter((messages) => messages.length > 2);
    counts.push(
      `${database.ref.kind}: ${MAILS} mails, ${kills} kills, ${twice.length} twice, ${thrice.length} thrice`,
    );
    expect(twice.length).toBeLessThanOrEqual(MOST_TWICE);
    // Two kills would have to hit one mail between the yes of the server and the end of its transaction.
    if (THINKS_MS === 0) expect(thrice).toEqual([]);
    for (const messages of twice) expect(new Set(await Promise.all(messages.map(saidIn))).size).toBe(1);
  }, 300_000);
}

describe("mail on sqliteStore", () => deliverySuite({ kind: "node-sqlite", itself: true }));

describe.for(reachable(["postgres", "mariadb"]))("mail on %s", (kind) => deliverySuite({ kind }));
