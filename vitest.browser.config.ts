import { defineConfig, type ViteUserConfig } from "vitest/config";
import shared from "./vitest.config.ts";

const config: ViteUserConfig = defineConfig({
  resolve: shared.resolve ?? {},
  test: {
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default config;
