// What stands behind `jwksUrl` is somebody else's machine: all that it may do to a verifier.
import type { RequestListener } from "node:http";
import { createVerifier, type Duration } from "sallyport/verifier";
import { afterEach, describe, expect, test, vi } from "vitest";
import { codeOf } from "../support/harness.ts";
import { listen } from "../support/http.ts";
import { HOSTILE_SETS, KEY, PUBLISHED_SECRETS } from "./hostile-sets.ts";
import { errorOf, fakeEndpoint, jwksOf, makeKey, PARTIES, remoteOptions, tokenOf } from "./support.ts";

const token = tokenOf(KEY, { payload: { iat: 1, auth_time: 1, exp: 4_000_000_000 } });
const good = JSON.stringify(jwksOf(KEY));
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  vi.unstubAllGlobals();
  for (const server of open.splice(0)) await server.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = await listen(listener);
  open.push(server);
  return `http://127.0.0.1:${server.port}/auth/jwks.json`;
}

/** By default the longest timeout there is: an answer is refused for what it is, however late it comes. */
async function causeOf(listener: RequestListener, timeout: Duration = "1m"): Promise<string> {
  const verifier = createVerifier({ jwksUrl: await serve(listener), ...PARTIES, timeout });
  const error = await errorOf(verifier.verify(token));
  expect(error.code).toBe("unavailable");
  const told = `${error.message} ${error.cause}`;
  for (const secret of [token, ...PUBLISHED_SECRETS]) expect(told).not.toContain(secret);
  return String(error.cause);
}

test("keys come over HTTP by the platform's fetch, which is looked up at each call", async () => {
  const asked: unknown[] = [];
  const jwksUrl = await serve(({ method, url, headers }, response) => {
    asked.push([method, url, headers.accept, headers.authorization]);
    response.end(good);
  });
  const verifier = createVerifier({ jwksUrl, ...PARTIES });
  const platform = vi.fn(fetch);
  vi.stubGlobal("fetch", platform);
  expect(await codeOf(verifier.verify(token))).toBe("fulfilled");
  expect(asked).toEqual([
    ["GET", "/auth/jwks.json", "application/json, application/jwk-set+json", undefined],
  ]);
  expect(platform).toHaveBeenCalledTimes(1);
});

describe("refused, with a cause for the operator, is", () => {
  test.each([204, 206, 301, 304, 404, 500, 503])("status %d, whatever the body", async (status) => {
    expect(await causeOf((_request, response) => response.writeHead(status).end(good))).toContain(
      `status ${status}`,
    );
  });

  test.each([301, 302, 303, 307, 308])(
    "a redirect (%d): the other address is never asked",
    async (status) => {
      let asked = 0;
      const other = await serve((_request, response) => {
        asked += 1;
        response.end(good);
      });
      const cause = await causeOf((_request, response) =>
        response.writeHead(status, { location: other }).end(),
      );
      expect([cause, asked]).toEqual([expect.stringContaining(`status ${status}`), 0]);
    },
  );

  test("a redirect that a fetch of one's own has followed", async () => {
    const response = Object.defineProperty(new Response(good), "redirected", { value: true });
    const endpoint = fakeEndpoint(async () => response);
    const error = await errorOf(createVerifier(remoteOptions(endpoint)).verify(token));
    expect([error.code, String(error.cause)]).toEqual([
      "unavailable",
      expect.stringContaining("was redirected"),
    ]);
  });

  test.each([
    ["", "not JSON"],
    ["<html>hunter2</html>", "not JSON"],
    [good.slice(0, -1), "not JSON"],
    [`${good}${good}`, "not JSON"],
    ["null", "must be a JSON Web Key Set"],
  ])("the body %o", async (body, why) => {
    const cause = await causeOf((_request, response) => response.end(body));
    expect(cause).toContain(why);
    expect(cause).not.toContain("hunter2");
  });

  test("text that is not UTF-8", async () => {
    expect(await causeOf((_request, response) => response.end(Buffer.from([0x7b, 0xff, 0x7d])))).toMatch(
      /\S/,
    );
  });

  test("more than 64 KiB, as soon as it is more: the rest is not read", async () => {
    const padding = (size: number) => `${good.slice(0, -1)},"pad":"${"x".repeat(size - good.length - 9)}"}`;
    const exact = await serve((_request, response) => response.end(padding(65_536)));
    expect(await codeOf(createVerifier({ jwksUrl: exact, ...PARTIES }).verify(token))).toBe("fulfilled");
    expect(await causeOf((_request, response) => response.end(padding(65_537)))).toContain(
      "more than 65536 bytes",
    );

    let pulled = 0;
    const cancelled = Promise.withResolvers<void>();
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array(16_384).fill(0x20));
      },
      cancel: () => cancelled.resolve(),
    });
    const endpoint = fakeEndpoint(async () => new Response(endless));
    const error = await errorOf(createVerifier(remoteOptions(endpoint)).verify(token));
    expect(String(error.cause)).toContain("more than 65536 bytes");
    await cancelled.promise;
    expect(pulled).toBeLessThan(8);
  });

  test("an error page without end: it is not read at all", async () => {
    const cancelled = Promise.withResolvers<void>();
    const endless = new ReadableStream({ cancel: () => cancelled.resolve() });
    const endpoint = fakeEndpoint(async () => new Response(endless, { status: 503 }));
    expect(await codeOf(createVerifier(remoteOptions(endpoint)).verify(token))).toBe("unavailable");
    await cancelled.promise;
  });

  test("one that does not answer, or not to the end, within the timeout", async () => {
    const silent = await causeOf(() => undefined, "100ms");
    const endless = await causeOf((_request, response) => void response.write(good.slice(0, 20)), "100ms");
    expect([silent, endless]).toEqual([expect.stringMatching(/timeout/i), expect.stringMatching(/timeout/i)]);
  });

  test("one that hangs up, and one where nobody listens", async () => {
    expect(await causeOf((request) => request.socket.destroy())).toContain("fetch failed");
    const server = await listen(() => undefined);
    await server.close();
    const verifier = createVerifier({ jwksUrl: `http://127.0.0.1:${server.port}/`, ...PARTIES });
    expect(await codeOf(verifier.verify(token))).toBe("unavailable");
  });

  test.each(Object.entries(HOSTILE_SETS))("a set with: %s", async (_name, [set, why]) => {
    const endpoint = fakeEndpoint(Response.json(set));
    const error = await errorOf(createVerifier(remoteOptions(endpoint)).verify(token));
    expect([error.code, String(error.cause)]).toEqual(["unavailable", expect.stringContaining(why)]);
    for (const secret of PUBLISHED_SECRETS) expect(String(error.cause)).not.toContain(secret);
  });

  test("a point that is on no curve", async () => {
    const { public: jwk } = makeKey("k9", "ES256");
    const endpoint = fakeEndpoint({ keys: [KEY.public, { ...jwk, y: KEY.public.x }] });
    expect(await codeOf(createVerifier(remoteOptions(endpoint)).verify(token))).toBe("unavailable");
  });

  test.each([
    [
      "throws",
      () => {
        throw new TypeError("no network");
      },
    ],
    ["answers nothing", () => undefined],
    ["answers a text", async () => good],
    ["answers without a body", async () => new Response(null)],
  ])("a fetch of one's own that %s", async (_name, fetch) => {
    const options = { jwksUrl: "https://accounts.example/", ...PARTIES, fetch: fetch as never };
    expect(await codeOf(createVerifier(options).verify(token))).toBe("unavailable");
  });
});

test("a good set after a bad one is taken, once the cooldown is over", async () => {
  const endpoint = fakeEndpoint({ keys: [KEY.private] });
  const options = remoteOptions(endpoint);
  const verifier = createVerifier(options);
  expect(await codeOf(verifier.verify(tokenOf(KEY)))).toBe("unavailable");
  endpoint.answer(jwksOf(KEY));
  options.clock.advance("30s");
  expect(await codeOf(verifier.verify(tokenOf(KEY)))).toBe("fulfilled");
});
