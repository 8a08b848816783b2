// A page: it is compiled for the browser alone.
import { createAuthClient, isAuthProblem } from "sallyport/client";
import { mail, readMailLink } from "sallyport/client-mail";
import { type AsyncStorage, asyncStorage } from "sallyport/client-storage";

export const client = createAuthClient({
  basePath: "https://accounts.example/auth",
  storage: localStorage,
  onChange: (state) => {
    document.title = state === "signed_in" ? "Inside" : "Outside";
  },
});

export const signIn = (email: string, password: string) => client.login({ email, password });

export async function greet(): Promise<string> {
  try {
    const { user, session } = await client.me();
    return `${user.email} until ${new Date(session.expiresAt).toLocaleString()}`;
  } catch (error) {
    if (!isAuthProblem(error)) throw error;
    const first: string | undefined = error.errors?.[0]?.message;
    return error.code === "unreachable" ? "Offline" : (first ?? error.message);
  }
}

export async function until(email: string, password: string): Promise<string> {
  const result = await signIn(email, password);
  // @ts-expect-error a challenge is answered first
  result.user;
  if (result.status === "challenge") return result.challengeToken;
  // @ts-expect-error the client has the tokens, the page has not
  result.accessToken;
  return result.accessTokenExpiresAt;
}

export const onPhones = (storage: AsyncStorage) =>
  createAuthClient({ basePath: "https://accounts.example/auth", storage: asyncStorage(storage) });

// @ts-expect-error such a storage needs asyncStorage
export const forgotten = (storage: AsyncStorage) => createAuthClient({ storage });

export const mailing = createAuthClient({
  basePath: "https://accounts.example/auth",
  features: { mail: mail({ storage: localStorage }) },
});

export async function openMail(password: string): Promise<boolean> {
  const found = readMailLink();
  if (!found) return false;
  const { link, purpose } = found;
  const { challengeToken } = mailing.mail.pending(purpose) ?? {};
  if (challengeToken) await mailing.mail.confirmSignup({ challengeToken, link });
  else await mailing.mail.password.reset({ link, password });
  // @ts-expect-error a link alone confirms nothing
  mailing.mail.confirmSignup({ link });
  // @ts-expect-error a client without the feature has no such calls
  client.mail;
  return true;
}
