import assert from "node:assert/strict";
import type { Headers } from "./expect.ts";
import { ACCESS, type PageAnswer, REFRESH } from "./set-cookie.ts";

/** What every answer of cookie mode depends on, unless any cache may keep it. */
export const VARY: Headers = { vary: "Origin, Cookie" };

/** An answer that sets exactly these cookies. */
export function expectSet({ cookies }: PageAnswer, names: readonly string[]): void {
  assert.deepEqual(
    cookies.map(({ name, seconds }) => [name, seconds !== null && seconds > 0]),
    names.map((name) => [name, true]),
  );
}

/** An answer that sets exactly these cookies, until the browser closes. */
export function expectBrief({ cookies }: PageAnswer, names: readonly string[]): void {
  assert.deepEqual(
    cookies.map(({ name, seconds }) => [name, seconds]),
    names.map((name) => [name, null]),
  );
}

/** An answer that ends the cookies of the session, and no other. */
export function expectEnded({ cookies }: PageAnswer): void {
  assert.deepEqual(cookies, [
    { name: ACCESS, value: "", seconds: 0 },
    { name: REFRESH, value: "", seconds: 0 },
  ]);
}
