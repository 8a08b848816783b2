// Mail through a real SMTP server on loopback: what it gets, what it never gets, and what its answers mean.
import type { Mail, Mailer } from "sallyport";
import { type NodemailerOptions, nodemailerMailer } from "sallyport/nodemailer";
import { afterEach, describe, expect, test } from "vitest";
import { sampleMails } from "../../scripts/sample-mails.ts";
import { selfSigned } from "../support/certificate.ts";
import {
  LOCAL,
  PASSWORD,
  REMOTE,
  type Smtp,
  type SmtpOptions,
  scriptedServer,
  smtpServer,
  USER,
} from "../support/smtp-server.ts";

const ID = "01994a3c-7f1e-7c3a-9b2e-0f4d5c6b7a89";
const TO = "ada@example.com";
const FROM = "Acme, Inc. <auth@acme.example>";
const [SIGNUP] = sampleMails();
const MAIL: Mail = { ...(SIGNUP as Omit<Mail, "id">), id: ID };

const closers: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function server(options?: SmtpOptions): Promise<Smtp> {
  const smtp = await smtpServer(options);
  closers.push(smtp.close);
  return smtp;
}

async function scripted(host: string, answer: Parameters<typeof scriptedServer>[1]) {
  const smtp = await scriptedServer(host, answer);
  closers.push(smtp.close);
  return smtp;
}

function urlOf(
  { port }: { readonly port: number },
  { scheme = "smtp", host = REMOTE, signIn = true } = {},
): string {
  const credentials = signIn ? `${USER}:${encodeURIComponent(PASSWORD)}@` : "";
  return `${scheme}://${credentials}${host}:${port}`;
}

function mailerTo(url: string, options: Partial<NodemailerOptions> = {}): Mailer {
  const mailer = nodemailerMailer(url, { from: FROM, ...options });
  closers.push(async () => mailer.close?.());
  return mailer;
}

interface Failure extends Error {
  readonly code?: string;
  readonly permanent?: boolean;
  readonly responseCode?: number;
}

const failureOf = (sending: Promise<void>): Promise<Failure> =>
  sending.then(
    () => Promise.reject(new TypeError("The mail was sent")),
    (error: Failure) => error,
  );

describe("a mail", () => {
  test.each(["smtp", "smtps"])(
    "arrives over %s, encrypted, for one recipient, as the library wrote it",
    async (scheme) => {
      const smtp = await server({ options: { secure: scheme === "smtps" } });
      await mailerTo(urlOf(smtp, { scheme }), { ca: smtp.certificate.cert }).send(MAIL);
      expect(smtp.deliveries).toHaveLength(1);
      const [delivery] = smtp.deliveries;
      expect([delivery?.from, delivery?.to]).toEqual(["auth@acme.example", [TO]]);
      const { from, to, cc, bcc, replyTo, subject, text, html, messageId } = delivery?.message ?? {};
      expect({ from, to, cc, bcc, replyTo }).toEqual({
        from: { name: "Acme, Inc.", address: "auth@acme.example" },
        to: [{ name: "", address: TO }],
      });
      expect([subject, messageId]).toEqual([MAIL.subject, `<${ID}@acme.example>`]);
      expect([text?.trim(), html?.trim()]).toEqual([MAIL.text.trim(), MAIL.html.trim()]);
      expect(smtp.signedIn).toEqual([USER]);
      expect(smtp.clear()).not.toMatch(/AUTH|MAIL FROM|ada@/);
    },
  );

  test("has the headers of the library, those of every mail, and no other", async () => {
    const smtp = await server();
    await mailerTo(urlOf(smtp), { ca: smtp.certificate.cert }).send(MAIL);
    const headers = smtp.deliveries[0]?.message.headers ?? [];
    expect(headers.map(({ key }) => key).sort()).toEqual([
      "auto-submitted",
      "content-language",
      "content-type",
      "date",
      "from",
      "message-id",
      "mime-version",
      "subject",
      "to",
    ]);
    expect(headers).toContainEqual(
      expect.objectContaining({ key: "auto-submitted", value: "auto-generated" }),
    );
    expect(headers).toContainEqual(expect.objectContaining({ key: "content-language", value: "en" }));
  });

  test("says once that a program wrote it, also where a mail says otherwise", async () => {
    const smtp = await server();
    const headers = { "auto-submitted": "no", "X-Entity-Ref-ID": "1" };
    await mailerTo(urlOf(smtp), { ca: smtp.certificate.cert }).send({ ...MAIL, headers });
    const said = smtp.deliveries[0]?.message.headers.filter(({ key }) => /^(auto|x-)/.test(key));
    expect(said?.map(({ key, value }) => [key, value])).toEqual([
      ["x-entity-ref-id", "1"],
      ["auto-submitted", "auto-generated"],
    ]);
  });

  test("that is sent again has the same id, and so have copies at the same time", async () => {
    const smtp = await server();
    const mailer = mailerTo(urlOf(smtp), { ca: smtp.certificate.cert });
    await mailer.send(MAIL);
    await Promise.all([mailer.send(MAIL), mailer.send(MAIL)]);
    expect(smtp.deliveries.map(({ message }) => message.messageId)).toEqual(
      Array(3).fill(`<${ID}@acme.example>`),
    );
  });

  test("does not wait for others: twenty at once all arrive, each at its own address", async () => {
    const smtp = await server();
    const mailer = mailerTo(urlOf(smtp), { ca: smtp.certificate.cert });
    const addresses = Array.from({ length: 20 }, (_, index) => `user${index}@example.com`);
    await Promise.all(addresses.map((to) => mailer.send({ ...MAIL, to })));
    expect(smtp.deliveries.map(({ to }) => to[0]).sort()).toEqual([...addresses].sort());
  });
});

describe("without TLS, neither the password nor the mail goes out", () => {
  const expectNothing = (said: string): void => {
    expect(said).not.toMatch(/AUTH|MAIL FROM|RCPT|DATA|Acme/i);
    for (const secret of [PASSWORD, USER, TO])
      for (const form of [secret, Buffer.from(secret).toString("base64")]) expect(said).not.toContain(form);
  };

  test("to a server that offers no STARTTLS, and takes passwords in the clear", async () => {
    const smtp = await server({ options: { disabledCommands: ["STARTTLS"], allowInsecureAuth: true } });
    const failure = await failureOf(mailerTo(urlOf(smtp)).send(MAIL));
    expect(failure).toMatchObject({ code: "ETLS", permanent: false });
    expect([smtp.deliveries, smtp.signedIn]).toEqual([[], []]);
    expectNothing(smtp.clear());
  });

  test("to a server that offers STARTTLS and then refuses it", async () => {
    const smtp = await scripted(REMOTE, (line) => {
      if (line === "CONNECT") return "220 here\r\n";
      if (line.startsWith("EHLO")) return "250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n";
      return line === "STARTTLS" ? "454 not now\r\n" : "250 yes\r\n";
    });
    const failure = await failureOf(mailerTo(urlOf(smtp)).send(MAIL));
    expect(failure).toMatchObject({ code: "ETLS", permanent: false });
    expectNothing(smtp.said());
  });

  test("to a server that says yes to STARTTLS and goes on in the clear", async () => {
    const smtp = await scripted(REMOTE, (line) => {
      if (line === "CONNECT") return "220 here\r\n";
      if (line.startsWith("EHLO")) return "250-here\r\n250 STARTTLS\r\n";
      return line === "STARTTLS" ? "220 go\r\n250-here\r\n250 AUTH PLAIN\r\n" : "250 yes\r\n";
    });
    const failure = await failureOf(mailerTo(urlOf(smtp), { timeoutMs: 1_000 }).send(MAIL));
    expect(failure).toMatchObject({ permanent: false });
    expectNothing(smtp.said());
  });

  test.each(["smtp", "smtps"])("over %s to a server whose certificate no one vouches for", async (scheme) => {
    const smtp = await server({ options: { secure: scheme === "smtps" } });
    const failure = await failureOf(mailerTo(urlOf(smtp, { scheme })).send(MAIL));
    expect(failure).toMatchObject({ permanent: false });
    expect([smtp.deliveries, smtp.signedIn]).toEqual([[], []]);
    expectNothing(smtp.clear());
  });

  test.each(["smtp", "smtps"])(
    "over %s to a server with a good certificate for another host",
    async (scheme) => {
      const certificate = selfSigned(["mail.acme.example", "127.0.0.3"]);
      const smtp = await server({ certificate, options: { secure: scheme === "smtps" } });
      const failure = await failureOf(mailerTo(urlOf(smtp, { scheme }), { ca: certificate.cert }).send(MAIL));
      expect(failure).toMatchObject({ permanent: false });
      expect([smtp.deliveries, smtp.signedIn]).toEqual([[], []]);
      expectNothing(smtp.clear());
    },
  );

  test("over smtps to a server that speaks no TLS at all", async () => {
    const smtp = await scripted(REMOTE, (line) => (line === "CONNECT" ? "220 here\r\n" : "250 yes\r\n"));
    expect(await failureOf(mailerTo(urlOf(smtp, { scheme: "smtps" })).send(MAIL))).toMatchObject({
      permanent: false,
    });
    expectNothing(smtp.said());
  });
});

describe("on this machine", () => {
  test("a server without TLS gets the mail", async () => {
    const smtp = await server({ host: LOCAL, options: { disabledCommands: ["STARTTLS"] } });
    await mailerTo(urlOf(smtp, { host: LOCAL, signIn: false })).send(MAIL);
    expect(smtp.deliveries).toHaveLength(1);
  });

  test("a server with a certificate of its own gets it too, encrypted", async () => {
    const smtp = await server({ host: LOCAL });
    await mailerTo(urlOf(smtp, { host: "localhost" })).send(MAIL);
    expect([smtp.deliveries.length, smtp.signedIn]).toEqual([1, [USER]]);
    expect(smtp.clear()).not.toMatch(/AUTH|MAIL FROM/);
  });
});

describe("the server's answer", () => {
  test.each([
    ["connect", 421, false],
    ["connect", 554, false],
    ["auth", 454, false],
    ["auth", 535, false],
    ["from", 451, false],
    ["from", 552, true],
    ["to", 450, false],
    ["to", 550, true],
    ["data", 452, false],
    ["data", 554, true],
  ] as const)("at %s, with %i: permanent is %s", async (at, status, permanent) => {
    const smtp = await server({ refusal: { at, status } });
    const failure = await failureOf(mailerTo(urlOf(smtp), { ca: smtp.certificate.cert }).send(MAIL));
    expect(failure).toMatchObject({ permanent, responseCode: status });
    expect(failure.code).toMatch(/^E[A-Z]+$/);
    expect(smtp.deliveries).toEqual([]);
    // The server's own words name the recipient; they go to logs.
    const whole = [failure.message, failure.stack, JSON.stringify(failure), String(failure.cause)].join();
    for (const secret of [TO, "knows why", PASSWORD, USER]) expect(whole).not.toContain(secret);
    expect(Object.keys(failure).sort()).toEqual(["code", "permanent", "responseCode"]);
  });

  test("a wrong password is not permanent: the operator fixes it, and the mail goes out", async () => {
    const smtp = await server();
    const url = urlOf(smtp).replace(USER, "another");
    const failure = await failureOf(mailerTo(url, { ca: smtp.certificate.cert }).send(MAIL));
    expect(failure).toMatchObject({ code: "EAUTH", permanent: false });
  });

  test("no server is a failure, and no crash", async () => {
    const smtp = await smtpServer();
    await smtp.close();
    expect(await failureOf(mailerTo(urlOf(smtp)).send(MAIL))).toMatchObject({ permanent: false });
  });

  test("a connection that ends in the middle of the mail is a failure", async () => {
    const smtp = await scripted(LOCAL, (line, socket) => {
      if (line.startsWith("DATA")) socket.destroy();
      return line === "CONNECT" ? "220 here\r\n" : "250 yes\r\n";
    });
    const failure = await failureOf(mailerTo(urlOf(smtp, { host: LOCAL, signIn: false })).send(MAIL));
    expect(failure).toMatchObject({ permanent: false });
  });
});

describe("one mail stays one mail", () => {
  const RECIPIENTS = [
    "ada@example.com, eve@example.com",
    "ada@example.com,eve@example.com",
    "ada@example.com; eve@example.com",
    "ada@example.com eve@example.com",
    "eve@example.com>, <ada@example.com",
    "Eve <eve@example.com>",
    '"ada@example.com, eve"@example.com',
    '"eve@example.com> x"@example.com',
    "ada@example.com\r\nRCPT TO:<eve@example.com>",
    "ada@example.com\r\nBcc: eve@example.com",
    "ada@example.com\nBcc: eve@example.com",
    "ada@example.com\0eve@example.com",
    "group:ada@example.com,eve@example.com;",
    "ada@example.com(eve@example.com)",
    "ada＠example.com",
    "ada﹫example.com",
    "ada@exаmple.com",
    "ada@example。com",
    "аda@example.com",
    "ﬀ@example.com",
    "ada@Example.com",
    "ada@exämple.com",
    "@example.com:eve@example.com",
    "ada%eve@example.com@example.com",
    "",
  ];

  test.each(RECIPIENTS)("%j as recipient is refused for good, before any connection", async (to) => {
    const smtp = await server();
    const failure = await failureOf(
      mailerTo(urlOf(smtp), { ca: smtp.certificate.cert }).send({ ...MAIL, to }),
    );
    expect(failure).toMatchObject({ code: "EUNFIT", permanent: true });
    expect([smtp.clear(), smtp.deliveries]).toEqual(["", []]);
  });

  const BREAKS = ["\r\n", "\n", "\r", "\r\n\r\n", "\u2028", "\u0085", "\0"];
  const INJECTED = "Bcc: eve@example.com";

  test.each([
    ...BREAKS.map((line) => ({ subject: `Hello${line}${INJECTED}` })),
    ...BREAKS.map((line) => ({ id: `1${line}${INJECTED}` })),
    ...BREAKS.map((line) => ({ headers: { "Content-Language": `en${line}${INJECTED}` } })),
    ...["Bcc", "bcc", "To", "From", "Subject", "Content-Type", "Message-ID", "Date"].map((name) => ({
      headers: { [name]: "eve@example.com" },
    })),
    { headers: { "X-A\r\nBcc": "eve@example.com" } },
    { headers: { "X-A: b\r\nBcc": "eve@example.com" } },
    { id: "1@evil.example> <2" },
    { id: "" },
    { subject: { toString: (): string => "Hello" } },
    { text: { path: "/etc/passwd" } },
    { html: { href: "http://127.0.0.1/" } },
    { to: { address: "eve@example.com" } },
    { to: ["ada@example.com", "eve@example.com"] },
  ])("%j is refused for good, and no byte of it goes out", async (part) => {
    const smtp = await server();
    const mail = { ...MAIL, ...part } as Mail;
    const failure = await failureOf(mailerTo(urlOf(smtp), { ca: smtp.certificate.cert }).send(mail));
    expect(failure).toMatchObject({ code: "EUNFIT", permanent: true });
    expect([smtp.clear(), smtp.deliveries]).toEqual(["", []]);
  });

  test.each([
    "Ein Gruß aus Köln, für Sie: alles neu",
    "登录 Acme",
    "=?utf-8?Q?Hello=0D=0ABcc:_eve@example.com?=",
    "ada@example.com, eve@example.com",
    `${"long ".repeat(23)}end.`,
    "👋🏽 Hallo",
  ])("the subject %j arrives as it is, and adds no header", async (subject) => {
    const smtp = await server();
    await mailerTo(urlOf(smtp), { ca: smtp.certificate.cert }).send({ ...MAIL, subject });
    const [delivery] = smtp.deliveries;
    expect(delivery?.to).toEqual([TO]);
    expect(delivery?.message.headers.map(({ key }) => key)).toHaveLength(9);
    const [head = ""] = delivery?.raw.split("\r\n\r\n") ?? [];
    expect(head).not.toMatch(/^bcc/im);
    if (!subject.startsWith("=?")) expect(delivery?.message.subject).toBe(subject);
  });

  test("a text with the end of the data, with commands and headers in it, is text", async () => {
    const smtp = await server();
    const text = [
      "Hello",
      ".",
      "MAIL FROM:<eve@example.com>",
      "RCPT TO:<eve@example.com>",
      "DATA",
      "Bcc: eve@example.com",
      "..",
      ".\r\n",
      "From here on",
    ].join("\r\n");
    for (const line of ["\r\n", "\n", "\r"]) {
      await mailerTo(urlOf(smtp), { ca: smtp.certificate.cert }).send({
        ...MAIL,
        text: text.replaceAll("\r\n", line),
      });
    }
    expect(smtp.deliveries.map(({ from, to }) => [from, to])).toEqual(
      Array(3).fill(["auth@acme.example", [TO]]),
    );
    for (const { message } of smtp.deliveries) expect(message.text).toContain("From here on");
  });
});

describe("a server that hangs is left, and its connection with it", () => {
  const GREETING = "220 here\r\n";
  const YES = "250 yes\r\n";
  const url = (port: number): string => urlOf({ port }, { host: LOCAL, signIn: false });

  /** Answers these commands, and nothing to all else. */
  const knowing =
    (answers: Readonly<Record<string, string>>) =>
    (line: string): string | null =>
      answers[line.split(/[ :]/)[0] as string] ?? null;
  const UP_TO_DATA = { CONNECT: GREETING, EHLO: YES, MAIL: YES, RCPT: YES };

  test.each([
    ["after the connection", knowing({})],
    ["after its greeting", knowing({ CONNECT: GREETING })],
    ["after the recipient", knowing(UP_TO_DATA)],
    ["at the end of the mail", knowing({ ...UP_TO_DATA, DATA: "354 go\r\n" })],
  ])("%s", async (_when, answer) => {
    const smtp = await scripted(LOCAL, answer);
    const failure = await failureOf(mailerTo(url(smtp.port), { timeoutMs: 1_000 }).send(MAIL));
    expect(failure).toMatchObject({ code: "ETIMEDOUT", permanent: false });
    await expect.poll(() => smtp.open()).toBe(0);
  });

  test("while it says a little again and again", async () => {
    const timers: NodeJS.Timeout[] = [];
    const smtp = await scripted(LOCAL, (line, socket) => {
      if (line !== "CONNECT")
        timers.push(setInterval(() => socket.writable && socket.write("250-more\r\n"), 50));
      return line === "CONNECT" ? GREETING : null;
    });
    const failure = await failureOf(mailerTo(url(smtp.port), { timeoutMs: 1_000 }).send(MAIL));
    for (const timer of timers) clearInterval(timer);
    expect(failure).toMatchObject({ code: "ETIMEDOUT", permanent: false });
    await expect.poll(() => smtp.open()).toBe(0);
  });

  test("close() ends what is being sent at once, and sends nothing more", async () => {
    const smtp = await scripted(LOCAL, () => null);
    const mailer = mailerTo(url(smtp.port));
    const sending = [failureOf(mailer.send(MAIL)), failureOf(mailer.send(MAIL))];
    await expect.poll(() => smtp.open()).toBe(2);
    await mailer.close?.();
    // A mail that is sent later, and has the shortest time, ends after those that were closed.
    const later = failureOf(mailerTo(url(smtp.port), { timeoutMs: 1_000 }).send(MAIL)).then(() => "later");
    expect(await Promise.race([Promise.all(sending).then(() => "closed"), later])).toBe("closed");
    await later;
    for (const failure of await Promise.all(sending))
      expect(failure).toMatchObject({ code: "ECLOSED", permanent: false });
    await expect.poll(() => smtp.open()).toBe(0);
    expect(await failureOf(mailer.send(MAIL))).toMatchObject({ code: "ECLOSED", permanent: false });
    await mailer.close?.();
  });
});

describe("what does not start", () => {
  const start =
    (url: unknown, options: unknown): (() => unknown) =>
    () =>
      nodemailerMailer(url as string, options as never);
  const SECRET_URL = "smtps://user:hunter2@mail.acme.example";

  test.each([
    undefined,
    null,
    "",
    "mail.acme.example",
    "https://user:hunter2@mail.acme.example",
    "smtp:mail.acme.example",
    "smtps://",
    "smtps://user@mail.acme.example",
    "smtps://:hunter2@mail.acme.example",
    "smtps://user:%zz@mail.acme.example",
    "smtps://user:hunter2@mail.acme.example?tls.rejectUnauthorized=false",
    "smtps://user:hunter2@mail.acme.example/?ignoreTLS=true",
    "smtps://user:hunter2@mail.acme.example/inbox",
    "smtps://user:hunter2@mail.acme.example#x",
    "smtps://user:hunter2@mail.acme.example:0",
    "smtps://user:hunter2@mail.acme.example:99999",
    "smtps://user:hunter2@exämple.com",
    "smtps://user:hunter2@a_b",
    ["smtps://mail.acme.example"],
    { host: "mail.acme.example" },
  ])("the URL %j, and its password is in no message", (url) => {
    expect(start(url, { from: FROM })).toThrow(/^nodemailerMailer: url: must /);
    expect(start(url, { from: FROM })).toThrow(expect.objectContaining({ code: "invalid_configuration" }));
    expect(start(url, { from: FROM })).not.toThrow(/hunter2/);
  });

  test.each([
    [{ from: FROM, secure: false }, /secure: no such option/],
    [{ from: FROM, tls: { rejectUnauthorized: false } }, /tls: no such option/],
    [[], /plain object/],
    [{}, /from: must be an address/],
    [{ from: "" }, /from: must be an address/],
    [{ from: "Acme" }, /from: must be an address/],
    [{ from: "a@acme.example, b@acme.example" }, /from: must be an address/],
    [{ from: "Acme <a@acme.example>\r\nBcc: b@acme.example" }, /from: must be an address/],
    [{ from: "Acme\r\n <a@acme.example>" }, /from: must be an address/],
    [{ from: "A <a@acme.example> <b@acme.example>" }, /from: must be an address/],
    [{ from: `${"x".repeat(101)} <a@acme.example>` }, /from: must be an address/],
    [{ from: { name: "Acme", address: "a@acme.example" } }, /from: must be an address/],
    [{ from: FROM, timeoutMs: 999 }, /timeoutMs: must be whole, from 1000 to 30000/],
    [{ from: FROM, timeoutMs: 30_001 }, /timeoutMs: must be whole/],
    [{ from: FROM, timeoutMs: "9000" }, /timeoutMs: must be whole/],
    [{ from: FROM, ca: "a file" }, /ca: must be certificates in PEM/],
    [{ from: FROM, ca: [] }, /ca: must be certificates in PEM/],
    [{ from: FROM, ca: null }, /ca: must be certificates in PEM/],
  ])("the options %j", (options, message) => {
    expect(start(SECRET_URL, options)).toThrow(message);
    expect(start(SECRET_URL, options)).toThrow(expect.objectContaining({ code: "invalid_configuration" }));
    expect(start(SECRET_URL, options)).not.toThrow(/hunter2/);
  });

  test.each([
    SECRET_URL,
    "smtp://mail.acme.example",
    "smtp://mail.acme.example:2525/",
    "smtp://localhost:1025",
    "smtp://[::1]:1025",
    "smtp://user:a%40b%3A%2F@192.0.2.1",
  ])("and the URL %j does", (url) => {
    expect(start(url, { from: "auth@acme.example" })).not.toThrow();
  });
});
