// The same over HTTP, for every route of the table: one that is added later is held to it as well.
import { createHandler, type HttpBody } from "sallyport/http";
import { describe, expect, test } from "vitest";
import type { z } from "zod/mini";
import { built } from "../../../src/api/schema.ts";
import type { RouteRow } from "../../../src/contract/route.ts";
import { ORIGIN } from "../../support/cookies.ts";
import { PASSWORD, STORES } from "../../support/harness.ts";
import { routes } from "../../support/routes.ts";
import { JOB } from "../../support/session-endings.ts";
import {
  damageOf,
  type Holdings,
  holdEverything,
  KIND_NAMES,
  type Kind,
  takes,
} from "../../support/token-kinds.ts";

/** What a right body has in each field, so that nothing but the token can be wrong. */
const FIELDS: Readonly<Record<string, string>> = {
  email: "eve@example.com",
  password: PASSWORD,
  currentPassword: PASSWORD,
  newPassword: "Another2horse",
};

const ANY_SESSION = "00000000-0000-7000-8000-000000000000";
const bearerRoutes = routes.filter(({ access }) => ["bearer", "optional", "either"].includes(access));
const bodyRoutes = routes.filter(({ input }) => input !== undefined);

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(KIND_NAMES)("%s is a bearer token only where it is an access token", async (kind) => {
    const held = await holdEverything(makeStore());
    for (const route of bearerRoutes.filter((one) => !takes(callOf(one), kind))) {
      const body = route.access === "either" ? null : bodyOf(route, (field) => FIELDS[field]);
      const answer = await send(held, route, { bearer: held.kinds[kind], body });
      expect([route.name, ...answer]).toEqual([route.name, 401, "invalid_token"]);
    }
    expect(await damageOf(held)).toEqual([]);
  });

  test.each(KIND_NAMES)("%s in every field of a body opens nothing and ends nothing", async (kind) => {
    const held = await holdEverything(makeStore());
    for (const route of bodyRoutes.filter((one) => !takesInBody(one, kind))) {
      const body = bodyOf(route, () => held.kinds[kind]);
      const bearer = route.access === "bearer" ? held.signedIn.accessToken : null;
      const [status, code] = await send(held, route, { bearer, body });
      expect([route.name, code, [401, 422].includes(status)]).toEqual([route.name, code, true]);
      if (route.access === "refresh") expect(code).toBe("invalid_token");
    }
    expect(await damageOf(held)).toEqual([]);
  });

  test.each(KIND_NAMES)("%s in a cookie is what it is in a header or body", async (kind) => {
    const held = await holdEverything(makeStore());
    const { dispatch } = createHandler(held.harness.auth, { transport: "cookie", origins: [ORIGIN] });
    const send = async (route: RouteRow, cookie: string): Promise<string> => {
      const headers = { origin: ORIGIN, cookie: `${cookie}=${held.kinds[kind]}` };
      const target = `/auth${route.path.replace("{id}", ANY_SESSION)}`;
      const { body } = await dispatch({
        method: route.method,
        target,
        headers: { ...headers, "content-type": "application/json" },
        body: cookieBodyOf(route),
        client: JOB,
      });
      return JSON.parse(body ?? "{}").code;
    };
    for (const route of bearerRoutes.filter((one) => !takes(callOf(one), kind)))
      expect([route.name, await send(route, "__Host-sp-access")]).toEqual([route.name, "invalid_token"]);
    for (const route of routes.filter((one) => /refresh|either/.test(one.access)))
      if (!takesInBody(route, kind))
        expect([route.name, await send(route, "__Secure-sp-refresh")]).toEqual([route.name, "invalid_token"]);
    expect(await damageOf(held)).toEqual([]);
  });

  test("a refresh token in the header stands for none in the body", async () => {
    const held = await holdEverything(makeStore());
    const bearer = held.signedIn.refreshToken;
    for (const route of bodyRoutes.filter((one) => !bearerRoutes.includes(one))) {
      const bare = await send(held, route, { bearer, body: null });
      expect([route.name, ...bare]).toEqual([route.name, 400, "malformed_request"]);
    }
    const wrong = { refreshToken: held.signedIn.accessToken };
    const [refresh] = bodyRoutes.filter(({ name }) => name === "refresh") as [RouteRow];
    expect(await send(held, refresh, { bearer, body: wrong })).toEqual([401, "invalid_token"]);
    expect(await damageOf(held)).toEqual([]);
  });

  test("what is no text is no refresh token in a body", async () => {
    const held = await holdEverything(makeStore());
    const { refreshToken } = held.signedIn;
    const wrong: unknown[] = [
      null,
      1,
      true,
      [],
      {},
      [refreshToken],
      { refreshToken },
      { toString: refreshToken },
    ];
    for (const route of routes.filter((one) => "refreshToken" in fieldsOf(one))) {
      for (const value of wrong) {
        const answer = await send(held, route, { bearer: null, body: { refreshToken: value } });
        expect([route.name, value, ...answer]).toEqual([route.name, value, 422, "invalid_input"]);
      }
      if (route.access === "public") continue; // there it is optional, and an unknown one is ignored
      const blank = await send(held, route, { bearer: null, body: { refreshToken: "" } });
      expect([route.name, ...blank]).toEqual([route.name, 401, "invalid_token"]);
    }
    expect(await damageOf(held)).toEqual([]);
  });

  test("a header that is not exactly one bearer token is refused", async () => {
    const held = await holdEverything(makeStore());
    const { accessToken: token } = held.signedIn;
    const { dispatch } = createHandler(held.harness.auth);
    const headers = [
      "",
      token,
      "Bearer",
      "Bearer ",
      `Bearer  ${token}`,
      `Bearer\t${token}`,
      `Bearer ${token} `,
      `Bearer ${token}\n`,
      `Bearer ${token}, Bearer ${token}`,
      `Bearer "${token}"`,
      `Bearer=${token}`,
      `Basic ${token}`,
      `Token ${token}`,
      `Bearer %${token}`,
      [`Bearer ${token}`, `Bearer ${token}`],
    ];
    for (const route of bearerRoutes) {
      for (const authorization of headers) {
        const target = `/auth${route.path.replace("{id}", ANY_SESSION)}`;
        const { method } = route;
        const request = { method, target, body: { kind: "none" }, client: JOB } as const;
        const { status } = await dispatch({ ...request, headers: { authorization } });
        expect([route.name, authorization, status]).toEqual([route.name, authorization, 401]);
      }
    }
    expect(await damageOf(held)).toEqual([]);
  });
});

function cookieBodyOf(route: RouteRow): HttpBody {
  if (route.input === undefined || route.access !== "bearer") return { kind: "none" };
  return { kind: "parsed", value: bodyOf(route, (field) => FIELDS[field]) };
}

/** The call that a route with a bearer token stands for. */
function callOf({ name }: RouteRow): string {
  return name === "logout" ? "logout" : "getUser";
}

function takesInBody({ name }: RouteRow, kind: Kind): boolean {
  return ["refresh", "logout"].includes(name) && takes(name, kind);
}

function fieldsOf({ input }: RouteRow): object {
  return input === undefined ? {} : (built(input) as z.ZodMiniObject).shape;
}

function bodyOf(route: RouteRow, fill: (field: string) => string | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.keys(fieldsOf(route)).map((field) => {
      const value = fill(field);
      if (value === undefined) throw new TypeError(`Say in FIELDS what a right ${field} is`);
      return [field, value];
    }),
  );
}

interface Sent {
  readonly bearer: string | null;
  readonly body: object | null;
}

async function send(
  { harness }: Holdings,
  { method, path }: RouteRow,
  { bearer, body }: Sent,
): Promise<[status: number, code: string]> {
  const { dispatch } = createHandler(harness.auth);
  const headers = {
    ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
    ...(body !== null && { "content-type": "application/json" }),
  };
  const response = await dispatch({
    method,
    target: `/auth${path.replace("{id}", ANY_SESSION)}`,
    headers,
    body: body === null ? { kind: "none" } : { kind: "bytes", bytes: Buffer.from(JSON.stringify(body)) },
    client: JOB,
  });
  return [response.status, response.body === null ? "" : JSON.parse(response.body).code];
}
