/**
 * HustleX: parts of a project, releases, overlays.
 * @module-tag platform-images
 */
import { join, relative } from 'node:path/posix'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { docker } from '../../support/docker.ts'
import { askPod, debugExample } from '../support/debug/example.ts'
import { stopNode } from '../support/debug/inspector.ts'
import { eventually } from '../support/eventually.ts'
import { leftovers } from '../support/leftovers.ts'
import { copyExample, type ExampleProject } from '../support/projects/example-project.ts'
import { askApi } from '../support/projects/hustlex.ts'
import { startTraffic } from '../support/traffic.ts'

const project = 'hustlex-e2e'
const url = 'http://localhost:18083'
let hustlex: ExampleProject

beforeAll(async () => {
  hustlex = await copyExample({ name: 'hustlex', project, changes: [['8083', '18083']] })
})
afterAll(() => hustlex?.dispose())

const ask = askApi(url)
const kubectl = (...args: string[]) => hustlex.kubectl('-n', 'hustlex', ...args)

test('up of one service deploys it and its dependencies, and names the services that it leaves out', async () => {
  const up = await hustlex.run(['up', 'worker', '--yes', '--detach', '--timeout', '15m'])
  expect([up.exitCode, up.stderr]).toEqual([0, expect.not.stringContaining(url)])
  expect(up.stderr).toMatch(/Ready in .* 3 services\n {2}left as they are: api /)
  const there = await kubectl('get', 'deployments,statefulsets', '-o', 'jsonpath={.items[*].metadata.name}')
  expect(there.split(' ').sort()).toEqual(['hustlex-worker', 'postgres', 'redis'])
  const built = await docker('images', '--filter', `label=devk.dev/project=${project}`, '--format', '{{.Repository}}')
  expect(built).toMatch(/worker$/)
  expect(built).not.toMatch(/api$/m)
}, 3_600_000)

test('an up without a service deploys the rest', async () => {
  const up = await hustlex.run(['up', '--yes', '--detach'])
  expect(up.stderr).toContain(url)
  expect(up.exitCode).toBe(0)
  expect(await kubectl('get', 'deployment', 'hustlex-api', '-o', 'jsonpath={.status.readyReplicas}')).toBe('2')
})

test('the worker scores an application to a gig', async () => {
  const made = await eventually('a gig', 30, async () => {
    const answer = await ask('POST', '/gigs', { title: 'Paint the garden fence', reward: 120 })
    return answer.status === 201 ? answer : undefined
  })
  const { id } = made.body as { id: string }
  expect((await ask('POST', `/gigs/${id}/applications`, { name: 'ada', pitch: 'I paint any fence' })).status).toBe(202)
  const gig = await eventually('the score', 30, async () => {
    const { applications } = (await ask('GET', `/gigs/${id}`)).body as { applications: { score: number | null }[] }
    return applications[0]?.score === null ? undefined : applications
  })
  expect(gig).toEqual([{ name: 'ada', pitch: 'I paint any fence', score: 50 }])
})

test('the API is debugged where it runs, and stops in a file of the example', async () => {
  const [gig] = (await ask('GET', '/gigs')).body as { id: string }[]
  const session = await debugExample(hustlex, 'hustlex/api', 18229)
  const file = 'app/src/api.js'
  const lines = (await hustlex.read(file)).split('\n')
  const { localRoot, remoteRoot } = session.entry as { localRoot: string; remoteRoot: string }
  const stopped = await stopNode({
    port: 18229,
    url: `file://${join(remoteRoot, relative(localRoot.replace(`\${workspaceFolder}/`, ''), file))}`,
    line: lines.findIndex((line) => line.includes('const found = await database.query')) + 1,
    lead: () => askPod(hustlex, `${session.pod}:8080`, `/api/v1/gigs/${gig?.id}`),
  })
  expect(await stopped.read('rows[0].title')).toBe('Paint the garden fence')
  stopped.close()
  await session.end()
}, 600_000)

test('a new release rolls out, and no request fails', async () => {
  await hustlex.write('app/src/score.js', `${await hustlex.read('app/src/score.js')}\n// another release\n`)
  const before = await kubectl(
    'get',
    'deployment',
    'hustlex-api',
    '-o',
    'jsonpath={.spec.template.spec.containers[0].image}',
  )
  const traffic = startTraffic(`${url}/api/v1/gigs`, 4)
  const up = await hustlex.run(['up', '--yes', '--detach'])
  const { requests, failures } = await traffic.stop()
  expect(up.exitCode).toBe(0)
  expect(
    await kubectl('get', 'deployment', 'hustlex-api', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'),
  ).not.toBe(before)
  expect(failures).toEqual([])
  expect(requests).toBeGreaterThan(20)
})

test('switch moves all requests to v2 and back, and none fails', async () => {
  expect((await hustlex.run(['up', '--yes', '--detach', '--profile', 'v2'])).exitCode).toBe(0)
  const traffic = startTraffic(`${url}/api/v1/health`, 2)
  const switched = await hustlex.run(['switch', 'api', 'v2', '--path', '/api/v1/health', '--watch', '3s'])
  expect(switched.stderr).toContain('switched to v2')
  const atV2 = await (await fetch(`${url}/api/v1/health`)).json()
  const back = await hustlex.run(['switch', 'api', 'v1', '--path', '/api/v1/health', '--watch', '3s'])
  const { failures } = await traffic.stop()
  expect(atV2).toMatchObject({ version: 'v2' })
  expect(back.exitCode).toBe(0)
  expect(await (await fetch(`${url}/api/v1/health`)).json()).toMatchObject({ version: 'v1' })
  expect(failures).toEqual([])
})

test('the production overlay has more resources, and its autoscaler sets the number of replicas', async () => {
  const up = await hustlex.run(['up', '--yes', '--detach', '--profile', 'production'])
  expect(up.exitCode).toBe(0)
  const read = (kind: string, name: string, path: string) =>
    kubectl('get', kind, ...(name === '' ? [] : [name]), '-o', `jsonpath=${path}`)
  expect(await read('hpa', 'hustlex-api-hpa', '{.spec.minReplicas} {.spec.maxReplicas}')).toBe('3 20')
  expect(await read('deployment', 'hustlex-api', '{.spec.template.spec.containers[0].resources.requests.cpu}')).toBe(
    '200m',
  )
  await eventually('three pods', 120, async () =>
    Number(await read('deployment', 'hustlex-api', '{.status.readyReplicas}')) >= 3 ? true : undefined,
  )
  await eventually('the use of CPU and memory', 120, async () => {
    const use = '{.status.currentMetrics[*].resource.current.averageUtilization}'
    return (await read('hpa', 'hustlex-api-hpa', use)).split(' ').length === 2 ? true : undefined
  })
  expect(await read('deployments', '', '{.items[*].metadata.name}')).not.toContain('hustlex-api-v2')
})

test('the gigs survive a new database pod', async () => {
  await kubectl('delete', 'pod', 'postgres-0')
  const gigs = await eventually('the gigs', 120, async () => {
    const answer = await ask('GET', '/gigs')
    return answer.status === 200 ? (answer.body as { title: string }[]) : undefined
  })
  expect(gigs.map(({ title }) => title)).toEqual(['Paint the garden fence'])
})

test('down removes everything of the project', async () => {
  expect((await hustlex.run(['down'])).exitCode).toBe(0)
  expect(await leftovers(project)).toEqual([])
})
