import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pwnedPasswords } from "sallyport/pwned-passwords";
import { afterEach, expect, test } from "vitest";
import { CLIENT, EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const DIGEST = createHash("sha1").update(PASSWORD).digest("hex").toUpperCase();
const [PREFIX, SUFFIX] = [DIGEST.slice(0, 5), DIGEST.slice(5)];
const OTHERS = ["0".repeat(34), "F".repeat(34)].map((start, index) => `${start}${index}:${index + 3}`);
const PADDING = `${"A".repeat(35)}:0`;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serviceOf(answer: Answer) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close().closeAllConnections());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/` };
}

const answering =
  (...lines: string[]): Answer =>
  (_request, response) =>
    response.end(lines.join("\r\n"));

test("a breached password is refused at signup, and the service learns five characters of its digest", async () => {
  const { asked, url } = await serviceOf(answering(...OTHERS, `${SUFFIX}:7`, PADDING));
  const { auth, errors } = makeAuth({
    password: { isBreached: pwnedPasswords({ url }), hasher: makeAuth().ctx.hasher },
  });
  const signup = auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  await expect(signup).rejects.toMatchObject({
    code: "weak_password",
    errors: [{ path: "password", code: "breached_password" }],
  });
  expect(asked.map(({ method, url: path, headers }) => [method, path, headers["add-padding"]])).toEqual([
    ["GET", `/range/${PREFIX}`, "true"],
  ]);
  expect(JSON.stringify(asked[0]?.rawHeaders)).not.toContain(PASSWORD);
  expect(errors).toEqual([]);
});

test.each([
  ["is not in the range", [...OTHERS, PADDING], 1, false],
  ["is in the range", [...OTHERS, `${SUFFIX}:1`], 1, true],
  ["is in the range, in small letters", [`${SUFFIX.toLowerCase()}:1`], 1, true],
  ["is padding", [...OTHERS, `${SUFFIX}:0`], 1, false],
  ["leaked less often than the threshold", [`${SUFFIX}:9`], 10, false],
  ["leaked as often as the threshold", [`${SUFFIX}:10`], 10, true],
] as const)("a password that %s", async (...[, lines, threshold, breached]) => {
  const { url } = await serviceOf(answering(...lines));
  expect(await pwnedPasswords({ url, threshold })(PASSWORD)).toBe(breached);
});

const FAILURES: Readonly<Record<string, Answer>> = {
  "an error of the server": (_request, response) => response.writeHead(503).end(),
  "a redirect": (_request, response) => response.writeHead(302, { location: "/elsewhere" }).end(),
  "a page": (_request, response) => response.end("<html>Sign in to the network</html>"),
  "an empty answer": (_request, response) => response.end(),
  "an answer without end": (_request, response) => response.write(`${PADDING}\r\n`),
  "no answer": () => {},
  "an endless answer": (_request, response) => {
    const chunk = `${PADDING}\r\n`.repeat(1000);
    const more = (): void => void (response.destroyed || response.write(chunk, more));
    more();
  },
  "a lost connection": (request) => request.socket.destroy(),
};

test.each(Object.entries(FAILURES))(
  "with %s the signup goes on, and the operator is told, but not the password",
  async (_what, answer) => {
    const { url } = await serviceOf(answer);
    const isBreached = pwnedPasswords({ url, timeoutMs: 150 });
    const { auth, errors } = makeAuth({ password: { isBreached, hasher: makeAuth().ctx.hasher } });
    expect((await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT)).status).toBe("signed_in");
    expect(errors).toHaveLength(1);
    expect(String(errors[0])).not.toContain(PASSWORD);
  },
);

test("a fetch that ignores its signal is bounded too", async () => {
  const isBreached = pwnedPasswords({ timeoutMs: 100, fetch: () => new Promise(() => {}) });
  await expect(isBreached(PASSWORD)).rejects.toThrow(/No answer within 100 ms/);
});

test.each([
  ["an unknown option", { timeout: 5 }, /timeout: no such option/],
  ["a list", [], /plain object/],
  ["an address without TLS", { url: "http://mirror.example/range/" }, /url: must be https/],
  ["an address without its slash", { url: "https://mirror.example/range" }, /url: must be https/],
  ["an address with a query", { url: "https://mirror.example/range/?x=" }, /url: must be https/],
  ["a number as the address", { url: 5 }, /url: must be https/],
  ["no time", { timeoutMs: 0 }, /timeoutMs: must be whole, from 100 to 10000/],
  ["a minute", { timeoutMs: 60_000 }, /timeoutMs: must be whole/],
  ["a threshold of nothing", { threshold: 0 }, /threshold: must be whole/],
  ["a fetch that is no function", { fetch: "fetch" }, /fetch: must be a function/],
])("%s does not start", (_what, options, message) => {
  expect(() => pwnedPasswords(options as never)).toThrow(message);
});
