// A mistake in the options is named where it stands, or at the first call: no session is lost in silence.
import { type AuthClientOptions, createAuthClient } from "sallyport/client";
import { afterEach, expect, test, vi } from "vitest";
import { CREDENTIALS, fakeStorage } from "./support.ts";

afterEach(() => void vi.unstubAllGlobals());

const basePath = "https://app.example/auth";
const make = (options: object) => () => createAuthClient({ basePath, ...options } as AuthClientOptions);
const mistake = (why: string) => new TypeError(`createAuthClient: ${why}`);

test.each(["basepath", "transports", "onchange", "toString", "__proto__x", "storage "])(
  "the misspelt option %j is named",
  (name) => {
    for (const value of ["cookie", undefined])
      expect(make({ [name]: value })).toThrow(mistake(`unknown option ${name}`));
  },
);

test.each(["cookies", "Bearer", "", null, 1])("transport %j is no mode", (transport) => {
  expect(make({ transport })).toThrow(mistake(`unknown transport ${transport}`));
});

test("each option of the types is known, and may be undefined", () => {
  const all: Required<AuthClientOptions> = {
    ...{ basePath: undefined, transport: undefined, storage: undefined, fetch: undefined },
    ...{ locks: undefined, now: undefined, onChange: undefined, features: undefined },
  };
  expect(() => createAuthClient(all)).not.toThrow();
});

const LATE = mistake("storage is asynchronous: use asyncStorage");

test("a storage that answers with promises is refused, and named", async () => {
  const storage = { getItem: async () => null, setItem: async () => {}, removeItem: async () => {} };
  const sent = vi.fn();
  const client = make({ storage, fetch: sent })();
  const calls = [client.login(CREDENTIALS), client.me(), client.refresh(), client.fetch(basePath)];
  await Promise.all(calls.map((call) => expect(call).rejects.toEqual(LATE)));
  expect(() => client.state()).toThrow(LATE);
  expect(() => client.subscribe(() => {})).toThrow(LATE);
  expect(sent).not.toHaveBeenCalled();
  vi.stubGlobal("location", { href: "https://app.example/page" });
  expect(make({ storage })).toThrow(LATE);
});

test("a storage that only writes with promises is refused at the first write", async () => {
  for (const method of ["setItem", "removeItem"]) {
    const refuse = () => {
      throw new TypeError("full");
    };
    const storage = { ...fakeStorage(), setItem: refuse, [method]: async () => {} };
    const body = { status: "signed_in", session: { id: "one" }, accessToken: "a", refreshToken: "r" };
    const client = make({ storage, fetch: async () => Response.json(body) })();
    await expect(client.login(CREDENTIALS)).rejects.toEqual(LATE);
    await expect(client.me()).rejects.toEqual(LATE);
  }
});
