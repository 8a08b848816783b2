// Class: forged forwarding headers as limit keys (60 guesses with a new X-Forwarded-For each were all
// answered by a widely used peer).
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { createHandler, toNodeHandler } from "sallyport/http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { makeAuth, times } from "../support/harness.ts";

const FORGED = [
  "x-forwarded-for",
  "forwarded",
  "x-real-ip",
  "cf-connecting-ip",
  "true-client-ip",
  "x-client-ip",
];

let harness = makeAuth();
const server = createServer((request, response) =>
  toNodeHandler(createHandler(harness.auth))(request, response),
);

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  harness = makeAuth();
});

function login(headers: Record<string, string>, localAddress = "127.0.0.1"): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const options = {
    port,
    host: "127.0.0.1",
    localAddress,
    path: "/auth/login",
    method: "POST",
    agent: false,
  } as const;
  const outgoing = httpRequest(
    { ...options, headers: { "content-type": "application/json", ...headers } },
    (response) => {
      response.resume().on("end", () => resolve(response.statusCode as number));
    },
  );
  outgoing.on("error", reject).end(JSON.stringify({ email: "ada@example.com", password: "wrong" }));
  return promise;
}

test("no header moves the client's address: the sixth login of a socket is refused, whatever it claims", async () => {
  for (const header of FORGED) {
    harness = makeAuth();
    const statuses = [];
    for (const index of times(6, (i) => i)) {
      const value = header === "forwarded" ? `for=192.0.2.${index}` : `192.0.2.${index}`;
      statuses.push(await login({ [header]: value }));
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  }
});

test("sessions and events name the socket's address, and another socket has its own budget", async () => {
  for (const _ of times(6, (i) => i)) await login({ "x-forwarded-for": "192.0.2.1" });
  expect(await login({}, "127.0.0.2")).toBe(401);
  await new Promise((resolve) => setImmediate(resolve));
  expect([...new Set(harness.sink.events.map((event) => event.ip))]).toEqual(["127.0.0.1", "127.0.0.2"]);
});

test("a Request without a stated client is not served: no address is guessed", async () => {
  const handler = createHandler(harness.auth);
  const request = () =>
    new Request("http://localhost/auth/me", { headers: { "x-forwarded-for": "192.0.2.1" } });
  await expect(handler(request(), undefined as never)).rejects.toThrow(/client\.ip/);
  await expect(handler(request(), {} as never)).rejects.toThrow(/client\.ip/);
  expect((await handler(request(), { ip: "192.0.2.7" })).status).toBe(401);
});
