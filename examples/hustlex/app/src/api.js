import { hostname } from 'node:os'
import { accounts } from './accounts.js'
import { connectDatabase } from './database.js'
import { Refusal, serve } from './http.js'
import { connectQueue } from './queue.js'

const { DATABASE_URL, REDIS_URL, TOKEN_SECRET, PORT = '8080', VERSION } = process.env

// Served only when both are there: until then nobody answers, so that the pod is not ready.
const [database, queue] = await Promise.all([connectDatabase(DATABASE_URL), connectQueue(REDIS_URL)])
const people = accounts(database, TOKEN_SECRET)

async function addGig({ title, reward }) {
  if (!title || !(Number(reward) > 0)) throw new Refusal(400, 'a gig needs a title and a reward above 0')
  const insert = 'insert into gigs (title, reward) values ($1, $2) returning id, title, reward'
  return (await database.query(insert, [title, reward])).rows[0]
}

async function gig(id) {
  const { rows } = await database.query('select id, title, reward from gigs where id = $1', [id])
  if (rows.length === 0) throw new Refusal(404, `there is no gig ${id}`)
  const found = await database.query('select name, pitch, score from applications where gig = $1 order by id', [id])
  return { ...rows[0], applications: found.rows }
}

async function apply(id, { name, pitch }) {
  if (!name || !pitch) throw new Refusal(400, 'an application needs a name and a pitch')
  await gig(id)
  const insert = 'insert into applications (gig, name, pitch) values ($1, $2, $3) returning id'
  const { rows } = await database.query(insert, [id, name, pitch])
  await queue.add(rows[0].id)
  return { id: rows[0].id, status: 'waits for its score' }
}

serve(
  Number(PORT),
  [
    ['GET', /^\/api\/v1\/health$/, async () => [200, { status: 'ok', version: VERSION, pod: hostname() }]],
    [
      'POST',
      /^\/api\/v1\/accounts$/,
      async ({ body }) => [201, (await people.register(body.name, body.password)) ?? {}],
    ],
    [
      'POST',
      /^\/api\/v1\/sessions$/,
      async ({ body }) => [200, { token: await people.login(body.name, body.password) }],
    ],
    ['GET', /^\/api\/v1\/gigs$/, async () => [200, (await database.query('select * from gigs order by id')).rows]],
    ['POST', /^\/api\/v1\/gigs$/, async ({ body }) => [201, await addGig(body)]],
    ['GET', /^\/api\/v1\/gigs\/(\d+)$/, async ({ params }) => [200, await gig(params[0])]],
    ['POST', /^\/api\/v1\/gigs\/(\d+)\/applications$/, async ({ params, body }) => [202, await apply(params[0], body)]],
  ],
  () => Promise.all([database.end(), queue.close()]),
)
