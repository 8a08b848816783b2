// The hook for React, as a page uses it: renders counted, in a DOM that this process plays.
import { JSDOM } from "jsdom";
import type { FunctionComponent, ReactElement } from "react";
import { type AuthClient, createAuthClient } from "sallyport/client";
import { useAuth } from "sallyport/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CREDENTIALS, fakeStorage } from "../client/support.ts";

const ORIGIN = "https://app.example";
const USER = { id: "u", email: "ada@example.com", emailVerified: false, createdAt: "x", lastLoginAt: null };
const SESSION = { id: "s", createdAt: "x", expiresAt: "x", ip: null, userAgent: null, amr: ["pwd"] };

let page: EventTarget;
let dom: JSDOM;
let complaints: unknown[][];
beforeEach(() => {
  dom = new JSDOM("<!doctype html><div id=root></div>", { url: `${ORIGIN}/page` });
  page = new EventTarget();
  const { window } = dom;
  for (const [name, value] of Object.entries({
    ...{ window, document: window.document, location: { href: `${ORIGIN}/page` } },
    addEventListener: page.addEventListener.bind(page),
    IS_REACT_ACT_ENVIRONMENT: true,
  }))
    vi.stubGlobal(name, value);
  complaints = [];
  for (const level of ["error", "warn"] as const)
    vi.spyOn(console, level).mockImplementation((...said) => void complaints.push(said));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  dom.window.close();
  expect(complaints).toEqual([]);
});

// React looks for a document when it is loaded.
const load = async () => ({
  ...(await import("react")),
  ...(await import("react-dom/client")),
  ...(await import("react-dom/server")),
});
const root = (): HTMLElement => dom.window.document.getElementById("root") as HTMLElement;

/** A tab of a browser in cookie mode, whose server knows one user. */
function tab(storage = fakeStorage()): AuthClient {
  return createAuthClient({
    ...{ transport: "cookie", storage, now: () => Date.parse("2026-01-01T12:00:00Z") },
    fetch: async ({ url }) => {
      if (url.endsWith("/logout")) return new Response(null, { status: 204 });
      if (url.endsWith("/me")) return Response.json({ user: { ...USER }, session: SESSION });
      const times = { accessTokenExpiresAt: "2026-01-02T12:00:00.000Z" };
      return Response.json({ status: "signed_in", user: { ...USER }, session: SESSION, ...times });
    },
  });
}

const spread = (): void => void page.dispatchEvent(new Event("storage"));

interface Shown {
  readonly renders: string[];
  readonly Name: FunctionComponent;
}

/** A component that shows who is signed in, and notes each render. */
async function makeComponent(client: AuthClient): Promise<Shown> {
  const { createElement } = await load();
  const renders: string[] = [];
  const Name = (): ReactElement => {
    const { state, user } = useAuth(client);
    renders.push(`${state} ${user?.email ?? "-"}`);
    return createElement("p", null, user?.email ?? state);
  };
  return { renders, Name };
}

test("a component renders once for each change, and not for an equal answer or a refresh", async () => {
  const { act, createElement, createRoot } = await load();
  const client = tab();
  const { renders, Name } = await makeComponent(client);
  const mounted = createRoot(root());
  await act(async () => mounted.render(createElement(Name)));
  await act(() => client.login(CREDENTIALS));
  for (const _ of [1, 2]) await act(() => client.me());
  await act(() => client.refresh());
  expect(root().textContent).toBe(USER.email);
  await act(() => client.logout());
  expect(renders).toEqual(["unknown -", `signed_in ${USER.email}`, "signed_out -"]);
  await act(async () => mounted.unmount());
  await client.login(CREDENTIALS);
  expect(renders.length).toBe(3);
});

test("two components of two clients follow each other's tab, and a sign-out there empties both", async () => {
  const { act, createElement, createRoot } = await load();
  const storage = fakeStorage();
  const [here, there] = [tab(storage), tab(storage)];
  const parts = await Promise.all([here, here, there].map(makeComponent));
  const mounted = createRoot(root());
  await act(async () => mounted.render(parts.map(({ Name }, key) => createElement(Name, { key } as object))));
  await act(() => here.login(CREDENTIALS));
  await act(async () => spread());
  await act(() => there.logout());
  await act(async () => spread());
  expect(root().textContent).toBe("signed_out".repeat(3));
  expect(parts.map(({ renders }) => renders)).toEqual([
    ["unknown -", `signed_in ${USER.email}`, "signed_out -"],
    ["unknown -", `signed_in ${USER.email}`, "signed_out -"],
    ["unknown -", "signed_in -", "signed_out -"],
  ]);
  await act(async () => mounted.unmount());
});

test("in StrictMode, which mounts twice, no listener is lost or left", async () => {
  const { act, createElement, createRoot, StrictMode } = await load();
  const client = tab();
  const { subscribe } = client;
  let following = 0;
  const counted: AuthClient = {
    ...client,
    subscribe: (listener) => {
      following++;
      const stop = subscribe(listener);
      return () => {
        following--;
        stop();
      };
    },
  };
  const { Name } = await makeComponent(counted);
  const mounted = createRoot(root());
  await act(async () => mounted.render(createElement(StrictMode, null, createElement(Name))));
  expect(following).toBe(1);
  await act(() => client.login(CREDENTIALS));
  expect(root().textContent).toBe(USER.email);
  await act(async () => mounted.unmount());
  expect(following).toBe(0);
});

test("a page that a server rendered is hydrated without a warning, and then shows who is signed in", async () => {
  const { act, createElement, hydrateRoot, renderToString } = await load();
  const storage = fakeStorage();
  await tab(storage).login(CREDENTIALS);
  // The server has no page; the browser has, and knows of a session.
  vi.stubGlobal("location", undefined);
  const onServer = await makeComponent(createAuthClient({ transport: "cookie" }));
  root().innerHTML = renderToString(createElement(onServer.Name));
  expect([root().innerHTML, onServer.renders]).toEqual(["<p>unknown</p>", ["unknown -"]]);
  vi.stubGlobal("location", { href: `${ORIGIN}/page` });

  const client = tab(storage);
  const { renders, Name } = await makeComponent(client);
  const failures: unknown[] = [];
  const options = { onRecoverableError: (error: unknown) => void failures.push(error) };
  const mounted = await act(async () => hydrateRoot(root(), createElement(Name), options));
  await act(() => client.me());
  expect([renders, failures]).toEqual([["unknown -", "signed_in -", `signed_in ${USER.email}`], []]);
  expect(root().textContent).toBe(USER.email);
  await act(async () => mounted.unmount());
});
