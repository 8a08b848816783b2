// Whatever a client writes stands left of what the trusted proxy appends, and moves nothing.
import { isIP } from "node:net";
import fc from "fast-check";
import { createHandler, type ProxyOptions } from "sallyport/http";
import { expect, test } from "vitest";
import { normalizeAddress } from "../../../src/domain/client-address.ts";
import { isOfOneHost } from "../../../src/http/client-address/one-host.ts";
import { fuzzRuns } from "../../support/fuzz.ts";
import { makeAuth, times } from "../../support/harness.ts";

const PROXY = "10.0.0.1";
const { auth } = makeAuth();

function resolver(options: ProxyOptions) {
  const handler = createHandler(auth, options);
  return (headersDistinct: Record<string, string[]>, remoteAddress: string = PROXY) =>
    handler.clientAddress({ socket: { remoteAddress }, headers: joined(headersDistinct), headersDistinct });
}

/** As Node joins the lines. */
function joined(lines: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(lines).map(([name, values]) => [name, values.join(", ")]));
}

const clientAddress = fc
  .oneof(fc.ipV4(), fc.ipV6())
  .filter((ip) => isIP(ip) !== 0 && !isTrusted(ip) && isOfOneHost(normalizeAddress(ip) ?? ""));
const isTrusted = (ip: string): boolean => normalizeAddress(ip)?.startsWith("10.") === true;

/** What a client may write: anything, and above all what means something in these headers. */
const forged = fc.array(
  fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(",", '"', "\\", ";", "=", " ", "\t", "[", "]", "for", PROXY, "f") }),
    fc.constantFrom(PROXY, "10.0.0.2", "for=10.0.0.1", 'for="10.0.0.1', "unknown", "_x", "", ",", '"'),
    fc.ipV4(),
  ),
  { maxLength: 6 },
);

/** As a proxy may append: to the last line, or as a line of its own. */
function append(lines: readonly string[], element: string, ownLine: boolean): string[] {
  if (ownLine || lines.length === 0) return [...lines, element];
  return [...lines.slice(0, -1), `${lines.at(-1)}, ${element}`];
}

test.each<[string, ProxyOptions]>([
  ["a list", { trustedProxies: ["10.0.0.0/8"] }],
  ["one hop", { trustedProxies: 1 }],
])("with %s, X-Forwarded-For names whom the proxy appended, whatever stands before", (_name, options) => {
  const tell = resolver(options);
  fc.assert(
    fc.property(forged, clientAddress, fc.boolean(), (lines, client, ownLine) => {
      expect(tell({ "x-forwarded-for": append(lines, client, ownLine) })).toBe(normalizeAddress(client));
    }),
    { numRuns: fuzzRuns(500) },
  );
});

test("two proxies, each of which appends whom it saw: the first one's word is the client", () => {
  const byList = resolver({ trustedProxies: ["10.0.0.0/8"] });
  const byCount = resolver({ trustedProxies: 2 });
  fc.assert(
    fc.property(forged, clientAddress, fc.boolean(), (lines, client, ownLine) => {
      const headers = { "x-forwarded-for": append(append(lines, client, ownLine), "10.0.0.2", !ownLine) };
      expect([byList(headers), byCount(headers)]).toEqual(times(2, () => normalizeAddress(client)));
    }),
    { numRuns: fuzzRuns(300) },
  );
});

test("Forwarded names whom the proxy appended, whatever stands before", () => {
  const tell = resolver({ trustedProxies: ["10.0.0.0/8"], forwardedHeader: "forwarded" });
  fc.assert(
    fc.property(forged, clientAddress, fc.boolean(), (lines, client, ownLine) => {
      const node = client.includes(":") ? `"[${client}]:443"` : client;
      const headers = { forwarded: append(lines, `proto=https;for=${node};by="_p"`, ownLine) };
      expect(tell(headers)).toBe(normalizeAddress(client));
    }),
    { numRuns: fuzzRuns(500) },
  );
});

test("nothing in a header makes the answer anything but an address, or throws", () => {
  const handlers = [
    resolver({ trustedProxies: ["10.0.0.0/8", "unix"] }),
    resolver({ trustedProxies: 3 }),
    resolver({ trustedProxies: 3, forwardedHeader: "forwarded" }),
  ];
  fc.assert(
    fc.property(forged, fc.constantFrom(PROXY, "192.0.2.1", "::1"), (lines, peer) => {
      for (const tell of handlers) {
        const ip = tell({ "x-forwarded-for": lines, forwarded: lines }, peer);
        expect(ip).toBe(normalizeAddress(ip as string));
      }
    }),
    { numRuns: fuzzRuns(500) },
  );
});

test("10,000 trusted hops cost as little as 32", () => {
  const tell = resolver({ trustedProxies: ["10.0.0.0/8", "2001:db8::/32"] });
  const headers = {
    "x-forwarded-for": [times(10_000, (i) => `[2001:db8::${i.toString(16)}]:443`).join(", ")],
  };
  // Were each hop read, these would be 50 million: minutes, where the test has seconds.
  for (const _ of times(5_000, (i) => i)) expect(tell(headers)).toBe("2001:db8::26f0");
});
