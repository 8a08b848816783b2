// The client as a page gets it: one small file, in a world that has web standards and nothing of Node.
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";
import type * as ClientModule from "sallyport/client";
import { expect, test } from "vitest";
import { codeOf } from "../support/harness.ts";
import { CREDENTIALS, makeWorld } from "./support.ts";

const MAX_GZIPPED_BYTES = 3_000;

const asModule = await build({ ...shared(), format: "esm", metafile: true, write: false });
const asScript = await build({ ...shared(), format: "iife", globalName: "client", write: false });
const code = asModule.outputFiles[0]?.text ?? "";

function shared(): BuildOptions {
  const entry = fileURLToPath(new URL("../../src/client/index.ts", import.meta.url));
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

test("in a world of web standards alone it signs in, and out", async () => {
  const world = await makeWorld();
  try {
    const { Request, Response, URL, URLSearchParams, AbortController, AbortSignal } = globalThis;
    const page = { Request, Response, URL, URLSearchParams, AbortController, AbortSignal };
    const location = { href: `${world.origin}/page` };
    const context = createContext({ ...page, fetch, location, queueMicrotask });
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
