// A page that the browser prepares ahead, script and all, before its user asks for it. Test tools switch that off in the
// browsers that they drive, so this browser runs by itself: the server alone tells it what to do, and sees what it asks.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { EMAIL, PASSWORD } from "../support/harness.ts";
import { chromiumCommand, hasChromium } from "./chromium.ts";
import { openPagesApp, type PagesApp } from "./pages-app.ts";

const BEGIN = `<!doctype html><title>Begin</title><link rel="icon" href="data:,"><script type="module">
const body = ${JSON.stringify(JSON.stringify({ email: EMAIL, password: PASSWORD }))};
await fetch("/auth/signup", { method: "POST", headers: { "content-type": "application/json" }, body });
await fetch("/told/signed-up");
const rules = document.createElement("script");
rules.type = "speculationrules";
rules.textContent = JSON.stringify({ prerender: [{ urls: ["/notes?ahead"], eagerness: "immediate" }] });
document.head.append(rules);
await fetch("/told/wait");
location.href = "/notes?ahead";
</script>`;

describe.skipIf(!hasChromium())("a page that the browser prepares ahead", () => {
  let app: PagesApp | undefined;
  let browser: ChildProcess | undefined;
  let profile: string | undefined;

  afterEach(async () => {
    if (browser && browser.exitCode === null) {
      const ended = once(browser, "exit");
      browser.kill();
      await ended;
    }
    app?.close();
    if (profile) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  test("sends no form before its user asks for it, and then one", async () => {
    const purposes = new Map<string, string>();
    const waiting: ServerResponse[] = [];
    app = await openPagesApp((request, response) => {
      purposes.set(request.url ?? "", String(request.headers["sec-purpose"]));
      if (request.url === "/begin") response.writeHead(200, { "content-type": "text/html" }).end(BEGIN);
      else if (request.url === "/told/wait") waiting.push(response);
      else if (request.url === "/told/signed-up") {
        app?.clock.advance("25h"); // the access token has expired, the session has not
        response.end();
      } else return false;
      return true;
    });
    profile = await mkdtemp(join(tmpdir(), "prerender-"));
    const [path, flags] = chromiumCommand();
    const own = ["--headless=new", `--user-data-dir=${profile}`, `${app.site}/begin`];
    browser = spawn(path, [...flags, ...own], { stdio: "ignore" });

    const between = "GET /auth/renew?returnTo=%2Fnotes%3Fahead 200";
    await expect.poll(() => app?.answered).toContain(between);
    await expect.poll(() => waiting.length).toBe(1);
    expect(purposes.get("/notes?ahead")).toMatch(/prerender/);
    // It has had the time to send a form: its script ran when the page came.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect([app.renewals(), app.rotations()]).toEqual([[], 0]);
    waiting[0]?.end();
    await expect.poll(() => app?.answered.at(-1)).toBe("GET /notes?ahead 200");
    expect([app.renewals(), app.rotations()]).toEqual([["POST /auth/renew 303"], 1]);
    expect(app.answered.filter((line) => line === between)).toHaveLength(1); // what was prepared is used
  });
});
