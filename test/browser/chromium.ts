import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PATH = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
/** The same engine without the windows around pages: a new user of it takes a quarter of the time. */
const WINDOWLESS = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium-headless-shell";

// It runs as root in containers, and it talks to nobody but the demo.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Whether there is a browser. Without one the tests are skipped, unless `REQUIRE_BROWSER=1` says no. */
export function hasChromium(): boolean {
  if (existsSync(PATH)) return true;
  const message = `No browser at ${PATH}. Install one (apt-get install chromium) or set CHROMIUM_PATH.`;
  if (process.env["REQUIRE_BROWSER"] === "1") throw new Error(message);
  console.warn(`Browser tests skipped. ${message}`);
  return false;
}

/** To start it without a tool that drives it: its path, and what it must be told. */
export function chromiumCommand(): readonly [path: string, flags: readonly string[]] {
  return [PATH, FLAGS];
}

/** `keepsPages`: whole pages for the back button. Browsers of people do that; one without windows does not. */
export function launchChromium({
  keepsPages = false,
}: {
  readonly keepsPages?: boolean;
} = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: keepsPages || !existsSync(WINDOWLESS) ? PATH : WINDOWLESS,
    args: FLAGS,
    ignoreDefaultArgs: keepsPages ? ["--disable-back-forward-cache"] : [],
  });
}
