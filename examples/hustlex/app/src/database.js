import pg from 'pg'

/** Two pods that start at once must not make the same table twice: the second one waits. */
const schema = `
  begin;
  select pg_advisory_xact_lock(8080);
  create table if not exists accounts (name text primary key, salt text not null, hash text not null);
  create table if not exists gigs (
    id bigint generated always as identity primary key,
    title text not null,
    reward numeric(10, 2) not null check (reward > 0)
  );
  create table if not exists applications (
    id bigint generated always as identity primary key,
    gig bigint not null references gigs,
    name text not null,
    pitch text not null,
    score int
  );
  commit;`

/** A pool that is connected and has its tables; tries until the database answers. */
export async function connectDatabase(url) {
  const pool = new pg.Pool({ connectionString: url, max: 5, connectionTimeoutMillis: 3000 })
  // An idle connection that the server ends is replaced at the next query.
  pool.on('error', (error) => console.error(`database: ${error.message}`))
  for (;;) {
    try {
      await pool.query(schema)
      return pool
    } catch (error) {
      console.error(`database: ${error.message}`)
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}
