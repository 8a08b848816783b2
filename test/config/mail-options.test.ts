import { type AuthOptions, consoleMailer, createAuth, memoryStore } from "sallyport";
import { capturingMailer } from "sallyport/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseOptions } from "../../src/config/parse-options.ts";
import { SECRET } from "../support/harness.ts";

const mailer = capturingMailer();
const page = "https://app.acme.example/mail";

function start(options: object): () => unknown {
  return () => createAuth({ secret: SECRET, store: memoryStore(), ...options } as AuthOptions);
}

function settingsOf(options: object) {
  return parseOptions({ secret: SECRET, store: memoryStore(), ...options } as AuthOptions);
}

afterEach(() => vi.unstubAllEnvs());

describe("without a mailer", () => {
  test("no mail is sent and no proof is asked for", () => {
    expect(settingsOf({})).toMatchObject({ mail: null, email: { verification: "off" } });
    expect(start({ email: { verification: "off" } })).not.toThrow();
  });

  test.each([
    ["mail", { mail: { page } }],
    ["email.verification", { email: { verification: "required" } }],
    ["email.verification", { email: { verification: "later" } }],
    ["limits.mail", { limits: { mail: { address: "9/1m" } } }],
    ["limits.proof", { limits: { proof: {} } }],
  ])("%s would have no effect, and does not start", (name, options) => {
    expect(start(options)).toThrow(`createAuth: ${name}: needs the option mailer`);
  });
});

describe("with a mailer", () => {
  test("a proof of the address is required, unless the application says otherwise", () => {
    expect(settingsOf({ mailer, mail: { page } }).email).toEqual({ verification: "required" });
    for (const verification of ["required", "later", "off"])
      expect(settingsOf({ mailer, mail: { page }, email: { verification } }).email).toEqual({ verification });
  });

  test("the page must be there", () => {
    for (const options of [{ mailer }, { mailer, mail: {} }, { mailer, mail: { page: undefined } }])
      expect(start(options)).toThrow(/^createAuth: mail\.page: /);
  });

  test.each([
    "",
    "app.acme.example/mail",
    "/mail",
    "//app.acme.example/mail",
    "http://app.acme.example/mail",
    "http://localhost.acme.example/mail",
    "http://127.0.0.1.acme.example",
    "https://user@app.acme.example/mail",
    "https://user:password@app.acme.example/mail",
    "https://app.acme.example/mail?next=1",
    "https://app.acme.example/mail?",
    "https://app.acme.example/mail#top",
    "https://app.acme.example/mail#",
    "https:\\\\app.acme.example\\mail",
    "https://app.acme.example/ma il",
    "https://app.acme.example/mail\n",
    "https://",
    "javascript:alert(1)",
    "ftp://app.acme.example/mail",
    `https://app.acme.example/${"x".repeat(1_000)}`,
    7,
    null,
  ])("%j is no page", (wrong) => {
    expect(start({ mailer, mail: { page: wrong } })).toThrow(
      /^createAuth: mail\.page: must be the https URL/,
    );
  });

  test.each([
    [page, page],
    ["https://app.acme.example", "https://app.acme.example/"],
    ["https://app.acme.example:8443/a/mail", "https://app.acme.example:8443/a/mail"],
    ["http://localhost:3000/mail", "http://localhost:3000/mail"],
    ["http://127.0.0.1/mail", "http://127.0.0.1/mail"],
    ["http://[::1]:3000/mail", "http://[::1]:3000/mail"],
    ["http://app.localhost/mail", "http://app.localhost/mail"],
  ])("%s is one", (given, parsed) => {
    expect(settingsOf({ mailer, mail: { page: given } }).mail?.page).toBe(parsed);
  });

  test("the name is one short line; without it the issuer is, if it is short enough", () => {
    const named = (mail: object, issuer = "Acme") => ({ mailer, issuer, mail: { page, ...mail } });
    expect(settingsOf(named({})).mail?.name).toBe("Acme");
    expect(settingsOf(named({ name: "The Shop" })).mail?.name).toBe("The Shop");
    for (const name of ["", " Acme", "Acme\r\nBcc: eve@example.com", "x".repeat(65), "a\u2028b", 7])
      expect(start(named({ name }))).toThrow(/^createAuth: mail\.name: /);
    const long = "x".repeat(65);
    expect(start(named({}, long))).toThrow(/^createAuth: mail\.name: is missing/);
    expect(start(named({ name: "Acme" }, long))).not.toThrow();
  });

  test("codes have 6 to 10 digits, or do not exist", () => {
    for (const codeDigits of [6, 10, false])
      expect(settingsOf({ mailer, mail: { page, codeDigits } }).mail?.codeDigits).toBe(codeDigits);
    for (const codeDigits of [5, 11, 0, 6.5, true, "6", null])
      expect(start({ mailer, mail: { page, codeDigits } })).toThrow(/^createAuth: mail\.codeDigits: must be/);
  });

  test("the language is one in which there are mails", () => {
    const templates = { "de-AT": { signup: () => ({ subject: "x", text: "x", html: "x" }) } };
    for (const locale of ["en", "en-GB", "de-AT", "de-at"])
      expect(start({ mailer, mail: { page, locale, templates } })).not.toThrow();
    for (const locale of ["de", "fr", "not a tag", "", 7])
      expect(start({ mailer, mail: { page, locale, templates } })).toThrow(/^createAuth: mail\.locale: /);
  });

  test.each([
    [{ templates: { de: { newsletter: () => {} } } }, "mail.templates.de.newsletter: no such kind of mail"],
    [{ templates: { "": {} } }, "mail.templates.: is no language tag"],
    [{ templates: { de: { signup: "text" } } }, "mail.templates.de.signup: must be a function"],
    [{ templates: [] }, "mail.templates: must be an object"],
    [{ tokenIn: "path" }, 'mail.tokenIn: must be "fragment" or "query"'],
    [{ delivery: "never" }, 'mail.delivery: must be "in-process" or "manual"'],
    [{ notices: { newDevice: "yes" } }, "mail.notices.newDevice: "],
    [{ notices: new Map() }, "mail.notices: must be a plain object"],
    [{ ttl: { code: "2h" } }, "mail.ttl.code: must be between 1m and 1h"],
    [{ ttl: { signIn: "10m" } }, "mail.ttl.signIn: no such option"],
    [{ pages: page }, "mail.pages: no such option"],
  ])("%j does not start", (mail, message) => {
    expect(start({ mailer, mail: { page, ...mail } })).toThrow(`createAuth: ${message}`);
  });

  test("a mailer is an object with send", () => {
    for (const wrong of [{}, () => {}, { send: "x" }, null, "smtp://localhost"])
      expect(start({ mailer: wrong, mail: { page } })).toThrow(
        "createAuth: mailer: must be an object with send",
      );
  });

  test("options of later versions are refused by name", () => {
    for (const email of [{ signIn: true }, { revert: true }])
      expect(start({ mailer, mail: { page }, email })).toThrow(/^createAuth: email\.\w+: no such option/);
    expect(start({ mailer, mail: { page }, account: { deletionGrace: 0 } })).toThrow(
      /^createAuth: account: no such option/,
    );
  });

  test("mails on the console do not start in production", () => {
    vi.stubEnv("NODE_ENV", "production");
    expect(() => start({ mailer: consoleMailer(), mail: { page } })()).toThrow(/^consoleMailer: /);
  });
});
