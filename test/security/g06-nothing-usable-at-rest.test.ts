// Class: secrets in a stolen dump (session tokens in clear text: ATTACKS of two widely used peers).
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStore } from "sallyport/sqlite";
import { expect, test } from "vitest";
import type { LoginGate } from "../../src/feature.ts";
import { login } from "../../src/flows/login.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, SECRET } from "../support/harness.ts";

test("the database holds no password, token, challenge or secret, nor what people type in the wrong field", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-g6-"));
  const { auth, ctx } = makeAuth({ store: sqliteStore(join(folder, "auth.db")), password: undefined });
  const { accessToken, session } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  await codeOf(auth.login({ email: EMAIL, password: "Wrong1password" }, CLIENT));
  await codeOf(auth.login({ email: "MyPassw0rd@home.example", password: "Typed1wrong" }, CLIENT));
  await codeOf(auth.login({ email: "OnlyMyPassword1", password: "Typed2wrong" }, CLIENT));
  const gate: LoginGate = { kind: "test", applies: async () => true };
  const challenge = await login({ ...ctx, gates: [gate] }, { email: EMAIL, password: PASSWORD }, CLIENT);
  if (challenge.status !== "challenge") throw new TypeError("The gate was not asked");
  await auth.close();

  // The files are their owner's alone.
  const modes = readdirSync(folder).map((file) => statSync(join(folder, file)).mode & 0o077);
  expect(new Set(modes)).toEqual(new Set([0]));
  const dump = readdirSync(folder)
    .map((file) => readFileSync(join(folder, file)).toString("latin1"))
    .join("\n");
  rmSync(folder, { recursive: true });
  const [header = "", payload = "", signature = ""] = accessToken.split(".");
  const secrets = {
    PASSWORD,
    wrong: "Wrong1password",
    typed: "Typed1wrong",
    emailTypo: "mypassw0rd",
    noEmail: "OnlyMyPassword1",
    SECRET,
    accessToken,
    header,
    payload,
    signature,
    challengeToken: challenge.challengeToken,
  };
  for (const [name, secret] of Object.entries(secrets)) {
    expect({ name, found: dump.toLowerCase().includes(secret.toLowerCase()) }).toEqual({
      name,
      found: false,
    });
  }
  expect(dump).toContain(EMAIL); // the dump is a dump
  expect(dump).toContain(session.id);
  expect(dump).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
});

test("without the secret a session id is worth nothing, and another secret's token neither", async () => {
  const { auth, store } = makeAuth();
  const { session } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  const other = makeAuth({ store, secret: `${SECRET}-other` });
  const { accessToken } = (await other.auth.login({ email: EMAIL, password: PASSWORD }, CLIENT)) as {
    accessToken: string;
  };
  expect(await codeOf(auth.verifyToken(session.id))).toBe("invalid_token");
  expect(await codeOf(auth.verifyToken(accessToken))).toBe("invalid_token");
  expect(await codeOf(auth.logout(accessToken))).toBe("invalid_token");
});
