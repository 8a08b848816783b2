// Class: answers that differ by account, here in the fields that say what is left of a limit.
import { createHandler } from "sallyport/http";
import { expect, test } from "vitest";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, strangers, times } from "../support/harness.ts";

const right = { email: EMAIL, password: PASSWORD };
const wrong = { email: EMAIL, password: "Wrong1password" };

function setUp(options: Parameters<typeof makeAuth>[0] = {}) {
  const harness = makeAuth(options);
  const handler = createHandler(harness.auth);
  const post = async (path: string, body: object, ip: string | null = CLIENT.ip) => {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    const { status, headers } = await handler(new Request(`http://localhost/auth${path}`, init), { ip });
    const [policy, limit] = [headers.get("ratelimit-policy"), headers.get("ratelimit")];
    return { status, policy, limit, retryAfter: headers.get("retry-after") };
  };
  return { ...harness, handler, post };
}

test("each answer of a limited route says the address's rule and what is left of it, the refusal too", async () => {
  const { post, clock } = setUp();
  const policy = '"address";q=5;w=60';
  for (const used of [1, 2, 3, 4, 5]) {
    // The last one counts for a minute; until then it is the window's end.
    const limit = `"address";r=${5 - used};t=${used === 5 ? 60 : 61 - used}`;
    expect(await post("/login", wrong)).toMatchObject({ status: 401, policy, limit });
    clock.advance("1s");
  }
  // The last one was allowed a second ago, and counts for a minute.
  const refused = await post("/login", wrong);
  expect(refused).toMatchObject({ status: 429, policy, limit: '"address";r=0;t=59' });
  expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(59);
  clock.advance("59s");
  expect(await post("/login", wrong)).toMatchObject({ status: 401, limit: '"address";r=4;t=60' });
});

test("seconds are whole, and never too few", async () => {
  const { post, clock } = setUp();
  await post("/login", wrong);
  clock.advance(58_500);
  expect(await post("/login", wrong)).toMatchObject({ limit: '"address";r=3;t=2' });
});

test("known and unknown accounts have the same fields, also once an account's own budget is used up", async () => {
  const { auth, post } = setUp();
  await auth.signup(right, { ip: null });
  const stranger = strangers();
  for (const _ of times(12, () => 0)) await codeOf(auth.login(wrong, stranger()));
  const known = await post("/login", wrong, "192.0.2.1");
  for (const _ of times(12, () => 0))
    await codeOf(auth.login({ ...wrong, email: "bob@example.com" }, stranger()));
  const unknown = await post("/login", { ...wrong, email: "bob@example.com" }, "192.0.2.2");
  for (const answer of [known, unknown]) {
    expect(answer).toMatchObject({ status: 429, policy: '"address";q=5;w=60', limit: '"address";r=4;t=60' });
    expect(Number(answer.retryAfter)).toBeGreaterThanOrEqual(900);
    expect(Number(answer.retryAfter)).toBeLessThanOrEqual(960);
  }
});

test("signup, reauthentication and password change have them; what counts no address has none", async () => {
  const { auth, post, handler } = setUp();
  expect(await post("/signup", right)).toMatchObject({ status: 201, limit: '"address";r=4;t=60' });
  const { accessToken, refreshToken } = await auth.signup(
    { ...right, email: "bob@example.com" },
    { ip: null },
  );
  const signedIn = async (path: string, method: string, body?: object) => {
    const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    return handler(new Request(`http://localhost/auth${path}`, init), { ip: CLIENT.ip });
  };
  const again = await signedIn("/reauthenticate", "POST", { password: PASSWORD });
  expect(again.headers.get("ratelimit")).toBe('"address";r=59;t=60');
  expect((await signedIn("/sessions", "DELETE")).headers.has("ratelimit")).toBe(false);
  expect((await signedIn("/me", "GET")).headers.has("ratelimit")).toBe(false);
  expect(await post("/refresh", { refreshToken })).toMatchObject({ status: 200, limit: null, policy: null });
  expect(await post("/refresh", { refreshToken: "forged" })).toMatchObject({ limit: '"address";r=29;t=60' });
  expect(await post("/login", wrong, null)).toMatchObject({ status: 401, limit: null, policy: null });
});

test("of an IPv6 address's networks the fields tell of the one that has less left", async () => {
  const { post } = setUp({ limits: { login: { account: false } } });
  expect(await post("/login", wrong, "2001:db8:1:1::1")).toMatchObject({ limit: '"address";r=4;t=60' });
  for (const index of times(47, (i) => i)) await post("/login", wrong, `2001:db8:1:${index + 10}::1`);
  expect(await post("/login", wrong, "2001:db8:1:2::1")).toMatchObject({
    policy: '"address";q=50;w=60',
    limit: '"address";r=1;t=60',
  });
});

test("a rule that is switched off has no fields, and a listener that throws changes nothing", async () => {
  const { post } = setUp({ limits: { login: { address: false } } });
  expect(await post("/login", wrong)).toMatchObject({ status: 401, limit: null, policy: null });
  const { auth, errors } = makeAuth();
  const onRateLimit = (): never => {
    throw new TypeError("a listener of the application");
  };
  expect(await codeOf(auth.login(wrong, { ...CLIENT, onRateLimit }))).toBe("invalid_credentials");
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors.map(String)).toEqual(["TypeError: a listener of the application"]);
  const rejecting = async (): Promise<never> => onRateLimit();
  expect(await codeOf(auth.login(wrong, { ...CLIENT, onRateLimit: rejecting }))).toBe("invalid_credentials");
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toHaveLength(2);
  const notOne = { ...CLIENT, onRateLimit: "no" as never };
  expect(await codeOf(auth.login(wrong, notOne))).toBe("invalid_input");
});

test("what is refused before it is counted has no field, and the contract promises none", async () => {
  const { handler } = setUp();
  const login = (body: string, type = "application/json") =>
    handler(
      new Request("http://localhost/auth/login", { method: "POST", headers: { "content-type": type }, body }),
      CLIENT,
    );
  const refused = [await login("{"), await login("{}", "text/plain"), await login("x".repeat(17_000))];
  expect(refused.map(({ status }) => status)).toEqual([400, 415, 413]);
  for (const { headers } of refused) expect(headers.get("ratelimit")).toBeNull();

  const contract = await (await handler(new Request("http://localhost/auth/openapi.json"), CLIENT)).json();
  const { responses } = contract.paths["/auth/login"].post;
  const withField = Object.keys(responses).filter(
    (status) => "RateLimit" in (responses[status].headers ?? {}),
  );
  expect(withField).toEqual(["200", "401", "422", "429", "500", "503"]);
});
