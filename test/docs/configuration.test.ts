import { generateKeyPairSync, randomBytes } from "node:crypto";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type AuthOptions, createAuth, memoryStore, type PasswordPolicy, passwordPolicies } from "sallyport";
import { createHandler } from "sallyport/http";
import { capturingMailer } from "sallyport/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseOptions, type Settings } from "../../src/config/parse-options.ts";
import { createContext } from "../../src/create-auth.ts";
import { parseDuration } from "../../src/domain/duration.ts";
import { systemClock } from "../../src/lib/system-clock.ts";
import { SECRET } from "../support/harness.ts";
import { optionPaths } from "./support/option-paths.ts";
import { codeSpans, readPage, rootPath, section, tableRows } from "./support/pages.ts";

const PAGE = "docs/configuration.md";
const ROWS = tableRows(section(PAGE, "Options of `createAuth`")).map(([option, type, fallback, bounds]) => ({
  option: codeSpans(option ?? "")[0] ?? "",
  type: codeSpans(type ?? "")[0] ?? "",
  fallback: fallback ?? "",
  bounds: bounds ?? "",
}));
const DOCUMENTED = ROWS.map(({ option }) => option);
const REQUIRED = { secret: SECRET, store: memoryStore() };
const MAIL = { mailer: capturingMailer(), mail: { page: "https://app.acme.example/mail" } };
const SENDING = { ...REQUIRED, ...MAIL };

/** The least that starts with this option: some need a mailer. */
function leastWith(path: string): typeof REQUIRED {
  return /^(?:mail|email|limits\.(?:mail|proof))\b/.test(path) ? SENDING : REQUIRED;
}

/** The options of `createAuth` by their types; `limits`, `session` and the like are opened. */
const TYPED = ["AuthOptions", "FeatureOptions"].flatMap((name) =>
  optionPaths("src/api/options.ts", name, /Options$/),
);

function nest(path: string, value: unknown): Record<string, unknown> {
  return path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Record<
    string,
    unknown
  >;
}

function optionsWith(path: string, value: unknown): AuthOptions {
  const given = nest(path, value);
  const { mail } = given as { readonly mail?: object };
  return {
    ...leastWith(path),
    ...given,
    ...(mail && { mail: { ...MAIL.mail, ...mail } }),
  } as unknown as AuthOptions;
}

function settingsWith(path: string, value: unknown): Settings {
  return parseOptions(optionsWith(path, value));
}

const GIVEN: Readonly<Record<string, object>> = { "": SENDING, mail: MAIL.mail };

/** Which properties the schema asks for: it is given groups that take down every question. */
function schemaPaths(): readonly string[] {
  const groups = new Set(
    TYPED.flatMap((path) => path.split(".").map((_, i, names) => names.slice(0, i).join("."))),
  );
  const asked = new Set<string>();
  const group = (path: string): object =>
    new Proxy(GIVEN[path] ?? {}, {
      get: (target, name) => {
        const inner = path === "" ? String(name) : `${path}.${String(name)}`;
        if (groups.has(inner)) return group(inner);
        asked.add(inner);
        return Reflect.get(target, name);
      },
    });
  parseOptions(group("") as AuthOptions);
  return [...asked];
}

describe("options of createAuth", () => {
  test("each option of the types is documented once, and no other", () => {
    expect([...DOCUMENTED].sort()).toEqual([...TYPED].sort());
  });

  test("each option that the schema reads is documented, and none that it refuses", () => {
    expect([...DOCUMENTED].sort()).toEqual([...schemaPaths()].sort());
    expect(() => settingsWith("password.hashing.colour", 1)).toThrow(/no such option/);
    for (const option of DOCUMENTED) {
      // Refused for what it holds, never for being there.
      const start = () => createAuth(optionsWith(option, { no: "sense" }) as AuthOptions);
      expect(start).toThrow(`createAuth: ${option}`);
      expect(start).not.toThrow(`${option}: no such option`);
    }
  });
});

/** Defaults that are values: giving them must be the same as leaving the option out. */
const VALUES = ROWS.filter(({ fallback }) => fallback.startsWith("`") && !fallback.endsWith("()`"));

describe("defaults", () => {
  test.each(VALUES)("$option: $fallback", ({ option, fallback }) => {
    const text = codeSpans(fallback)[0] ?? "";
    const [, policy] = /^passwordPolicies\.(\w+)$/.exec(text) ?? [];
    const value = policy ? passwordPolicies[policy as keyof typeof passwordPolicies] : JSON.parse(text);
    const byDefault = parseOptions(leastWith(option));
    expect(settingsWith(option, value)).toEqual(byDefault);
    expect(read(byDefault, option)).toBeDefined();
  });

  test("an option without a default value has none in the settings either", () => {
    const rest = ROWS.filter((row) => !VALUES.includes(row)).map(({ option }) => option);
    const settings = parseOptions(SENDING);
    const present = rest.filter((option) => read(settings, option) !== undefined);
    expect(present.sort()).toEqual([
      "limits.namespace",
      "mail.name",
      "mail.page",
      "mailer",
      "password.hashing.concurrency",
      "signingKeys",
      "store",
    ]);
    expect([settings.secrets, settings.signingKeys]).toEqual([[SECRET], []]);
  });

  test.each([
    [{ check: "never" }, ["15m", "14d", "30d"]],
    [{ check: { atMostEvery: "5s" } }, ["24h", "14d", "30d"]],
    [{ check: "never", accessTtl: "24h" }, ["24h", "14d", "30d"]],
    [{ accessTtl: "20d" }, ["20d", "20d", "30d"]],
    [{ accessTtl: "40d" }, ["40d", "40d", "40d"]],
    [{ idleTtl: "1h" }, ["1h", "1h", "30d"]],
    [{ idleTtl: "40d" }, ["24h", "40d", "40d"]],
    [{ refreshTtl: "1h" }, ["1h", "1h", "1h"]],
    [{ check: "never", refreshTtl: "5m" }, ["5m", "5m", "5m"]],
  ] as const)("lifetimes that are left out beside %j make room for it", (given, lifetimes) => {
    const { accessTtl, idleTtl, refreshTtl } = settingsWith("session", given).session;
    expect([accessTtl, idleTtl, refreshTtl]).toEqual(lifetimes.map(parseDuration));
  });

  test("with signing keys an access token has 15 minutes, unless a longer life is written out", () => {
    const signingKeys = makeKeys(1);
    const lifeOf = (session: object) =>
      parseOptions({ ...REQUIRED, signingKeys, session } as AuthOptions).session.accessTtl;
    expect(lifeOf({})).toBe(parseDuration("15m"));
    expect(lifeOf({ accessTtl: "365d" })).toBe(parseDuration("365d"));
  });

  test("the default adapters are those of the page", async () => {
    const adapters = Object.fromEntries(ROWS.map(({ option, fallback }) => [option, fallback]));
    expect(adapters).toMatchObject({
      rateLimiter: "`memoryRateLimiter()`",
      clock: "the system's",
      "password.hasher": "argon2id",
    });
    const ctx = createContext(parseOptions(REQUIRED));
    expect([ctx.clock, ctx.hasher.name]).toEqual([systemClock, "argon2id"]);
    expect(await ctx.limiter.consume("key", { points: 1, windowMs: 1000 })).toMatchObject({
      allowed: true,
      count: 1,
    });
  });

  afterEach(() => vi.unstubAllEnvs());

  test("concurrency follows cores and UV_THREADPOOL_SIZE as the page says", () => {
    expect(section(PAGE, "Passwords")).toContain(
      "`UV_THREADPOOL_SIZE` (4 when not set) minus 1, and at least 1",
    );
    for (const [size, threads] of [
      [undefined, 4],
      ["1", 1],
      ["3", 3],
      ["128", 128],
    ] as const) {
      vi.stubEnv("UV_THREADPOOL_SIZE", size);
      const expected = Math.max(1, Math.min(availableParallelism() + 1, threads - 1));
      expect(parseOptions(REQUIRED).password.hashing.concurrency).toBe(expected);
    }
  });
});

function makeKeys(count: number): readonly object[] {
  return Array.from({ length: count }, () =>
    generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }),
  );
}

function isRule(path: string): boolean {
  return path.startsWith("limits.") && path !== "limits.namespace";
}

function read(settings: Settings, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], settings);
}

describe("bounds", () => {
  const numeric = ROWS.filter(({ bounds }) => /^`.+` to `.+`$/.test(bounds));
  const texts = ROWS.filter(({ bounds }) => /characters$/.test(bounds));

  test("each bound is one of those that are tried below", () => {
    const others = ROWS.filter((row) => !numeric.includes(row) && !texts.includes(row) && row.bounds !== "–");
    expect(others.map(({ option, bounds }) => [option, bounds])).toEqual([
      ["secret", "at least 32 bytes each, 1 to 8 of them"],
      ["signingKeys", "1 to 8 keys"],
      ["session.check", 'an interval of `"1s"` to `"5m"`'],
      ["signup.words", "at most 1000 lines, each of 1 to 200"],
    ]);
    expect(() => parseOptions({ ...REQUIRED, secret: SECRET.slice(0, 32) })).not.toThrow();
    expect(() => parseOptions({ ...REQUIRED, secret: SECRET.slice(0, 31) })).toThrow(/^createAuth: secret:/);
    const mixed = { ...REQUIRED, secret: [SECRET, SECRET.slice(0, 31)] };
    expect(() => parseOptions(mixed)).toThrow(/^createAuth: secret\.1:/);
  });

  test("secret and signingKeys are 1 to 8", () => {
    const secrets = (count: number) =>
      Array.from({ length: count }, () => randomBytes(32).toString("base64"));
    for (const [option, make] of [
      ["secret", secrets],
      ["signingKeys", makeKeys],
    ] as const) {
      for (const count of [1, 8]) expect(() => settingsWith(option, make(count))).not.toThrow();
      for (const count of [0, 9]) {
        expect(() => settingsWith(option, make(count))).toThrow(`createAuth: ${option}:`);
      }
    }
  });

  test("session.check takes atMostEvery from a second to five minutes", () => {
    const checkOf = (atMostEvery: unknown) => settingsWith("session.check", { atMostEvery }).session.check;
    for (const every of ["1s", "5m"] as const) {
      expect(checkOf(every)).toEqual({ atMostEvery: parseDuration(every) });
    }
    for (const every of [999, 300_001]) {
      expect(() => checkOf(every)).toThrow("createAuth: session.check: atMostEvery must be between");
    }
  });

  test.each(numeric)("$option: $bounds", ({ option, bounds }) => {
    const [low = 0, high = 0] = codeSpans(bounds).map(
      (bound) => parseDuration(JSON.parse(bound)) ?? Number(bound),
    );
    for (const value of [low, high]) expect(() => settingsWith(option, value)).not.toThrow();
    const step = Number.isInteger(high) ? 1 : 0.001;
    for (const value of [low - step, high + step]) {
      expect(() => settingsWith(option, value)).toThrow(`createAuth: ${option}: must be`);
    }
  });

  test.each(texts)("$option: $bounds", ({ option, bounds }) => {
    const [low = 0, high = 0] = (bounds.match(/\d+/g) ?? []).map(Number);
    for (const length of [low, high]) expect(() => settingsWith(option, "x".repeat(length))).not.toThrow();
    for (const length of [low - 1, high + 1]) {
      expect(() => settingsWith(option, "x".repeat(length))).toThrow(`createAuth: ${option}: must`);
    }
  });

  test("durations and rules are written as the page says", () => {
    const [durations = [], rules = []] = tableRows(section(PAGE, "Notation"));
    for (const duration of codeSpans(durations[1] ?? "")) {
      expect(parseDuration(JSON.parse(duration))).toBeGreaterThan(0);
    }
    expect(() => settingsWith("session.accessTtl", 90_000)).not.toThrow();
    expect(rules[2]).toBe('1 to 999,999 points; windows of `"1s"` to `"30d"`');
    for (const rule of ["5/1m", "1/30d", "999999/1s"]) {
      expect(() => settingsWith("limits.login.address", rule)).not.toThrow();
    }
    for (const rule of ["0/1m", "1000000/1m", "5/m", "5/60000", "5/999ms", "5/31d"]) {
      expect(() => settingsWith("limits.login.address", rule)).toThrow(/must be a rule/);
    }
  });

  test("every rule that may be `false` may, and no other", () => {
    const switchable = ROWS.map(({ option }) => option).filter(isRule);
    expect(switchable).toEqual(TYPED.filter(isRule));
    for (const option of switchable) expect(read(settingsWith(option, false), option)).toEqual([]);
    const others = ROWS.filter(
      ({ option, type }) => !switchable.includes(option) && type !== "boolean",
    ).filter(({ option }) => option !== "mail.codeDigits");
    for (const { option } of others) {
      expect(() => settingsWith(option, false)).toThrow(`createAuth: ${option}: `);
    }
  });
});

describe("password policies", () => {
  const rows = tableRows(section(PAGE, "Password policies"));

  test("the page has every policy, as it is", () => {
    const fields = optionPaths("src/domain/password-policy.ts", "PasswordPolicy", /^$/);
    const documented = Object.fromEntries(
      rows.map(([name = "", ...cells]) => [
        codeSpans(name)[0]?.replace("passwordPolicies.", ""),
        Object.fromEntries(cells.map((cell, index) => [fields[index], JSON.parse(codeSpans(cell)[0] ?? "")])),
      ]),
    );
    expect(documented).toEqual(passwordPolicies);
  });

  test("a policy of one's own has all three fields, within the bounds of the page", () => {
    const policy = (changes: Partial<PasswordPolicy>) => () =>
      settingsWith("password.policy", { ...passwordPolicies.standard, ...changes });
    for (const minLength of [8, 64]) expect(policy({ minLength })).not.toThrow();
    for (const minLength of [7, 65]) expect(policy({ minLength })).toThrow(/password\.policy\.minLength/);
    for (const passphraseLength of [15, 64, null]) expect(policy({ passphraseLength })).not.toThrow();
    for (const passphraseLength of [14, 65]) expect(policy({ passphraseLength })).toThrow(/passphraseLength/);
    for (const field of Object.keys(passwordPolicies.standard)) {
      expect(policy({ [field]: undefined })).toThrow(`password.policy.${field}`);
    }
  });
});

describe("other options", () => {
  test.each([
    ["`sqliteStore(path, options)`", "src/adapters/sqlite/index.ts", "SqliteStoreOptions"],
    ["`memoryRateLimiter(options)`", "src/adapters/memory/rate-limiter.ts", "MemoryRateLimiterOptions"],
    ["`createHandler(auth, options)`", "src/http/server/handler-options.ts", "HandlerOptions"],
  ])("%s: each option is documented, and no other", (heading, file, name) => {
    const documented = tableRows(section(PAGE, heading)).map(([option]) => codeSpans(option ?? "")[0]);
    expect(documented.sort()).toEqual([...optionPaths(file, name, /^$/)].sort());
  });

  test("the base path is the one of the page", () => {
    const [row = []] = tableRows(section(PAGE, "`createHandler(auth, options)`"));
    expect(createHandler(createAuth(REQUIRED)).basePath).toBe(JSON.parse(codeSpans(row[2] ?? "")[0] ?? ""));
  });

  test("the table prefix and the number of keys are those of the page", () => {
    expect(readPage("src/adapters/kysely/tables.ts")).toContain('prefix = "auth_"');
    expect(readPage("src/adapters/memory/rate-limiter.ts")).toContain("MAX_KEYS = 15_000");
    expect(section(PAGE, "Other options")).toMatch(/`"auth_"`.*`15000`/s);
  });
});

test("the environment variables that the library reads are those of the quick start", () => {
  const files = globSync("src/**/*.ts", { cwd: rootPath(".") });
  const read = files.flatMap((file) =>
    [...withoutComments(readPage(file)).matchAll(/process\.env\["(\w+)"\]/g)].map((m) => m[1]),
  );
  const documented = codeSpans(section("docs/quickstart.md", "The secret")).filter((span) =>
    /^[A-Z_]+$/.test(span),
  );
  expect([...new Set(documented)].sort()).toEqual([...new Set([...read, "SALLYPORT_SECRET", "PORT"])].sort());
});

/** Examples in comments read what an application chooses. */
function withoutComments(source: string): string {
  return source.replace(/^ *\*.*$/gm, "");
}
