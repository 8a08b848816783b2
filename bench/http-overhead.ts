import { deepEqual } from "node:assert/strict";
import { join } from "node:path";
import { type Auth, type AuthEvent, type AuthStore, memoryStore } from "sallyport";
import { createHandler, toNodeHandler } from "sallyport/http";
import { sqliteStore } from "sallyport/sqlite";
import { accessToken, benchAuth, PASSWORD, signUpUsers, withFolder } from "./fixtures.ts";
import { FRAMEWORKS, type Framework, withServers } from "./http-servers.ts";
import { type FiniteLoad, type Load, type LoadGenerator, loadGenerator } from "./load.ts";
import { meByHand } from "./me-by-hand.ts";
import { type Comparison, compare, type Work } from "./measure.ts";
import { storeOn, withPostgres } from "./postgres.ts";
import { atLeast, type Row } from "./report.ts";

const USERS = 9;
const CONNECTIONS = 10;
/** More than hash at once: the next one is always waiting. */
const CALLERS = 8;
const CALM = `GET /auth/me on loopback, ${CONNECTIONS} connections`;
const STORM = `GET /auth/me while ${CALLERS} callers log in without a pause`;
const GOAL = 0.8;

/**
 * What `GET /auth/me` costs beside a handler that looks the session up by hand, at rest and during a storm of
 * logins to the same process. Who sends the requests is another one.
 */
export async function httpOverheadRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const memory = await onStore("memory", memoryStore(), quick);
  const sqlite = await withFolder((folder) => onStore("SQLite", sqliteStore(join(folder, "http.db")), quick));
  const postgres = await withPostgres(CALM, ({ plain }) => onStore("PostgreSQL", storeOn(plain), quick));
  const rows = [...memory, ...sqlite, ...postgres];
  return [CALM, STORM].flatMap((wanted) => rows.filter(({ group }) => group === wanted));
}

interface Subject {
  readonly auth: Auth;
  readonly store: AuthStore;
  readonly emails: readonly string[];
  /** How many have succeeded until now. */
  readonly logins: () => number;
  readonly quick: boolean;
}

async function onStore(name: string, store: AuthStore, quick: boolean): Promise<readonly Row[]> {
  let logins = 0;
  const onEvent = ({ type, outcome }: AuthEvent): void => {
    if (type === "login" && outcome === "success") logins++;
  };
  const auth = benchAuth(store, { onEvent });
  const emails = await signUpUsers(auth, USERS);
  const subject: Subject = { auth, store, emails, logins: () => logins, quick };
  const rows: Row[] = [];
  for (const framework of FRAMEWORKS) {
    const { atRest, stormy } = await onFramework(framework, subject);
    rows.push(...calmRows(`${framework.name}, ${name}`, atRest));
    rows.push(...stormRows(`${framework.name}, ${name}`, atRest, stormy));
  }
  await auth.close();
  return rows;
}

interface Measured {
  readonly atRest: Comparison;
  readonly stormy: Comparison & { readonly logins: Pair };
}

interface Pair {
  readonly byHand: number;
  readonly ours: number;
}

async function onFramework(framework: Framework, subject: Subject): Promise<Measured> {
  const { auth, store, emails } = subject;
  const [calm, ...others] = emails; // a user's own logins would end the session in time
  const token = await accessToken(auth, calm as string);
  const { sessionId } = await auth.verifyToken(token);
  const servers = [framework.byHand(meByHand(store)), framework.ours(toNodeHandler(createHandler(auth)))];
  return withServers(servers, async ([byHand = "", ours = ""]) => {
    const loads = { byHand: meLoad(byHand, sessionId), ours: meLoad(ours, token) };
    deepEqual(await answerTo(loads.ours), await answerTo(loads.byHand));
    const [generator, storm] = [loadGenerator(), loadGenerator()];
    const atRest = await compareLoads(generator, loads, subject);
    storm.start(loginLoad(ours, others));
    const stormy = await compareLoads(generator, loads, subject);
    await Promise.all([storm.end(), generator.end()]);
    return { atRest, stormy };
  });
}

function meLoad(server: string, token: string): Load {
  const headers = { authorization: `Bearer ${token}` };
  return { url: `${server}/auth/me`, connections: CONNECTIONS, headers };
}

function loginLoad(server: string, emails: readonly string[]): Load {
  const requests = emails.map((email) => ({
    method: "POST" as const,
    body: JSON.stringify({ email, password: PASSWORD }),
  }));
  const headers = { "content-type": "application/json" };
  return { url: `${server}/auth/login`, connections: CALLERS, duration: 3_600, headers, requests };
}

/** Whatever is compared is the same work: text for text, but for the second in which it was answered. */
async function answerTo({ url, headers }: Load): Promise<unknown> {
  const response = await fetch(url, { headers });
  const fields = [...response.headers].filter(([name]) => name !== "date");
  return { status: response.status, fields, body: await response.text() };
}

interface Loads {
  readonly byHand: Load;
  readonly ours: Load;
}

async function compareLoads(
  generator: LoadGenerator,
  { byHand, ours }: Loads,
  { logins, quick }: Subject,
): Promise<Measured["stormy"]> {
  const amount = await amountIn(quick ? 250 : 400, (warmUp) => generator.run({ ...byHand, amount: warmUp }));
  const seen = { byHand: { logins: 0, ms: 0 }, ours: { logins: 0, ms: 0 } };
  const work = (name: keyof Loads, load: FiniteLoad): Work => ({
    name,
    operations: amount,
    run: async () => {
      const before = { logins: logins(), ms: performance.now() };
      await generator.run(load);
      seen[name].logins += logins() - before.logins;
      seen[name].ms += performance.now() - before.ms;
    },
  });
  const baseline = work("byHand", { ...byHand, amount });
  const [result] = await compare(baseline, [work("ours", { ...ours, amount })], quick ? 3 : 11);
  const perSecond = ({ logins, ms }: typeof seen.ours): number => (1_000 * logins) / ms;
  const during = { byHand: perSecond(seen.byHand), ours: perSecond(seen.ours) };
  return { ...(result as Comparison), logins: during };
}

/** How much of it is done in so many milliseconds, once both processes are warm. */
async function amountIn(ms: number, work: (amount: number) => Promise<void>): Promise<number> {
  let amount = 500;
  for (;;) {
    const start = performance.now();
    await work(amount);
    const elapsed = performance.now() - start;
    if (elapsed >= ms) return Math.ceil((amount * ms) / elapsed);
    amount *= 2;
  }
}

function calmRows(name: string, { elapsed, processor }: Comparison): readonly Row[] {
  return [
    rateRow(CALM, name, elapsed),
    {
      group: CALM,
      name: `${name}, processor time of one`,
      value: processor.ms * 1_000,
      unit: "µs",
      baseline: { name: "by hand", value: processor.baselineMs * 1_000 },
      ratio: processor.ratio,
    },
  ];
}

function stormRows(
  name: string,
  atRest: Comparison,
  { elapsed, logins }: Measured["stormy"],
): readonly Row[] {
  const kept = {
    byHand: atRest.elapsed.baselineMs / elapsed.baselineMs,
    ours: atRest.elapsed.ms / elapsed.ms,
  };
  const ratio = atRest.elapsed.ratio / elapsed.ratio; // both of pairs: steadier than what is kept of medians
  return [
    rateRow(STORM, name, elapsed),
    { ...besideByHand(STORM, `${name}, share kept`, kept), unit: "", ratio, goal: atLeast(GOAL, ratio) },
    { ...besideByHand(STORM, `${name}, logins meanwhile`, logins), unit: "/s" },
  ];
}

function rateRow(group: string, name: string, { ms, baselineMs, ratio }: Comparison["elapsed"]): Row {
  const rates = { byHand: 1_000 / baselineMs, ours: 1_000 / ms };
  return {
    ...besideByHand(group, name, rates),
    unit: "/s",
    ratio: 1 / ratio,
    goal: atLeast(GOAL, 1 / ratio),
  };
}

function besideByHand(group: string, name: string, { byHand, ours }: Pair): Omit<Row, "unit"> {
  return { group, name, value: ours, baseline: { name: "by hand", value: byHand } };
}
