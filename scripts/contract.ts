// Writes the OpenAPI documents that handlers serve to docs/contracts; with --check it only compares.
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { memoryStore } from "../src/adapters/memory/store.ts";
import type { Auth } from "../src/api/auth.ts";
import { createAuth } from "../src/create-auth.ts";
import { createHandler } from "../src/http/server/fetch-handler.ts";
import type { HandlerOptions } from "../src/http/server/handler-options.ts";

const FOLDER = "docs/contracts";
const isCheck = process.argv.includes("--check");

const base = { secret: randomBytes(32).toString("base64url"), store: memoryStore() };
const auth = createAuth(base);
const withMailer = createAuth({
  ...base,
  mailer: { send: async () => {} },
  mail: { page: "https://app.example/mail", delivery: "manual" },
  onWarning: () => {},
});
const cookie: HandlerOptions = { transport: "cookie", origins: ["https://app.example"] };
const contracts = {
  "auth.yaml": await textOf(auth, {}),
  "auth-cookie.yaml": await textOf(auth, cookie),
  "auth-mail.yaml": await textOf(withMailer, {}),
  "auth-mail-cookie.yaml": await textOf(withMailer, cookie),
};
const drifted = Object.entries(contracts).filter(([file, text]) => read(file) !== text);

if (!isCheck) mkdirSync(FOLDER, { recursive: true });
for (const [file, text] of drifted) {
  if (isCheck) console.error(`${FOLDER}/${file} is not what handlers serve. Run: npm run contract`);
  else writeFileSync(`${FOLDER}/${file}`, text);
}
process.exitCode = isCheck && drifted.length > 0 ? 1 : 0;

async function textOf(of: Auth, options: HandlerOptions): Promise<string> {
  const { body } = await createHandler(of, options).dispatch({
    method: "GET",
    target: "/auth/openapi.json",
    headers: {},
    body: { kind: "none" },
    client: { ip: null },
  });
  return stringify(JSON.parse(body ?? ""), { lineWidth: 110, aliasDuplicateObjects: false });
}

function read(file: string): string | null {
  try {
    return readFileSync(`${FOLDER}/${file}`, "utf8");
  } catch {
    return null;
  }
}
