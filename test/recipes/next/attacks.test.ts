// What strangers send to examples/next: headers that skip `proxy.ts`, actions by hand, and addresses they made up.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, call } from "../../examples/demo.ts";
import { PASSWORD, SECRET } from "../../support/harness.ts";
import { type Application, buildFolder, type Running } from "./application.ts";
import { type Front, openFront } from "./front.ts";

const ORIGIN = "http://localhost:3000";
const EVIL = "https://evil.example";
/** What a browser and the proxy in front of this server send. Next.js compares the origin with the host. */
const OWN = { origin: ORIGIN, "sec-fetch-site": "same-origin", "x-forwarded-host": "localhost:3000" };

let application: Application;
let server: Running;
let front: Front;
let users = 0;

beforeAll(async () => {
  application = await buildFolder("examples/next");
  server = await application.start({ SALLYPORT_SECRET: SECRET, ORIGIN });
  front = await openFront("127.0.0.1");
});
afterAll(async () => {
  await front?.close();
  await application?.remove();
});

type Headers = Readonly<Record<string, string>>;

/** Signs up at this server; the cookies are those that its pages get. */
async function signUp(url: string, headers: Headers = {}): Promise<string> {
  const body = { email: `user${++users}@example.com`, password: PASSWORD };
  const answer = await call(`${url}/auth/signup`, "POST", { headers: { ...OWN, ...headers }, body });
  expect(answer.status).toBe(201);
  return cookiesOf(answer);
}

function cookiesOf({ headers }: Answer): string {
  const onPages = (headers["set-cookie"] ?? []).filter((line) => line.includes("Path=/;"));
  return onPages.map((line) => line.split(";")[0]).join("; ");
}

const isLedToSignIn = ({ status, headers }: Answer): void => {
  expect([303, 307]).toContain(status);
  expect(headers.location).toMatch(/^\/(?:sign-in|auth\/renew)\?returnTo=%2Fnotes$/);
};

test("it builds without a secret and a database, and leaves no page that is the same for all", () => {
  expect(application.said).toMatch(/Compiled successfully/);
  expect(application.said).toMatch(/ƒ +\/notes/);
});

describe("the header of CVE-2025-29927", () => {
  const FILES = ["proxy", "middleware", "src/proxy", "src/middleware", "pages/_middleware"];
  const VALUES = FILES.flatMap((file) => [file, Array.from({ length: 7 }, () => file).join(":")]);

  test.each(VALUES)("%s opens nothing", async (value) => {
    const skipped = { "x-middleware-subrequest": value };
    // With a cookie that is worth nothing `proxy.ts` lets a request pass anyway: only the page itself is left.
    for (const cookie of ["", "sp-renew=1", "sp-access=forged", "sp-access=forged; sp-renew=1"])
      for (const kind of [{}, { rsc: "1" }, { rsc: "1", "next-router-prefetch": "1" }]) {
        const answer = await call(`${server.url}/notes`, "GET", { headers: { cookie, ...skipped, ...kind } });
        expect(answer.body).not.toContain("Your notes");
        if (!("rsc" in kind)) isLedToSignIn(answer);
      }
    const route = await call(`${server.url}/api/notes`, "GET", { headers: skipped });
    expect([route.status, route.json.code]).toEqual([401, "token_missing"]);
  });

  test("and a user with a session is served with it", async () => {
    const cookie = await signUp(server.url);
    const headers = { cookie, "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy" };
    const answer = await call(`${server.url}/notes`, "GET", { headers });
    expect([answer.status, answer.body.includes("Your notes")]).toEqual([200, true]);
  });
});

test("pages of a user are kept by no cache, and the page of the renewal has its own policy", async () => {
  const cookie = await signUp(server.url);
  const notes = await call(`${server.url}/notes`, "GET", { headers: { cookie } });
  expect(notes.headers["cache-control"]).toContain("no-store");
  expect(notes.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  const renewal = await call(`${server.url}/auth/renew`, "GET", { headers: { cookie: "sp-renew=1" } });
  expect(renewal.status).toBe(200);
  expect(renewal.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'sha256-/);
  expect(renewal.headers["x-powered-by"]).toBeUndefined();
});

describe("an action by hand", () => {
  interface Actions {
    readonly cookie: string;
    /** Each hidden field of the form that adds, and of the one that removes. */
    readonly add: Headers;
    readonly remove: Headers;
    readonly removeAll: string;
  }

  /** A user with two notes, and the fields that the page has for its actions. */
  async function actionsOf(url: string): Promise<Actions> {
    const cookie = await signUp(url);
    const [add = {}] = formsOf(await page(url, cookie));
    for (const text of ["First", "Second"]) await post(url, { ...add, text }, { cookie, ...OWN });
    const html = await page(url, cookie);
    const forms = formsOf(html);
    const remove = forms.find((fields) => "id" in fields) ?? {};
    const ref = Object.values(forms.at(-1) ?? {}).find((value) => value.includes('"id"')) ?? "{}";
    expect(await notes(url, cookie)).toEqual(["Second", "First"]);
    return { cookie, add, remove, removeAll: JSON.parse(ref).id };
  }

  async function page(url: string, cookie: string): Promise<string> {
    return (await call(`${url}/notes`, "GET", { headers: { cookie } })).body;
  }

  async function notes(url: string, cookie: string): Promise<readonly string[]> {
    const { json } = await call(`${url}/api/notes`, "GET", { headers: { cookie } });
    return json.notes.map(({ text }: { readonly text: string }) => text);
  }

  /** The hidden fields of each form with an action, as a browser without script would send them. */
  function formsOf(html: string): readonly Headers[] {
    const forms = html.match(/<form[^>]*enctype="multipart\/form-data".*?<\/form>/gis) ?? [];
    const hidden = /<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g;
    return forms.map((form) => {
      const fields = [...form.matchAll(hidden)];
      return Object.fromEntries(
        fields.map(([, name, value = ""]) => [name, value.replaceAll("&quot;", '"')]),
      );
    });
  }

  async function post(url: string, fields: Headers, headers: Headers): Promise<Response> {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    return fetch(`${url}/notes`, { method: "POST", body, headers, redirect: "manual" });
  }

  test("of the user's own page is served, without script, too", async () => {
    const { cookie, add, remove } = await actionsOf(server.url);
    await post(server.url, { ...add, text: "Third" }, { cookie, ...OWN });
    expect(await notes(server.url, cookie)).toEqual(["Third", "Second", "First"]);
    await post(server.url, remove, { cookie, ...OWN });
    expect(await notes(server.url, cookie)).toEqual(["Third", "First"]);
  });

  test("without a session leads to the sign-in by a GET, and changes nothing", async () => {
    const { cookie, add, remove } = await actionsOf(server.url);
    for (const held of [{}, { cookie: "sp-access=forged" }, { cookie: "sp-renew=1" }])
      for (const fields of [{ ...add, text: "Evil" }, remove]) {
        const answer = await post(server.url, fields, { ...held, ...OWN });
        // A 307 would send the same form to the next page.
        expect([answer.status, answer.headers.get("location")]).toEqual([
          303,
          expect.stringMatching(/returnTo=%2Fnotes$/),
        ]);
      }
    expect(await notes(server.url, cookie)).toEqual(["Second", "First"]);
  });

  test("from another site is refused, although Next.js itself is deceived", async () => {
    const { cookie, add, remove, removeAll } = await actionsOf(server.url);
    // Next.js compares the origin with this header, which no browser lets another site write. We compare with `origins`.
    for (const deceived of [OWN["x-forwarded-host"], "evil.example"]) {
      const from = { cookie, origin: EVIL, "sec-fetch-site": "cross-site", "x-forwarded-host": deceived };
      for (const fields of [{ ...add, text: "Evil" }, remove])
        expect((await post(server.url, fields, from)).status).toBe(500);
      const byScript = { ...from, "next-action": removeAll, "content-type": "text/plain;charset=UTF-8" };
      const answer = await call(`${server.url}/notes`, "POST", { headers: byScript, body: "[null]" });
      expect(answer.status).toBe(500);
    }
    expect(await notes(server.url, cookie)).toEqual(["Second", "First"]);
    expect(server.said()).toContain("cross_site_request");
  });

  test("of one user never reaches the notes of another", async () => {
    const ada = await actionsOf(server.url);
    const eve = await actionsOf(server.url);
    await post(server.url, { ...eve.remove, id: ada.remove["id"] ?? "" }, { cookie: eve.cookie, ...OWN });
    expect(await notes(server.url, ada.cookie)).toEqual(["Second", "First"]);
    expect(await notes(server.url, eve.cookie)).toEqual(["Second", "First"]);
  });

  test("by script: the action asks for the session, the origin and a recent sign-in by itself", async () => {
    const { cookie, removeAll } = await actionsOf(server.url);
    const act = (headers: Headers): Promise<Answer> =>
      call(`${server.url}/notes`, "POST", {
        headers: { "next-action": removeAll, "content-type": "text/plain;charset=UTF-8", ...headers },
        body: "[null]",
      });
    for (const headers of [
      { ...OWN, cookie: "sp-access=forged" },
      { ...OWN, cookie: "" },
      { cookie },
      { cookie, origin: EVIL },
    ])
      expect((await act(headers)).status).toBe(500);
    expect(await notes(server.url, cookie)).toEqual(["Second", "First"]);
    expect((await act({ ...OWN, cookie })).status).toBe(200);
    expect(await notes(server.url, cookie)).toEqual([]);
  });
});

describe("the address of a client is never guessed", () => {
  const FORGED = { "x-forwarded-for": "192.0.2.66", "x-real-ip": "192.0.2.67", forwarded: "for=192.0.2.68" };

  const addresses = async (url: string, cookie: string): Promise<readonly (string | null)[]> => {
    const { json } = await call(`${url}/auth/sessions`, "GET", { headers: { cookie } });
    return json.sessions.map(({ ip }: { readonly ip: string | null }) => ip);
  };

  test("without a proxy there is none, whatever headers say", async () => {
    for (const headers of [{}, FORGED])
      expect(await addresses(server.url, await signUp(server.url, headers))).toEqual([null]);
  });

  test("behind a proxy it is what the proxy saw, and the limits count by it", async () => {
    const behind = await application.start({ SALLYPORT_SECRET: SECRET, ORIGIN, BEHIND_PROXY: "1" });
    front.leadTo(behind.port);
    expect(await addresses(front.origin, await signUp(front.origin, FORGED))).toEqual(["127.0.0.1"]);
    const statuses: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const headers = { ...OWN, "x-forwarded-for": `192.0.2.${turn}` };
      const body = { email: `unknown${turn}@example.com`, password: PASSWORD };
      statuses.push((await call(`${front.origin}/auth/login`, "POST", { headers, body })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});
