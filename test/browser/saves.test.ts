import { expect, test } from 'vitest'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { save, session, todo } from './support/states.ts'
import { trace, traceId } from './support/telemetry.ts'

const opened = inChromium()
const stages = [
  { name: 'built', ms: 1400 },
  { name: 'ready', ms: 600 },
]
const hostile = '<img src=x onerror="globalThis.owned=1">'
const failure = { step: 'build', text: `RUN make\n${hostile}\n${'wide '.repeat(300)}`, hint: 'Correct the Dockerfile.' }
const saves = [
  save(1),
  save(2, { ms: 40 }),
  save(3, { kind: 'rebuild', reason: 'requirements.txt changed', steps: stages, ms: 2100, files: [], fileCount: 0 }),
  save(4, { service: null, kind: 'redeploy', state: 'overtaken', steps: [], reason: hostile }),
  save(5, { kind: 'rebuild', state: 'failed', steps: [], ms: 900, failure, trace: traceId }),
]

test('without a devk that watches, the view of the saves says what to run; one that begins is seen', async () => {
  const server = await fedServer(todo)
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'Saves' }).click()
  await page.getByText('No devk watches this stack').waitFor()
  server.hold(session([]))
  await page.getByText('devk watches backend').waitFor()
  await page.getByText('devk up runs').waitFor()
  server.hold(session([save(1, { state: 'running', steps: [], ms: null })]))
  await page.locator('.save.running').waitFor()
  server.hold(session([save(1)]))
  await page.getByRole('img', { name: 'written 20 ms' }).waitFor()
  server.hold(null)
  await page.getByText('No devk watches this stack').waitFor()
})

test('a pause is said, with what waits', async () => {
  const server = await fedServer(todo)
  server.hold({ ...session([]), paused: true })
  const page = await opened(server.url)
  await go(page, 'saves')
  await page.getByText('Paused: nothing was saved since then.').waitFor()
  server.hold({
    ...session([save(1)]),
    paused: true,
    waiting: [
      { service: 'backend', files: 2 },
      { service: null, files: 1 },
    ],
  })
  await page.getByText('Paused: backend 2, whole stack 1 saved and waiting.').waitFor()
  server.hold(session([save(1)]))
  await page.getByText('Paused').waitFor({ state: 'detached' })
})

test('saves are waterfalls with their times, and a failed build shows its step', async () => {
  const server = await fedServer(todo)
  server.hold(session(saves))
  const page = await opened(server.url)
  await go(page, 'saves')
  await page.getByRole('row', { name: /backend sync 2 20 ms 40 ms/ }).waitFor()
  await page.getByRole('row', { name: /backend rebuild 1 2.1 s 2.1 s/ }).waitFor()
  const waterfall = page.getByRole('img', { name: 'built 1.4 s · ready 600 ms' })
  const widths = await waterfall.locator('rect').evaluateAll((bars) => bars.map((bar) => bar.getAttribute('width')))
  expect(widths.map(Number).map(Math.round)).toEqual([67, 29, 5])
  await page.getByText('The step build failed').waitFor()
  expect(await page.locator('.save pre').innerText()).toContain(hostile)
  expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false)
})

test('a save that was sent as a trace leads to it; one that was not has no link', async () => {
  const server = await fedServer(todo)
  server.hold(session([save(1, { trace: traceId }), save(2), save(3, { state: 'failed', trace: 'ab12' })]))
  server.tell({ trace: { ok: true, trace: trace() } })
  const page = await opened(server.url)
  await go(page, 'saves')
  const links = page.locator('.save').getByRole('link', { name: 'Trace', exact: true })
  await links.first().waitFor()
  const targets = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')))
  expect(targets).toEqual(['#/traces/devk/ab12', `#/traces/devk/${traceId}`])
  await links.last().click()
  await page.getByRole('heading', { name: 'GET /api/todos' }).waitFor()
  // Jaeger may have lost it, or be gone.
  const lost = { ok: false, text: 'Jaeger has no trace ab12.', hint: null } as const
  server.tell({ trace: lost })
  await page.goBack()
  await links.first().click()
  await page.getByText(lost.text).waitFor()
  await page.getByRole('link', { name: 'All traces' }).click()
  await expect.poll(() => page.url()).toMatch(/#\/traces\/devk$/)
})

test('a stack that could not be brought up is said on each view', async () => {
  const server = await fedServer(todo)
  server.hold({ ...session([]), phase: 'failed', failure: { step: 'ready', text: 'backend crashes', hint: null } })
  const page = await opened(server.url)
  await page.getByRole('status').getByText('The stack is not up: backend crashes').waitFor()
})

test.each(looks)('axe finds nothing among the saves, and they are no wider than the window: %j', async (look) => {
  const server = await fedServer(todo)
  server.hold(session(saves))
  const page = await opened(server.url, look)
  await go(page, 'saves')
  await page.locator('.save').first().waitFor()
  expect(await violations(page)).toEqual([])
  expect(await isWithinWindow(page)).toBe(true)
})
