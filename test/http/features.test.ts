// A second factor over HTTP, in both modes: every door stops at it before any session, and its answer signs in.
// Class: a session before the second factor (better-auth GHSA-xg6x-h9c9-2m83).
import type { AuthStore, UserId } from "sallyport";
import { createAuthClient } from "sallyport/client";
import { type AuthHandler, createHandler, toNodeHandler } from "sallyport/http";
import { describe, expect, test } from "vitest";
import type { InstallableClientFeature } from "../../src/client/installable-feature.ts";
import type { LoginResult } from "../../src/client/types.ts";
import { CALLER, cookieHandler, fakeBrowser, ORIGIN, setCookies } from "../support/cookies.ts";
import { CODE, enrolled, giveFactor, RIGHT, sceneOn } from "../support/features/scene.ts";
import { STORES } from "../support/harness.ts";
import { fetchServer, nodeServer, type Server } from "../support/http.ts";
import { countVerbs } from "../support/intercept-store.ts";

const MOUNTS: Readonly<Record<string, (handler: AuthHandler) => Promise<Server>>> = {
  "Request and Response": async (handler) => fetchServer(handler),
  "node:http": (handler) => nodeServer(toNodeHandler(handler)),
};
const limits = { login: { address: false, account: false }, signup: { address: false } } as const;
const CHALLENGE = {
  status: "challenge",
  kind: "second_factor",
  methods: ["test-code"],
  challengeToken: expect.stringMatching(/^[\w-]{43}$/),
  expiresAt: "2026-01-01T12:10:00.000Z",
};

interface Reply {
  readonly status: number;
  readonly bearer?: string | undefined;
  readonly body: Readonly<Record<string, string>>;
}

function posting(server: Server) {
  return async (target: string, body: object): Promise<Reply> => {
    const headers = { "content-type": "application/json" };
    const answer = await server.send({ method: "POST", target, headers, body: JSON.stringify(body) });
    const bearer = answer.headers["www-authenticate"];
    return { status: answer.status, body: JSON.parse(answer.body), ...(bearer !== undefined && { bearer }) };
  };
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(Object.entries(MOUNTS))("with tokens in bodies, by %s", async (_mount, serve) => {
    const { store, verbs } = countVerbs(makeStore());
    const scene = sceneOn(store, { limits, step: { forAll: true } });
    const server = await serve(createHandler(scene.auth));
    const post = posting(server);
    try {
      expect(await post("/auth/signup", RIGHT)).toEqual({ status: 201, body: CHALLENGE });
      expect(await post("/auth/knock", { email: RIGHT.email })).toEqual({ status: 200, body: CHALLENGE });
      const { status, body } = await post("/auth/login", RIGHT);
      expect([status, body]).toEqual([200, CHALLENGE]);
      expect(verbs).not.toContain("sessions.create");

      const { user } = (await store.users.findForLogin(RIGHT.email)) ?? {};
      await giveFactor(scene, user?.id as UserId);
      const { challengeToken } = body;
      const wrong = await post("/auth/challenges/test-code", { challengeToken, code: "000000" });
      expect([wrong.status, wrong.body["code"]]).toEqual([401, "invalid_credentials"]);
      const other = await post("/auth/challenges/test-backup", { challengeToken, code: CODE });
      expect([other.status, other.body["code"]]).toEqual([404, "not_found"]);
      expect(verbs).not.toContain("sessions.create");

      const right = await post("/auth/challenges/test-code", { challengeToken, code: CODE });
      expect([right.status, right.body["status"]]).toEqual([200, "signed_in"]);
      expect((await scene.auth.verifyToken(right.body["accessToken"] ?? "")).amr).toEqual([
        "pwd",
        "otp",
        "mfa",
      ]);
      const again = await post("/auth/challenges/test-code", { challengeToken, code: CODE });
      expect([again.status, again.body["code"]]).toEqual([401, "invalid_challenge"]);
      expect([again.bearer, wrong.bearer]).toEqual([undefined, undefined]); // no failure of an access token
      expect(verbs.filter((verb) => verb === "sessions.create")).toHaveLength(1);
    } finally {
      await server.close();
    }
  });

  test("with cookies: a challenge sets none, and its answer sets them all and shows no token", async () => {
    const scene = sceneOn(makeStore(), { limits });
    await enrolled(scene);
    const browser = fakeBrowser(cookieHandler(scene.auth));
    const challenge = await browser.signIn();
    expect([challenge.status, setCookies(challenge)]).toEqual([200, []]);
    const { challengeToken } = (await challenge.json()) as { challengeToken: string };
    const answer = { method: "POST", body: { challengeToken, code: CODE } };
    const foreign = await browser.send("/auth/challenges/test-code", {
      ...answer,
      headers: { origin: "https://evil.example" },
    });
    expect(foreign.status).toBe(403);
    const response = await browser.send("/auth/challenges/test-code", answer);
    expect([response.status, [...browser.jar.keys()].sort()]).toEqual([
      200,
      ["__Host-sp-access", "__Secure-sp-device", "__Secure-sp-refresh"],
    ]);
    expect(await response.text()).not.toMatch(/accessToken"|refreshToken"|deviceToken/);
    expect((await browser.send("/auth/me")).status).toBe(200);
  });
});

test("both contracts have the features' routes", async () => {
  const { auth } = sceneOn(STORES[0]?.[1]() as AuthStore);
  for (const handler of [createHandler(auth), cookieHandler(auth)]) {
    const response = await handler(new Request(`${ORIGIN}/auth/openapi.json`), CALLER);
    const { paths } = (await response.json()) as { paths: Record<string, object> };
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(["/auth/challenges/test-code", "/auth/knock"]));
  }
});

interface SecondStep {
  answer(input: { readonly challengeToken: string; readonly code: string }): Promise<LoginResult>;
}

test("the client's half of a feature signs in over the real routes", async () => {
  const scene = sceneOn(STORES[0]?.[1]() as AuthStore, { limits });
  await enrolled(scene);
  const handler = createHandler(scene.auth);
  const secondStep: Pick<InstallableClientFeature<SecondStep>, "name" | "install"> = {
    name: "secondStep",
    install: ({ enter }) => ({ answer: (input) => enter("challenges/test-code", input) }),
  };
  const client = createAuthClient({
    basePath: `${ORIGIN}/auth`,
    now: () => scene.clock.now().getTime(),
    fetch: (request) => handler(request, CALLER),
    features: { secondStep: secondStep as InstallableClientFeature<SecondStep> },
  });
  const challenge = await client.login(RIGHT);
  expect([challenge.status, client.state()]).toEqual(["challenge", "signed_out"]);
  const { challengeToken } = challenge as Extract<LoginResult, { status: "challenge" }>;
  expect((await client.secondStep.answer({ challengeToken, code: CODE })).status).toBe("signed_in");
  expect(client.state()).toBe("signed_in");
  expect((await client.me()).session.amr).toEqual(["pwd", "otp", "mfa"]);
});
