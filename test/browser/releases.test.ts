import { expect, test } from 'vitest'
import type { UiReleases, UiState } from '../../src/commands/ui/api.ts'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { entry, stateOf, todo } from './support/states.ts'

const opened = inChromium()
const hostile = '<img src=x onerror="globalThis.owned=1">'
const since = '2026-11-29T12:00:00Z'
const revision = (number: number, current = false, cause: string | null = null) => ({
  revision: number,
  current,
  since,
  images: [`localhost:5001/todo/backend:3f9c2a1bd4e5f60${number}`],
  cause,
})

function releasesOf(count: number, service = 'backend'): UiReleases {
  const revisions = Array.from({ length: count }, (_, index) => revision(count - index, index === 0, hostile))
  const workload = `Deployment todo/${service}`
  return {
    history: { project: 'todo', services: [{ service, workload, rolledBackTo: null, revisions }] },
    colours: [],
    problem: null,
  }
}

test('each revision can be deployed again, after a yes; the list is read again then', async () => {
  const server = await fedServer(todo)
  server.release(releasesOf(2))
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'Releases' }).click()
  await page.getByRole('row', { name: /^2 \(current\)/ }).waitFor()
  expect(await page.getByRole('button', { name: 'Roll back backend to revision 2' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Roll back backend to revision 1' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Roll back backend' })
  await dialog.getByText('Deploys revision 1.').waitFor()
  expect(server.done).toEqual([])
  server.release(releasesOf(3))
  await dialog.getByRole('button', { name: 'Roll back', exact: true }).click()
  await page.getByRole('row', { name: /^3 \(current\)/ }).waitFor()
  expect(server.done).toEqual([{ action: 'rollback', name: 'backend', to: 1 }])
})

test('another image is another revision, which is seen; what cannot be read says why', async () => {
  const server = await fedServer(todo)
  server.release({ history: null, colours: [], problem: 'Nothing is deployed. Run devk up first.' })
  const page = await opened(server.url)
  await go(page, 'releases')
  await page.getByText('Nothing is deployed. Run devk up first.').waitFor()
  server.release(releasesOf(2))
  server.show(stateOf([entry('frontend'), entry('backend', { image: 'backend:2', note: 'rolled back to revision 2' })]))
  await page.getByRole('row', { name: /^2 \(current\)/ }).waitFor()
  await page.getByText('rolled back to revision 2').waitFor()
  await page.getByLabel('Filter by name').fill('none of them')
  await page.getByText('No service matches').waitFor()
})

test('a page that only reads shows releases without a way to change them', async () => {
  const server = await fedServer(todo, { items: 10, size: 1000, readOnly: true })
  server.release(releasesOf(2))
  const page = await opened(server.url)
  await go(page, 'releases/backend')
  await page.getByRole('row', { name: /^1 / }).waitFor()
  expect(await page.getByRole('button', { name: /Roll back/ }).count()).toBe(0)
})

const amount = (cpu: number, mib: number) => ({ cpu, memory: mib * 1024 ** 2 })

function withPresets(state: UiState): UiState {
  const recorded = [
    { name: 'ingress', version: '3.6', urls: [] },
    {
      name: hostile,
      version: hostile,
      urls: [{ name: 'ui', url: 'http://grafana.localhost:8080', whileRunning: false }],
    },
    { name: 'broken', version: '1', urls: [{ name: 'ui', url: 'javascript:globalThis.owned=1', whileRunning: false }] },
  ]
  const presets = recorded.map(({ name, version }) => {
    const failed = name === 'broken' ? { state: 'failed' as const, reason: hostile } : {}
    return { ...entry(name, failed), version, get: null }
  })
  const use = (name: string, used: ReturnType<typeof amount> | null) => ({
    name,
    kind: 'preset' as const,
    used,
    requested: amount(100, 128),
    limits: { cpu: null, memory: null },
    pods: [],
  })
  return {
    ...state,
    recorded: { ...state.recorded, presets: recorded },
    report: state.report && { ...state.report, presets },
    usage: { project: 'todo', nodes: [], uses: [use('ingress', amount(7, 40)), use(hostile, null)] },
  }
}

test('presets have their state, version and URL, and what they cost', async () => {
  const server = await fedServer(withPresets(todo))
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'Presets' }).click()
  await page.getByRole('row', { name: 'ingress ready 3.6 100m 7m used 128 MiB 40 MiB used' }).waitFor()
  await page.getByRole('row', { name: 'All presets 200m 256 MiB' }).waitFor()
  await page.getByRole('link', { name: 'http://grafana.localhost:8080' }).waitFor()
  expect(await page.locator('a[href^="javascript"]').count()).toBe(0)
  server.show(stateOf([entry('backend')]))
  await page.getByRole('row', { name: 'ingress ready 3.6 – –' }).waitFor()
})

test.each(looks)('axe finds nothing among releases and presets, and hostile texts are text: %j', async (look) => {
  const server = await fedServer(withPresets(todo))
  server.release(releasesOf(3, `${'wide'.repeat(60)}${hostile}`))
  const page = await opened(server.url, look)
  for (const view of ['releases', 'presets']) {
    await go(page, view)
    await page.locator('table').first().waitFor()
    expect(await violations(page), view).toEqual([])
    expect(await isWithinWindow(page), view).toBe(true)
  }
  expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false)
})

test('a Service is switched to another version after a yes', async () => {
  const server = await fedServer(todo)
  const gateway = { service: 'gateway', label: 'color', current: 'blue', colours: ['blue', 'green'] }
  server.release({ ...releasesOf(1), colours: [gateway] })
  const page = await opened(server.url, looks[0])
  await go(page, 'releases')
  await page.getByText('It selects color: blue').waitFor()
  expect(await page.getByRole('button', { name: /^Switch to/ }).allInnerTexts()).toEqual(['Switch to green …'])
  await page.getByRole('button', { name: 'Switch to green' }).click()
  const dialog = page.getByRole('dialog', { name: 'Switch gateway' })
  await dialog.getByText('It would switch gateway to green.').waitFor()
  expect(server.done).toEqual([])
  await dialog.getByRole('button', { name: 'Switch', exact: true }).click()
  await dialog.getByText('Done').waitFor()
  expect(server.done).toEqual([{ action: 'switch', name: 'gateway', to: 'green' }])
  expect(await violations(page)).toEqual([])
})
