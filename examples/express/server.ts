import { fileURLToPath } from "node:url";
import { boundedServer } from "../shared/bounded-server.ts";
import { runServer } from "../shared/run-server.ts";
import { createDemoApp } from "./app.ts";

const PAGE_CLIENT = fileURLToPath(import.meta.resolve("sallyport/client"));

await runServer({
  command: "npm run demo",
  port: process.env["PORT"] ?? "3000",
  host: process.env["HOST"] ?? "127.0.0.1",
  createServer: (means) => boundedServer(createDemoApp({ ...means, pageClient: PAGE_CLIENT })),
});
