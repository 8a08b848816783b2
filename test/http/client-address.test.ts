// Class: an address that a client may write (G12). Where there is no socket, one function tells it, and it fails closed.

import type { AuthWarning } from "sallyport";
import {
  createHandler,
  forwarded,
  fromCloudflare,
  fromFly,
  fromVercel,
  type HandlerOptions,
  type HttpClient,
  type PlatformHandler,
  type PlatformOptions,
  toNodeHandler,
} from "sallyport/http";
import { beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { EMAIL, type Harness, makeAuth, PASSWORD } from "../support/harness.ts";

let harness: Harness;
let errors: unknown[];
let warnings: AuthWarning[];
beforeEach(() => {
  warnings = [];
  errors = [];
  harness = makeAuth({ onWarning: (warning) => warnings.push(warning) });
});

type Told = PlatformOptions["clientAddress"];

function handlerBy(clientAddress: unknown): PlatformHandler {
  return createHandler(harness.auth, {
    clientAddress: clientAddress as Told,
    onError: (error) => errors.push(error),
  });
}

function login(headers: Readonly<Record<string, string>> | Headers = {}): Request {
  const all = new Headers(headers);
  all.set("content-type", "application/json");
  const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
  return new Request("https://app.example/auth/login", { method: "POST", headers: all, body });
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** The address that the event of an attempt has. `refused`: 500, the operator is told once, and there is no event. */
async function addressOf(handler: PlatformHandler, request: Request, platform?: unknown): Promise<unknown> {
  const { status } = await handler(request, platform);
  await settled();
  const ip = harness.sink.events.at(-1)?.ip;
  if (status !== 500) return ip;
  expect([harness.sink.events, errors.map(String)]).toEqual([
    [],
    [expect.stringMatching(/^TypeError: clientAddress told no single address/)],
  ]);
  return "refused";
}

/** What a header may be, and the address that it tells. Null: it tells none. */
const VALUES: Readonly<Record<string, readonly [value: string, address: string | null]>> = {
  "an address": ["203.0.113.9", "203.0.113.9"],
  "an address of IPv6": ["2001:DB8::9", "2001:db8::9"],
  nothing: ["", null],
  "white space": ["  ", null],
  "a port": ["203.0.113.9:4711", "203.0.113.9"],
  "a port too large": ["203.0.113.9:70000", null],
  unknown: ["unknown", null],
  "a hidden name": ["_hidden", null],
  "a name": ["localhost", null],
  "a zone": ["fe80::9%eth0", "fe80::9"],
  "a zone on IPv4": ["203.0.113.9%eth0", null],
  "a list behind a zone": ["192.0.2.66%, 203.0.113.9", null],
  "IPv4-mapped": ["::ffff:203.0.113.9", "203.0.113.9"],
  brackets: ["[2001:db8::9]", "2001:db8::9"],
  "brackets and a port": ["[2001:db8::9]:443", "2001:db8::9"],
  "open brackets": ["[2001:db8::9", null],
  "an address that no host has": ["0.0.0.0", null],
  "an octal number": ["0203.0.113.9", null],
  "sixteen thousand characters": ["1".repeat(16_000), null],
};

const PLATFORMS = [
  ["fromVercel", fromVercel, "x-vercel-forwarded-for"],
  ["fromFly", fromFly, "fly-client-ip"],
  ["fromCloudflare", fromCloudflare, "cf-connecting-ip"],
] as const;

describe.each(PLATFORMS)("%s", (_name, preset, header) => {
  test.each(Object.entries(VALUES))("%s", async (_title, [value, address]) => {
    expect(await addressOf(handlerBy(preset), login({ [header]: value }))).toBe(address ?? "refused");
  });

  test("without its header there is no address, whatever the headers of others say", async () => {
    const others = [
      "x-forwarded-for",
      "x-real-ip",
      "forwarded",
      "true-client-ip",
      ...PLATFORMS.map(([, , name]) => name),
    ];
    const headers = others.filter((name) => name !== header).map((name) => [name, "192.0.2.66"]);
    expect(await addressOf(handlerBy(preset), login(Object.fromEntries(headers)))).toBe("refused");
  });

  test("a list, and two values, are no single address", async () => {
    const twice = new Headers([
      [header, "192.0.2.66"],
      [header, "203.0.113.9"],
    ]);
    for (const headers of [{ [header]: "192.0.2.66, 203.0.113.9" }, { [header]: "203.0.113.9," }, twice]) {
      errors.length = 0;
      expect(await addressOf(handlerBy(preset), login(headers))).toBe("refused");
    }
  });
});

describe("forwarded", () => {
  const by = (hops: number, value?: string) =>
    addressOf(handlerBy(forwarded({ hops })), login(value === undefined ? {} : { "x-forwarded-for": value }));

  test.each(Object.entries(VALUES).filter(([title]) => title !== "a list behind a zone"))(
    "one proxy wrote %s",
    async (_title, [value, address]) => {
      expect(await by(1, value)).toBe(address ?? "refused");
    },
  );

  test.each<
    readonly [title: string, header: readonly [hops: number, value?: string], address: string | null]
  >([
    ["no header", [1], null],
    ["nothing but commas", [1, " , ,"], null],
    ["what the client wrote on the left", [1, "192.0.2.66, 203.0.113.9"], "203.0.113.9"],
    ["two proxies", [2, "192.0.2.66, 203.0.113.9, 10.0.0.1"], "203.0.113.9"],
    ["empty elements, which do not count", [2, "203.0.113.9,, 10.0.0.1,"], "203.0.113.9"],
    ["fewer addresses than proxies: it came past one", [2, "203.0.113.9"], null],
    ["an unknown hop on the right: the count is wrong", [2, "203.0.113.9, unknown"], null],
    ["what is no address, left of the one that counts", [1, "unknown, 203.0.113.9"], "203.0.113.9"],
    ["a zone that the client made of a list", [1, "192.0.2.66%, 203.0.113.9"], "203.0.113.9"],
    ["an open quote on the left", [1, '"192.0.2.66, 203.0.113.9'], "203.0.113.9"],
    ["ten proxies", [10, ["203.0.113.9", ...Array(9).fill("10.0.0.1")].join()], "203.0.113.9"],
  ])("%s", async (_title, header, address) => {
    expect(await by(...header)).toBe(address ?? "refused");
  });

  test("lines of the header are one list, in their order", async () => {
    const headers = new Headers([
      ["x-forwarded-for", "192.0.2.66"],
      ["x-forwarded-for", "203.0.113.9"],
    ]);
    expect(await addressOf(handlerBy(forwarded({ hops: 1 })), login(headers))).toBe("203.0.113.9");
  });

  test.each([
    [{}],
    [{ hops: 0 }],
    [{ hops: 11 }],
    [{ hops: 1.5 }],
    [{ hops: "1" }],
    [{ hop: 1 }],
    [undefined],
    [1],
  ])("%j does not start", (options) => {
    expect(() => forwarded(options as never)).toThrow(/^forwarded: /);
  });
});

describe("a function of one's own", () => {
  test.each<readonly [told: unknown, address: unknown]>([
    ["203.0.113.9", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["2001:DB8::9", "2001:db8::9"],
    ["fe80::9%eth0", "fe80::9"],
    [undefined, "refused"],
    ["", "refused"],
    ["unknown", "refused"],
    ["203.0.113.9, 192.0.2.66", "refused"],
    ["192.0.2.66%, 203.0.113.9", "refused"],
    ["203.0.113.9:80", "refused"],
    ["[2001:db8::9]", "refused"],
    [" 203.0.113.9", "refused"],
    ["0.0.0.0", "refused"],
    ["255.255.255.255", "refused"],
    ["unix", "refused"],
    [3_405_803_785, "refused"],
    [["203.0.113.9"], "refused"],
    [Promise.resolve("203.0.113.9"), "refused"],
    [{ ip: "203.0.113.9" }, "refused"],
    [false, "refused"],
  ])("told %o", async (told, address) => {
    expect(
      await addressOf(
        handlerBy(() => told),
        login(),
      ),
    ).toBe(address);
  });

  test("gets the request and what the platform tells of it", async () => {
    const seen: unknown[] = [];
    const clientAddress = (request: Request, platform: { readonly ip: string }) => {
      seen.push(request, platform);
      return platform.ip;
    };
    const handler = createHandler(harness.auth, { clientAddress });
    const [request, platform] = [login(), { ip: "203.0.113.9" }];
    expect((await handler(request, platform)).status).toBe(401);
    await settled();
    expect([seen[0] === request, seen[1] === platform, harness.sink.events.at(-1)?.ip]).toEqual([
      true,
      true,
      "203.0.113.9",
    ]);
    expect(handler.clientAddress(request, platform)).toBe("203.0.113.9");
    expect(handler.client({ request, platform })).toEqual({ ip: "203.0.113.9" });
    expect(() => handler.client({ request, platform: { ip: "x" } })).toThrow(/address is not known/);
    expect(() => handler.clientAddress(request, { ip: "x" })).toThrow(/no single address/);
  });

  test("tells the address of a caller by what the platform tells, and a warning says once that it does not", async () => {
    const { accessToken } = await harness.auth.signup({ email: EMAIL, password: PASSWORD }, { ip: null });
    const seen: unknown[] = [];
    const handler = createHandler(harness.auth, {
      clientAddress: (request: Request, platform?: { readonly ip: string }) => {
        seen.push(request);
        return platform?.ip;
      },
    });
    const headers = { authorization: `Bearer ${accessToken}` };
    const request = new Request("https://app.example/notes", { headers });
    const platform = { ip: "203.0.113.9" };
    expect((await handler.authenticate({ request, platform })).client.ip).toBe("203.0.113.9");
    expect((await handler.identify({ request, platform }))?.client.ip).toBe("203.0.113.9");
    expect(seen).toEqual([request, request]);
    expect(warnings).toEqual([]);
    const bare = handler as unknown as PlatformHandler; // as code without types calls it
    for (const ask of [bare.authenticate, bare.identify, bare.authenticate])
      expect((await ask(request))?.client.ip).toBe(null);
    expect(warnings.map(({ code }) => code)).toEqual(["unknown_address"]);
    expect(errors).toEqual([]);
  });

  test("a field `request` that middleware wrote is not taken for the request itself", async () => {
    const { accessToken } = await harness.auth.signup({ email: EMAIL, password: PASSWORD }, { ip: null });
    const other = new Request("https://app.example/", {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    const head = { method: "GET", headers: {}, request: other, platform: undefined };
    expect(await handlerBy(fromFly).identify(head)).toBe(null);
  });

  test("that throws is a fault: 500 without a detail, and the operator gets the error itself", async () => {
    const fault = new TypeError("no platform here");
    const handler = handlerBy(() => {
      throw fault;
    });
    const response = await handler(login());
    await settled();
    expect([response.status, errors, harness.sink.events]).toEqual([500, [fault], []]);
    expect(await response.text()).not.toContain("platform");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("is asked before anything else: a request of another site is not counted without an address", async () => {
    const handler = createHandler(harness.auth, {
      transport: "cookie",
      origins: ["https://app.example"],
      clientAddress: () => undefined,
      onError: (error) => errors.push(error),
    });
    expect(await addressOf(handler, login({ origin: "https://evil.example" }))).toBe("refused");
  });

  test("a sixth login of one address is refused, and another address is served", async () => {
    const handler = handlerBy(fromFly);
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++)
      statuses.push(
        (await handler(login({ "fly-client-ip": "203.0.113.9", "x-forwarded-for": `192.0.2.${attempt}` })))
          .status,
      );
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await handler(login({ "fly-client-ip": "203.0.113.10" }))).status).toBe(401);
  });
});

describe("null", () => {
  test("is served without an address limit, and one warning says so", async () => {
    const handler = handlerBy(() => null);
    for (let attempt = 0; attempt < 6; attempt++) expect((await handler(login())).status).toBe(401);
    await settled();
    expect([...new Set(harness.sink.events.map(({ ip }) => ip))]).toEqual([null]);
    expect(handler.clientAddress(login())).toBe(null);
    expect(handler.client({ method: "GET", headers: {} })).toEqual({ ip: null });
    expect(warnings.map(({ code }) => code)).toEqual(["no_client_address"]);
    expect(errors).toEqual([]);
  });

  test("an address gives no warning, whatever forwarding headers come with it", async () => {
    const handler = handlerBy(fromFly);
    await handler(login({ "fly-client-ip": "203.0.113.9", "x-forwarded-for": "192.0.2.1" }));
    await settled();
    expect(warnings).toEqual([]);
  });
});

describe("what does not start", () => {
  test.each<readonly [object, RegExp]>([
    [{ clientAddress: fromFly, trustedProxies: 1 }, /clientAddress tells the address alone/],
    [{ clientAddress: fromFly, trustedProxies: ["loopback"] }, /clientAddress tells the address alone/],
    [{ clientAddress: fromFly, forwardedHeader: "forwarded" }, /clientAddress tells the address alone/],
    [{ clientAddress: "fly-client-ip" }, /clientAddress must be a function/],
    [{ clientAddress: null }, /clientAddress must be a function/],
    [{ clientAdress: fromFly }, /clientAdress: no such option/],
  ])("%o", (options, message) => {
    expect(() => createHandler(harness.auth, options as HandlerOptions)).toThrow(message);
  });

  test("on a server with sockets: there the option would be ignored", () => {
    const handler = createHandler(harness.auth, { clientAddress: fromFly });
    expect(handler.addressBy).toBe("clientAddress");
    // @ts-expect-error: the handler is of another type
    expect(() => toNodeHandler(handler)).toThrow(/clientAddress is for platforms without sockets/);
    expect(createHandler(harness.auth).addressBy).toBe("peer");
  });
});

test("the types keep the two ways apart", () => {
  const { auth } = harness;
  // @ts-expect-error: both ways
  expect(() => createHandler(auth, { clientAddress: fromFly, trustedProxies: 1 })).toThrow();
  const byPeer = createHandler(auth, {});
  expectTypeOf(byPeer).parameters.toEqualTypeOf<[request: Request, client: HttpClient]>();
  const byPreset = createHandler(auth, { clientAddress: fromVercel });
  expectTypeOf(byPreset).parameters.toEqualTypeOf<[request: Request, platform?: unknown]>();
  const byPlatform = createHandler(auth, {
    clientAddress: (_request, platform: { readonly ip: string }) => platform.ip,
  });
  expectTypeOf(byPlatform).parameters.toEqualTypeOf<[request: Request, platform: { readonly ip: string }]>();
  const told = { request: new Request("https://app.example/"), platform: { ip: "203.0.113.9" } };
  const calls = (): readonly unknown[] => [
    byPlatform.authenticate(told),
    byPlatform.identify(told),
    byPlatform.client(told),
    byPreset.authenticate(told.request),
    byPreset.identify({ method: "GET", headers: {} }),
    // @ts-expect-error: the function needs its platform
    byPlatform.authenticate(told.request),
    // @ts-expect-error: likewise
    byPlatform.identify({ method: "GET", headers: {} }),
    // @ts-expect-error: another platform
    byPlatform.client({ ...told, platform: { peer: "203.0.113.9" } }),
    // @ts-expect-error: a server tells its peer by the socket
    byPeer.authenticate(told),
  ];
  expect(calls).toHaveLength(0);
});
