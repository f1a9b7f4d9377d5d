import { readdir, readFile } from 'node:fs/promises'
import { database } from '../shared/database.js'

const folder = new URL('.', import.meta.url)

/** Carries out each .sql file of this folder once, in the order of their names, each as a transaction of its own. */
const pool = database()
await pool.query('create table if not exists migrations (name text primary key, done timestamptz default now())')
const { rows } = await pool.query('select name from migrations')
const done = new Set(rows.map(({ name }) => name))
for (const name of (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()) {
  if (done.has(name)) {
    console.log(`${name} was done before`)
    continue
  }
  const sql = await readFile(new URL(name, folder), 'utf8')
  await pool.query(`begin; ${sql}; insert into migrations (name) values ('${name}'); commit`)
  console.log(`${name} done`)
}
await pool.end()
