import { connectDatabase } from './database.js'
import { serve } from './http.js'
import { connectQueue } from './queue.js'
import { score } from './score.js'

const { DATABASE_URL, REDIS_URL, PORT = '8080' } = process.env

const [database, queue] = await Promise.all([connectDatabase(DATABASE_URL), connectQueue(REDIS_URL)])
await queue.recover()

let running = true
const work = (async () => {
  while (running) {
    try {
      const id = await queue.take()
      if (id === undefined) continue
      await review(id)
      await queue.done(id)
    } catch (error) {
      console.error(`worker: ${error.message}`)
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  }
})()

async function review(id) {
  const joined = 'select title, pitch from applications join gigs on gigs.id = gig where applications.id = $1'
  const { rows } = await database.query(joined, [id])
  if (rows.length === 0) return
  const points = score(rows[0].title, rows[0].pitch)
  await database.query('update applications set score = $2 where id = $1', [id, points])
  console.log(`application ${id}: ${points} of 100`)
}

serve(Number(PORT), [['GET', /^\/health$/, async () => [200, { status: 'ok' }]]], async () => {
  running = false
  await work
  await Promise.all([database.end(), queue.close()])
})
