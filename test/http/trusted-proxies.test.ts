import fc from "fast-check";
import { isAuthError } from "sallyport";
import { createHandler, type ProxyOptions, toNodeHandler } from "sallyport/http";
import { describe, expect, test } from "vitest";
import { normalizeAddress } from "../../src/domain/client-address.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { makeAuth, times } from "../support/harness.ts";
import { listenOn } from "../support/three-servers.ts";

const { auth } = makeAuth();

function refusal(options: object): string {
  try {
    createHandler(auth, options as ProxyOptions);
  } catch (error) {
    if (isAuthError(error) && error.code === "invalid_configuration") return error.message;
    throw error;
  }
  return "it starts";
}

/** Half of the numbers of so many bits. */
function halvesOf(bits: number, make: (at: number) => string): readonly string[] {
  return times(2 ** (bits - 1), make);
}

function clientOf(options: ProxyOptions, remoteAddress: string, forwardedFor?: string): string | undefined {
  const headers = forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor };
  return createHandler(auth, options).clientAddress({ socket: { remoteAddress }, headers });
}

describe("what does not start", () => {
  test.each<[unknown, RegExp]>([
    [[], /trustedProxies is empty: leave it out/],
    ["loopback", /trustedProxies must be a number or a list/],
    [true, /trustedProxies must be a number or a list/],
    [null, /trustedProxies must be a number or a list/],
    [0, /trustedProxies: a number of proxies must be whole, from 1 to 10/],
    [-1, /from 1 to 10/],
    [1.5, /must be whole/],
    [11, /from 1 to 10/],
    [Number.NaN, /must be whole/],
    [Number.POSITIVE_INFINITY, /must be whole/],
    [["0.0.0.0/0"], /trustedProxies\.0: \/0 trusts every address/],
    [["::/0"], /\/0 trusts every address/],
    [["10.0.0.1/8"], /bits beyond its range: write the first address/],
    [["2001:db8::1/32"], /bits beyond its range/],
    [["10.0.0.0/33"], /ends in \/8 to \/32/],
    [["2001:db8::/129"], /ends in \/7 to \/128/],
    [["::ffff:10.0.0.0/104"], /write it as IPv4/],
    [["::ffff:10.0.0.0/8"], /write it as IPv4/],
    [["10.0.0.0/"], /ends in \/8 to \/32/],
    [["10.0.0.0/08"], /ends in \/8 to \/32/],
    [["10.0.0.0/-8"], /ends in \/8 to \/32/],
    [["0.0.0.0/1", "128.0.0.0/1"], /trustedProxies\.0: this range is too wide/],
    [["loopback", "128.0.0.0/1"], /trustedProxies\.1: this range is too wide/],
    [["8.0.0.0/7"], /trustedProxies\.0: this range is too wide: clients have such addresses/],
    [["2000::/3"], /trustedProxies\.0: this range is too wide/],
    [["::/1", "8000::/1"], /trustedProxies\.0: this range is too wide/],
    [["2600::/12"], /trustedProxies\.0: this range is too wide/],
    [["2600::/15"], /trustedProxies\.0: this range is too wide/],
    [halvesOf(8, (at) => `${at}.0.0.0/8`), /trustedProxies: together these ranges are too wide/],
    [halvesOf(8, (at) => `${at}.0.0.0/9`), /trustedProxies: together these ranges are too wide/],
    [
      [
        ...halvesOf(9, (at) => `8.${at % 256}.0.0/16`),
        "9.0.0.0/8",
        ...halvesOf(5, (at) => `${at + 16}.0.0.0/8`),
      ],
      /together/,
    ],
    [times(33, (at) => `${(0x2600 + at).toString(16)}::/16`), /together these ranges are too wide/],
    [["0.0.0.0"], /trustedProxies\.0: no proxy has this address/],
    [["::"], /no proxy has this address/],
    [["::ffff:0.0.0.0"], /no proxy has this address/],
    [["255.255.255.255"], /no proxy has this address/],
    [["224.0.0.1"], /no proxy has this address/],
    [["ff02::1"], /no proxy has this address/],
    [["10.0.0.0/8/8"], /must be an address, a range such as/],
    [["10.0.0"], /must be an address/],
    [["10.0.0.256"], /must be an address/],
    [["010.0.0.1"], /must be an address/],
    [["fe80::1%eth0"], /must be an address/],
    [["[::1]"], /must be an address/],
    [["10.0.0.1:80"], /must be an address/],
    [[" 10.0.0.1"], /must be an address/],
    [[""], /must be an address/],
    [["uniquelocal"], /must be an address/],
    [["Loopback"], /must be an address/],
    [["proxy.example"], /must be an address/],
    [["*"], /must be an address/],
    [[10], /trustedProxies\.0: must be an address/],
    [[null], /must be an address/],
    [[["10.0.0.1"]], /must be an address/],
    [["10.0.0.1", "nonsense"], /trustedProxies\.1: must be an address/],
    [["10.0.0.1", "10.0.0.1"], /trustedProxies\.1: this entry is there twice/],
    [["10.0.0.1", "10.0.0.1/32"], /there twice/],
    [["2001:db8::1", "2001:DB8:0::1"], /there twice/],
    [["10.0.0.1", "::ffff:10.0.0.1"], /there twice/],
    [["unix", "loopback", "unix"], /trustedProxies\.2: this entry is there twice/],
  ])("trustedProxies: %j", (trustedProxies, message) => {
    expect(refusal({ trustedProxies })).toMatch(message);
    expect(refusal({ trustedProxies })).toMatch(/^createHandler: trustedProxies/);
  });

  test.each<[object, RegExp]>([
    [{ forwardedHeader: "x-forwarded-for" }, /^createHandler: forwardedHeader needs trustedProxies/],
    [{ forwardedHeader: "forwarded" }, /needs trustedProxies/],
    [{ trustedProxies: 1, forwardedHeader: "x-real-ip" }, /^createHandler: forwardedHeader must be/],
    [{ trustedProxies: 1, forwardedHeader: "X-Forwarded-For" }, /forwardedHeader must be/],
    [{ trustedProxies: 1, forwardedHeader: ["forwarded", "x-forwarded-for"] }, /forwardedHeader must be/],
    [{ trustedProxies: 1, forwardedHeader: null }, /forwardedHeader must be/],
    [{ forwardedHeader: "cf-connecting-ip" }, /forwardedHeader must be/],
    [{ trustedProxys: ["10.0.0.1"] }, /^createHandler: trustedProxys: no such option; .*trustedProxies/],
    [{ trustProxy: true }, /^createHandler: trustProxy: no such option/],
  ])("%j", (options, message) => {
    expect(refusal(options)).toMatch(message);
  });

  test("what is left out, or undefined, starts, and so does each form there is", () => {
    expect(refusal({})).toBe("it starts");
    expect(refusal({ trustedProxies: undefined, forwardedHeader: undefined })).toBe("it starts");
    expect(refusal({ trustedProxies: 10, forwardedHeader: "forwarded" })).toBe("it starts");
    const trustedProxies = [
      "loopback",
      "unix",
      "10.0.0.0/8",
      "192.0.2.1",
      "2001:db8::/32",
      "::1",
      "fc00::/7",
    ];
    expect(refusal({ trustedProxies })).toBe("it starts");
    // All private ranges, with the blocks of a large provider, and ranges that are named twice.
    const wide = [
      "10.0.0.0/8",
      "127.0.0.0/8",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "100.64.0.0/10",
      "fe80::/10",
    ];
    const provider = [
      ...times(4, (at) => `${3 + at}.0.0.0/8`),
      ...times(32, (at) => `${(0x2600 + at).toString(16)}::/16`),
    ];
    const inside = times(200, (at) => `10.${at}.0.0/16`);
    expect(refusal({ trustedProxies: ["loopback", ...wide, ...provider, ...inside] })).toBe("it starts");
  });
});

describe("which peers are trusted", () => {
  const bits = (ip: string): string =>
    ip.includes(":")
      ? ip
          .split(":")
          .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, "0"))
          .join("")
      : ip
          .split(".")
          .map((byte) => Number(byte).toString(2).padStart(8, "0"))
          .join("");
  const v4 = fc.tuple(...times(4, () => fc.nat(255))).map((bytes) => bytes.join("."));
  const v6 = fc
    .tuple(...times(8, () => fc.nat(0xffff)))
    .filter(([first]) => first !== 0) // no IPv4-mapped ones
    .map((groups) => groups.map((group) => group.toString(16)).join(":"));

  function firstOf(ip: string, prefix: number): string {
    const cleared = bits(ip).slice(0, prefix).padEnd(bits(ip).length, "0");
    const width = ip.includes(":") ? 16 : 8;
    const parts = cleared.match(new RegExp(`.{${width}}`, "g")) as string[];
    const base = width === 16 ? 16 : 10;
    return parts.map((part) => Number.parseInt(part, 2).toString(base)).join(width === 16 ? ":" : ".");
  }

  test.each([
    ["IPv4", v4, 32],
    ["IPv6", v6, 128],
  ])("a range of %s holds the addresses that share its bits, and no other", (_name, address, length) => {
    fc.assert(
      fc.property(
        address,
        fc.integer({ min: length === 32 ? 8 : 16, max: length }),
        fc.nat(length - 1),
        (ip, prefix, flipped) => {
          const options = { trustedProxies: [`${firstOf(ip, prefix)}/${prefix}`] };
          expect(clientOf(options, ip, "203.0.113.1")).toBe("203.0.113.1");
          const other = firstOf(ip, flipped) === firstOf(ip, flipped + 1) ? "1" : "0";
          const flippedBits = bits(ip).slice(0, flipped) + other + bits(ip).slice(flipped + 1);
          const neighbour = textOf(flippedBits);
          const trusted = flipped >= prefix;
          expect(clientOf(options, neighbour, "203.0.113.1")).toBe(
            trusted ? "203.0.113.1" : normalizeAddress(neighbour),
          );
        },
      ),
      { numRuns: fuzzRuns(200) },
    );
  });

  function textOf(all: string): string {
    const width = all.length === 128 ? 16 : 8;
    const parts = all.match(new RegExp(`.{${width}}`, "g")) as string[];
    const base = width === 16 ? 16 : 10;
    return parts.map((part) => Number.parseInt(part, 2).toString(base)).join(width === 16 ? ":" : ".");
  }

  test.each([
    ["127.0.0.1", true],
    ["127.255.255.255", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["::ffff:7f00:1", true],
    ["128.0.0.1", false],
    ["::2", false],
    ["::127.0.0.1", false],
    ["10.0.0.1", false],
  ])("loopback and %s: %j", (peer, trusted) => {
    const expected = trusted ? "203.0.113.1" : normalizeAddress(peer);
    expect(clientOf({ trustedProxies: ["loopback"] }, peer, "203.0.113.1")).toBe(expected);
  });

  test("a single address is that address alone, in any spelling", () => {
    const options = { trustedProxies: ["2001:DB8::A"] };
    expect(clientOf(options, "2001:db8:0:0::a", "203.0.113.1")).toBe("203.0.113.1");
    expect(clientOf(options, "2001:db8::b", "203.0.113.1")).toBe("2001:db8::b");
  });

  test("a range of IPv6 that begins with zeros holds no address of IPv4", () => {
    for (const range of ["::/8", "0::/80", "::/96"]) {
      const options = { trustedProxies: [range] };
      for (const peer of ["8.8.8.8", "::ffff:8.8.8.8"])
        expect(clientOf(options, peer, "203.0.113.1")).toBe("8.8.8.8");
      expect(clientOf(options, "::7", "203.0.113.1")).toBe("203.0.113.1");
    }
  });
});

describe("what an entry of the header may be", () => {
  const CLIENT = "203.0.113.1";
  const PROXY = "10.0.0.1";
  const through = (
    forwarded: string | readonly string[],
    options: object = { trustedProxies: ["10.0.0.0/8"] },
  ) => {
    const name = "forwardedHeader" in options ? "forwarded" : "x-forwarded-for";
    return createHandler(auth, options).clientAddress({
      socket: { remoteAddress: PROXY },
      headers: { [name]: forwarded },
    });
  };
  const NONE = [
    ...[
      "::",
      "0.0.0.0",
      "0.1.2.3",
      "::ffff:0.0.0.0",
      "::ffff:0:0",
      "[::]",
      "[::]:443",
      "0.0.0.0:80",
      "::%eth0",
    ],
    ...[
      "0:0:0:0:0:0:0:0",
      "255.255.255.255",
      "224.0.0.1",
      "239.1.2.3:80",
      "ff02::1",
      "[ff0e::2]:1",
      "::ffff:e000:1",
    ],
  ];

  test.each(NONE)("%s is no client's address: the reading ends there", (entry) => {
    for (const trusted of [["10.0.0.0/8"], 1, 2])
      expect(through(`${CLIENT}, ${entry}`, { trustedProxies: trusted })).toBe(PROXY);
    expect(through(`${entry}, ${CLIENT}`)).toBe(CLIENT);
    const forwarded = { trustedProxies: ["10.0.0.0/8"], forwardedHeader: "forwarded" };
    const quoted = entry.includes(":") && !entry.includes("[") && !entry.includes(".") ? `[${entry}]` : entry;
    expect(through(`for=${CLIENT}, for="${quoted}"`, forwarded)).toBe(PROXY);
  });

  // RFC 9110, section 5.6.1.2: a recipient ignores empty elements of a list.
  test.each([
    `${CLIENT},`,
    `${CLIENT}, `,
    `${CLIENT},,`,
    `${CLIENT} ,\t, ,`,
    `,${CLIENT}`,
    `192.0.2.66,,${CLIENT},`,
    `${CLIENT}${",".repeat(200)}`,
    `${CLIENT},${" ".repeat(600)}`,
  ])("an empty entry is none: %j", (header) => {
    for (const trusted of [["10.0.0.0/8"], 1])
      expect(through(header, { trustedProxies: trusted })).toBe(CLIENT);
    const forwarded = { trustedProxies: 1, forwardedHeader: "forwarded" };
    expect(
      through(
        header.replaceAll(/\d[\d.]+/g, (ip) => `for=${ip}`),
        forwarded,
      ),
    ).toBe(CLIENT);
  });

  test("an empty line is none, and a header of nothing but commas is like a missing one", () => {
    expect(through([CLIENT, ""])).toBe(CLIENT);
    expect(through(["192.0.2.66", `${CLIENT},`, " "])).toBe(CLIENT);
    for (const empty of ["", ",", " , ,", ",".repeat(10_000)]) expect(through(empty)).toBe(PROXY);
  });

  test("an entry that is not an address still ends the reading", () => {
    for (const entry of ["unknown", "_hidden", "unix:", "client.example", "1.2.3", ".", ";"])
      expect(through(`${CLIENT}, ${entry}`)).toBe(PROXY);
  });

  test("addresses at the edges of those are clients'", () => {
    for (const ip of ["1.0.0.0", "223.255.255.255", "240.0.0.1", "255.255.255.254", "::1", "::2", "feff::1"])
      expect(through(ip)).toBe(ip);
  });
});

describe("the address that the application is told", () => {
  test("is in one spelling, and without trust the socket's alone", () => {
    expect(clientOf({}, "::ffff:192.0.2.1", "203.0.113.1")).toBe("192.0.2.1");
    expect(clientOf({}, "fe80::1%eth0")).toBe("fe80::1");
    expect(clientOf({ trustedProxies: 1 }, "10.0.0.1", "203.0.113.1")).toBe("203.0.113.1");
  });

  test("is the one that limits and events of the handler's own routes see", async () => {
    const { auth: own, sink } = makeAuth();
    const handler = createHandler(own, { trustedProxies: ["loopback"] });
    const told: unknown[] = [];
    const serve = toNodeHandler(handler);
    const server = await listenOn((request, response) => {
      told.push(handler.clientAddress(request));
      serve(request, response);
    });
    const headers = { "x-forwarded-for": ["192.0.2.1", "[2001:DB8::9]:443"] };
    await server.send({ path: "/auth/login", headers, body: { email: "a@example.com", password: "x" } });
    await server.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect([told, sink.events.map((event) => event.ip)]).toEqual([["2001:db8::9"], ["2001:db8::9"]]);
  });

  test("is resolved for a Request and for plain values as well", async () => {
    const { auth: own, sink } = makeAuth();
    const handler = createHandler(own, { trustedProxies: ["unix", "10.0.0.1"] });
    const body = JSON.stringify({ email: "a@example.com", password: "x" });
    const headers = { "content-type": "application/json", "x-forwarded-for": "192.0.2.1, 203.0.113.1" };
    const request = () => new Request("http://localhost/auth/login", { method: "POST", headers, body });
    await handler(request(), { ip: "10.0.0.1" });
    await handler(request(), { ip: "10.0.0.2" });
    await handler(request(), { ip: null });
    await handler.dispatch({
      method: "POST",
      target: "/auth/login",
      headers,
      body: { kind: "bytes", bytes: new TextEncoder().encode(body) },
      client: { ip: "unix", requestId: "r1" },
    });
    await new Promise((resolve) => setImmediate(resolve));
    const seen = sink.events.map((event) => event.ip);
    expect(seen).toEqual(["203.0.113.1", "10.0.0.2", null, "203.0.113.1"]);
  });

  test("what is no address is refused, never counted for all under one key", async () => {
    const handler = createHandler(auth, { trustedProxies: 1 });
    const request = new Request("http://localhost/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": "203.0.113.1" },
      body: JSON.stringify({ email: "a@example.com", password: "x" }),
    });
    const response = await handler(request, { ip: "localhost" });
    expect([response.status, (await response.json()).errors[0].code]).toEqual([422, "invalid_address"]);
  });
});
