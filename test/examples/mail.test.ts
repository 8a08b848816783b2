// The example with mail: its commands, its pages, and the inbox of development.
import { afterEach, beforeEach, expect, test } from "vitest";
import { call } from "./demo.ts";
import { type MailApp, startMailApp } from "./mail-app.ts";
import { followPage } from "./readme-commands.ts";

let app: MailApp;
beforeEach(async () => {
  app = await startMailApp();
});
afterEach(async () => {
  await app.stop();
  expect(app.errors).toEqual([]);
});

const from = (origin: string) => ({ headers: { origin } });

test("the commands of its page answer what it says", async () => {
  // A browser at this port comes from this origin; the page says port 3000.
  const commands = await followPage("examples/mail/README.md", app.url, "http://localhost:3000");
  expect(commands).toBe(4);
});

test("the pages have no script of others, and tell no one where a visitor came from", async () => {
  for (const path of ["/", "/mail", "/dev/mail", "/client.js", "/client-mail.js", "/style.css"]) {
    const { status, headers } = await call(app.url + path, "GET");
    expect([path, status, headers["referrer-policy"], headers["cache-control"]]).toEqual([
      ...[path, 200, "no-referrer", "no-store"],
    ]);
    expect(headers["content-security-policy"]).toContain("script-src 'self'");
  }
  for (const path of ["/server.ts", "/../app.ts", "/constructor", "/dev", "/dev/mail/"])
    expect((await call(app.url + path, "GET")).status).toBe(404);
  expect((await call(`${app.url}/mail`, "POST", { body: {} })).status).toBe(405);
});

test("the inbox escapes what a mail says, shows its link and its code, and keeps the newest", async () => {
  const body = { email: "ada@example.com", password: "Correct1horse" };
  expect((await call(`${app.url}/auth/signup`, "POST", { body, ...from(app.url) })).status).toBe(202);
  await call(`${app.url}/dev/mail`, "GET");
  const [mail] = app.inbox.mails;
  if (!mail) throw new TypeError("No mail came");
  await app.inbox.send({ ...mail, subject: "<script>", text: "</pre>", link: null, to: "a&b" });
  const { body: page } = await call(`${app.url}/dev/mail`, "GET");
  expect(page).toContain(mail.code);
  expect(page).toContain(`href="${mail.link}"`);
  expect(page).toContain("To a&#38;b");
  expect(page).not.toMatch(/<script|<pre><\/pre>/);
  for (let more = 0; more < 60; more++) await app.inbox.send(mail);
  expect(app.inbox.mails).toHaveLength(50);
});
