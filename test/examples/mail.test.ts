// The mail of the demo: the commands of its page, the pages of mail, and the inbox of development.
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Answer, call, type MailDemo, startDemo, startMailDemo } from "./demo.ts";
import { followPage } from "./readme-commands.ts";

const CREDENTIALS = { email: "ada@example.com", password: "Correct1horse" };

let demo: MailDemo;
beforeEach(async () => {
  demo = await startMailDemo();
});
afterEach(async () => {
  await demo.stop();
  expect(demo.errors).toEqual([]);
});

const get = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  call(demo.url + path, "GET", { headers });

test("the commands of its page answer what it says", async () => {
  expect(await followPage("examples/express/README.md", demo.url)).toBe(11);
});

test("no page of mail has a script of others, is kept, or tells where a visitor came from", async () => {
  for (const path of ["/", "/mail", "/dev/mail", "/setup.js"]) {
    const { status, headers } = await get(path);
    expect([path, status, headers["referrer-policy"], headers["cache-control"]]).toEqual([
      ...[path, 200, "no-referrer", "no-store"],
    ]);
    expect(headers["content-security-policy"]).toContain("script-src 'self'");
  }
  for (const path of ["/", "/mail", "/dev/mail"]) {
    const { body } = await get(path);
    expect(body).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
    for (const [tag] of body.matchAll(/<script[^>]*>[^<]*/g)) expect(tag).toMatch(/ src="\/[^"]+">$/);
  }
  expect((await get("/client-mail.js")).body).toContain("readMailLink");
  for (const path of [
    "/server.ts",
    "/../app.ts",
    "/constructor",
    "/dev",
    "/dev/mail/",
    "/DEV/MAIL",
    "/mail/",
  ])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
  for (const path of ["/mail", "/dev/mail"])
    expect((await call(demo.url + path, "POST", { body: {} })).status).toBe(404);
});

test("the inbox escapes what a mail says, shows its link and its code, and keeps the newest", async () => {
  expect((await call(`${demo.url}/auth/signup`, "POST", { body: CREDENTIALS })).status).toBe(202);
  expect((await get("/dev/mail")).body).toContain(CREDENTIALS.email);
  const [mail] = demo.inbox.mails;
  if (!mail) throw new TypeError("No mail came");
  await demo.inbox.send({ ...mail, subject: "<script>", text: "</pre>", link: null, code: null, to: "a&b" });
  const { body: page } = await get("/dev/mail");
  expect(page).toContain(`<strong class="mail-code">${mail.code}</strong>`);
  expect(page).toContain(`href="${mail.link}"`);
  expect(page).toContain("To a&#38;b");
  expect(page).not.toMatch(/<script|<pre><\/pre>/);
  for (let more = 0; more < 60; more++) await demo.inbox.send(mail);
  expect(demo.inbox.mails).toHaveLength(50);
});

test("a site whose name leads to this machine reads no mail", async () => {
  const { port } = new URL(demo.url);
  for (const host of [`evil.example:${port}`, "127.0.0.1", `127.0.0.1:${port}.evil.example`])
    expect([host, (await get("/dev/mail", { host })).status]).toEqual([host, 404]);
});

test("without mail there is no page of it, and the page knows", async () => {
  const other = await startDemo();
  try {
    for (const path of ["/mail", "/dev/mail", "/client-mail.js"])
      expect((await call(other.url + path, "GET")).status).toBe(404);
    const { body } = await call(`${other.url}/setup.js`, "GET");
    expect(body).toContain('delivery = "none"');
    expect((await call(`${other.url}/auth/signup`, "POST", { body: CREDENTIALS })).status).toBe(201);
  } finally {
    await other.stop();
  }
});
