import assert from "node:assert/strict";
import { expectEmpty, expectProblem } from "./expect.ts";
import { BEARER, concrete } from "./routes.ts";
import type { HttpPromises, Sent } from "./subject.ts";

/** A correct request, without its token, for each route that needs a session. */
const REQUESTS: readonly (readonly [path: string, sent: Sent])[] = BEARER.map(({ method, path, body }) => [
  concrete(path),
  {
    method,
    ...(body && { body: JSON.stringify(body) }),
    headers: body ? { "content-type": "application/json" } : {},
  },
]);

/** Where tokens stand, and what they may look like. */
export const tokenPromises: HttpPromises = {
  "no route that needs a session answers without one": async ({ send }) => {
    for (const [path, sent] of REQUESTS) expectProblem(await send(path, sent), "token_missing");
  },
  "a token is read in its header and nowhere else": async ({ send, signUp }) => {
    const { accessToken } = await signUp();
    const elsewhere = {
      cookie: `__Host-sp-access=${accessToken}; sp-access=${accessToken}; access_token=${accessToken}`,
      "x-access-token": accessToken,
      "proxy-authorization": `Bearer ${accessToken}`,
    };
    for (const [path, sent] of REQUESTS) {
      const headers = { ...sent.headers, ...elsewhere };
      const answer = await send(`${path}?access_token=${accessToken}&token=${accessToken}`, {
        ...sent,
        headers,
      });
      expectProblem(answer, "token_missing");
    }
    assert.equal((await send("/me", { token: accessToken })).status, 200);
  },
  "two Authorization headers are one too many, the same one twice included": async ({ send, signUp }) => {
    const { accessToken } = await signUp();
    const good = `Bearer ${accessToken}`;
    for (const authorization of [
      [good, "Bearer other"],
      ["Bearer other", good],
      [good, good],
    ])
      for (const [path, sent] of REQUESTS)
        expectProblem(
          await send(path, { ...sent, headers: { ...sent.headers, authorization } }),
          "invalid_token",
        );
    const twice = { method: "POST", headers: { authorization: [good, good] } };
    expectProblem(await send("/logout", twice), "invalid_token");
    assert.equal((await send("/me", { token: accessToken })).status, 200);
  },
  "hostile tokens are refused, never a fault": async ({ send, signUp }) => {
    const { accessToken, refreshToken, deviceToken } = await signUp();
    const [header = "", payload = "", signature = ""] = accessToken.split(".");
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const authorization of ["", `Basic ${accessToken}`, "Digest a=b"])
      expectProblem(await send("/me", { headers: { authorization } }), "token_missing");
    const hostile = [
      "Bearer",
      "Bearer ",
      "Bearer %",
      "Bearer \u00e9",
      `Bearer  ${accessToken}`,
      `Bearer\t${accessToken}`,
      `Bearer ${accessToken}=`,
      `Bearer ${accessToken}.`,
      `Bearer ${accessToken}, Bearer ${accessToken}`,
      `Bearer ${payload}.${header}.${signature}`,
      `Bearer ${header}.${payload}.`,
      `Bearer ${header}.${payload}.${signature.slice(0, -2)}`,
      `Bearer ${encode({ alg: "none" })}.${payload}.`,
      `Bearer ${encode({ alg: "none", typ: "at+jwt" })}.${payload}.${signature}`,
      `Bearer ${encode({ alg: "HS256", typ: "JWT" })}.${payload}.${signature}`,
      `Bearer ${refreshToken}`,
      `Bearer ${deviceToken}`,
      `Bearer ${"a".repeat(7000)}`,
      accessToken,
    ];
    for (const authorization of hostile)
      expectProblem(await send("/me", { headers: { authorization } }), "invalid_token");
  },
  "the scheme may be in any case": async ({ send, signUp }) => {
    const { accessToken } = await signUp();
    for (const scheme of ["bearer", "BEARER", "Bearer"])
      assert.equal(
        (await send("/me", { headers: { authorization: `${scheme} ${accessToken}` } })).status,
        200,
      );
  },
  "a token does one thing: an access token does not refresh, and a device token does not sign out": async ({
    post,
    send,
    signUp,
  }) => {
    const { accessToken, refreshToken, deviceToken } = await signUp();
    for (const wrong of [
      accessToken,
      deviceToken,
      `${refreshToken}=`,
      `${refreshToken}.`,
      ` ${refreshToken}`,
    ]) {
      const answer = await post("/refresh", { refreshToken: wrong });
      assert.deepEqual([answer.status, JSON.parse(answer.body).code], [401, "invalid_token"]);
    }
    expectProblem(await send("/logout", { method: "POST", token: deviceToken }), "invalid_token");
    expectProblem(await post("/logout", { refreshToken: deviceToken }), "invalid_token");
    assert.equal((await send("/me", { token: accessToken })).status, 200);
    expectEmpty(await send("/logout", { method: "POST", token: refreshToken }), 204);
  },
  "a header beside the token decides nothing: not the host, not a method, not an address": async ({
    send,
    signUp,
  }) => {
    const { accessToken: token } = await signUp();
    const headers = {
      host: "evil.example",
      origin: "https://evil.example",
      "x-forwarded-for": "198.51.100.7",
      "x-forwarded-host": "evil.example",
      "x-http-method-override": "DELETE",
      "x-original-url": "/other",
    };
    const answer = await send("/sessions", { token, headers });
    assert.equal(answer.status, 200);
    assert.equal(JSON.parse(answer.body).sessions.length, 1);
  },
};
