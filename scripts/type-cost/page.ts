// A page that calls everything.
import { createAuthClient, isAuthProblem } from "sallyport/client";

declare function use(one: unknown, other?: unknown): void;

export async function page(): Promise<void> {
  const client = createAuthClient({ transport: "cookie", onChange: (state) => console.info(state) });
  const credentials = { email: "ada@example.com", password: "Correct1horse" };
  try {
    const signup = await client.signup(credentials);
    const login = await client.login(credentials);
    if (signup.status === "challenge") return use(signup.methods);
    if (login.status === "challenge") return use(login.challengeToken);
    use((await client.refresh()).accessTokenExpiresAt);
    use((await client.reauthenticate({ password: credentials.password })).accessTokenExpiresAt);
    const change = { currentPassword: credentials.password, newPassword: "Another2staple" };
    use((await client.password.change(change)).user.id);
    use((await client.me()).user.createdAt);
    for (const { id } of await client.sessions.list()) use(id);
    await client.sessions.revoke(login.session.id);
    use((await client.sessions.revokeOthers()).revoked);
    for (const { occurredAt } of (await client.events.list({ limit: 50 })).events) use(occurredAt);
    use((await client.fetch("/notes")).status);
    use(client.state());
    await client.logout();
    client.close();
  } catch (error) {
    if (isAuthProblem(error)) use(error.code, error.errors);
  }
}
