// A feature of the client, which exists in this test alone, against stub answers.
import { type AuthClient, type AuthProblem, type ClientFeature, createAuthClient } from "sallyport/client";
import { expect, test } from "vitest";
import type { InstallableClientFeature } from "../../src/client/installable-feature.ts";
import type { ClientKit } from "../../src/client/kit.ts";
import type { LoginResult } from "../../src/client/types.ts";
import { codeOf, times } from "../support/harness.ts";
import { CREDENTIALS, fakeStorage } from "./support.ts";

interface SecondStep {
  answer(input: { readonly challengeToken: string; readonly code: string }): Promise<LoginResult>;
  hint(): Promise<{ readonly hint: string }>;
  options(): Promise<{ readonly options: string }>;
  renew(): Promise<{ readonly codes: readonly string[] }>;
}

const secondStep = (): ClientFeature<SecondStep> =>
  feature("secondStep", ({ enter, call, open, prove }) => ({
    answer: (input) => enter("challenges/test-code", input, true),
    hint: () => call("second-step"),
    options: () => open("second-step/options", { body: {} }),
    renew: () => prove("second-step/renew", {}),
  }));

function feature<Api extends object>(name: string, install: (kit: ClientKit) => Api): ClientFeature<Api> {
  return { name, install } as InstallableClientFeature<Api>;
}

const CHALLENGE = {
  ...{ status: "challenge", kind: "second_factor", methods: ["test-code"] },
  ...{ challengeToken: "c", expiresAt: "2026-01-01T12:05:00.000Z" },
};
const SIGNED_IN = {
  ...{ status: "signed_in", user: { email: "ada@example.com" }, session: { id: "one" } },
  accessTokenExpiresAt: "2026-01-02T12:00:00.000Z",
  refreshTokenExpiresAt: "2026-01-31T12:00:00.000Z",
};
const TOKENS = {
  ...{ accessToken: "secret-access", refreshToken: "secret-refresh", deviceToken: "secret-device" },
};
const ANSWER = { challengeToken: "c", code: "123456" };

type Mode = "bearer" | "cookie";

/** A server of stub answers by route, and tabs that share one storage. */
function makeServer(transport: Mode) {
  const storage = fakeStorage();
  const sent: { readonly route: string; readonly body: unknown; readonly token: string | null }[] = [];
  const tokens = transport === "bearer" ? TOKENS : {};
  const answers: Record<string, () => Response | Promise<Response>> = {
    "POST login": () => Response.json(CHALLENGE),
    "POST challenges/test-code": () => Response.json({ ...SIGNED_IN, ...tokens }),
    "GET second-step": () => Response.json({ hint: "under the mat" }),
    "POST second-step/options": () => Response.json({ options: "any" }),
    "POST second-step/renew": () =>
      Response.json({ ...SIGNED_IN, codes: ["one"], ...(transport === "bearer" && { accessToken: "next" }) }),
    "POST logout": () => new Response(null, { status: 204 }),
  };
  const tab = (onChange?: (state: string) => unknown) =>
    createAuthClient({
      ...{ basePath: "https://app.example/auth", transport, storage, onChange },
      now: () => Date.parse("2026-01-01T12:00:00.000Z"),
      fetch: async (request) => {
        const route = `${request.method} ${request.url.replace("https://app.example/auth/", "")}`;
        const text = await request.text();
        sent.push({ route, body: text && JSON.parse(text), token: request.headers.get("authorization") });
        return answers[route]?.() ?? new Response(null, { status: 404 });
      },
      features: { secondStep: secondStep() },
    });
  return { storage, sent, answers, tab };
}

test.each(["bearer", "cookie"] as const)(
  "the answer to a challenge signs in, and the page is never handed a token, in %s mode",
  async (mode) => {
    const { storage, sent, tab } = makeServer(mode);
    const states: string[] = [];
    const client = tab((state) => states.push(state));
    const challenge = await client.login(CREDENTIALS);
    expect([challenge, client.state()]).toEqual([CHALLENGE, mode === "bearer" ? "signed_out" : "unknown"]);

    expect(await client.secondStep.answer(ANSWER)).toEqual(SIGNED_IN);
    expect([client.state(), states]).toEqual(["signed_in", ["signed_in"]]);
    expect(await client.secondStep.hint()).toEqual({ hint: "under the mat" });
    expect(await client.secondStep.options()).toEqual({ options: "any" });
    expect(await client.secondStep.renew()).toEqual({ ...SIGNED_IN, codes: ["one"] });
    await client.secondStep.hint();

    const bearer = (token: string) => (mode === "bearer" ? `Bearer ${token}` : null);
    expect(sent.map(({ route, token }) => [route, token])).toEqual([
      ["POST login", null],
      ["POST challenges/test-code", null],
      ["GET second-step", bearer("secret-access")],
      ["POST second-step/options", null],
      ["POST second-step/renew", bearer("secret-access")],
      ["GET second-step", bearer("next")],
    ]);
    const stored = [...storage.items.values()].join();
    expect(["next", "secret-refresh", "secret-device"].map((token) => stored.includes(token))).toEqual(
      times(3, () => mode === "bearer"),
    );
  },
);

test("an answer to a challenge brings the known device token, as a login does", async () => {
  const { sent, tab } = makeServer("bearer");
  const client = tab();
  for (const _ of [1, 2]) {
    await client.secondStep.answer(ANSWER);
    await client.logout();
  }
  const bodies = sent.filter(({ route }) => route === "POST challenges/test-code").map(({ body }) => body);
  expect(bodies).toEqual([ANSWER, { ...ANSWER, deviceToken: "secret-device" }]);
});

test.each(["bearer", "cookie"] as const)(
  "a next challenge and a refusal sign nobody in, in %s mode",
  async (mode) => {
    const { answers, tab } = makeServer(mode);
    const client = tab();
    const before = client.state();
    answers["POST challenges/test-code"] = () => Response.json(CHALLENGE);
    expect(await client.secondStep.answer(ANSWER)).toEqual(CHALLENGE);
    answers["POST challenges/test-code"] = () =>
      Response.json(
        { code: "invalid_code", title: "No.", status: 422 },
        { status: 422, headers: { "content-type": "application/problem+json" } },
      );
    const refusal = await client.secondStep.answer(ANSWER).catch((error: AuthProblem) => error.code);
    expect([refusal, client.state()]).toEqual(["invalid_code", before]);
  },
);

test.each(["bearer", "cookie"] as const)(
  "a sign-out in one tab waits for the answer to a challenge in another, in %s mode",
  async (mode) => {
    const { sent, answers, tab } = makeServer(mode);
    const [one, other] = [tab(), tab()];
    const [arrived, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const answer = answers["POST challenges/test-code"] as () => Response;
    answers["POST challenges/test-code"] = async () => {
      arrived.resolve();
      await gate.promise;
      return answer();
    };
    const entering = one.secondStep.answer(ANSWER);
    await arrived.promise;
    const leaving = other.logout();
    // The lock is asked for, and not granted.
    const { pending } = await navigator.locks.query();
    expect([pending?.length, sent.length]).toEqual([1, 1]);
    gate.resolve();
    await Promise.all([entering, leaving]);
    expect(sent.map(({ route }) => route)).toEqual(["POST challenges/test-code", "POST logout"]);
    expect([one.state(), other.state()]).toEqual(["signed_out", "signed_out"]);
  },
);

test("a call of a feature that began for one user is not answered for the next", async () => {
  const { answers, tab } = makeServer("bearer");
  const [one, other] = [tab(), tab()];
  await one.secondStep.answer(ANSWER);
  const [arrived, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  answers["GET second-step"] = async () => {
    arrived.resolve();
    await gate.promise;
    return Response.json({ hint: "for Ada" });
  };
  const asking = codeOf(one.secondStep.hint());
  await arrived.promise;
  await other.logout();
  gate.resolve();
  expect(await asking).toBe("session_changed");
});

test("a feature that does not fit is refused, and named", () => {
  const make = (features: object) => () =>
    createAuthClient({ basePath: "https://a.example", features } as never);
  const calls = Object.keys(createAuthClient({ basePath: "https://a.example" }));
  for (const call of [...calls, "toString", "constructor"]) {
    expect(make({ [call]: feature(call, () => ({})) })).toThrow(
      new TypeError(`createAuthClient: feature ${call}: this name is taken`),
    );
  }
  expect(make({ totp: secondStep() })).toThrow(
    new TypeError("createAuthClient: feature totp: its name is secondStep"),
  );
  const cause = new Error("no browser here");
  const fail = () => {
    throw cause;
  };
  const failing = make({ totp: feature("totp", fail) });
  expect(failing).toThrow(new TypeError("createAuthClient: feature totp: no browser here", { cause }));
  for (const unfit of [secondStep, () => secondStep(), null, "totp"]) {
    expect(make({ totp: unfit })).toThrow(/^createAuthClient: feature totp: /);
  }
});

test("the types of a client are those of its features, and what does not fit does not compile", () => {
  const basePath = "https://a.example";
  const plain: AuthClient = createAuthClient({ basePath });
  const client = createAuthClient({ basePath, features: { secondStep: secondStep() } });
  const alsoPlain: AuthClient = client;
  expect([typeof client.secondStep.answer, Object.isFrozen(alsoPlain)]).toEqual(["function", true]);
  const methodsOf = async (): Promise<readonly string[]> => {
    const result = await client.login(CREDENTIALS);
    return result.status === "challenge" ? result.methods : [];
  };
  expect(methodsOf).toBeTypeOf("function");
  const mustNotCompile = () => {
    // @ts-expect-error a client without the feature has no calls of it
    plain.secondStep;
    // @ts-expect-error the code is missing
    client.secondStep.answer({ challengeToken: "c" });
    // @ts-expect-error the client has a call of this name
    createAuthClient({ features: { login: feature("login", () => ({})) } });
    // @ts-expect-error the factory has to be called
    createAuthClient({ features: { secondStep } });
    const options = { basePath, features: { secondStep } };
    // @ts-expect-error neither as a variable
    createAuthClient(options);
  };
  expect(mustNotCompile).toBeTypeOf("function");
});
