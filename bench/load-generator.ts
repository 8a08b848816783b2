// The process that sends requests, so that none of its work is the server's. One message, one run.
import autocannon from "autocannon";
import type { Answered, Load } from "./load.ts";

process.on("disconnect", () => process.exit());
process.on("message", async ({ requests, ...load }: Load) => {
  let connection = 0;
  const {
    "2xx": succeeded,
    non2xx,
    errors,
    duration: seconds,
  } = await autocannon({
    ...load,
    // Each connection begins with another request: otherwise they all log the same user in at once.
    ...(requests && {
      setupClient: (client) => {
        const first = Math.floor((requests.length / load.connections) * connection++);
        client.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
      },
    }),
    // It looks only so often, in milliseconds, whether it is done: every second, left to itself.
    sampleInt: 5,
  });
  const answered: Answered = { succeeded, failed: non2xx + errors, seconds };
  process.send?.(answered);
});
