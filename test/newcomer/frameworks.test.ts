// The page of each framework as a newcomer reads it: an empty folder, the tarball, and the page from its first command to
// its last request.
import { expect, inject, test } from "vitest";
import { type CodeBlock, codeBlocks, readPage } from "../docs/support/pages.ts";
import { type Newcomer, newcomer } from "./newcomer.ts";

const PAGES = ["express", "fastify", "hono", "nextjs", "node-http"];
const FIVE_MINUTES = 5 * 60_000;

test.skipIf(inject("tarball") === null).each(PAGES)(
  "docs/frameworks/%s.md leads to a protected route in under five minutes",
  { timeout: FIVE_MINUTES },
  async (name) => {
    const reader = await newcomer();
    try {
      const answers = await follow(reader, `docs/frameworks/${name}.md`);
      expect(answers.map(({ came }) => came)).toEqual(answers.map(({ promised }) => promised));
      const route = answers.find(({ came }) => came.startsWith("401 "))?.route;
      const opened = answers.filter((answer) => answer.route === route && answer.came === "200");
      expect(opened.map(({ body }) => body)).toEqual([expect.stringContaining('"ada@example.com"')]);
    } finally {
      await reader.leave();
    }
  },
);

interface Answer {
  readonly route: string;
  /** What the page says behind the `#` of the request: a status, and the code of a refusal. */
  readonly promised: string;
  readonly came: string;
  readonly body: string;
}

/** Does what the page says, in its order. Its last command before the requests starts the server. */
async function follow(reader: Newcomer, page: string): Promise<readonly Answer[]> {
  const blocks = codeBlocks(page);
  const start = blocks.flatMap(commandsOf).findLast((command) => !isRequest(command));
  const held = { TOKEN: "", COOKIE: "" };
  const answers: Answer[] = [];
  for (const block of blocks) {
    const path = pathOf(block);
    if (path) reader.write(path, block.code);
    for (const command of commandsOf(block))
      if (command === start) await reader.serve(command);
      else if (isRequest(command)) {
        const printed = await reader.request(command, held);
        const answer = answerIn(command, printed);
        held.COOKIE = /^set-cookie: ([^;]*sp-access=[^;]+)/im.exec(printed)?.[1] ?? held.COOKIE;
        held.TOKEN = /"accessToken":"([^"]+)"/.exec(answer.body)?.[1] ?? held.TOKEN;
        answers.push(answer);
      } else await reader.run(command);
  }
  return answers;
}

function isRequest(command: string): boolean {
  return command.startsWith("curl ");
}

function commandsOf({ language, code }: CodeBlock): readonly string[] {
  return language === "sh" ? code.trim().split("\n") : [];
}

/** The file that a block is, by the line above it. */
function pathOf({ page, line }: CodeBlock): string | undefined {
  return /^`([^`]+)`:$/.exec(readPage(page).split("\n")[line - 4] ?? "")?.[1];
}

/** Reads what `curl -i` has printed. */
function answerIn(command: string, printed: string): Answer {
  const [head = "", body = ""] = printed.split(/\r\n\r\n(.*)/s);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  const code = /"code":"(\w+)"/.exec(body)?.[1];
  return {
    route: /localhost:3000(\S*)/.exec(command)?.[1] ?? "",
    promised: /# (\d.*)$/.exec(command)?.[1] ?? "",
    came: [status, code].filter(Boolean).join(" "),
    body,
  };
}
