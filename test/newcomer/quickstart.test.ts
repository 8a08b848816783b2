// The quick start as a newcomer reads it: an empty folder, the tarball, and the commands of the page in their order.
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { codeBlock, codeBlocks } from "../docs/support/pages.ts";
import { type Newcomer, newcomer } from "./newcomer.ts";

const PAGE = "docs/quickstart.md";
const START = "node --env-file=.env server.ts";

let reader: Newcomer;
beforeEach(async () => {
  reader = await newcomer();
});
afterEach(() => reader.leave());

/** A shell block of the page, without the commands that cannot be the same here. */
function block(mark: string, ...left: readonly string[]): string {
  const code = codeBlock(PAGE, "sh", mark);
  for (const command of left) expect(code).toContain(command);
  return left.reduce((text, command) => text.replaceAll(command, ":"), code);
}

/** Runs each `curl` of the page, and gives the statuses that came and those that the page shows. */
async function requests(): Promise<{ came: readonly string[]; shown: readonly string[] }> {
  const held = { TOKEN: "", REFRESH_TOKEN: "" };
  const came: string[] = [];
  const shown: string[] = [];
  const blocks = codeBlocks(PAGE);
  for (const [index, { language, code }] of blocks.entries()) {
    if (language !== "sh" || !code.startsWith("curl ")) continue;
    const answer = await reader.request(code, held);
    held.TOKEN = /"accessToken":"([^"]+)"/.exec(answer)?.[1] ?? held.TOKEN;
    held.REFRESH_TOKEN = /"refreshToken":"([^"]+)"/.exec(answer)?.[1] ?? held.REFRESH_TOKEN;
    came.push(answer.slice(0, 12));
    shown.push((blocks[index + 1]?.code ?? "").slice(0, 12));
  }
  return { came, shown };
}

test.skipIf(inject("tarball") === null).each(["express", "fastify"])(
  "the page leads from an empty folder to a protected route, with %s",
  async (framework) => {
    await reader.run(block("mkdir hello", "mkdir hello && cd hello", "npm install sallyport express"));
    await reader.run(block("npm install ./sallyport", "npm ci && npm run build && npm pack"));
    if (framework === "fastify") await reader.run(block("npm install fastify"));
    await reader.run(block("npx sallyport secret"));
    reader.write("server.ts", codeBlock(PAGE, "ts", `import ${framework} from`));
    expect(block("--env-file").trim()).toBe(START);
    await reader.serve(START);
    const { came, shown } = await requests();
    expect(came).toEqual(shown);
    expect(came).toEqual(expect.arrayContaining(["HTTP/1.1 200", "HTTP/1.1 401", "HTTP/1.1 204"]));
  },
);
