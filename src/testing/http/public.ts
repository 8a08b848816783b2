import assert from "node:assert/strict";
import { expectJson } from "./expect.ts";
import { ROUTES } from "./routes.ts";
import type { HttpPromises } from "./subject.ts";

const KEPT = { shape: { keys: [] }, headers: { "cache-control": "public, max-age=300" } };

/** What anyone may read, and may keep. */
export const publicPromises: HttpPromises = {
  "the keys are public, and none where a secret signs": async ({ send }) => {
    expectJson(await send("/jwks.json"), 200, KEPT);
    expectJson(await send("/jwks.json", { token: "of no matter" }), 200, KEPT);
  },
  "the contract names exactly the routes that this suite asks, below the base path": async ({
    send,
    basePath,
  }) => {
    const shape = (value: unknown): boolean => typeof value === "object";
    const kept = { shape, headers: { "cache-control": "public, max-age=3600" } };
    const { openapi, paths } = expectJson<Contract>(await send("/openapi.json"), 200, kept);
    assert.equal(openapi, "3.1.0");
    const named = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(named.sort(), ROUTES.map(({ method, path }) => `${method} ${basePath}${path}`).sort());
  },
};

interface Contract {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
