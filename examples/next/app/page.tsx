import Link from "next/link";
import { visitor } from "@/lib/auth";

export default async function Home() {
  const me = await visitor();
  return (
    <main className="card">
      <h1>Notes</h1>
      <p className="quiet">Short notes that only you can read.</p>
      {me ? (
        <Link className="button" href="/notes">
          Open your notes
        </Link>
      ) : (
        <p className="row">
          <Link className="button" href="/sign-in">
            Sign in
          </Link>
          <Link className="button plain" href="/sign-up">
            Create an account
          </Link>
        </p>
      )}
    </main>
  );
}
