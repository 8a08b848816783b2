import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type AuthStore, createAuth, isAuthError } from "sallyport";
import { sqliteStore } from "sallyport/sqlite";
import { capturingMailer } from "sallyport/testing";
import { CLIENT, freeHasher, PASSWORD, withFolder } from "../fixtures.ts";
import { median } from "../measure.ts";
import { storeOn, withPostgres } from "../postgres.ts";
import { type Row, toJson, toTable, within } from "../report.ts";
import { loginClassRows } from "./logins.ts";
import { type Scene, STATES, type State } from "./states.ts";

// Whether time tells a stranger who has an account (G3). Each state of an address gets the same calls, in turn, so that
// a slow second hits all of them alike. Passwords cost nothing here: a real hash would hide the rest.
const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
});

const CALLS = values.quick ? 100 : 500;
const LOGINS = values.quick ? 100 : 300;
const SECRET = randomBytes(32).toString("base64url");
const NEAR = 0.05;

/** An address in its state, and what its reset has answered. */
interface Address {
  readonly email: string;
  readonly state: State;
  challengeToken: string;
}

interface Route {
  readonly name: string;
  call(scene: Scene, address: Address): Promise<unknown>;
}

const ROUTES: readonly Route[] = [
  { name: "signup", call: ({ auth }, { email }) => auth.signup({ email, password: PASSWORD }, CLIENT) },
  {
    name: "ask for a reset",
    call: async ({ auth }, address) => {
      const sent = await auth.password.requestReset({ email: address.email }, CLIENT);
      address.challengeToken = sent.challengeToken;
    },
  },
  { name: "resend", call: ({ auth }, { challengeToken }) => auth.mail.resend({ challengeToken }, CLIENT) },
];

const WRONG_CODE: Route = {
  name: "wrong code of a reset",
  call: ({ auth }, { challengeToken }) =>
    refused(auth.password.reset({ challengeToken, code: "wrong", password: PASSWORD }, CLIENT)),
};

function sceneOn(store: AuthStore): Scene {
  const password = { hasher: freeHasher } as const;
  const shared = { secret: SECRET, store, password, onWarning: () => {} } as const;
  const mailer = capturingMailer();
  const mail = { page: "https://app.example/mail", delivery: "manual" } as const;
  return { store, mailer, before: createAuth(shared), auth: createAuth({ ...shared, mailer, mail }) };
}

async function rowsOn(name: string, store: AuthStore): Promise<readonly Row[]> {
  const scene = sceneOn(store);
  const rounds = await prepared(scene);
  const rows: Row[] = [];
  for (const route of ROUTES) rows.push(...judge(name, route, await timed(scene, route, rounds)));
  await scene.auth.mail.deliver();
  for (const { email, state } of rounds.flat()) await state.meanwhile?.(scene, email);
  rows.push(...judge(name, WRONG_CODE, await timed(scene, WRONG_CODE, rounds)));
  await scene.auth.close();
  return rows;
}

/** One address of each state for each round. */
async function prepared(scene: Scene): Promise<readonly Address[][]> {
  const rounds: Address[][] = [];
  for (let round = 0; round < CALLS; round++) {
    const addresses = STATES.map((state, index): Address => {
      const local = `${String(round).padStart(4, "0")}-${String(index).padStart(2, "0")}`;
      return { email: `${local}@example.com`, state, challengeToken: "" };
    });
    for (const { state, email } of addresses) await state.prepare(scene, email);
    // Each state is as often the first as any other.
    rounds.push([...addresses.slice(round % STATES.length), ...addresses.slice(0, round % STATES.length)]);
  }
  return rounds;
}

type Times = ReadonlyMap<State, number[]>;

/** Microseconds of each call, by the state of its address. */
async function timed(scene: Scene, route: Route, rounds: readonly Address[][]): Promise<Times> {
  const times: Times = new Map(STATES.map((state) => [state, []]));
  for (const address of rounds.flat()) {
    const start = performance.now();
    await route.call(scene, address);
    times.get(address.state)?.push((performance.now() - start) * 1000);
  }
  return times;
}

function judge(on: string, route: Route, times: Times): readonly Row[] {
  const medians = [...times].map(([{ name }, samples]) => ({ name, value: median(samples) }));
  const middle = median(medians.map(({ value }) => value));
  return medians.map(({ name, value }) => ({
    group: `${route.name}, on ${on}`,
    name,
    value,
    unit: "µs",
    baseline: { name: "all states", value: middle },
    ratio: value / middle,
    goal: within(NEAR, value / middle),
  }));
}

async function refused(call: Promise<unknown>): Promise<void> {
  const error = await call.then(() => null).catch((thrown: unknown) => thrown);
  if (!isAuthError(error) || error.code !== "invalid_code")
    throw error ?? new TypeError("A wrong code passed.");
}

const rows = [
  ...(await withFolder((folder) => rowsOn("SQLite", sqliteStore(join(folder, "auth.db"))))),
  ...(await withPostgres("enumeration", ({ plain }) => rowsOn("PostgreSQL", storeOn(plain)))),
];
// No failure by itself: of six such p, chance alone puts one below 0.05 in a quarter of all runs. Run it again.
const logins = [
  ...(await withFolder((folder) => loginClassRows("SQLite", sqliteStore(join(folder, "auth.db")), LOGINS))),
  ...(await withPostgres("logins", ({ plain }) => loginClassRows("PostgreSQL", storeOn(plain), LOGINS))),
];
const all = [...rows, ...logins];
process.stdout.write(values.json ? `${toJson(all)}\n` : toTable(all));
process.exitCode = rows.some(({ goal }) => goal?.met === false) ? 1 : 0;
