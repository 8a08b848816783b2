// Whose text gets into a mail, which template writes it, and what is refused after it was written.
import { layoutMail, type MailContent, type MailTemplates, type RenderedMail } from "sallyport";
import { describe, expect, test } from "vitest";
import { AT, PROOF, RENDERING, sampleFacts } from "../../../scripts/sample-mails.ts";
import { MAIL_KINDS, PLAIN_MAILS, PROOF_PURPOSES } from "../../../src/domain/vocabulary.ts";
import { type MailRendering, mailRenderer } from "../../../src/kit/mail/mail-renderer.ts";

const SOUND: RenderedMail = { subject: "Hallo", text: "Hallo.", html: "<p>Hallo.</p>" };
const saying = (subject: string) => (): RenderedMail => ({ ...SOUND, subject });
const renderWith = (templates: MailTemplates, rendering: Partial<MailRendering> = {}) =>
  mailRenderer({ ...RENDERING, ...rendering, templates });

describe("no text of a stranger's choice gets into a mail", () => {
  const WORDS = "CALL-0800-EVIL";
  const HOSTILE = [
    WORDS,
    `<a href="https://evil.example">${WORDS}</a>`,
    `${WORDS}\r\nBcc: eve@example.com`,
    `\u202e${WORDS}`,
    `203.0.113.7 ${WORDS}`,
    `::1%${WORDS}`,
  ];

  test.each(HOSTILE)("as address of the client, as browser and as system: %j", (text) => {
    for (const kind of MAIL_KINDS) {
      const request = { at: AT, ip: text, device: { browser: text, system: text } };
      const mail = mailRenderer(RENDERING)(kind, { ...sampleFacts(kind), request } as never, text);
      expect(JSON.stringify(mail)).not.toContain("EVIL");
      expect(mail.text).not.toMatch(/[\u202a-\u202e\r]/);
    }
  });

  test("as words in front of the at sign of the recipient's own address", () => {
    for (const kind of MAIL_KINDS) {
      const mail = mailRenderer(RENDERING)(
        kind,
        { ...sampleFacts(kind), to: `ada+${WORDS}@example.com` },
        "en",
      );
      expect(mail.to).toBe(`ada+${WORDS}@example.com`);
      expect((mail.subject + mail.text + mail.html).toUpperCase()).not.toContain("EVIL");
    }
  });

  test("as name of the application it would be text, and no markup", () => {
    const render = renderWith({}, { name: `A&B <script>"x"` });
    for (const kind of MAIL_KINDS) {
      const { html } = render(kind, sampleFacts(kind), "en");
      expect(html).not.toContain("<script");
      expect(html).toContain("A&amp;B &lt;script&gt;&quot;x&quot;");
    }
  });

  test("as template, it gets no address either", () => {
    let seen: MailContent | undefined;
    const sign_in = (content: MailContent): RenderedMail => {
      seen = content;
      return SOUND;
    };
    renderWith({ en: { sign_in } })("sign_in", sampleFacts("sign_in"), "en");
    expect(JSON.stringify(seen)).not.toContain("ada@");
    expect(Object.isFrozen(seen)).toBe(true);
  });
});

describe("the recipient", () => {
  test("is one address in ASCII, with the case that its owner gave it", () => {
    const { to } = mailRenderer(RENDERING)(
      "sign_in",
      { ...sampleFacts("sign_in"), to: "Ada@Exämple.COM" },
      null,
    );
    expect(to).toBe("Ada@xn--exmple-cua.com");
  });

  test.each([
    "a@x.example, b@y.example",
    "a@x.example\r\nBcc: b@y.example",
    "Ada <a@x.example>",
    "a＠x.example",
    "",
  ])("is never %j", (to) => {
    expect(() => mailRenderer(RENDERING)("sign_in", { ...sampleFacts("sign_in"), to }, null)).toThrow(
      TypeError,
    );
  });
});

describe("the proof", () => {
  test("is in the query where the application wants it there", () => {
    const { link } = renderWith({}, { tokenIn: "query" })("login", sampleFacts("login"), "en");
    expect(link).toBe(`https://app.acme.example/mail?sallyport=login.${PROOF.link}`);
  });

  test.each(PROOF_PURPOSES)("is required for %s", (kind) => {
    expect(() => mailRenderer(RENDERING)(kind, { to: "ada@example.com" }, "en")).toThrow(/needs proof/);
  });

  test.each(PLAIN_MAILS)("is refused for %s", (kind) => {
    const facts = { to: "ada@example.com", proof: PROOF };
    expect(() => mailRenderer(RENDERING)(kind, facts, "en")).toThrow(/has no proof/);
  });

  test.each([
    { link: "" },
    { link: 'x"onmouseover="y' },
    { link: "a b" },
    { link: "a".repeat(257) },
    { code: "12345" },
    { code: "12345678901" },
    { code: "12345x" },
  ])("is refused as %j", (part) => {
    const facts = { ...sampleFacts("login"), proof: { ...PROOF, ...part } };
    expect(() => mailRenderer(RENDERING)("login", facts, "en")).toThrow(/malformed/);
  });
});

describe("the language", () => {
  const templates: MailTemplates = {
    de: { sign_in: saying("de"), login: saying("de") },
    "de-AT": { sign_in: saying("de-AT") },
    "zh-Hant": { sign_in: saying("zh-Hant") },
    en: { new_device: saying("own en") },
  };

  test.each([
    ["sign_in", "de-AT", "de-AT", "de-AT"],
    ["sign_in", "DE-at", "de-AT", "de-AT"],
    ["login", "de-AT", "de", "de"],
    ["sign_in", "de-CH-1996", "de", "de"],
    ["sign_in", "de-DE-u-co-phonebk", "de", "de"],
    ["sign_in", "zh-Hant-TW", "zh-Hant", "zh-Hant"],
    ["sign_in", "zh-Hans", "en", "Sign in to Acme"],
    ["sign_in", "en-GB", "en", "Sign in to Acme"],
    ["sign_in", "fr", "en", "Sign in to Acme"],
    ["sign_in", "no language", "en", "Sign in to Acme"],
    ["sign_in", "__proto__", "en", "Sign in to Acme"],
    ["sign_in", "constructor", "en", "Sign in to Acme"],
    ["sign_in", null, "en", "Sign in to Acme"],
    ["password_reset", "de-AT", "en", "Choose a new password for Acme"],
    ["new_device", "de", "en", "own en"],
    ["new_device", null, "en", "own en"],
  ] as const)("%s for %s is in %s: %s", (...[kind, wanted, locale, subject]) => {
    const mail = renderWith(templates)(kind, sampleFacts(kind), wanted);
    expect([mail.locale, mail.subject]).toEqual([locale, subject]);
    expect(mail.headers).toEqual({ "Auto-Submitted": "auto-generated", "Content-Language": locale });
  });

  test("falls to that of the application, but readers of English keep English", () => {
    const render = renderWith(templates, { locale: "de-AT" });
    const localeFor = (wanted: string | null) => render("sign_in", sampleFacts("sign_in"), wanted).locale;
    expect([null, "fr", "en", "en-GB", "de"].map(localeFor)).toEqual(["de-AT", "de-AT", "en", "en", "de"]);
    expect(render("login", sampleFacts("login"), "fr").locale).toBe("de");
    expect(render("invitation", sampleFacts("invitation"), "fr").locale).toBe("en");
  });

  test.each([
    [{ de_DE: {} }, /createAuth: mail\.templates\.de_DE: is no language tag/],
    [{ de: { sigin: saying("x") } }, /createAuth: mail\.templates\.de\.sigin: no such kind of mail/],
    [{ de: { sign_in: "Hallo" } }, /createAuth: mail\.templates\.de\.sign_in: must be a function/],
    [{ de: { constructor: saying("x") } }, /no such kind of mail/],
    [{ de: [] }, /createAuth: mail\.templates\.de: must be an object/],
    [{ "de-at": {}, "de-AT": {} }, /this language is there twice/],
    [[], /createAuth: mail\.templates: must be an object/],
    [new Map(), /createAuth: mail\.templates: must be an object/],
  ])("does not start with %j", (templates, message) => {
    expect(() => renderWith(templates as never)).toThrow(message);
    expect(() => renderWith(templates as never)).toThrow(
      expect.objectContaining({ code: "invalid_configuration" }),
    );
  });
});

describe("what a template makes is checked", () => {
  const outcome = (template: () => unknown): unknown => {
    try {
      return renderWith({ en: { sign_in: template as never } })("sign_in", sampleFacts("sign_in"), "en")
        .subject;
    } catch (error) {
      return error;
    }
  };

  test("a subject of 120 characters passes, with letters of any script", () => {
    for (const subject of ["x".repeat(120), "Bei Acme anmelden – jetzt", "登录", "👋🏽 Hallo"])
      expect(outcome(saying(subject))).toBe(subject);
  });

  test.each([
    ["121 characters", saying("x".repeat(121)), /more than 120 characters/],
    ["no subject", saying(""), /no subject/],
    ["a subject of spaces", saying("  "), /no subject/],
    ["a line break", saying("Hi\r\nBcc: eve@example.com"), /control character/],
    ["a line feed", saying("Hi\nthere"), /control character/],
    ["a NUL", saying("Hi\0"), /control character/],
    ["a next line", saying("Hi\u0085there"), /control character/],
    ["a line separator", saying("Hi\u2028there"), /control character/],
    ["a lone surrogate", saying("Hi\ud800"), /control character/],
    ["no text", () => ({ ...SOUND, text: "" }), /no text/],
    ["a text of white space", () => ({ ...SOUND, text: " \n" }), /no text/],
    ["no html", () => ({ ...SOUND, html: undefined }), /no html/],
    ["an object as text", () => ({ ...SOUND, text: { path: "/etc/passwd" } }), /no text/],
    ["a promise of a mail", async () => SOUND, /no subject/],
    ["nothing", () => undefined, /no subject/],
    ["null", () => null, /no subject/],
  ])("%s is a failed delivery", (_what, template, message) => {
    const error = outcome(template);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(message);
  });

  test("a template that throws is a failed delivery, with its error as cause", () => {
    const cause = new RangeError("broken");
    const error = outcome(() => {
      throw cause;
    });
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toBe("TypeError: The template sign_in (en) failed: it threw an error");
    expect(error).toMatchObject({ cause });
  });

  test("the library's own pass for the longest name of an application", () => {
    const render = renderWith({}, { name: "x".repeat(64) });
    for (const kind of MAIL_KINDS)
      expect(render(kind, sampleFacts(kind), "en").subject).toContain("x".repeat(64));
  });
});

describe("layoutMail", () => {
  const words = { subject: "Anmelden", heading: "Anmelden", intro: ["Los."], outro: ["Ende."] };
  const germanWith = (more: object) =>
    renderWith({ de: { sign_in: (content) => layoutMail(content, { ...words, ...more }) } });

  test("lays out the words of any language, escaped", () => {
    const render = germanWith({ button: "Anmelden <b>", code: "Der Code:", paste: "Die Zeile:" });
    const { text, html, locale } = render("sign_in", sampleFacts("sign_in"), "de-AT");
    expect(locale).toBe("de");
    expect(html).toContain('<html lang="de" dir="ltr">');
    expect(html).toContain("Anmelden &lt;b&gt;");
    expect(text.split("\n\n")).toEqual([
      "Anmelden",
      "Los.",
      `Anmelden <b>:\nhttps://app.acme.example/mail#sallyport=sign_in.${PROOF.link}`,
      "Der Code:",
      "402917",
      "Die Zeile:",
      `sign_in.${PROOF.link}`,
      "Ende.",
      "@app.acme.example #402917\n",
    ]);
  });

  test("writes from right to left where the script does, but not codes and tokens", () => {
    const templates = {
      ar: {
        sign_in: (content: MailContent) =>
          layoutMail(content, { ...words, button: "x", code: "x", paste: "x" }),
      },
    };
    const { html } = renderWith(templates)("sign_in", sampleFacts("sign_in"), "ar-EG");
    expect(html).toContain('<html lang="ar" dir="rtl">');
    expect(html.match(/dir="ltr"/g)).toHaveLength(3);
  });

  test.each([
    [{ button: "x", code: "x" }, "paste"],
    [{ button: "x", paste: "x" }, "code"],
    [{ code: "x", paste: "x" }, "button"],
  ])("with %j a code or a proof would be lost: it is refused", async (more, name) => {
    const render = germanWith(more);
    const call = async () => render("sign_in", sampleFacts("sign_in"), "de");
    await expect(call()).rejects.toMatchObject({ cause: { code: "invalid_configuration" } });
    await expect(call().catch((error) => Promise.reject(error.cause))).rejects.toThrow(`lack ${name}`);
  });
});
