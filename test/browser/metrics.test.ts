import { expect, test } from 'vitest'
import type { UiSample, UiState } from '../../src/commands/ui/api.ts'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { entry, stateOf, todo } from './support/states.ts'

const opened = inChromium()
const hostile = '<img src=x onerror="globalThis.owned=1">'
const mib = 1024 ** 2

function measured(state: UiState, used = 40): UiState {
  const uses = state.recorded.services.map(({ name }) => ({
    name,
    kind: 'service' as const,
    used: { cpu: 12, memory: used * mib },
    requested: { cpu: 20, memory: 32 * mib },
    limits: { cpu: null, memory: 64 * mib },
    pods: [],
  }))
  return { ...state, usage: { project: 'todo', nodes: [], uses } }
}
const sample = (secondsAgo: number, cpu: number, name = 'backend'): UiSample => ({
  time: new Date(Date.now() - secondsAgo * 1000).toISOString(),
  uses: [{ kind: 'service', name, cpu, memory: cpu * mib }],
})

test('CPU and memory are drawn beside what is requested and the limit, and follow what is measured', async () => {
  const server = await fedServer(measured(todo))
  server.measure(sample(40, 9), sample(30, 40), sample(20, 12))
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'Metrics' }).click()
  const cpu = page.getByRole('img', { name: 'CPU of backend: now 12m, between 9m and 40m, 20m requested, no limit' })
  await cpu.waitFor()
  expect([await cpu.locator('.requested').count(), await cpu.locator('.limit').count()]).toEqual([1, 0])
  const memory = page.getByRole('img', { name: /^Memory of backend: now 12 MiB, .* 32 MiB requested, limit 64 MiB$/ })
  expect(await memory.locator('.limit').count()).toBe(1)
  await page.getByRole('img', { name: 'CPU of frontend: not measured yet' }).waitFor()
  server.measure(sample(10, 55))
  await page.getByRole('img', { name: /^CPU of backend: now 55m/ }).waitFor()
  server.show(measured(todo, 60))
  await page.getByText('It uses 94 % of its memory limit.').first().waitFor()
  await page.getByLabel('Filter by name').fill('front')
  await expect.poll(() => page.locator('.charts li').count()).toBe(1)
  await go(page, 'services/service/backend')
  await page.getByRole('link', { name: '12m used' }).click()
  await expect.poll(() => page.locator('.charts h3').allInnerTexts()).toEqual(['backend'])
})

test('where nobody measures, the view says who could', async () => {
  const server = await fedServer(todo)
  const page = await opened(server.url)
  await go(page, 'metrics')
  await page.getByText('Nothing has measured the pods yet').waitFor()
})

test('200 services with 15 minutes each are drawn', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `service-${index}`)
  const server = await fedServer(measured(stateOf(names.map((name) => entry(name)))))
  const times = Array.from({ length: 90 }, (_, index) => sample((90 - index) * 10, 0).time)
  server.measure(
    ...times.map((time, at) => ({
      time,
      uses: names.map((name, index) => ({ kind: 'service' as const, name, cpu: (at * index) % 90, memory: at * mib })),
    })),
  )
  const page = await opened(server.url)
  await go(page, 'metrics')
  await page.getByRole('img', { name: /^Memory of service-199: now 89 MiB/ }).waitFor()
})

test.each(looks)('axe finds nothing among the metrics, and hostile names are text: %j', async (look) => {
  const long = `${'wide'.repeat(60)}${hostile}`
  const server = await fedServer(measured(stateOf([entry('backend'), entry(long)]), 63))
  server.measure(sample(40, 9), sample(30, 40), sample(20, 12, long))
  const page = await opened(server.url, look)
  await go(page, 'metrics')
  await page.getByRole('img', { name: /^CPU of backend: now/ }).waitFor()
  expect(await violations(page)).toEqual([])
  expect(await isWithinWindow(page)).toBe(true)
  expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false)
})
