import { join } from "node:path";
import { withFolder } from "../fixtures.ts";
import { type LoadGenerator, loadGenerator } from "../load.ts";
import { median } from "../measure.ts";
import { withEmptyPostgres } from "../postgres.ts";
import { atLeast, type Row } from "../report.ts";
import { type Contender, withContenders } from "./contender.ts";
import type { Place } from "./place.ts";
import { inSlices, medianRatio, type Rates, type Slices, type Stream } from "./slices.ts";

const CONNECTIONS = 10;
/** More than hash at once, so that a place which gets free is taken at once; fewer than may wait. */
const CALLERS = 16;

interface Pairing {
  readonly ours: string;
  readonly floor: string;
  readonly goal?: number;
}

const SQLITE: Readonly<Record<string, Omit<Place, "url">>> = {
  "by hand": { author: "by hand", framework: "node:http", database: "SQLite" },
  ours: { author: "ours", framework: "node:http", database: "SQLite" },
  'ours, atMostEvery "5s"': {
    author: "ours",
    framework: "node:http",
    database: "SQLite",
    session: { check: { atMostEvery: "5s" } },
  },
  "by hand, Express": { author: "by hand", framework: "Express", database: "SQLite" },
  "ours, Express": { author: "ours", framework: "Express", database: "SQLite" },
};

const POSTGRES: Readonly<Record<string, Omit<Place, "url">>> = {
  "by hand": { author: "by hand", framework: "node:http", database: "PostgreSQL" },
  ours: { author: "ours", framework: "node:http", database: "PostgreSQL" },
  "by hand, named": { author: "by hand", framework: "node:http", database: "PostgreSQL", named: true },
  "ours, named": { author: "ours", framework: "node:http", database: "PostgreSQL", named: true },
};

/** Whole servers over loopback, beside servers that somebody wrote by hand for the same work. */
export async function httpRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const slices = quick ? { rounds: 3, seconds: 1 } : { rounds: 7, seconds: 2 };
  const generators = [loadGenerator(), loadGenerator()] as const;
  try {
    return [...(await onSqlite(generators, slices)), ...(await onPostgres(generators, slices))];
  } finally {
    await Promise.all(generators.map((generator) => generator.end()));
  }
}

type Generators = readonly [LoadGenerator, LoadGenerator];

function onSqlite(generators: Generators, slices: Slices): Promise<readonly Row[]> {
  return withFolder((folder) =>
    withContenders(
      placedAt(SQLITE, (index) => join(folder, `${index}.db`)),
      async (contenders) => [
        ...(await routeRows("SQLite", "own", { contenders, generators, slices }, [
          { ours: "ours", floor: "by hand", goal: 0.75 },
          { ours: 'ours, atMostEvery "5s"', floor: "by hand", goal: 1.2 },
          { ours: "ours, Express", floor: "by hand, Express", goal: 0.9 },
        ])),
        ...(await routeRows("SQLite", "me", { contenders, generators, slices }, [
          { ours: "ours", floor: "by hand" },
        ])),
        ...(await loginRows("SQLite", { contenders, generators, slices }, [
          { ours: "ours", floor: "by hand", goal: 0.95 },
        ])),
        ...(await stormRows("SQLite", { contenders, generators, slices })),
      ],
    ),
  );
}

async function onPostgres(generators: Generators, slices: Slices): Promise<readonly Row[]> {
  const urls = Object.keys(POSTGRES).length;
  return withEmptyPostgres("whole servers", urls, (databases) =>
    withContenders(
      placedAt(POSTGRES, (index) => databases[index] as string),
      async (contenders) => [
        ...(await routeRows("PostgreSQL", "own", { contenders, generators, slices }, [
          { ours: "ours", floor: "by hand" },
          { ours: "ours, named", floor: "by hand, named", goal: 0.7 },
        ])),
        ...(await loginRows("PostgreSQL", { contenders, generators, slices }, [
          { ours: "ours", floor: "by hand", goal: 0.93 },
          { ours: "ours, named", floor: "by hand, named" },
        ])),
      ],
    ),
  );
}

function placedAt(
  places: Readonly<Record<string, Omit<Place, "url">>>,
  urlOf: (index: number) => string,
): Readonly<Record<string, Place>> {
  return Object.fromEntries(
    Object.entries(places).map(([name, place], index) => [name, { ...place, url: urlOf(index) }]),
  );
}

interface Scene {
  readonly contenders: readonly Contender[];
  readonly generators: Generators;
  readonly slices: Slices;
}

const TITLES = { own: "an application's own route", me: "GET /auth/me" } as const;

async function routeRows(
  database: Place["database"],
  path: keyof Contender["paths"],
  { contenders, generators: [generator], slices }: Scene,
  pairings: readonly Pairing[],
): Promise<readonly Row[]> {
  const wanted = contenders.filter(({ name }) => isIn(pairings, name));
  const streams = wanted.map((contender) => checkStream(contender, path));
  const rates = await inSlices(streams, slices, (load) => generator.rate(load));
  return toRows(`${TITLES[path]}, ${database}, requests a second`, rates, pairings);
}

async function loginRows(
  database: Place["database"],
  { contenders, generators: [generator], slices }: Scene,
  pairings: readonly Pairing[],
): Promise<readonly Row[]> {
  const wanted = contenders.filter(({ name }) => isIn(pairings, name));
  const rates = await inSlices(wanted.map(loginStream), slices, (load) => generator.rate(load));
  return toRows(`logins, ${database}, a second`, rates, pairings);
}

/** Checks and logins at the same time, from two processes. */
async function stormRows(
  database: Place["database"],
  { contenders, generators: [checks, logins], slices }: Scene,
): Promise<readonly Row[]> {
  const pairings = [{ ours: "ours", floor: "by hand" }];
  const wanted = contenders.filter(({ name }) => isIn(pairings, name));
  const loginRates = new Map(wanted.map(({ name }) => [name, [] as number[]]));
  const rates = await inSlices(
    wanted.map((contender) => checkStream(contender, "own")),
    slices,
    async (load) => {
      const contender = wanted.find(({ url }) => load.url.startsWith(url)) as Contender;
      const { load: storm } = loginStream(contender);
      const [checked, loggedIn] = await Promise.all([
        checks.rate(load),
        logins.rate({ ...storm, duration: slices.seconds }),
      ]);
      loginRates.get(contender.name)?.push(loggedIn);
      return checked;
    },
  );
  const stormy = wanted.map(({ name }) => ({ name, perSecond: loginRates.get(name)?.slice(1) ?? [] }));
  const title = `while ${CALLERS} callers log in without a pause, ${database}`;
  return [
    ...toRows(`${title}, requests a second`, rates, [{ ours: "ours", floor: "by hand", goal: 0.8 }]),
    ...toRows(`${title}, their logins a second`, stormy, [{ ours: "ours", floor: "by hand", goal: 0.85 }]),
  ];
}

function isIn(pairings: readonly Pairing[], name: string): boolean {
  return pairings.some(({ ours, floor }) => name === ours || name === floor);
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
  return pairings.map(({ ours, floor, goal }) => {
    const [subject, baseline] = [ours, floor].map((name) => rates.find((one) => one.name === name) as Rates);
    const ratio = medianRatio(subject as Rates, baseline as Rates);
    return {
      group,
      name: ours,
      value: median((subject as Rates).perSecond),
      unit: "/s",
      baseline: { name: floor, value: median((baseline as Rates).perSecond) },
      ratio,
      ...(goal !== undefined && { goal: atLeast(goal, ratio) }),
    };
  });
}
