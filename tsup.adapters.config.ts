import { fileURLToPath } from "node:url";
import type { Options } from "tsup";

/**
 * The entries for frameworks. They lie in `examples`, and are published from there. They import the package by its own
 * name, so they hold no copy of it, and their types come from `dist`: this build runs after the other one.
 */
const adapters: Options = {
  format: "esm",
  // Next.js is no package of this folder. What its functions answer stands in no declaration of ours.
  dts: {
    compilerOptions: {
      paths: { "next/*": [fileURLToPath(new URL("test/support/next/*.ts", import.meta.url))] },
    },
  },
  entry: {
    express: "examples/express/sallyport-express.ts",
    fastify: "examples/fastify/sallyport-fastify.ts",
    hono: "examples/hono/sallyport-hono.ts",
    next: "examples/next/sallyport-next.ts",
    react: "examples/react/sallyport-react.ts",
  },
  target: "es2022",
  platform: "neutral",
  splitting: false,
  external: [/^sallyport/],
};

export default adapters;
