import { expect } from "vitest";
import { codeBlocks } from "../docs/support/pages.ts";
import { type Answer, call } from "./demo.ts";

/**
 * Sends what the `curl` lines of a page say, one after the other, and compares what each promises behind its `#`. The
 * server's own origin takes the place of `origin`.
 */
export async function followPage(page: string, url: string, origin?: string): Promise<number> {
  const commands = codeBlocks(page)
    .flatMap(({ code }) => code.split("\n"))
    .filter((line) => line.startsWith("curl "));
  const held = { TOKEN: "", ID: "", COOKIE: "", CHALLENGE: "", CODE: "" };
  for (const command of commands) {
    const [line = "", promised] = command.split(/ +# (?=\d)/);
    const answer = await send(origin ? line.replace(`origin: ${origin}`, `origin: ${url}`) : line, url, held);
    expect([command, [answer.status, answer.json?.code].join(" ").trim()]).toEqual([command, promised]);
    const [, cookie] =
      /^((?:__Host-)?sp-access=[^;]+)/m.exec((answer.headers["set-cookie"] ?? []).join("\n")) ?? [];
    if (cookie !== undefined) held.COOKIE = cookie;
    if (answer.json?.challengeToken) held.CHALLENGE = answer.json.challengeToken;
    const [, code] = /<strong class="mail-code">(\d+)</.exec(answer.body) ?? []; // of the newest mail
    if (code !== undefined) held.CODE = code;
    if (answer.json?.accessToken) {
      held.TOKEN = answer.json.accessToken;
      held.ID = answer.json.user.id;
    }
  }
  return commands.length;
}

/** Does what curl does with the few options that the pages use; any other fails. */
function send(line: string, url: string, held: Readonly<Record<string, string>>): Promise<Answer> {
  const words = (line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [])
    .slice(1)
    .map((word) => unquoted(word, held));
  const headers: Record<string, string> = {};
  let target = "";
  let method: string | undefined;
  let body: string | undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "-H") Object.assign(headers, Object.fromEntries([(words.shift() ?? "").split(": ")]));
    else if (word === "-d") body = words.shift();
    else if (word === "-X") method = words.shift();
    else if (word.startsWith("localhost:3000/")) target = word.slice("localhost:3000".length);
    else if (word !== "-i") throw new TypeError(`Unknown option of curl: ${word}`);
  }
  return call(url + target, method ?? (body === undefined ? "GET" : "POST"), { headers, body });
}

/** A word as a shell reads it: within single quotes no name has a meaning. */
function unquoted(word: string, held: Readonly<Record<string, string>>): string {
  return word.replaceAll(/'([^']*)'|"([^"]*)"|([^'"]+)/g, (part, single?: string, double?: string) =>
    single !== undefined ? single : (double ?? part).replaceAll(/\$(\w+)/g, (_, name) => held[name] ?? ""),
  );
}
