import { type Auth, createAuth } from "sallyport";
import { createHandler, forwarded } from "sallyport/http";
import { nextAuth } from "sallyport/next";
import { sqliteStore } from "sallyport/sqlite";
import { dataFile } from "./data";

const onError = console.error;

// Next.js may load this file more than once: for pages, for routes, and after each change. One `Auth` serves them all.
const kept = globalThis as typeof globalThis & { notesAuth?: Auth };

export const { routes, visitor, requireUser, actor, withUser } = nextAuth(() => {
  const { SALLYPORT_SECRET, ORIGIN = "http://localhost:3000", BEHIND_PROXY } = process.env;
  kept.notesAuth ??= createAuth({
    secret: SALLYPORT_SECRET,
    store: sqliteStore(dataFile("auth.db")),
    onError,
  });
  return createHandler(kept.notesAuth, {
    transport: "cookie",
    origins: [ORIGIN],
    insecureLocalhost: ORIGIN.startsWith("http://"),
    pages: { signIn: "/sign-in", home: "/notes", signedOut: "/" },
    // Next.js shows no socket, and passes on what a client has written into the header. So a proxy must write it.
    clientAddress: BEHIND_PROXY ? forwarded({ hops: 1 }) : () => null,
    onError,
  });
});
