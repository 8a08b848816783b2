// Class: uniqueness by looking first (four parallel signups of one email made four users elsewhere).
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

test("50 signups with one email from two processes on one SQLite file make one account", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-two-"));
  const script = new URL("../support/signup-process.ts", import.meta.url);
  const run = () =>
    new Promise<Record<string, number>>((resolve, reject) => {
      const child = fork(script, [join(folder, "auth.db")], {
        execArgv: ["--no-warnings"],
        env: { ...process.env, NODE_ENV: "test" },
      });
      child.on("message", (message) =>
        message === "ready" ? child.send("go") : resolve(message as Record<string, number>),
      );
      child.on("error", reject);
      child.on("exit", (code) => code && reject(new TypeError(`The process ended with ${code}`)));
    });
  const [one, two] = await Promise.all([run(), run()]);
  rmSync(folder, { recursive: true });
  expect((one["fulfilled"] ?? 0) + (two["fulfilled"] ?? 0)).toBe(1);
  expect((one["email_taken"] ?? 0) + (two["email_taken"] ?? 0)).toBe(49);
});
