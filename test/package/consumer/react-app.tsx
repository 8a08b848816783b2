// A page of React: the hook's types need no more than the client's.
import { createAuthClient } from "sallyport/client";
import { useAuth } from "sallyport/react";

export const client = createAuthClient({ transport: "cookie" });

export function Greeting() {
  const { state, user } = useAuth(client);
  // @ts-expect-error the user may be missing
  user.email;
  return <p>{user ? `Hello, ${user.email}` : state}</p>;
}
