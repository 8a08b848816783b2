// The verifier as another runtime gets it: one file, in a world that has web standards and nothing of Node.
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import express from "express";
import { type Auth, createAuth, memoryStore } from "sallyport";
import { createHandler, toNodeHandler } from "sallyport/http";
import { type FakeClock, fakeClock, insecureTestHasher } from "sallyport/testing";
import type * as VerifierModule from "sallyport/verifier";
import type { Verifier } from "sallyport/verifier";
import { afterEach, expect, test } from "vitest";
import { codeOf, EMAIL, PASSWORD, SECRET, times } from "../support/harness.ts";
import { listen } from "../support/http.ts";
import { makeKey, PARTIES, START, type TestKey } from "./support.ts";

const MAX_GZIPPED_BYTES = 25_000;
const CLIENTS = 6;

const bundle = await build({
  entryPoints: [fileURLToPath(new URL("../../src/verifier/index.ts", import.meta.url))],
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "verifier",
  platform: "neutral",
  conditions: ["import"],
  write: false,
  metafile: true,
});
const code = bundle.outputFiles[0]?.text ?? "";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** What every web-standard runtime has (WinterTC's Minimum Common API), as far as it is asked for. */
function webStandardsOnly(): typeof VerifierModule {
  const { crypto, TextEncoder, TextDecoder, fetch, URL, AbortSignal } = globalThis;
  const { Headers, Request, Response, atob, btoa } = globalThis;
  const context = createContext({
    ...{ crypto, TextEncoder, TextDecoder, fetch, URL, AbortSignal },
    ...{ Headers, Request, Response, atob, btoa },
  });
  const world = runInContext(
    `"use strict"; ${code}; ({ verifier, process: typeof process, Buffer: typeof Buffer, require: typeof require })`,
    context,
  );
  expect([world.process, world.Buffer, world.require]).toEqual(["undefined", "undefined", "undefined"]);
  return world.verifier;
}

test(`bundled it has less than ${MAX_GZIPPED_BYTES} bytes, and imports nothing`, async ({ annotate }) => {
  const size = gzipSync(code).byteLength;
  await annotate(`${code.length} bytes minified, ${size} gzipped`);
  expect(size).toBeLessThan(MAX_GZIPPED_BYTES);
  expect(Object.values(bundle.metafile.outputs).flatMap((output) => output.imports)).toEqual([]);
  expect(code).not.toMatch(/node:|\brequire\(|\bprocess\b|\bBuffer\b/);
  const packages = Object.keys(bundle.metafile.inputs).flatMap(
    (path) => path.match(/node_modules\/([^/]+)/)?.[1] ?? [],
  );
  expect(new Set(packages)).toEqual(new Set(["jose"]));
});

interface Issuer {
  readonly url: string;
  /** Restarts the service with these keys, over the same database. */
  rotate(keys: readonly TestKey[]): void;
  login(): Promise<{ readonly token: string; readonly endsAt: number }>;
}

async function startIssuer(clock: FakeClock, first: readonly TestKey[]): Promise<Issuer> {
  const store = memoryStore();
  const start = (keys: readonly TestKey[]): { auth: Auth; handle: ReturnType<typeof toNodeHandler> } => {
    const auth = createAuth({
      ...{ secret: SECRET, store, clock, ...PARTIES },
      signingKeys: keys.map((key) => key.private),
      password: { hasher: insecureTestHasher() },
      limits: { login: { address: false, account: false } },
      onWarning: () => {},
      session: { max: 10_000 },
    });
    return { auth, handle: toNodeHandler(createHandler(auth)) };
  };
  let running = start(first);
  const app = express().use((request, response, next) => running.handle(request, response, next));
  const server = await listen(app);
  open.push(server);
  const url = `http://127.0.0.1:${server.port}`;
  const post = async (path: string, status: number) => {
    const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/auth/${path}`, { method: "POST", headers, body });
    expect(response.status).toBe(status);
    return (await response.json()) as { accessToken: string; accessTokenExpiresAt: string };
  };
  await post("signup", 201);
  return {
    url,
    rotate: (keys) => {
      running = start(keys);
    },
    login: async () => {
      const { accessToken, accessTokenExpiresAt } = await post("login", 200);
      return { token: accessToken, endsAt: Date.parse(accessTokenExpiresAt) };
    },
  };
}

test("in a world of web standards alone it verifies what an Express server signed", async () => {
  const clock = fakeClock(START);
  for (const key of [makeKey("ed"), makeKey("p256", "ES256")]) {
    const issuer = await startIssuer(clock, [key]);
    const { createVerifier, isAuthError } = webStandardsOnly();
    const verifier = createVerifier({ jwksUrl: `${issuer.url}/auth/jwks.json`, ...PARTIES, clock });
    const { token } = await issuer.login();
    const principal = await verifier.verify(token);
    expect(principal.amr.join()).toBe("pwd");
    expect(await codeOf(verifier.verify(token, { userId: principal.userId }))).toBe("fulfilled");
    const forged = `${token.slice(0, -4)}${token.endsWith("AAAA") ? "BBBB" : "AAAA"}`;
    const error = await verifier.verify(forged).catch((thrown: unknown) => thrown);
    expect([isAuthError(error), (error as { code: string }).code]).toEqual([true, "invalid_token"]);
  }
});

interface Traffic {
  readonly outcomes: string[];
  /** The names of the keys whose tokens were verified since the last call. */
  readonly kids: () => readonly string[];
  /** Lets every client make a few requests more. */
  readonly goOn: () => Promise<void>;
  readonly end: () => Promise<void>;
}

/** Clients that use a token until shortly before its end, as clients do, and then sign in again. */
function startTraffic(issuer: Issuer, verifier: Verifier, clock: FakeClock): Traffic {
  const outcomes: string[] = [];
  const seen = new Set<string>();
  const rounds = times(CLIENTS, () => 0);
  let running = true;
  const client = async (index: number): Promise<void> => {
    let held = await issuer.login();
    for (let round = 0; running; round++) {
      // Every third request is somebody's who signs in just now.
      if (held.endsAt - clock.now().getTime() < 120_000) held = await issuer.login();
      const { token } = round % 3 === 0 ? await issuer.login() : held;
      outcomes.push(await codeOf(verifier.verify(token)));
      seen.add(JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid);
      rounds[index] = (rounds[index] ?? 0) + 1;
    }
  };
  const clients = Promise.all(times(CLIENTS, client));
  const tick = () => new Promise<void>((resolve) => void setImmediate(resolve));
  return {
    outcomes,
    kids: () => {
      const names = [...seen].sort();
      seen.clear();
      return names;
    },
    goOn: async () => {
      const before = [...rounds];
      while (running && rounds.some((count, index) => count < (before[index] ?? 0) + 4)) {
        await Promise.race([tick(), clients]);
      }
    },
    end: async () => {
      running = false;
      await clients;
    },
  };
}

test("through a key rotation, with requests running all the time, none fails", async ({ annotate }) => {
  const clock = fakeClock(START);
  const [old, next] = [makeKey("old"), makeKey("new", "ES256")];
  const issuer = await startIssuer(clock, [old]);
  const { createVerifier } = webStandardsOnly();
  let fetches = 0;
  const counting: typeof fetch = (...args) => {
    fetches += 1;
    return fetch(...args);
  };
  const jwksUrl = `${issuer.url}/auth/jwks.json`;
  const verifier = createVerifier({ jwksUrl, ...PARTIES, clock, fetch: counting });
  const traffic = startTraffic(issuer, verifier, clock);
  const pass = async (minutes: number): Promise<void> => {
    for (const _ of times(minutes, () => 0)) {
      await traffic.goOn();
      clock.advance("1m");
    }
    await traffic.goOn();
  };

  await pass(2);
  expect(traffic.kids()).toEqual(["old"]);
  issuer.rotate([old, next]); // published, and signs nothing yet
  await pass(10); // cacheMaxAge
  expect(traffic.kids()).toEqual(["old"]);
  issuer.rotate([next, old]); // signs
  await pass(16); // the lifetime of an access token, so that none of the old key is left
  expect(traffic.kids()).toEqual(["new", "old"]);
  issuer.rotate([next]);
  await pass(11);
  expect(traffic.kids()).toEqual(["new"]);
  await traffic.end();

  await annotate(`${traffic.outcomes.length} requests, ${fetches} fetches of the keys`);
  expect(traffic.outcomes.filter((outcome) => outcome !== "fulfilled")).toEqual([]);
  expect(traffic.outcomes.length).toBeGreaterThan(500);
  expect(fetches).toBeLessThan(10);
});
