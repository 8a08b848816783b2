import Link from "next/link";
import { Credentials } from "@/app/credentials";
import type { Query } from "@/lib/words";

export default async function SignIn({ searchParams }: { readonly searchParams: Promise<Query> }) {
  return (
    <main className="card">
      <h1>Sign in</h1>
      <Credentials action="/auth/login" page="/sign-in" button="Sign in" query={await searchParams} />
      <p className="quiet">
        New here? <Link href="/sign-up">Create an account</Link>
      </p>
    </main>
  );
}
