import { runServer } from "../shared/run-server.ts";
import { createApp } from "./app.ts";

await runServer({
  command: "npm run demo:fastify",
  port: process.env["PORT"] ?? "3000",
  host: process.env["HOST"] ?? "127.0.0.1",
  createServer: async (means) => {
    const app = await createApp(means);
    await app.ready();
    app.server.once("close", () => void app.close()); // so that plugins are closed
    return app.server; // started and stopped like every example here; `app.listen()` works too
  },
});
