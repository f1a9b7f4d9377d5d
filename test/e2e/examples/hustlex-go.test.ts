/**
 * The twin of HustleX' API in Go. In the long runs: other services in Go are compiled here in `npm test`.
 * @module-tag long
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { leftovers } from '../support/leftovers.ts'
import { copyExample, type ExampleProject } from '../support/projects/example-project.ts'
import { askApi } from '../support/projects/hustlex.ts'

const project = 'hustlex-go'
const ask = askApi('http://localhost:18085')
let hustlex: ExampleProject

beforeAll(async () => {
  hustlex = await copyExample({ name: 'hustlex', project, changes: [['8083', '18085']] })
})
afterAll(() => hustlex?.dispose())

const kubectl = (...args: string[]) => hustlex.kubectl('-n', 'hustlex', ...args)

test('up deploys the API in Node.js, which takes a gig', async () => {
  const up = await hustlex.run(['up', '--yes', '--detach', '--timeout', '15m'])
  expect([up.exitCode, up.stderr]).toEqual([0, expect.any(String)])
  await eventually('a gig', 30, async () => {
    const { status } = await ask('POST', '/gigs', { title: 'Paint the garden fence', reward: 120 })
    return status === 201 ? true : undefined
  })
}, 3_600_000)

test('the twin of the API in Go takes its place, and a save is compiled here and answers from the same pods', async () => {
  const language = async () => ((await ask('GET', '/health')).body as { language?: string }).language
  const go = ['--profile', 'go']
  const up = await hustlex.run(['up', '--yes', '--detach', '--timeout', '15m', ...go])
  expect([up.exitCode, up.stderr]).toEqual([0, expect.any(String)])
  // A connection that the client kept open may lead to a pod of the release before.
  await eventually('the API in Go', 60, async () => (await language()) === 'Go' || undefined)
  // It reads what its twin has written, and the worker takes what it adds.
  const [gig] = (await ask('GET', '/gigs')).body as { id: string; title: string; reward: string }[]
  expect(gig).toMatchObject({ title: 'Paint the garden fence', reward: '120.00' })
  const applied = await ask('POST', `/gigs/${gig?.id}/applications`, { name: 'bob', pitch: 'The garden fence' })
  expect(applied.status).toBe(202)
  await eventually('the score', 30, async () => {
    const { applications } = (await ask('GET', `/gigs/${gig?.id}`)).body as { applications: { score: number | null }[] }
    return typeof applications[0]?.score === 'number' ? true : undefined
  })
  const pods = () => kubectl('get', 'pods', '-l', 'app=hustlex-api', '-o', 'jsonpath={.items[*].metadata.name}')
  // Those of the release before serve five seconds longer.
  const before = await eventually('two pods', 60, async () => {
    const names = await pods()
    return names.split(' ').length === 2 ? names : undefined
  })
  const dev = hustlex.start(['dev', ...go])
  try {
    await dev.waitFor(/Watching/, 120_000)
    await hustlex.edit('api-go/main.go', '"language": "Go"', '"language": "Go, saved by e2e"')
    await dev.waitFor(/compiled here, and 1 output changed/, 480_000)
    await eventually('the saved program', 60, async () => (await language()) === 'Go, saved by e2e' || undefined)
    expect(await pods()).toBe(before)
  } finally {
    dev.child.kill('SIGINT')
  }
  expect((await dev.finished).exitCode).toBe(130)
  expect((await hustlex.run(['up', '--yes', '--detach'])).exitCode).toBe(0)
  await eventually('the API in Node.js', 60, async () => (await language()) === undefined || undefined)
}, 1_200_000)

test('down leaves nothing', async () => {
  expect((await hustlex.run(['down'])).exitCode).toBe(0)
  expect(await leftovers(project)).toEqual([])
})
