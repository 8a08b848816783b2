// G4 over several processes: a limit holds for all of them together.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../examples/demo.ts";
import {
  type Cluster,
  callFrom,
  freshAddress,
  PASSWORD,
  servicesAreThere,
  signUp,
  startCluster,
} from "./cluster.ts";

const WRONG = "Wrong1horse";

describe.runIf(servicesAreThere())("three instances", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(async () => {
    await cluster?.remove();
  });

  const everywhere = (): readonly string[] => [cluster.front, ...cluster.instances().map(({ url }) => url)];

  function logIn(url: string, address: string, body: Readonly<Record<string, string>>): Promise<Answer> {
    return callFrom(address, ["POST", `${url}/auth/login`], { body: { password: WRONG, ...body } });
  }

  /** So many at once, spread over these addresses of servers: how many answers of each status. */
  async function spread(
    [count, urls]: readonly [number, readonly string[]],
    attempt: (url: string, index: number) => Promise<Answer>,
  ): Promise<Readonly<Record<string, number>>> {
    const url = (index: number): string => urls[index % urls.length] as string;
    const answers = await Promise.all(
      Array.from({ length: count }, (_, index) => attempt(url(index), index)),
    );
    const byStatus = Object.groupBy(answers, ({ status }) => String(status));
    return Object.fromEntries(Object.entries(byStatus).map(([status, of]) => [status, of?.length ?? 0]));
  }

  test.each([
    ["through the front", () => [cluster.front]],
    ["at the instances themselves", () => cluster.instances().map(({ url }) => url)],
    ["whichever way", everywhere],
  ])("five sign-ins a minute from one address, counted over all of them: %s", async (way, urls) => {
    const address = freshAddress();
    const statuses = await spread([24, urls()], (url, index) =>
      logIn(url, address, { email: `${way.replaceAll(" ", "-")}-${index}@example.com` }),
    );
    expect(statuses).toEqual({ 401: 5, 429: 19 });
    for (const url of everywhere()) {
      const { status, json, headers } = await logIn(url, address, { email: "one-more@example.com" });
      expect([status, json.code]).toEqual([429, "rate_limited"]);
      expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    }
    const elsewhere = await logIn(cluster.front, freshAddress(), { email: "somebody@example.com" });
    expect(elsewhere.status).toBe(401);
  });

  test("what a client writes to the left of its address gives it no second budget", async () => {
    const address = freshAddress();
    const statuses = await spread([24, everywhere()], (url, index) =>
      logIn(url, `192.0.2.${index}, ${address}`, { email: `forged-${index}@example.com` }),
    );
    expect(statuses).toEqual({ 401: 5, 429: 19 });
  });

  test("five sign-ups a minute from one address, counted over all of them", async () => {
    const address = freshAddress();
    const statuses = await spread([12, everywhere()], (url, index) =>
      callFrom(address, ["POST", `${url}/auth/signup`], {
        body: { email: `sign-up-${index}@example.com`, password: PASSWORD },
      }),
    );
    expect(statuses).toEqual({ 201: 5, 429: 7 });
  });

  test("ten guesses for one account from many addresses, and its owner's device is not locked out", async () => {
    const { email, deviceToken } = await signUp(cluster.front, "guessed@example.com");
    const statuses = await spread([40, everywhere()], (url) => logIn(url, freshAddress(), { email }));
    expect(statuses).toEqual({ 401: 10, 429: 30 });
    for (const url of everywhere()) {
      const guessed = await logIn(url, freshAddress(), { email, password: PASSWORD });
      expect([guessed.status, guessed.json.code]).toEqual([429, "rate_limited"]);
      expect((await logIn(url, freshAddress(), { email, password: PASSWORD, deviceToken })).status).toBe(200);
    }
  });
});
