import { join } from "node:path";
import { withFolder } from "../fixtures.ts";
import { type LoadGenerator, loadGenerator } from "../load.ts";
import { median } from "../measure.ts";
import { withEmptyPostgres } from "../postgres.ts";
import { atLeast, type Row } from "../report.ts";
import { type Contender, withContenders } from "./contender.ts";
import type { Place } from "./place.ts";
import { type Pairing, POSTGRES, type Setting, SQLITE, type StormPairings } from "./places.ts";
import { inSlices, medianRatio, type Rates, type Slices, type Stream } from "./slices.ts";

const CONNECTIONS = 10;
/** More than hash at once, so that a place which gets free is taken at once; fewer than may wait. */
const CALLERS = 16;

/** Whole servers over loopback, beside servers that somebody wrote by hand for the same work. */
export async function httpRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const slices = quick ? { rounds: 3, seconds: 1 } : { rounds: 6, seconds: 1.2 };
  const generators = [loadGenerator(), loadGenerator()] as const;
  const scene = { generators, slices };
  try {
    return [...(await onSqlite(scene)), ...(await onPostgres(scene))];
  } finally {
    await Promise.all(generators.map((generator) => generator.end()));
  }
}

interface Scene {
  readonly generators: readonly [LoadGenerator, LoadGenerator];
  readonly slices: Slices;
}

/** The same with servers that run. */
export interface Stage extends Scene {
  readonly database: string;
  readonly contenders: readonly Contender[];
}

function onSqlite(scene: Scene): Promise<readonly Row[]> {
  return withFolder((folder) => {
    const places = placedAt(SQLITE, (index) => join(folder, `${index}.db`));
    return withContenders(places, (contenders) =>
      settingRows(SQLITE, { ...scene, database: "SQLite", contenders }),
    );
  });
}

function onPostgres(scene: Scene): Promise<readonly Row[]> {
  return withEmptyPostgres("whole servers", Object.keys(POSTGRES.places).length, (urls) => {
    const places = placedAt(POSTGRES, (index) => urls[index] ?? "");
    return withContenders(places, (contenders) =>
      settingRows(POSTGRES, { ...scene, database: "PostgreSQL", contenders }),
    );
  });
}

/** Also for servers of other libraries. */
export async function settingRows(
  { own, me, logins, storm }: Omit<Setting, "places">,
  stage: Stage,
): Promise<readonly Row[]> {
  return [
    ...(await routeRows(stage, "own", own)),
    ...(me ? await routeRows(stage, "me", me) : []),
    ...(await loginRows(stage, logins)),
    ...(storm ? await stormRows(stage, storm) : []),
  ];
}

function placedAt({ places }: Setting, urlOf: (index: number) => string): Readonly<Record<string, Place>> {
  const entries = Object.entries(places);
  return Object.fromEntries(entries.map(([name, place], index) => [name, { ...place, url: urlOf(index) }]));
}

const TITLES = { own: "an application's own route", me: "GET /auth/me" } as const;

async function routeRows(
  { database, contenders, generators: [generator], slices }: Stage,
  path: keyof Contender["paths"],
  pairings: readonly Pairing[],
): Promise<readonly Row[]> {
  const streams = inside(contenders, pairings).map((contender) => checkStream(contender, path));
  const rates = await inSlices(streams, slices, (load) => generator.rate(load));
  return toRows(`${TITLES[path]}, ${database}, requests a second`, rates, pairings);
}

async function loginRows(
  { database, contenders, generators: [generator], slices }: Stage,
  pairings: readonly Pairing[],
): Promise<readonly Row[]> {
  const streams = inside(contenders, pairings).map(loginStream);
  const rates = await inSlices(streams, slices, (load) => generator.rate(load));
  return toRows(`logins, ${database}, a second`, rates, pairings);
}

/** Checks and logins at the same time, from two processes. */
async function stormRows(
  { database, contenders, generators: [checks, logins], slices }: Stage,
  pairings: StormPairings,
): Promise<readonly Row[]> {
  const wanted = inside(contenders, pairings.checks);
  const loginRates = wanted.map(({ name }) => ({ name, perSecond: [] as number[] }));
  const streams = wanted.map((contender) => checkStream(contender, "own"));
  const rates = await inSlices(streams, slices, async (load) => {
    const index = streams.findIndex((stream) => stream.load.url === load.url);
    const storm = { ...loginStream(wanted[index] as Contender).load, duration: slices.seconds };
    const [checked, loggedIn] = await Promise.all([checks.rate(load), logins.rate(storm)]);
    loginRates[index]?.perSecond.push(loggedIn);
    return checked;
  });
  const warm = loginRates.map(({ name, perSecond }) => ({ name, perSecond: perSecond.slice(1) }));
  const title = `while ${CALLERS} callers log in without a pause, ${database}`;
  return [
    ...toRows(`${title}, requests a second`, rates, pairings.checks),
    ...toRows(`${title}, their logins a second`, warm, pairings.logins),
  ];
}

function inside(contenders: readonly Contender[], pairings: readonly Pairing[]): readonly Contender[] {
  const names = new Set(pairings.flatMap(({ subject, floor }) => [subject, floor]));
  return contenders.filter(({ name }) => names.has(name));
}

function checkStream({ name, url, headers, paths }: Contender, path: keyof Contender["paths"]): Stream {
  return { name, load: { url: `${url}${paths[path]}`, connections: CONNECTIONS, headers } };
}

function loginStream({ name, url, login }: Contender): Stream {
  const headers = { "content-type": "application/json" };
  const requests = login.bodies.map((body) => ({ method: "POST" as const, body }));
  return { name, load: { url: `${url}${login.path}`, connections: CALLERS, headers, requests } };
}

function toRows(group: string, rates: readonly Rates[], pairings: readonly Pairing[]): readonly Row[] {
  const ratesOf = (name: string): Rates => rates.find((one) => one.name === name) as Rates;
  return pairings.map(({ subject, floor, goal }) => {
    const [ours, baseline] = [ratesOf(subject), ratesOf(floor)];
    const ratio = medianRatio(ours, baseline);
    return {
      group,
      name: subject,
      value: median(ours.perSecond),
      unit: "/s",
      baseline: { name: floor, value: median(baseline.perSecond) },
      ratio,
      ...(goal !== undefined && { goal: atLeast(goal, ratio) }),
    };
  });
}
