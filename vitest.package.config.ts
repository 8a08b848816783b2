import { defineConfig, type ViteUserConfig } from "vitest/config";

// The tarball as it would be published, installed from the registry into an empty folder.
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/package/**/*.test.ts"],
    globalSetup: ["test/package/global-setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});

export default config;
