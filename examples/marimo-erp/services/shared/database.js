import pg from 'pg'

/** A pool on DATABASE_URL; connections that the server ends are replaced at the next query. */
export function database() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5, connectionTimeoutMillis: 3000 })
  pool.on('error', (error) => console.error(`database: ${error.message}`))
  return pool
}
