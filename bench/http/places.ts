import type { Place } from "./place.ts";

/** Two servers, and the share of the floor's rate that the first must reach. */
export interface Pairing {
  readonly subject: string;
  readonly floor: string;
  readonly goal?: number;
}

/** The goals of the checks in a storm of logins, and of those logins. */
export interface StormPairings {
  readonly checks: readonly Pairing[];
  readonly logins: readonly Pairing[];
}

/** The servers on one database, and what is held against what. */
export interface Setting {
  readonly places: Readonly<Record<string, Omit<Place, "url">>>;
  readonly own: readonly Pairing[];
  readonly me?: readonly Pairing[];
  readonly logins: readonly Pairing[];
  readonly storm?: StormPairings;
}

const ON_SQLITE = { framework: "node:http", database: "SQLite" } as const;
const ON_POSTGRES = { framework: "node:http", database: "PostgreSQL" } as const;
const EXPRESS = { framework: "Express", database: "SQLite" } as const;

export const SQLITE: Setting = {
  places: {
    ours: { ...ON_SQLITE, author: "ours" },
    "by hand": { ...ON_SQLITE, author: "by hand" },
    "by hand on our store": { ...ON_SQLITE, author: "on its store" },
    'ours, atMostEvery "5s"': { ...ON_SQLITE, author: "ours", session: { check: { atMostEvery: "5s" } } },
    "ours, Express": { ...EXPRESS, author: "ours" },
    "by hand, Express": { ...EXPRESS, author: "by hand" },
    "by hand on our store, Express": { ...EXPRESS, author: "on its store" },
  },
  own: [
    { subject: "ours", floor: "by hand", goal: 0.75 },
    { subject: "ours", floor: "by hand on our store", goal: 0.9 },
    { subject: 'ours, atMostEvery "5s"', floor: "by hand", goal: 1.2 },
    { subject: "ours, Express", floor: "by hand, Express", goal: 0.9 },
    { subject: "ours, Express", floor: "by hand on our store, Express", goal: 0.8 },
  ],
  me: [
    { subject: "ours", floor: "by hand" },
    { subject: "ours", floor: "by hand on our store", goal: 0.9 },
    { subject: "ours, Express", floor: "by hand on our store, Express", goal: 0.8 },
  ],
  logins: [{ subject: "ours", floor: "by hand", goal: 0.95 }],
  storm: {
    checks: [{ subject: "ours", floor: "by hand", goal: 0.8 }],
    logins: [{ subject: "ours", floor: "by hand", goal: 0.85 }],
  },
};

export const POSTGRES: Setting = {
  places: {
    ours: { ...ON_POSTGRES, author: "ours" },
    "by hand": { ...ON_POSTGRES, author: "by hand" },
    "ours, named": { ...ON_POSTGRES, author: "ours", named: true },
    "by hand, named": { ...ON_POSTGRES, author: "by hand", named: true },
  },
  own: [
    { subject: "ours", floor: "by hand" },
    { subject: "ours, named", floor: "by hand, named", goal: 0.7 },
  ],
  logins: [
    { subject: "ours", floor: "by hand", goal: 0.93 },
    { subject: "ours, named", floor: "by hand, named" },
  ],
};
