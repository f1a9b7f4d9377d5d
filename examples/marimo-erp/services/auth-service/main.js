import { createClient } from '@redis/client'
import { broker } from '../shared/broker.js'
import { database } from '../shared/database.js'
import { Refusal, serve } from '../shared/http.js'
import { hashed, matches } from './passwords.js'
import { sessionsIn } from './sessions.js'

const accounts = database()
const redis = createClient({ url: process.env.REDIS_URL })
redis.on('error', (error) => console.error(`redis: ${error.message}`))
await redis.connect()
const sessions = sessionsIn(redis)
const events = await broker()

async function register({ body: { email, password } = {} }) {
  if (!/^\S+@\S+$/.test(email ?? '') || !password) throw new Refusal(400, 'needs an email and a password')
  const insert = 'insert into accounts (email, password) values ($1, $2) on conflict do nothing returning id'
  const { rows } = await accounts.query(insert, [email, await hashed(password)])
  if (rows.length === 0) throw new Refusal(409, `${email} is registered already`)
  await events.publish('user.registered', { id: rows[0].id, email })
  return [201, { id: rows[0].id, email }]
}

async function login({ body: { email, password } = {} }) {
  const { rows } = await accounts.query('select id, password from accounts where email = $1', [email])
  if (!rows[0] || !(await matches(password, rows[0].password))) throw new Refusal(401, 'email or password is wrong')
  return [200, { token: await sessions.open({ id: rows[0].id, email }) }]
}

async function session({ headers }) {
  const user = await sessions.find(headers.authorization?.replace(/^Bearer /, ''))
  if (user === undefined) throw new Refusal(401, 'log in first')
  return [200, user]
}

serve({
  name: 'auth-service',
  routes: [
    ['POST', /^\/register$/, register],
    ['POST', /^\/login$/, login],
    ['GET', /^\/session$/, session],
  ],
  check: async () => {
    await accounts.query('select 1 from accounts limit 1')
    await redis.ping()
  },
  close: () => Promise.all([accounts.end(), redis.close(), events.close()]),
})
