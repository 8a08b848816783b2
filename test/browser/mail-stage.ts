import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { call, type MailDemo, startMailDemo } from "../examples/demo.ts";
import { launchChromium } from "./chromium.ts";
import { fillIn, heading } from "./stage.ts";

export const PASSWORD = "Correct1horse";
export const NEXT = "Another2staple";

/** All tests of a file come from one address. */
const NO_LIMITS = {
  login: { address: false },
  signup: { address: false },
  mail: { address: false },
  proof: { address: false },
} as const;

interface NewMail {
  readonly link: string;
  readonly code: string;
}

/** One demo with an inbox and one browser for all tests of a file. Each test has an email of its own. */
export interface MailStage {
  readonly demo: MailDemo;
  readonly email: string;
  /** A profile of its own: cookies and storage of no other. */
  profile(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** The same, of a program that does what no page foresees. */
  strangeProfile(): Promise<BrowserContext>;
  open(context: BrowserContext, path?: string): Promise<Page>;
  /** Delivers what waits, and reads the newest mail to the email. */
  readMail(): Promise<NewMail>;
  statusOfMe(context: BrowserContext): Promise<number>;
}

export function useMailStage(): MailStage {
  let browser: Browser;
  let demo: MailDemo;
  let email = "";
  let tests = 0;
  const complaints: string[] = [];

  beforeAll(async () => {
    [browser, demo] = await Promise.all([launchChromium(), startMailDemo({ limits: NO_LIMITS })]);
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });
  beforeEach(() => {
    email = `ada${++tests}@example.com`;
    for (const list of [complaints, demo.errors, demo.answers, demo.referers]) list.length = 0;
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect([...complaints, ...demo.errors]).toEqual([]);
    // Whatever was done: no token of a mail was ever in a request line or a Referer.
    expect(demo.answers.filter((line) => line.includes("sallyport="))).toEqual([]);
    expect(demo.referers).toEqual([]);
  });

  const newContext = async (given: BrowserContextOptions = {}): Promise<BrowserContext> => {
    const context = await browser.newContext(given);
    context.setDefaultTimeout(60_000);
    return context;
  };
  return {
    get demo() {
      return demo;
    },
    get email() {
      return email;
    },
    async profile(given) {
      const context = await newContext(given);
      context.on("page", (page) => {
        page.on("pageerror", (error) => complaints.push(String(error)));
        page.on("console", (message) => {
          const isRefusal = message.text().startsWith("Failed to load resource");
          if (message.type() === "error" && !isRefusal) complaints.push(message.text());
        });
      });
      return context;
    },
    strangeProfile: () => newContext(),
    async open(context, path = "/") {
      const page = await context.newPage();
      await page.goto(path.startsWith("http") ? path : demo.url + path);
      return page;
    },
    async readMail() {
      await call(`${demo.url}/dev/mail`, "GET");
      const mail = demo.inbox.mails.find(({ to }) => to === email);
      return { link: mail?.link ?? "no link", code: mail?.code ?? "no code" };
    },
    statusOfMe: async (context) => (await context.request.get(`${demo.url}/web/auth/me`)).status(),
  };
}

type Fields = Readonly<Record<string, string>>;

/** Fills a form in, and submits it. */
export async function submit(page: Page, form: string, fields: Fields): Promise<void> {
  for (const [name, value] of Object.entries(fields))
    await page.locator(`#${form} [name=${name}]`).fill(value);
  await page.locator(`#${form} [type=submit]`).click();
}

/** Signs up, until the page waits for the code. */
export async function askToSignUp(page: Page, email: string): Promise<void> {
  await page.locator("#door").waitFor();
  await fillIn(page, "sign-up", { email, password: PASSWORD });
  await heading(page, "Look into your mail").waitFor();
}

/** Asks for a new password, until the page waits for the code. */
export async function askToReset(page: Page, email: string): Promise<void> {
  await page.locator("#door").waitFor();
  await page.locator("#sign-in-tab").click();
  await page.getByRole("button", { name: "Forgot your password?" }).click();
  await submit(page, "forgot-form", { email });
  await heading(page, "Look into your mail").waitFor();
}

export async function isInsideAs(page: Page, email: string): Promise<void> {
  await page.locator("#room").waitFor();
  await page.locator("#me", { hasText: email }).waitFor();
}
