// The recipe for several pools of users, as the page has it: one limiter, one secret, one email in two pools.
import { expect, test } from "vitest";
import { SECRET } from "../support/harness.ts";
import { codeBlock } from "./support/pages.ts";
import { makeFolder } from "./support/programs.ts";

const MAIN = `
import { memoryRateLimiter } from "sallyport";
import { sqliteStore } from "sallyport/sqlite";
import { makePool } from "./pools.ts";

const rateLimiter = memoryRateLimiter();
const shop = makePool("shop", sqliteStore("shop.db"), rateLimiter);
const admin = makePool("admin", sqliteStore("admin.db"), rateLimiter);
const codeOf = (call) => call.then(() => "done", (error) => error.code);
const email = "ada@example.com";
const inShop = await shop.signup({ email, password: "Correct1horse" }, { ip: "203.0.113.1" });
const inAdmin = await admin.signup({ email, password: "Another2staple" }, { ip: "203.0.113.1" });
const guesses = [];
for (let index = 0; index < 12; index++)
  guesses.push(await codeOf(shop.login({ email, password: "x" }, { ip: "198.51.100." + index })));
console.log(JSON.stringify({
  samePerson: inShop.user.id === inAdmin.user.id,
  refusedInShop: guesses.filter((code) => code === "rate_limited").length,
  signInAtAdmin: await codeOf(admin.login({ email, password: "Another2staple" }, { ip: "203.0.113.2" })),
  otherPassword: await codeOf(admin.login({ email, password: "Correct1horse" }, { ip: "203.0.113.2" })),
  otherToken: await codeOf(admin.verifyToken(inShop.accessToken)),
}));
await Promise.all([shop.close(), admin.close()]);
`;

test("two pools of the recipe share a limiter, and neither people, passwords, tokens nor budgets", async () => {
  const folder = makeFolder({ "pools.ts": codeBlock("docs/storage.md", "ts", "makePool"), "main.ts": MAIN });
  try {
    const program = folder.start(["main.ts"], { SALLYPORT_SECRET: SECRET });
    expect(await program.exit).toBe(0);
    expect(JSON.parse(program.said())).toEqual({
      samePerson: false,
      refusedInShop: 2,
      signInAtAdmin: "done",
      otherPassword: "invalid_credentials",
      otherToken: "invalid_token",
    });
  } finally {
    await folder.remove();
  }
});
