// The mailers of docs/mail.md as they stand, against what the services document of their requests.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Mail, Mailer } from "sallyport";
import { afterAll, describe, expect, test, vi } from "vitest";
import { EMAIL, makeAuth } from "../support/harness.ts";
import { ask, sendingBy } from "../support/mail.ts";
import { codeBlock } from "./support/pages.ts";
import { makeFolder } from "./support/programs.ts";

const PAGE = "docs/mail.md";
const NAMES = ["resend", "postmark", "ses"] as const;

const folder = makeFolder(
  Object.fromEntries(NAMES.map((name) => [`${name}.ts`, codeBlock(PAGE, "ts", `export const ${name}:`)])),
);
afterAll(() => folder.remove());

async function mailerOf(name: (typeof NAMES)[number]): Promise<Mailer> {
  vi.stubEnv("RESEND_API_KEY", "re_key");
  vi.stubEnv("POSTMARK_TOKEN", "pm-token");
  vi.stubEnv("SES_SMTP_USER", "AKIA+user");
  vi.stubEnv("SES_SMTP_PASSWORD", "pass/word+1");
  const loaded = await import(/* @vite-ignore */ pathToFileURL(join(folder.path, `${name}.ts`)).href);
  return loaded[name];
}

/** Delivers a mail through it. The service answers with this status. */
async function deliver(mailer: Mailer, status: number) {
  const requests: Request[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    requests.push(new Request(url, init));
    return new Response("{}", { status });
  });
  const mails: Mail[] = [];
  const watched: Mailer = {
    send: (mail) => {
      mails.push(mail);
      return mailer.send(mail);
    },
  };
  const { auth, ctx } = makeAuth(sendingBy(watched));
  await ask(ctx, { purpose: "signup" });
  const { sent, failed } = await auth.mail.deliver();
  const [request] = requests;
  const body = request ? ((await request.json()) as Record<string, unknown>) : {};
  return { sent, failed, mail: mails[0] as Mail, request: request as Request, body };
}

describe.each([
  { name: "resend", url: "https://api.resend.com/emails", key: ["authorization", "Bearer re_key"] },
  {
    name: "postmark",
    url: "https://api.postmarkapp.com/email",
    key: ["x-postmark-server-token", "pm-token"],
  },
] as const)("$name", ({ name, url, key: [header, key] }) => {
  test("gets the mail once, with the key of the application", async () => {
    const { sent, failed, mail, request, body } = await deliver(await mailerOf(name), 200);
    expect([sent, failed, request.url, request.method]).toEqual([1, 0, url, "POST"]);
    expect(request.headers.get(header)).toBe(key);
    expect(request.headers.get("content-type")).toBe("application/json");
    const { subject, text, html, headers } = mail;
    const listed = Object.entries(headers).map(([Name, Value]) => ({ Name, Value }));
    const said =
      name === "resend"
        ? { to: [EMAIL], subject, text, html, headers }
        : {
            To: EMAIL,
            Subject: subject,
            TextBody: text,
            HtmlBody: html,
            Headers: listed,
            TrackLinks: "None",
          };
    expect(body).toMatchObject(said);
    if (name === "resend") expect(request.headers.get("idempotency-key")).toBe(mail.id);
  });

  test.each([401, 422, 429, 500])(
    "its refusal with %i is a failed delivery, which is tried again",
    async (status) => {
      const { sent, failed } = await deliver(await mailerOf(name), status);
      expect([sent, failed]).toEqual([0, 1]);
    },
  );
});

test("ses is a mailer by SMTP over TLS, whatever is in its password", async () => {
  expect((await mailerOf("ses")).send).toBeTypeOf("function");
});
