"use client";

/** For an outage of the store, and for requests that came from another site. The log of the server has the reason. */
export default function Failure() {
  return (
    <main className="card">
      <h1>This did not work</h1>
      <p className="quiet">The service did not answer. Nothing was changed.</p>
      <a className="button" href="/notes">
        Try again
      </a>
    </main>
  );
}
