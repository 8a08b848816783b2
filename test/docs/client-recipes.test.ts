// The recipes for frameworks, as a page has them: each follows a sign-in and a sign-out.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { AuthClient, ClientSnapshot } from "sallyport/client";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ShallowRef } from "vue";
import { CREDENTIALS, fakeStorage } from "../client/support.ts";
import { codeBlock, rootPath } from "./support/pages.ts";

// Inside of the repository, where the packages are found, and outside of what is committed.
const FOLDER = rootPath(".cache/client-recipes");
const USER = { id: "u", email: "ada@example.com" };

beforeEach(() => {
  vi.stubGlobal("location", { href: "https://app.example/page" });
  vi.stubGlobal("localStorage", fakeStorage());
  vi.stubGlobal("fetch", async ({ url }: Request) => {
    if (url.endsWith("/logout")) return new Response(null, { status: 204 });
    const times = { accessTokenExpiresAt: "2099-01-02T12:00:00.000Z" };
    return Response.json({ status: "signed_in", user: USER, session: { id: "s" }, ...times });
  });
});
afterEach(() => void vi.unstubAllGlobals());
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

async function recipe<Exports>(name: string, text: string): Promise<Exports> {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}/${name}.ts`, codeBlock("docs/client.md", "ts", text));
  return import(/* @vite-ignore */ `${FOLDER}/${name}.ts`);
}

const shown = ({ state, user }: ClientSnapshot) => [state, user?.email];

test("Vue's ref", async () => {
  const { client, auth } = await recipe<{ client: AuthClient; auth: ShallowRef<ClientSnapshot> }>(
    "vue",
    '"vue"',
  );
  expect(shown(auth.value)).toEqual(["unknown", undefined]);
  await client.login(CREDENTIALS);
  expect(shown(auth.value)).toEqual(["signed_in", USER.email]);
  await client.logout();
  expect(shown(auth.value)).toEqual(["signed_out", undefined]);
});

test("Svelte's store", async () => {
  interface Store {
    subscribe(run: (auth: ClientSnapshot) => void): () => void;
  }
  const { client, auth } = await recipe<{ client: AuthClient; auth: Store }>("svelte", "subscribe(run");
  const seen: unknown[] = [];
  const stop = auth.subscribe((snapshot) => seen.push(shown(snapshot)));
  await client.login(CREDENTIALS);
  await client.logout();
  stop();
  await client.login(CREDENTIALS);
  expect(seen).toEqual([
    ["unknown", undefined],
    ["signed_in", USER.email],
    ["signed_out", undefined],
  ]);
});
