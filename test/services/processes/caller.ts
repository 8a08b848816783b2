// One of several processes on one database: opens a store, and carries out orders with many callers at once.
import { carryOut, type Order } from "./orders.ts";
import { type OpenStore, openStore, type StoreRef } from "./store-at.ts";

export type Message = { readonly open: StoreRef; readonly callers: number } | Order;

let opened: OpenStore | undefined;
let callers = 0;

process.on("message", async (message: Message) => {
  if ("verb" in message) {
    process.send?.(await carryOut(opened as OpenStore, message, callers));
    return;
  }
  await opened?.close();
  callers = message.callers;
  opened = await openStore(message.open, callers);
  process.send?.("ready");
});
process.on("disconnect", () => void opened?.close());
process.send?.("started");
