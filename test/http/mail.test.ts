// The routes that mail, over HTTP: where they are, what they cost a stranger to ask, and what no sink ever holds.
import { createHandler } from "sallyport/http";
import { describe, expect, test } from "vitest";
import { coreRoutes } from "../../src/contract/routes.ts";
import { MAIL_ROUTES, ROUTES } from "../../src/testing/http/routes.ts";
import { CALLER, cookieHandler, fakeBrowser, ORIGIN } from "../support/cookies.ts";
import { EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { makeMailAuth, NEXT, serving } from "../support/mailbox.ts";
import { mailRoutes } from "../support/routes.ts";

const HERE = { ip: null };
const RIGHT = { email: EMAIL, password: PASSWORD };

type Handler = ReturnType<typeof cookieHandler>;

async function contractOf({ dispatch }: Pick<Handler, "dispatch">) {
  const head = { method: "GET", target: "/auth/openapi.json", headers: {} };
  const { body } = await dispatch({ ...head, body: { kind: "none" }, client: HERE });
  return JSON.parse(body ?? "");
}

test("without a mailer there is no such route, and the contract says nothing of mail", async () => {
  const { auth } = makeAuth();
  for (const handler of [createHandler(auth), cookieHandler(auth)]) {
    for (const { method, path } of MAIL_ROUTES) {
      const init = { method, headers: { origin: ORIGIN } };
      const answer = await handler(new Request(`${ORIGIN}/auth${path}`, init), CALLER);
      expect([path, answer.status]).toEqual([path, 404]);
    }
    expect(JSON.stringify(await contractOf(handler))).not.toMatch(/check_email|MailSent|"202"/);
  }
});

test("with one the suite asks every route, and no other", () => {
  const { auth } = serving(makeMailAuth());
  const named = ({ method, path }: { readonly method: string; readonly path: string }) => `${method} ${path}`;
  const asked = [...ROUTES, ...MAIL_ROUTES].map(named).filter((name) => name !== "GET /openapi.json");
  expect(coreRoutes(auth).map(named).sort()).toEqual(asked.sort());
  expect(mailRoutes.map(named)).toEqual(MAIL_ROUTES.map(named));
});

describe.each(["bearer", "cookie"] as const)("the contract in %s mode", (mode) => {
  const { auth } = serving(makeMailAuth());
  const contract = contractOf(mode === "bearer" ? createHandler(auth) : cookieHandler(auth));

  test("each body has the fields that are sent, and no token that a cookie holds", async () => {
    const { paths, components } = await contract;
    const fields = Object.fromEntries(
      MAIL_ROUTES.map(({ path }) => {
        const reference = paths[`/auth${path}`].post.requestBody?.content["application/json"].schema.$ref;
        const schema = components.schemas[reference?.split("/").at(-1) ?? ""];
        return [path, Object.keys(schema?.properties ?? {}).sort()];
      }),
    );
    const own = mode === "bearer" ? ["refreshToken"] : ["remember"];
    expect(fields).toEqual({
      "/signup/confirm": ["challengeToken", "code", "link", "password", ...own].sort(),
      "/challenges/email": ["challengeToken", "code", "link"],
      "/email/resend": ["challengeToken"],
      "/password/reset": mode === "bearer" ? ["deviceToken", "email"] : ["email"],
      "/password/reset/confirm": ["challengeToken", "code", "link", "password"],
      "/email/verification": [],
      "/email/verification/confirm": ["challengeToken", "code", "link"],
    });
  });

  test("a sign-up has two successes, and each route the one that it says", async () => {
    const { paths } = await contract;
    const successes = Object.fromEntries(
      ["/signup", ...MAIL_ROUTES.map(({ path }) => path)].map((path) => [
        path,
        Object.keys(paths[`/auth${path}`].post.responses).filter((status) => status.startsWith("2")),
      ]),
    );
    expect(successes).toEqual({
      "/signup": ["201", "202"],
      "/signup/confirm": ["201"],
      "/challenges/email": ["200"],
      "/email/resend": ["202"],
      "/password/reset": ["202"],
      "/password/reset/confirm": ["204"],
      "/email/verification": ["202"],
      "/email/verification/confirm": ["200"],
    });
    const { schema } = paths["/auth/signup"].post.responses[202].content["application/json"];
    expect(schema).toEqual({ $ref: "#/components/schemas/MailSent" });
  });

  test("every reference of it leads somewhere", async () => {
    const document = await contract;
    for (const [, path = ""] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = path.split("/").reduce((at, name) => at?.[name], document);
      expect(found, path).toBeDefined();
    }
  });
});

test("a sign-up that verifies later is 201, with a challenge token that is no cookie", async () => {
  const harness = makeMailAuth({ email: { verification: "later" } });
  const browser = fakeBrowser(cookieHandler(serving(harness).auth));
  const made = await browser.signUp();
  const { challengeToken, user } = (await made.json()) as { challengeToken: string; user: object };
  expect([made.status, user]).toMatchObject([201, { emailVerified: false }]);
  const code = (await harness.arrive()).at(-1)?.code;
  const answer = await browser.send("/auth/email/verification/confirm", {
    method: "POST",
    body: { challengeToken, code },
  });
  expect([answer.status, await answer.json()]).toMatchObject([200, { user: { emailVerified: true } }]);
});

test("a login to an unverified account is a challenge, which its mail answers; brief stays brief", async () => {
  const before = makeAuth();
  await before.auth.signup(RIGHT, HERE);
  const harness = makeMailAuth({ store: before.store, clock: before.clock });
  const browser = fakeBrowser(cookieHandler(serving(harness).auth));
  const asked = await browser.send("/auth/login", { method: "POST", body: { ...RIGHT, remember: false } });
  const { challengeToken, ...challenge } = (await asked.json()) as { challengeToken: string };
  expect([asked.status, challenge]).toMatchObject([
    200,
    { status: "challenge", kind: "email", methods: ["email"] },
  ]);
  expect(challengeToken).toMatch(/^~/);
  const { link = "" } = (await harness.arrive()).at(-1) ?? {};
  const alone = await browser.send("/auth/challenges/email", { method: "POST", body: { link } });
  expect(alone.status).toBe(422);
  const body = { challengeToken, link };
  const entered = await browser.send("/auth/challenges/email", { method: "POST", body });
  expect([entered.status, await entered.json()]).toMatchObject([
    200,
    { status: "signed_in", user: { emailVerified: true } },
  ]);
  const lives = entered.headers.getSetCookie().map((line) => /Max-Age/.test(line));
  expect(lives).toEqual([false, false, false]);
  expect((await browser.send("/auth/me")).status).toBe(200);
});

test("a known device asks for resets out of a budget of its own, by its cookie", async () => {
  const limits = { mail: { address: false, account: "1/1m", device: "3/15m" } } as const;
  const harness = makeMailAuth({ limits });
  const browser = fakeBrowser(cookieHandler(serving(harness).auth));
  const { challengeToken } = await harness.ask(EMAIL);
  const code = (await harness.arrive()).at(-1)?.code;
  const body = { challengeToken, code };
  await browser.send("/auth/signup/confirm", { method: "POST", body });
  const ask = async (from: typeof browser) => {
    const answer = await from.send("/auth/password/reset", { method: "POST", body: { email: EMAIL } });
    return [answer.status, (await harness.arrive()).length];
  };
  const stranger = fakeBrowser(cookieHandler(serving(harness).auth));
  expect([await ask(stranger), await ask(stranger)]).toEqual([
    [202, 1],
    [202, 0],
  ]);
  expect(await ask(browser)).toEqual([202, 1]);
});

test("the language of the browser is that of the mail", async () => {
  const german = {
    password_reset: () => ({ subject: "Neues Passwort", text: "Hallo", html: "<p>Hallo</p>" }),
  };
  const harness = makeMailAuth({
    mail: { page: "https://app.acme.example/mail", delivery: "manual", templates: { de: german } },
  });
  await harness.open(EMAIL);
  const handler = createHandler(serving(harness).auth);
  const subjectFor = async (language: string | undefined) => {
    const headers = { "content-type": "application/json", ...(language && { "accept-language": language }) };
    const init = { method: "POST", headers, body: JSON.stringify({ email: EMAIL }) };
    expect((await handler(new Request(`${ORIGIN}/auth/password/reset`, init), CALLER)).status).toBe(202);
    await harness.arrive();
    return harness.mailer.last(EMAIL)?.locale;
  };
  expect(await subjectFor("fr;q=0.2, de-AT;q=0.9, en;q=0.3")).toBe("de");
  expect(await subjectFor("de")).toBe("de");
  for (const other of [undefined, "*", "fr", "de;q=0", "de;q=2.5x", `${"x".repeat(300)},de`, "-de, \u00e9"])
    expect(await subjectFor(other)).toBe("en");
});

test("a weak password of a confirmation is told, and the next one is taken", async () => {
  const harness = makeMailAuth();
  const handler = createHandler(serving(harness).auth);
  await harness.ask(EMAIL);
  const { link = "" } = (await harness.arrive()).at(-1) ?? {};
  const confirm = async (password: string) => {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify({ link, password }) };
    const answer = await handler(new Request(`${ORIGIN}/auth/signup/confirm`, init), CALLER);
    return [answer.status, ((await answer.json()) as { code?: string }).code];
  };
  expect(await confirm("Password1")).toEqual([422, "weak_password"]);
  expect(await confirm(NEXT)).toEqual([201, undefined]);
  expect(await confirm(NEXT)).toEqual([422, "invalid_code"]);
});
