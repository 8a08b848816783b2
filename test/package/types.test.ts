import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { manifest, ROOT } from "../../scripts/smoke-package.ts";
import { compile } from "./compiler.ts";
import { program } from "./installed.ts";

const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const MAX_INSTANTIATIONS = 2_000;
const MAX_DECLARATION_LINES = 60;

test("a strict application with declarations compiles, our own declarations checked as well", async () => {
  expect(compile("tsconfig.json")).toBe("");
  const declarations = readFileSync(join(inject("consumer"), "out/app.d.ts"), "utf8");
  expect(declarations.split("\n").length).toBeLessThanOrEqual(MAX_DECLARATION_LINES);
  expect(declarations).toMatch(
    /export declare const auth: import\("sallyport"\)\.Auth<\{\s+roles: string\[\];\s+tenant: string;\s+\}, import/,
  );
  expect(declarations).toContain(
    'testAuth: import("sallyport").Auth<import("sallyport").NoClaims, import("sallyport").SignupInput>;',
  );
});

test("an application that keeps its own tables beside ours compiles, our own declarations checked as well", async () => {
  expect(compile("tsconfig.kysely.json")).toBe("");
  const declarations = readFileSync(join(inject("consumer"), "out/kysely-app.d.ts"), "utf8");
  expect(declarations).toContain(
    'auth: import("sallyport").Auth<import("sallyport").NoClaims, import("sallyport").SignupInput>;',
  );
});

test("an application that shares its limits compiles, our own declarations checked as well", async () => {
  expect(compile("tsconfig.limiter.json")).toBe("");
  const declarations = readFileSync(join(inject("consumer"), "out/limiter-app.d.ts"), "utf8");
  expect(declarations).toContain('export declare const overSqlite: import("sallyport").RateLimiter;');
});

test("a service that has the verifier alone compiles without the types of Node, our own declarations checked as well", async () => {
  expect(compile("tsconfig.verifier.json")).toBe("");
  const declarations = readFileSync(join(inject("consumer"), "out/verifier-app.d.ts"), "utf8");
  expect(declarations).toContain('import("sallyport/verifier").Verifier<Claims>');
});

test("a page's code compiles without the types of Node, our own declarations checked as well", async () => {
  expect(compile("tsconfig.client.json")).toBe("");
  const declarations = readFileSync(join(inject("consumer"), "out/client-app.d.ts"), "utf8");
  expect(declarations).toContain('export declare const client: import("sallyport/client").AuthClient;');
  expect(declarations).toContain('Promise<import("sallyport/client").LoginResult>');
});

test.each(["tsconfig.adapters.json", "tsconfig.adapters-bundler.json"])(
  "applications on Express, Fastify and Hono compile with the claims of their own, all declarations checked: %s",
  async (project) => {
    expect(compile(project)).toBe("");
  },
);

test.each(["tsconfig.react.json", "tsconfig.react-bundler.json"])(
  "a page of React compiles without the types of Node, our own declarations checked as well: %s",
  async (project) => {
    expect(compile(project)).toBe("");
  },
);

// Alone: the declarations of one entry must not bring what another one needs.
test.each(Object.keys(manifest.exports).filter((path) => path !== "./package.json"))(
  "%s compiles without the types of Node, our own declarations checked as well",
  async (path) => {
    const entry = path.replace(/^\./, "sallyport");
    const file = `entry-${entry.replaceAll("/", "-")}.ts`;
    const config = {
      extends: "./tsconfig.json",
      files: [file],
      compilerOptions: { types: [], lib: ["es2022", "dom"] },
    };
    writeFileSync(
      join(inject("consumer"), file),
      `import * as entry from "${entry}";\nexport const all: object = entry;\n`,
    );
    writeFileSync(join(inject("consumer"), `tsconfig.${file}.json`), JSON.stringify(config));
    expect(compile(`tsconfig.${file}.json`)).toBe("");
  },
);

test(`it costs the compiler at most ${MAX_INSTANTIATIONS} type instantiations`, async ({ annotate }) => {
  writeFileSync(join(inject("consumer"), "empty.ts"), "export {};\n");
  const own = (await instantiations("app.ts")) - (await instantiations("empty.ts"));
  await annotate(`${own} type instantiations`);
  expect(own).toBeGreaterThan(0);
  expect(own).toBeLessThanOrEqual(MAX_INSTANTIATIONS);
});

async function instantiations(file: string): Promise<number> {
  const config = { extends: "./tsconfig.json", files: [file], compilerOptions: { skipLibCheck: true } };
  const name = `tsconfig.${file}.json`;
  writeFileSync(join(inject("consumer"), name), JSON.stringify(config));
  const report = await program(TSC, "--project", name, "--noEmit", "--extendedDiagnostics");
  return Number(/^Instantiations:\s+(\d+)/m.exec(report)?.[1]);
}
