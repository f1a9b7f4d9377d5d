import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { dockerEngine } from '../../../src/engine/engine.ts'

const { signal } = new AbortController()

/** An engine that answers with these HTTP statuses and messages, or JSON objects, in order. */
async function engine(answers: [number, string | object][]) {
  const folder = mkdtempSync(join(tmpdir(), 'devk-remove-'))
  const path = join(folder, 'engine.sock')
  const seen: string[] = []
  const server = createServer((request, response) => {
    const [status, message] = answers.shift() ?? [418, 'one more']
    seen.push(`${request.method} ${request.url}`)
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(status === 204 ? '' : JSON.stringify(typeof message === 'string' ? { message } : message))
  }).listen(path)
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  return { containers: dockerEngine({ DOCKER_HOST: `unix://${path}` }).containers, seen }
}

test.each<[string, [number, string][]]>([
  [
    'is killed and not noticed',
    [
      [500, 'tried to kill container, but did not receive an exit event'],
      [204, ''],
    ],
  ],
  [
    'is being removed already',
    [
      [409, 'removal of container node is already in progress'],
      [404, 'no such container'],
    ],
  ],
])('the removal of a container that %s is tried again, with its volumes', async (_, answers) => {
  const { containers, seen } = await engine(answers)
  await containers.remove('node', signal)
  expect(seen).toEqual(Array(2).fill('DELETE /containers/node?force=true&v=true'))
})

test('a removal that the engine refuses for another reason is not tried again', async () => {
  const { containers, seen } = await engine([[403, 'not allowed']])
  await expect(containers.remove('node', signal)).rejects.toThrow('not allowed')
  expect(seen).toHaveLength(1)
})

test('a paused container goes on when it is started', async () => {
  const { containers, seen } = await engine([
    [409, 'cannot start a paused container, try unpause instead'],
    [200, { State: { Paused: true } }],
    [204, ''],
  ])
  await containers.start('node', signal)
  expect(seen.map((call) => call.replace(/\?.*/, ''))).toEqual([
    'POST /containers/node/start',
    'GET /containers/node/json',
    'POST /containers/node/unpause',
  ])
})
