import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

const config: ViteUserConfig = defineConfig({
  resolve: {
    alias: [
      { find: /^sallyport$/, replacement: source("index.ts") },
      { find: /^sallyport\/http$/, replacement: source("http/index.ts") },
      { find: /^sallyport\/kysely$/, replacement: source("adapters/kysely/index.ts") },
      { find: /^sallyport\/sqlite$/, replacement: source("adapters/sqlite.ts") },
      { find: /^sallyport\/testing$/, replacement: source("testing/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/package/**", "test/browser/**"],
    testTimeout: 20_000,
  },
});

export default config;
