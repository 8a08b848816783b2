// Class: secrets in a stolen dump (session tokens in clear text: ATTACKS of two widely used peers).
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sqliteStore } from "sallyport/sqlite";
import { expect, test } from "vitest";
import { argon2Hasher } from "../../src/adapters/argon2/argon2-hasher.ts";
import { pseudonymOf } from "../../src/kit/record-event.ts";
import { closedGate, loginThrough } from "../support/gates.ts";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, SECRET, strangers, times } from "../support/harness.ts";
import { interceptStore } from "../support/intercept-store.ts";

test("the database holds no password, token, challenge or secret, nor what people type in the wrong field", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-g6-"));
  const path = join(folder, "auth.db");
  // Its hashes are older and cheaper than those of the second one, which renews them.
  const hasher = argon2Hasher({ memoryKiB: 4096, passes: 1 });
  const old = makeAuth({ store: sqliteStore(path), password: { hasher } });
  const renewed = { email: "eve@example.com", password: "Renewed3by-a-login" };
  await old.auth.signup(renewed, CLIENT);
  await old.auth.close();
  const { auth, ctx } = makeAuth({ store: sqliteStore(path), password: undefined });
  await auth.login(renewed, strangers()());
  const signedUp = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  const { accessToken, session } = signedUp;
  const { refreshToken } = await auth.refresh(signedUp.refreshToken, CLIENT);
  await codeOf(auth.login({ email: EMAIL, password: "Wrong1password" }, CLIENT));
  await codeOf(auth.login({ email: "MyPassw0rd@home.example", password: "Typed1wrong" }, CLIENT));
  await codeOf(auth.login({ email: "OnlyMyPassword1", password: "Typed2wrong" }, CLIENT));
  const challenge = await loginThrough(ctx, [closedGate], { email: EMAIL, password: PASSWORD }, CLIENT);
  if (challenge.status !== "challenge") throw new TypeError("The gate was not asked");
  const changing = await auth.signup({ email: "bob@example.com", password: PASSWORD }, strangers()());
  const change = { currentPassword: PASSWORD, newPassword: "Another2staple" };
  await auth.password.change(changing.accessToken, change, CLIENT);
  await auth.close();

  // The files are their owner's alone.
  const modes = readdirSync(folder).map((file) => statSync(join(folder, file)).mode & 0o077);
  expect(new Set(modes)).toEqual(new Set([0]));
  const dump = readdirSync(folder)
    .map((file) => readFileSync(join(folder, file)).toString("latin1"))
    .join("\n");
  const rows = dumpRows(path);
  rmSync(folder, { recursive: true });
  const [header = "", payload = "", signature = ""] = accessToken.split(".");
  const secrets = {
    PASSWORD,
    newPassword: change.newPassword,
    renewed: renewed.password,
    wrong: "Wrong1password",
    typed: "Typed1wrong",
    emailTypo: "mypassw0rd",
    noEmail: "OnlyMyPassword1",
    SECRET,
    accessToken,
    header,
    payload,
    signature,
    refreshToken,
    usedRefreshToken: signedUp.refreshToken,
    deviceToken: signedUp.deviceToken,
    deviceMac: Buffer.from(signedUp.deviceToken, "base64url").toString("latin1", 23),
    refreshMac: Buffer.from(refreshToken, "base64url").toString("latin1", 21),
    refreshMacHex: Buffer.from(refreshToken, "base64url").toString("hex", 21),
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
  // No hash is left as it was before the login that renewed it.
  expect(rows.match(/\$argon2id\$v=19\$m=(\d+)/g)).toEqual(times(3, () => "$argon2id$v=19$m=19456"));
});

test("after a deletion no row of any table holds the email or an id of the user, whatever happened before", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-g6-"));
  const inner = sqliteStore(join(folder, "auth.db"));
  let inFlight: (() => Promise<void>) | undefined;
  const store = interceptStore(inner, async (verb) => {
    if (verb === "events.append") await inFlight?.();
  });
  const { auth, ctx, sink, clock } = makeAuth({ store, limits: { signup: { address: "3/1m" } } });
  const right = { email: "Ada@Example.com", password: PASSWORD };
  const stranger = strangers();
  const { accessToken, user } = await auth.signup(right, CLIENT);
  await loginThrough(ctx, [closedGate], right, stranger());
  await auth.login(right, stranger());
  await auth.logout(accessToken);
  for (const _ of times(6, (i) => i)) await codeOf(auth.signup(right, CLIENT));
  for (const _ of times(14, (i) => i)) await codeOf(auth.login({ ...right, password: "wrong" }, stranger()));
  for (const _ of times(7, (i) => i)) await codeOf(auth.login({ ...right, password: "wrong" }, CLIENT));
  await auth.users.disable(user.id);
  await auth.users.enable(user.id);
  const rows = () => dumpRows(join(folder, "auth.db"));
  expect(rows().match(/ada@example\.com/gi)?.length).toBeGreaterThan(10); // the dump is a dump

  // Deleted once, in the moment in which a failed login writes its event.
  clock.advance("1h");
  inFlight = async () => {
    inFlight = undefined;
    await auth.users.delete(user.id);
  };
  expect(await codeOf(auth.login({ ...right, password: "wrong" }, { ip: null }))).toBe("invalid_credentials");
  await codeOf(auth.login(right, { ip: "192.0.2.77" }));

  const left = rows();
  expect(left).not.toMatch(/ada@|example\.com/i);
  expect(left).not.toContain(user.id);
  const outcomes = new Set(sink.events.map(({ type, outcome }) => `${type} ${outcome}`));
  expect([...outcomes].sort()).toEqual([
    "delete success",
    "disable success",
    "enable success",
    "login challenged",
    "login failure",
    "login refused",
    "login success",
    "logout success",
    "signup failure",
    "signup refused",
    "signup success",
  ]);
  // One pseudonym holds the trail together; the event that came too late names nobody.
  const db = new DatabaseSync(join(folder, "auth.db"));
  const named = db.prepare("select attempted_email, count(*) as events from auth_events group by 1").all();
  db.close();
  expect(named).toEqual([
    { attempted_email: null, events: 1 },
    { attempted_email: pseudonymOf(ctx, EMAIL), events: sink.events.length - 1 },
  ]);
  await auth.close();
  rmSync(folder, { recursive: true });
});

/** Every row of every table, as text. */
function dumpRows(path: string): string {
  const db = new DatabaseSync(path);
  const tables = db.prepare("select name from sqlite_master where type = 'table'").all();
  const rows = tables.flatMap(({ name }) => db.prepare(`select * from "${name}"`).all());
  db.close();
  return JSON.stringify(rows);
}

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
