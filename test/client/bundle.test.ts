// The client as a page gets it: one small file, in a world that has web standards and nothing of Node.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";
import type * as ClientModule from "sallyport/client";
import type * as StorageModule from "sallyport/client-storage";
import { expect, test } from "vitest";
import { codeOf } from "../support/harness.ts";
import { CREDENTIALS, makeWorld } from "./support.ts";

const MAX_GZIPPED_BYTES = 3_710;

const asModule = await build({ ...shared(), format: "esm", metafile: true, write: false });
const asScript = await build({ ...shared(), format: "iife", globalName: "client", write: false });
const code = asModule.outputFiles[0]?.text ?? "";

const storageScript = await build({
  ...shared("async-storage"),
  ...{ format: "iife", globalName: "clientStorage", write: false },
});

function shared(name = "index"): BuildOptions {
  const entry = fileURLToPath(new URL(`../../src/client/${name}.ts`, import.meta.url));
  return { entryPoints: [entry], bundle: true, minify: true, platform: "neutral" };
}

test(`bundled it has less than ${MAX_GZIPPED_BYTES} bytes, and imports nothing`, async ({ annotate }) => {
  const size = gzipSync(code).byteLength;
  await annotate(`${code.length} bytes minified, ${size} gzipped`);
  expect(size).toBeLessThan(MAX_GZIPPED_BYTES);
  const files = Object.keys(asModule.metafile.inputs);
  expect(files.filter((path) => !path.startsWith("src/client/"))).toEqual([]);
  expect(code).not.toMatch(/node:|\brequire\(|\bprocess\b|\bBuffer\b/);
});

test.each(["README.md", "CHANGELOG.md", "docs/client.md"])("%s says its size", (page) => {
  const [, said] = /\b([\d.]+) kB when\b/.exec(readFileSync(page, "utf8")) ?? [];
  expect(said).toBe((gzipSync(code).byteLength / 1000).toFixed(1));
});

test("the calls about mail are one more file, of the size that the page says", async () => {
  const { outputFiles, metafile } = await build({
    ...{ ...shared("mail"), format: "esm", metafile: true, write: false },
  });
  const size = gzipSync(outputFiles[0]?.text ?? "").byteLength;
  const [, said] = /\bmail`?, a file of ([\d.]+) kB\b/.exec(readFileSync("docs/client.md", "utf8")) ?? [];
  expect(said).toBe((size / 1000).toFixed(1));
  expect(Object.keys(metafile.inputs).filter((path) => !path.startsWith("src/client/"))).toEqual([]);
  // Of the client itself it has what keeps an item, and no request, refresh or lock.
  expect(Object.keys(metafile.inputs)).not.toContain("src/client/place.ts");
});

test("in a world of web standards alone it signs in, and out", async () => {
  const world = await makeWorld();
  try {
    const { Request, URL, URLSearchParams, AbortController } = globalThis;
    const page = { Request, URL, URLSearchParams, AbortController };
    const location = { href: `${world.origin}/page` };
    const context = createContext({ ...page, fetch, location, queueMicrotask, setTimeout });
    const { createAuthClient } = runInContext(
      `"use strict"; ${asScript.outputFiles[0]?.text}; client`,
      context,
    ) as typeof ClientModule;
    const client = createAuthClient();
    await client.signup(CREDENTIALS);
    expect((await client.me()).user.email).toBe(CREDENTIALS.email);
    expect(await client.fetch(`${world.origin}/notes`).then(({ status }) => status)).toBe(200);
    await client.logout();
    expect([client.state(), await codeOf(client.me())]).toEqual(["signed_out", "token_missing"]);
  } finally {
    await world.close();
  }
});

/** What a phone has, and no more: no page, storage, locks or `AbortSignal.timeout`, and a `URL` that only keeps text. */
const ON_PHONES: Readonly<Record<string, unknown>> = {
  fetch,
  Request,
  URLSearchParams,
  AbortController,
  queueMicrotask,
  setTimeout,
  URL: class {
    readonly href: string;
    constructor(url: string) {
      if (!/^https?:/.test(url)) throw new TypeError("Invalid URL");
      this.href = url.replace(/\/?$/, "/");
    }
  },
};

test("on a bare global like a phone's it keeps a session over a restart", async () => {
  const world = await makeWorld();
  try {
    const disk = new Map<string, string>();
    const storage = {
      getItem: async (key: string) => disk.get(key) ?? null,
      setItem: async (key: string, value: string) => void disk.set(key, value),
      removeItem: async (key: string) => void disk.delete(key),
    };
    const start = (): ClientModule.AuthClient => {
      const context = createContext({ ...ON_PHONES });
      const load = (script: string, name: string): unknown =>
        runInContext(`"use strict"; ${script}; ${name}`, context);
      const { createAuthClient } = load(asScript.outputFiles[0]?.text ?? "", "client") as typeof ClientModule;
      const { asyncStorage } = load(
        storageScript.outputFiles[0]?.text ?? "",
        "clientStorage",
      ) as typeof StorageModule;
      return createAuthClient({ basePath: `${world.origin}/auth`, storage: asyncStorage(storage) });
    };
    await start().signup(CREDENTIALS);
    const client = start();
    expect(await client.fetch(`${world.origin}/notes`).then(({ status }) => status)).toBe(200);
    expect((await client.events.list({ limit: 1 })).events.length).toBe(1);
    await client.refresh();
    const restarted = start();
    expect((await restarted.me()).user.email).toBe(CREDENTIALS.email);
    await restarted.logout();
    expect([client.state(), await codeOf(start().me())]).toEqual(["signed_in", "token_missing"]);
    expect(world.seen).toEqual([expect.stringMatching(/^Bearer ey/)]);
  } finally {
    await world.close();
  }
});
