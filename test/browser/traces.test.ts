import { expect, test } from 'vitest'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { entry, line, stateOf, todo } from './support/states.ts'
import { summary, trace, traceId, traces } from './support/telemetry.ts'

const opened = inChromium()
const hostile = '<img src=x onerror="globalThis.owned=1">'
const withJaeger = {
  ...todo,
  recorded: { ...todo.recorded, presets: [{ name: 'jaeger', version: '2.2.0', urls: [] }] },
}

test('without a preset that has traces, the view says so, and how to add one', async () => {
  const server = await fedServer(todo)
  const refused = { ok: false, text: 'No preset of this stack has traces.', hint: "Add 'jaeger' to presets." } as const
  server.tell({ traces: () => refused })
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'Traces' }).click()
  await page.getByText(refused.text).waitFor()
  await page.getByText(refused.hint).waitFor()
})

test('a trace leads to its spans, to its lines, and back; the map shows who calls whom', async () => {
  const server = await fedServer(withJaeger)
  const other = summary({ id: 'b1', name: 'GET /health', errors: 0 })
  server.tell({ traces: () => traces(summary(), other), trace: { ok: true, trace: trace() } })
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'Traces' }).click()
  await page.getByText('frontend → backend: 21 calls').waitFor()
  await page.getByRole('row', { name: /GET \/api\/todos frontend ✖ 1 failed 40 ms/ }).waitFor()
  await page.getByLabel('Filter by name or ID').fill('health')
  await expect.poll(() => page.locator('tbody tr').count()).toBe(1)
  await page.getByLabel('Filter by name or ID').fill(traceId)
  await page.getByRole('link', { name: 'GET /api/todos' }).click()
  const failed = page.getByText('backend SELECT')
  const spans = page.getByRole('list', { name: 'Spans' })
  await spans.waitFor()
  // Each span is seen: the list is as high as what is in it.
  expect(await spans.evaluate((list) => list.clientHeight >= list.scrollHeight && list.clientHeight > 40)).toBe(true)
  await page.getByText('3 more spans are not shown.').waitFor()
  await failed.click()
  await page.getByText('exception.message=no such table').waitFor()
  await page.getByText('SELECT 1').waitFor()
  await page.getByRole('link', { name: 'Lines of this trace' }).click()
  server.log(line(`query failed trace_id=${traceId}`), line('of no trace'))
  await page.getByText('1 of 2 lines').waitFor()
  await page.getByRole('link', { name: 'trace', exact: true }).click()
  await page.getByRole('heading', { name: 'GET /api/todos' }).waitFor()
})

test('the list is of one service, or of traces that failed, as it was asked for', async () => {
  const server = await fedServer(withJaeger)
  const of = ({ service, failed }: { service: string; failed: boolean }) =>
    traces(summary({ name: `${service || 'all'} ${failed ? 'failed' : 'any'}` }))
  server.tell({ traces: of })
  const page = await opened(server.url)
  await go(page, 'traces')
  await page.getByRole('link', { name: 'all any' }).waitFor()
  await page.getByLabel('Service').selectOption('backend')
  await page.getByRole('link', { name: 'backend any' }).waitFor()
  await page.getByLabel('Only failed').check()
  await page.getByRole('link', { name: 'backend failed' }).waitFor()
})

test('a line has no link to a trace that nobody can show', async () => {
  const server = await fedServer(todo)
  const page = await opened(server.url)
  await go(page, 'logs')
  server.log(line(`trace_id=${traceId}`))
  await page.getByText('1 of 1 lines').waitFor()
  await page.locator('.row').first().waitFor()
  expect(await page.getByRole('link', { name: 'trace', exact: true }).count()).toBe(0)
})

test.each(looks)('axe finds nothing among traces, and hostile names are text: %j', async (look) => {
  const server = await fedServer({ ...withJaeger, ...stateOf([entry('backend')]), recorded: withJaeger.recorded })
  const name = `${hostile}${'wide'.repeat(60)}`
  server.tell({
    traces: () => traces(summary({ name, service: name }), summary({ id: 'c2' })),
    trace: { ok: true, trace: trace(name) },
  })
  server.log(line(`trace_id=${traceId} ${hostile}`))
  const page = await opened(server.url, look)
  for (const [view, shown] of [
    ['traces', 'table'],
    [`traces//${traceId}`, '.spans'],
    ['logs', '.row .trace-link'],
  ] as const) {
    await go(page, view)
    await page.locator(shown).first().waitFor()
    if (shown === '.spans') await page.locator('summary').last().click()
    expect(await violations(page), view).toEqual([])
    expect(await isWithinWindow(page), view).toBe(true)
  }
  expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false)
})
