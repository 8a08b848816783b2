// Writes the OpenAPI documents that handlers serve to docs/contracts; with --check it only compares.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { routes } from "../src/contract/routes.ts";
import { contractRoute } from "../src/http/openapi/openapi.ts";
import { type CookieNames, tokenCookies } from "../src/http/transport/cookies.ts";

const FOLDER = "docs/contracts";
const BASE_PATH = "/auth";
const isCheck = process.argv.includes("--check");

const { names } = tokenCookies({ basePath: BASE_PATH, insecureLocalhost: false });
const contracts = { "auth.yaml": await textOf(), "auth-cookie.yaml": await textOf(names) };
const drifted = Object.entries(contracts).filter(([file, text]) => read(file) !== text);

if (!isCheck) mkdirSync(FOLDER, { recursive: true });
for (const [file, text] of drifted) {
  if (isCheck) console.error(`${FOLDER}/${file} is not what handlers serve. Run: npm run contract`);
  else writeFileSync(`${FOLDER}/${file}`, text);
}
process.exitCode = isCheck && drifted.length > 0 ? 1 : 0;

async function textOf(cookieNames?: CookieNames): Promise<string> {
  const contract = contractRoute(routes, { basePath: BASE_PATH, cookieNames });
  const document = await contract.run(undefined as never, undefined as never);
  // As it is sent: what JSON leaves out is not there, and nothing is an alias of something else.
  return stringify(JSON.parse(JSON.stringify(document)), { lineWidth: 110, aliasDuplicateObjects: false });
}

function read(file: string): string | null {
  try {
    return readFileSync(`${FOLDER}/${file}`, "utf8");
  } catch {
    return null;
  }
}
