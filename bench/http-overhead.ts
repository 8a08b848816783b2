import { join } from "node:path";
import { type Auth, type AuthEvent, type AuthStore, memoryStore } from "sallyport";
import { createHandler, toNodeHandler } from "sallyport/http";
import { sqliteStore } from "sallyport/sqlite";
import { accessToken, benchAuth, PASSWORD, signUpUsers, withFolder } from "./fixtures.ts";
import {
  assertSameAnswers,
  besideByHand,
  CONNECTIONS,
  compareLoads,
  type Pair,
  processorRow,
  rateRow,
} from "./http-loads.ts";
import { FRAMEWORKS, type Framework, withServers } from "./http-servers.ts";
import { type Load, loadGenerator } from "./load.ts";
import { meByHand } from "./me-by-hand.ts";
import type { Comparison } from "./measure.ts";
import { storeOn, withPostgres } from "./postgres.ts";
import { atLeast, type Row } from "./report.ts";

const USERS = 9;
/** More than hash at once: the next one is always waiting. */
const CALLERS = 8;
const CALM = `GET /auth/me on loopback, ${CONNECTIONS} connections`;
const STORM = `GET /auth/me while ${CALLERS} callers log in without a pause`;
const STORM_GOAL = 0.8;

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
  /** How many logins have succeeded until now. */
  readonly count: () => number;
  readonly quick: boolean;
}

async function onStore(name: string, store: AuthStore, quick: boolean): Promise<readonly Row[]> {
  let logins = 0;
  const onEvent = ({ type, outcome }: AuthEvent): void => {
    if (type === "login" && outcome === "success") logins++;
  };
  const auth = benchAuth(store, { onEvent });
  const emails = await signUpUsers(auth, USERS);
  const subject: Subject = { auth, store, emails, count: () => logins, quick };
  const rows: Row[] = [];
  for (const framework of FRAMEWORKS) {
    const measured = await onFramework(framework, subject);
    const title = `${framework.name}, ${name}`;
    rows.push(...calmRows(title, measured.atRest, framework.goal), ...stormRows(title, measured));
  }
  await auth.close();
  return rows;
}

interface Measured {
  readonly atRest: Comparison;
  readonly stormy: Comparison & { readonly beside: Pair };
}

async function onFramework(framework: Framework, subject: Subject): Promise<Measured> {
  const { auth, store, emails } = subject;
  const [calm, ...others] = emails; // a user's own logins would end the session in time
  const token = await accessToken(auth, calm as string);
  const { sessionId } = await auth.verifyToken(token);
  const servers = [framework.byHand(meByHand(store)), framework.ours(toNodeHandler(createHandler(auth)))];
  return withServers(servers, async ([byHand = "", ours = ""]) => {
    const loads = { byHand: meLoad(byHand, sessionId), ours: meLoad(ours, token) };
    await assertSameAnswers(loads);
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

function calmRows(name: string, { elapsed, processor }: Comparison, goal: number): readonly Row[] {
  const place = { group: CALM, name };
  return [rateRow(place, elapsed, goal), processorRow(place, processor)];
}

function stormRows(name: string, { atRest, stormy }: Measured): readonly Row[] {
  const { elapsed, beside } = stormy;
  const kept = {
    byHand: atRest.elapsed.baselineMs / elapsed.baselineMs,
    ours: atRest.elapsed.ms / elapsed.ms,
  };
  const ratio = atRest.elapsed.ratio / elapsed.ratio; // both of pairs: steadier than what is kept of medians
  const place = (what: string) => ({ group: STORM, name: `${name}, ${what}` });
  return [
    rateRow({ group: STORM, name }, elapsed, STORM_GOAL),
    { ...besideByHand(place("share kept"), kept), unit: "", ratio, goal: atLeast(STORM_GOAL, ratio) },
    { ...besideByHand(place("logins meanwhile"), beside), unit: "/s" },
  ];
}
