// Class: calls without an end, and pools that a silent network empties, one connection after the other.
import { Kysely, MysqlDialect, PostgresDialect } from "kysely";
import { createPool } from "mysql2";
import { Pool } from "pg";
import type { SignedIn } from "sallyport";
import { kyselyStore, migrate } from "sallyport/kysely";
import { capturingMailer } from "sallyport/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noon, sampleMail } from "../../src/testing/store/samples.ts";
import type { CallsOf } from "../support/calls-of.ts";
import type { AnyKysely, TestDatabase } from "../support/databases.ts";
import { CLIENT, codeOf, type Harness, makeAuth, PASSWORD, type PlainAuth } from "../support/harness.ts";
import { reachable } from "../support/required-services.ts";
import { type SilentProxy, silentProxy } from "../support/silent-proxy.ts";
import { emptyDatabase } from "./processes/empty-database.ts";

const BOUND_MS = 500;
const CONNECT_MS = 400;
/** No limit is in the way, and no client is known by its address. */
const LIMITS = {
  login: { address: false, account: false },
  signup: { address: false, account: false },
  refresh: { address: false, session: false },
  reauthenticate: { address: false, session: false },
} as const;

interface Person extends SignedIn {
  readonly email: string;
}

interface Trial {
  readonly call: (auth: PlainAuth, person: Person) => Promise<unknown>;
  /** Runs on a healthy way to the database. */
  readonly before?: (auth: PlainAuth, person: Person) => Promise<unknown>;
}

const change = { currentPassword: PASSWORD, newPassword: "Another2horse" };
const again = (auth: PlainAuth, { email }: Person) => auth.login({ email, password: PASSWORD }, CLIENT);

const MAIL = {
  mailer: capturingMailer(),
  mail: { page: "https://app.acme.example/mail", delivery: "manual" },
  email: { verification: "off" },
} as const;

/** Another instance on a healthy way: it requires a proof of each mailbox. */
let asking: Harness;
const links = new Map<string, { readonly challengeToken: string; readonly link: string }>();

/** Asks for a mail, and reads it. */
async function askFor(email: string, asked: Promise<unknown>): Promise<void> {
  const { challengeToken } = (await asked) as { challengeToken: string };
  await asking.auth.mail.deliver();
  links.set(email, { challengeToken, link: MAIL.mailer.last(email)?.link?.split(".").at(-1) ?? "" });
}

function mailOf(email: string): { readonly challengeToken: string; readonly link: string } {
  const held = links.get(email);
  if (!held) throw new TypeError(`No mail to ${email}`);
  return held;
}

/** The mail to each address that was given up. */
const dead = new Map<string, string>();

const pendingOf = (email: string): string => `pending-${email}`;

/** Calls that ask the store. */
type Asking = Exclude<
  CallsOf<PlainAuth>,
  "requireFresh" | "jwks" | "warn" | "close" | "events.recordCrossSite"
>;

const TRIALS: Readonly<Record<Asking, Trial>> = {
  signup: { call: (auth) => auth.signup({ email: newEmail(), password: PASSWORD }, CLIENT) },
  login: { call: again },
  refresh: { call: (auth, { refreshToken }) => auth.refresh(refreshToken, CLIENT) },
  logout: { call: (auth, { accessToken }) => auth.logout(accessToken, CLIENT) },
  verifyToken: { call: (auth, { accessToken }) => auth.verifyToken(accessToken) },
  getUser: { call: (auth, { accessToken }) => auth.getUser(accessToken) },
  reauthenticate: {
    call: (auth, { accessToken }) => auth.reauthenticate(accessToken, { password: PASSWORD }, CLIENT),
  },
  "password.change": { call: (auth, { accessToken }) => auth.password.change(accessToken, change, CLIENT) },
  "sessions.list": { call: (auth, { accessToken }) => auth.sessions.list(accessToken) },
  "sessions.revoke": {
    call: (auth, { accessToken, session }) => auth.sessions.revoke(accessToken, session.id, CLIENT),
  },
  "sessions.revokeOthers": {
    call: (auth, { accessToken }) => auth.sessions.revokeOthers(accessToken, CLIENT),
    before: again,
  },
  "events.list": { call: (auth, { accessToken }) => auth.events.list(accessToken) },
  "users.disable": { call: (auth, { user }) => auth.users.disable(user.id) },
  "users.enable": {
    call: (auth, { user }) => auth.users.enable(user.id),
    before: (auth, { user }) => auth.users.disable(user.id),
  },
  "users.delete": { call: (auth, { user }) => auth.users.delete(user.id) },
  confirmSignup: {
    call: (auth, { email }) => auth.confirmSignup(mailOf(pendingOf(email)), { ip: null }),
    before: (_auth, { email }) =>
      askFor(
        pendingOf(email),
        asking.rawSignup({ email: pendingOf(email), password: PASSWORD }, { ip: null }),
      ),
  },
  "challenges.email": {
    call: (auth, { email }) => auth.challenges.email(mailOf(email), { ip: null }),
    before: (_auth, { email }) =>
      askFor(email, asking.auth.login({ email, password: PASSWORD }, { ip: null })),
  },
  "password.requestReset": {
    call: (auth, { email }) => auth.password.requestReset({ email }, { ip: null }),
  },
  "password.reset": {
    call: (auth, { email }) =>
      auth.password.reset({ link: mailOf(email).link, password: change.newPassword }, { ip: null }),
    before: (_auth, { email }) => askFor(email, asking.auth.password.requestReset({ email }, { ip: null })),
  },
  "email.requestVerification": {
    call: (auth, { accessToken }) => auth.email.requestVerification(accessToken, CLIENT),
  },
  "email.verify": {
    call: (auth, { email, accessToken }) =>
      auth.email.verify(accessToken, { link: mailOf(email).link }, { ip: null }),
    before: (_auth, { email, accessToken }) =>
      askFor(email, asking.auth.email.requestVerification(accessToken, { ip: null })),
  },
  "mail.resend": {
    call: (auth, { email }) =>
      auth.mail.resend({ challengeToken: mailOf(email).challengeToken }, { ip: null }),
    before: (_auth, { email }) => askFor(email, asking.auth.password.requestReset({ email }, { ip: null })),
  },
  "mail.dead": { call: (auth) => auth.mail.dead() },
  "mail.retry": {
    call: (auth, { email }) => auth.mail.retry(dead.get(email) ?? ""),
    before: async (_auth, { email }) => {
      // Of another application: no trial delivers it.
      const mail = sampleMail({ audience: "another", recipient: email, deadAt: noon() });
      await asking.store.outbox.put([mail]);
      dead.set(email, mail.id);
    },
  },
  "mail.deliver": {
    call: (auth) => auth.mail.deliver(),
    // A mail waits, so that it is claimed, bound, sent and settled.
    before: (_auth, { email }) => asking.auth.password.requestReset({ email }, { ip: null }),
  },
  purge: { call: (auth) => auth.purge() },
  health: {
    call: async (auth) => {
      const { ready, mail } = await auth.health();
      if (!ready || mail === "down") throw Object.assign(new TypeError("not ready"), { code: "unavailable" });
    },
  },
};

let emails = 0;
function newEmail(): string {
  return `ada.${++emails}@example.com`;
}

describe.for(reachable(["postgres", "mariadb"]))("behind a proxy to %s that falls silent", (kind) => {
  let database: TestDatabase;
  let proxy: SilentProxy;
  let pool: AnyKysely;
  let auth: PlainAuth;
  let direct: PlainAuth;

  beforeAll(async () => {
    database = await emptyDatabase(kind);
    await migrate(database.db);
    proxy = await silentProxy(database.ref.url);
    pool = kind === "postgres" ? postgresPool(proxy.url) : mysqlPool(proxy.url);
    auth = makeAuth({ store: kyselyStore(pool, { maxWaitMs: BOUND_MS }), limits: LIMITS, ...MAIL }).auth;
    direct = makeAuth({ store: kyselyStore(database.db), limits: LIMITS }).auth;
    const required = { verification: "required" } as const;
    asking = makeAuth({ store: kyselyStore(database.db), limits: LIMITS, ...MAIL, email: required });
  });
  afterAll(async () => {
    await proxy.close();
    await pool.destroy();
    await database.drop();
  });

  async function newPerson({ before }: Trial): Promise<Person> {
    const email = newEmail();
    const person = { email, ...(await direct.signup({ email, password: PASSWORD }, CLIENT)) };
    await before?.(direct, person);
    return person;
  }

  test.for(Object.entries(TRIALS))(
    "%s ends in time, never as a success, and works again",
    async ([, trial]) => {
      await expect.poll(() => worksNow(trial)).toBe("fulfilled");
      const needed = await answersOf(trial);
      expect(needed).toBeGreaterThan(0);
      for (let answers = 0; answers < needed; answers++) {
        const person = await newPerson(trial);
        proxy.fallSilentAfter(answers);
        const late = startTimer(BOUND_MS + 1_000);
        const outcome = await codeOf(trial.call(auth, person));
        expect({ answers, outcome, isLate: late() }).toEqual({
          answers,
          outcome: "unavailable",
          isLate: false,
        });
        proxy.comeBack();
        await expect.poll(() => worksNow(trial)).toBe("fulfilled");
      }
    },
  );

  /** How many answers of the server a call needs. */
  async function answersOf(trial: Trial): Promise<number> {
    const person = await newPerson(trial);
    const before = proxy.answers();
    expect(await codeOf(trial.call(auth, person))).toBe("fulfilled");
    return proxy.answers() - before;
  }

  async function worksNow(trial: Trial): Promise<string> {
    return codeOf(trial.call(auth, await newPerson(trial)));
  }
});

function postgresPool(connectionString: string): AnyKysely {
  const pool = new Pool({ connectionString, max: 1, connectionTimeoutMillis: CONNECT_MS });
  pool.on("error", () => {});
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}

function mysqlPool(uri: string): AnyKysely {
  return new Kysely({
    dialect: new MysqlDialect({ pool: createPool({ uri, connectionLimit: 1, connectTimeout: CONNECT_MS }) }),
  });
}

/** Ends, and says whether the time was over. It is the time of this process: on a slow machine its timers are late, too. */
function startTimer(ms: number): () => boolean {
  let isOver = false;
  const overSoon = (): void => void setImmediate(() => (isOver = true));
  const timer = setTimeout(() => setImmediate(overSoon), ms);
  return () => {
    clearTimeout(timer);
    return isOver;
  };
}
