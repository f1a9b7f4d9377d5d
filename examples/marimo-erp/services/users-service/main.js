import { broker } from '../shared/broker.js'
import { database } from '../shared/database.js'
import { Refusal, serve } from '../shared/http.js'

const directory = database()

/** The directory learns of a new account by its event; told twice, it has it once. */
const events = await broker({
  queue: 'users.registered',
  event: 'user.registered',
  handle: async ({ id, email }) => {
    const insert = 'insert into directory (account, email, name) values ($1, $2, $3) on conflict do nothing'
    await directory.query(insert, [id, email, email.split('@')[0]])
    console.log(`account ${id} is in the directory`)
  },
})

async function list({ headers: { authorization } }) {
  const signal = AbortSignal.timeout(5000)
  const session = await fetch(`${process.env.AUTH_URL}/session`, {
    headers: authorization === undefined ? {} : { authorization },
    signal,
  })
  if (session.status !== 200) throw new Refusal(session.status, 'log in first')
  return [200, (await directory.query('select account, email, name from directory order by account')).rows]
}

serve({
  name: 'users-service',
  routes: [['GET', /^\/directory$/, list]],
  check: () => directory.query('select 1 from directory limit 1').then(() => undefined),
  close: () => Promise.all([directory.end(), events.close()]),
})
