import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { hasChromium } from "./chromium.ts";
import { EMAIL, isInside, PASSWORD, signIn, signOut, signUp, useStage } from "./stage.ts";

describe.skipIf(!hasChromium())("the demo in a browser that visits other sites", () => {
  const stage = useStage();
  let page: Page;
  let evil: Server;
  let port: number;

  beforeEach(async () => {
    page = await stage.newBrowser();
    await signUp(page);
    port = await freePort();
    evil = createServer((_request, response) => {
      response.setHeader("content-type", "text/html");
      response.end(evilPage());
    });
    await once(evil.listen(port, "127.0.0.1"), "listening");
  });

  afterEach(() => void evil.close());

  /** Forms that send what looks like JSON, and nothing that would ask the server first. */
  function evilPage(): string {
    const eve = `{"email":"eve@example.com","password":"${PASSWORD}","x":"`;
    const form = (id: string, action: string, name: string): string =>
      `<form id="${id}" method="post" enctype="text/plain" action="${stage.demo.url}${action}">
         <input name='${name}' value='"}'><button>Win a prize</button></form>`;
    return `<!doctype html><title>Prizes</title>${form("logout", "/web/auth/logout", "x")}
      ${form("login", "/web/auth/login", eve)}${form("signup", "/web/auth/signup", eve)}`;
  }

  // Another site, and then one that is another origin only: cookies know no ports, so they come along.
  test.each(["localhost", "127.0.0.1"])("a page at %s can sign nobody out, and nobody in", async (host) => {
    const before = await page.context().cookies();
    const tab = await page.context().newPage();
    for (const id of ["logout", "login", "signup"]) {
      await tab.goto(`http://${host}:${port}/`);
      await tab.locator(`#${id} button`).click();
      await tab.getByText("cross_site_request").waitFor();
      expect(stage.demo.answers).toContain(`POST /web/auth/${id} 403`);
    }
    for (const [path, mode] of [
      ["logout", "no-cors"],
      ["refresh", "no-cors"],
      ["sessions", "cors"],
    ] as const) {
      await tab.goto(`http://${host}:${port}/`);
      const method = mode === "cors" ? "DELETE" : "POST";
      const outcome = await tab.evaluate(
        ([url = "", ...options]) =>
          fetch(url, {
            method: options[0] ?? "",
            mode: options[1] as RequestMode,
            credentials: "include",
          }).then(
            ({ type }) => type,
            () => "refused by the browser",
          ),
        [`${stage.demo.url}/web/auth/${path}`, method, mode],
      );
      expect(outcome).toBe("refused by the browser");
    }
    const changes = stage.demo.answers.filter((answer) => /^(POST|DELETE)/.test(answer));
    expect(changes.filter((answer) => !answer.endsWith(" 403"))).toEqual(["POST /web/auth/signup 201"]);
    expect(await page.context().cookies()).toEqual(before);
    await page.reload();
    await isInside(page);
    expect(await page.locator("#me").innerText()).toContain(EMAIL);
  });

  test("a page of another origin cannot frame it", async () => {
    const tab = await page.context().newPage();
    await tab.goto(`http://localhost:${port}/`);
    await tab.evaluate((url) => {
      const frame = document.createElement("iframe");
      frame.src = url;
      document.body.append(frame);
      return new Promise((resolve) => frame.addEventListener("load", resolve));
    }, stage.demo.url);
    const [, frame] = tab.frames();
    expect(await frame?.locator("#door, #room, #waiting").count()).toBe(0);
  });

  test("no script can read a token: not in cookies, storage, markup, or anything that was answered", async () => {
    const bodies: Promise<string>[] = [];
    page.on("response", (response) => {
      if (response.url().includes("/web/")) bodies.push(response.text().catch(() => ""));
    });
    await signOut(page);
    await signIn(page);
    const cookies = await page.context().cookies([`${stage.demo.url}/web/auth/me`]);
    expect(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]).sort()).toEqual([
      ["sp-access", true, "Lax"],
      ["sp-device", true, "Strict"],
      ["sp-refresh", true, "Strict"],
    ]);
    expect(await page.evaluate(() => document.cookie)).toBe("");
    const seen = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    const readable = [seen, await page.content(), ...(await Promise.all(bodies))].join("\n");
    expect(readable).toContain(EMAIL);
    for (const { value } of cookies) expect(readable).not.toContain(value);
    expect(readable).not.toMatch(/eyJ[\w-]+\./);
  });
});
