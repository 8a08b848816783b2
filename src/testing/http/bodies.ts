import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { AuthErrorCode } from "../../errors.ts";
import { expectJson, expectProblem } from "./expect.ts";
import { WITH_BODY } from "./routes.ts";
import { EMAIL, limited, PASSWORD, SIGNED_IN, WRONG } from "./shapes.ts";
import type { HttpPromises, Sent, Subject } from "./subject.ts";

const RIGHT = JSON.stringify({ email: EMAIL, password: PASSWORD });
const MAX = 16 * 1024;
const SECRET_INPUT = "hunter2hunter2";

type Refused = readonly [name: string, sent: Sent, code: AuthErrorCode];

/** On every route with a body, the same answer to each of these. */
function onEveryRoute(rows: readonly Refused[]) {
  return async ({ send, signUp, advance }: Subject): Promise<void> => {
    const { accessToken } = await signUp();
    for (const { path, access } of WITH_BODY) {
      const token = access === "bearer" ? accessToken : undefined;
      for (const [, sent, code] of rows) {
        const answer = await send(path, { method: "POST", token, ...sent });
        expectProblem(answer, code);
        assert.ok(!answer.body.includes(SECRET_INPUT), `${path} repeats its input`);
      }
      await advance(60_000);
    }
    assert.equal((await send("/me", { token: accessToken })).status, 200);
  };
}

const typed = (type: string | readonly string[], body: string | Uint8Array = RIGHT): Sent => ({
  headers: { "content-type": type },
  body,
});
const json = (body: string | Uint8Array): Sent => typed("application/json", body);
const malformed = (text: string): Refused => [text, json(text), "malformed_request"];
const unsupported = (type: string | readonly string[], body?: string | Uint8Array): Refused => [
  String(type),
  typed(type, body),
  "unsupported_media_type",
];
const encoded = (encoding: string, body: string | Uint8Array = RIGHT): Refused => [
  encoding,
  { headers: { "content-type": "application/json", "content-encoding": encoding }, body },
  "unsupported_media_type",
];

function sized(bytes: number): string {
  const [start, end] = JSON.stringify({ email: EMAIL, password: "|" }).split("|") as [string, string];
  return start + "x".repeat(bytes - start.length - end.length) + end;
}

const types: HttpPromises = {
  "a body that is not application/json is 415, whatever else its type says": onEveryRoute([
    unsupported("text/plain"),
    unsupported("text/plain; x=application/json"),
    unsupported("text/plain;application/json"),
    unsupported("application/jsonp"),
    unsupported("application/json-patch+json"),
    unsupported("text/json"),
    unsupported("application/x-www-form-urlencoded", "email=a%40example.com&password=x"),
    unsupported("multipart/form-data; boundary=x", "--x--"),
    unsupported("application/json, text/plain"),
    unsupported("garbage"),
  ]),
  "two content types are refused": onEveryRoute([unsupported(["application/json", "text/plain"])]),
  "a body without a type is 415": onEveryRoute([["none", { body: RIGHT }, "unsupported_media_type"]]),
  "a body in another charset is 415": onEveryRoute([
    unsupported("application/json; charset=iso-8859-1"),
    unsupported("application/json; charset=utf-16le", Buffer.from(RIGHT, "utf16le")),
    unsupported('application/json; charset="utf-7"'),
  ]),
  "a compressed body is 415": onEveryRoute([
    encoded("gzip", gzipSync(RIGHT)),
    encoded("identity"),
    encoded("x"),
  ]),
  "a type is read as a type: in any case, with a charset, with spaces": async ({ send }) => {
    const spellings = [
      "Application/JSON",
      'application/json; Charset="UTF-8"',
      "application/json ;charset=utf-8",
    ];
    for (const [index, type] of spellings.entries()) {
      const answer = await send("/login", { method: "POST", ...typed(type) });
      expectProblem(answer, "invalid_credentials", { headers: limited({ of: 5, left: 4 - index }) });
    }
  },
};

const texts: HttpPromises = {
  "a body that is not JSON is 400, and is not repeated": onEveryRoute(
    [
      "{",
      `{"email":"${SECRET_INPUT}"`,
      `{email:"${SECRET_INPUT}"}`,
      "nul",
      "{}{}",
      "\u0000",
      "\ufffd{}",
      `'${SECRET_INPUT}'`,
      "email=a%40example.com",
      "{/**/}",
    ].map(malformed),
  ),
  "a body that is no object is 400": onEveryRoute(
    ["null", "true", "1", `"${SECRET_INPUT}"`, " null "].map(malformed),
  ),
  "a missing body is 400": async ({ send, signUp }) => {
    const { accessToken } = await signUp();
    for (const { path, access } of WITH_BODY.filter((route) => route.access !== "either")) {
      const token = access === "bearer" ? accessToken : undefined;
      for (const headers of [{}, { "content-type": "application/json" }, { "content-type": "text/plain" }])
        expectProblem(await send(path, { method: "POST", token, headers }), "malformed_request");
    }
  },
  "a body without a length is read all the same": async ({ send }) => {
    const answer = await send("/signup", { method: "POST", ...json(RIGHT), chunked: true });
    expectJson(answer, 201, { shape: SIGNED_IN, headers: limited({ of: 5, left: 4 }) });
  },
  "a byte order mark is no part of a body": async ({ send }) => {
    const answer = await send("/signup", { method: "POST", ...json(`\ufeff${RIGHT}`) });
    expectJson(answer, 201, { shape: SIGNED_IN, headers: limited({ of: 5, left: 4 }) });
  },
  "of a field that is there twice the last one counts": async ({ send, signUp }) => {
    await signUp();
    const body = `{"email":"${EMAIL}","password":"${WRONG}","password":"${PASSWORD}"}`;
    const answer = await send("/login", { method: "POST", ...json(body) });
    expectJson(answer, 200, { shape: SIGNED_IN, headers: limited({ of: 5, left: 4 }) });
  },
};

const sizes: HttpPromises = {
  "16 KiB are read, and one byte more is 413": async ({ send }) => {
    const most = await send("/login", { method: "POST", ...json(sized(MAX)) });
    expectProblem(most, "invalid_input", { errors: [["password", "too_long"]] });
    for (const chunked of [false, true]) {
      const answer = await send("/login", { method: "POST", ...json(sized(MAX + 1)), chunked });
      expectProblem(answer, "payload_too_large");
    }
  },
  "what is too large is 413 on every route, and the server goes on": onEveryRoute([
    ["sized", json(sized(3 * MAX)), "payload_too_large"],
    ["spaces", json(RIGHT + " ".repeat(MAX)), "payload_too_large"],
    ["far", json(sized(200_000)), "payload_too_large"],
    ["text", typed("text/plain", "x".repeat(2 * MAX)), "payload_too_large"],
  ]),
  "a body without a length is cut at the same size": onEveryRoute([
    ["chunked", { ...json(sized(3 * MAX)), chunked: true }, "payload_too_large"],
  ]),
  "deep nesting is read, and is no input": async ({ send }) => {
    const deep = "[".repeat(8000) + "]".repeat(8000);
    const answer = await send("/login", { method: "POST", ...json(deep) });
    expectProblem(answer, "invalid_input", { errors: [["", "invalid_type"]] });
    const inside = `{"email":${deep},"password":"x"}`;
    const field = await send("/login", { method: "POST", ...json(inside) });
    expectProblem(field, "invalid_input", { errors: [["email", "invalid_type"]] });
  },
};

/** How bodies come: their type, their text, their size. */
export const bodyPromises: HttpPromises = { ...types, ...texts, ...sizes };
