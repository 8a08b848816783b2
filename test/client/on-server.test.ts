// A module that makes a client may be evaluated on a server too, where there is no page. This process is such a server.
import { type AuthClient, type AuthClientOptions, createAuthClient } from "sallyport/client";
import { afterEach, expect, test, vi } from "vitest";
import { CREDENTIALS } from "./support.ts";

afterEach(() => void vi.unstubAllGlobals());

const NO_PAGE = new TypeError("createAuthClient: without a page, basePath must be a URL");

const CALLS: Readonly<Record<string, (client: AuthClient) => Promise<unknown>>> = {
  signup: (client) => client.signup(CREDENTIALS),
  login: (client) => client.login(CREDENTIALS),
  logout: (client) => client.logout(),
  refresh: (client) => client.refresh(),
  reauthenticate: (client) => client.reauthenticate({ password: "x" }),
  "password.change": (client) => client.password.change({ currentPassword: "x", newPassword: "y" }),
  me: (client) => client.me(),
  "sessions.list": (client) => client.sessions.list(),
  "sessions.revoke": (client) => client.sessions.revoke("one"),
  "sessions.revokeOthers": (client) => client.sessions.revokeOthers(),
  "events.list": (client) => client.events.list(),
  fetch: (client) => client.fetch("/api/notes"),
};

test("the list of calls is that of the client", () => {
  const nested = Object.entries(createAuthClient()).flatMap(([name, value]) =>
    typeof value === "object" ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name],
  );
  const sync = ["state", "snapshot", "subscribe", "close"];
  expect(nested.filter((name) => !sync.includes(name)).sort()).toEqual(Object.keys(CALLS).sort());
});

test.each(["bearer", "cookie"] as const)(
  "made without a page it reads nothing and needs no URL, and each call names what is missing, in %s mode",
  async (transport) => {
    const touched: string[] = [];
    const touch = (): null => {
      touched.push("storage");
      return null;
    };
    const storage = { getItem: touch, setItem: touch, removeItem: touch };
    const never: NonNullable<AuthClientOptions["fetch"]> = async () => {
      touched.push("fetch");
      return new Response();
    };
    const onChange = () => touched.push("onChange");
    const clients = [
      createAuthClient({ transport, storage, onChange, fetch: never }),
      createAuthClient({ transport, onChange, fetch: never, locks: null }),
    ];
    createAuthClient({ basePath: "https://app.example/auth", transport, storage, onChange, fetch: never });
    expect(touched).toEqual([]);
    for (const client of clients)
      for (const [name, call] of Object.entries(CALLS)) {
        const failure = await call(client).catch((error: unknown) => error);
        expect([name, failure]).toEqual([name, NO_PAGE]);
      }
    expect(touched).toEqual([]);
    for (const client of clients) {
      const state = transport === "cookie" ? "unknown" : "signed_out";
      expect([client.state(), client.snapshot()]).toEqual([state, { state, user: null }]);
    }
  },
);

test("a server's own localStorage, which all its users would share, is not used", async () => {
  const read = vi.fn();
  vi.stubGlobal("localStorage", { getItem: read, setItem: read, removeItem: read });
  const client = createAuthClient({
    ...{ basePath: "https://app.example/auth", transport: "cookie" },
    fetch: async () => Response.json({ user: null, session: null, renewable: false }),
  });
  await client.me().catch(() => {});
  expect([client.state(), read.mock.calls]).toEqual(["signed_out", []]);
});

test("with a URL it is a client there too", async () => {
  const urls: string[] = [];
  const client = createAuthClient({
    basePath: "https://app.example/auth/",
    fetch: async ({ url }) => {
      urls.push(url);
      return Response.json({ sessions: [] });
    },
  });
  await client.sessions.list();
  expect(urls).toEqual(["https://app.example/auth/sessions"]);
});
