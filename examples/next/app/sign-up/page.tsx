import Link from "next/link";
import { Credentials } from "@/app/credentials";
import type { Query } from "@/lib/words";

export default async function SignUp({ searchParams }: { readonly searchParams: Promise<Query> }) {
  return (
    <main className="card">
      <h1>Create an account</h1>
      <Credentials action="/auth/signup" page="/sign-up" button="Create account" query={await searchParams} />
      <p className="quiet">
        You have one? <Link href="/sign-in">Sign in</Link>
      </p>
    </main>
  );
}
