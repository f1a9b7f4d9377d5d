import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { entry, line, localLine, stateOf, todo, withLocal } from './support/states.ts'
import { traceId } from './support/telemetry.ts'

const opened = inChromium()
const request = (status: number, more: object = {}) =>
  line(
    JSON.stringify({ level: status < 500 ? 30 : 50, time: 1_795_953_601_500, msg: `GET / ${status}`, status, ...more }),
  )
const hostile = '<img src=x onerror="globalThis.owned=1">'
const texts = (page: Page) => page.locator('.row .text').allInnerTexts()

test('fields of structured lines become columns, and their values filter', async () => {
  const server = await fedServer(todo)
  server.log(request(200), request(500), line('plain text'), line('level=warn msg="of logfmt" status=500'))
  const page = await opened(server.url)
  await go(page, 'logs')
  await page.getByText('4 of 4 lines').waitFor()
  expect((await texts(page))[0]).toContain('"status":200')
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByLabel('Add a column').selectOption('status')
  expect(await texts(page)).toEqual(['GET / 200', 'GET / 500', 'plain text', 'of logfmt'])
  expect(await page.locator('.row .level').allInnerTexts()).toEqual(['info', 'error', 'info', 'warning'])
  await page.getByRole('button', { name: '500' }).first().click()
  await page.getByText('2 of 4 lines').waitFor()
  expect(await texts(page)).toEqual(['GET / 500', 'of logfmt'])
  // The next lines are filtered too.
  server.log(request(500, { late: true }), request(404))
  await page.getByText('3 of 6 lines').waitFor()
  await page.getByLabel('Least level').selectOption('Errors')
  await page.getByText('2 of 6 lines').waitFor()
  await page.getByRole('button', { name: 'status = 500' }).click()
  await page.getByRole('button', { name: 'status', exact: true }).click()
  await page.getByRole('button', { name: 'Columns' }).click()
  expect((await texts(page))[0]).toContain('"status":500')
})

test('a stack trace is one line that opens, and a structured line opens its fields, with the keyboard', async () => {
  const server = await fedServer(todo)
  server.log(line('Error: lost'), line('    at f (/app/x.js:1:1)'), line('    at g (/app/x.js:2:2)'))
  server.log(request(500, { err: { stack: 'Error: no\n    at h (/app/y.js:1:1)' } }))
  const page = await opened(server.url)
  await go(page, 'logs')
  await page.getByText('4 of 4 lines').waitFor()
  expect(await page.locator('.row').count()).toBe(2)
  await page.getByRole('button', { name: '2 more lines' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('at g (/app/x.js:2:2)').waitFor()
  // The list stays where it is while a line is open.
  server.log(line('a new one'))
  await page.getByRole('button', { name: 'Follow (1 new)' }).waitFor()
  await page.getByRole('button', { name: '1 more lines' }).click()
  await page.getByText('at h (/app/y.js:1:1)', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'status', exact: true }).click()
  await page.getByText('1 of 4 lines').waitFor()
  await page.getByRole('button', { name: 'status = 500' }).click()
  await page.getByRole('button', { name: '2 more lines', expanded: true }).click()
  await expect.poll(() => page.getByText('at g (/app/x.js:2:2)').count()).toBe(0)
})

test('what the view shows is downloaded, as text and as JSON', async () => {
  const server = await fedServer(todo)
  server.log(line('Error: lost'), line('    at f (/app/x.js:1:1)'), line('\u001b[31mother\u001b[0m'))
  const page = await opened(server.url)
  await go(page, 'logs//lost')
  await page.getByText('2 of 3 lines').waitFor()
  const downloaded = async (name: string) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()])
    expect(download.suggestedFilename()).toMatch(/^todo-logs-[\dT-]+Z\.(?:txt|jsonl)$/)
    return (await readFile(await download.path(), 'utf8')).trimEnd().split('\n')
  }
  const start = '2026-11-29T12:00:01.5Z backend backend-6d4-xk2p9'
  expect(await downloaded('Download text')).toEqual([`${start} Error: lost`, `${start}     at f (/app/x.js:1:1)`])
  const objects = (await downloaded('Download JSON')).map((each) => JSON.parse(each))
  expect(objects).toEqual([line('Error: lost'), line('    at f (/app/x.js:1:1)')])
})

test('lines of a program of this machine stand beside those of pods, filtered, folded and downloaded like them', async () => {
  const server = await fedServer(withLocal)
  server.log(line('of the pod'), localLine('\u001b[31mError: lost\u001b[0m'), line('    at g (/app/y.js:1:1)'))
  server.log(localLine('    at f (/app/x.js:1:1)'), localLine('{"level":"warn","msg":"of vite","port":5173}'))
  const page = await opened(server.url)
  await go(page, 'services/local/web')
  await page.getByRole('link', { name: 'Lines of web' }).click()
  await page.getByText('3 of 5 lines').waitFor()
  expect(await texts(page)).toEqual(['Error: lost', '{"level":"warn","msg":"of vite","port":5173}'])
  expect(await page.locator('.row .text .ansi-red').first().innerText()).toBe('Error: lost')
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByLabel('Add a column').selectOption('port')
  await page.locator('.row .cell', { hasText: '5173' }).click()
  await page.getByText('1 of 5 lines').waitFor()
  await page.getByRole('button', { name: 'port = 5173' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download text' }).click(),
  ])
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n')
  expect(lines.slice(0, 2)).toEqual([
    '2026-11-29T12:00:02.000Z web Error: lost',
    '2026-11-29T12:00:02.000Z web     at f (/app/x.js:1:1)',
  ])
  await page.getByLabel('Service').selectOption('All services')
  await page.getByText('5 of 5 lines').waitFor()
  expect(await texts(page)).toContain('of the pod')
})

test('the ID of a trace in a field is a link to the trace', async () => {
  const state = stateOf([entry('backend')])
  const jaeger = { name: 'jaeger', version: '2', urls: [] }
  const server = await fedServer({ ...state, recorded: { ...state.recorded, presets: [jaeger] } })
  server.log(request(200, { trace: { id: traceId } }), request(200, { trace: { id: 'none' } }))
  const page = await opened(server.url)
  await go(page, 'logs')
  await page.locator('.row').nth(1).waitFor()
  expect(await page.getByRole('link', { name: 'trace', exact: true }).count()).toBe(1)
  await page.getByRole('link', { name: 'trace', exact: true }).click()
  expect(page.url()).toMatch(new RegExp(`#/traces//${traceId}$`))
})

test('a flood of structured lines and traces keeps the page alive, with columns and a filter', async () => {
  const server = await fedServer(todo, { items: 5000, size: 100_000_000 })
  const page = await opened(server.url)
  await go(page, 'logs')
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByLabel('Least level').selectOption('Errors')
  for (let round = 0; round < 10; round++) {
    const lines = Array.from({ length: 2000 }, (_, index) => request(500, { msg: `line ${round * 2000 + index}` }))
    server.log(...lines, ...Array.from({ length: 2000 }, () => line('    at f (/app/x.js:1:1)')))
    await page.evaluate(() => new Promise(requestAnimationFrame))
  }
  await page.getByText('line 19999', { exact: true }).waitFor()
  expect(await page.locator('.row').count()).toBeLessThan(120)
})

test.each(looks)(
  'axe finds nothing in columns and open lines, and what an attacker wrote is text: %j',
  async (look) => {
    const server = await fedServer(todo)
    const name = `${hostile}${'wide '.repeat(60)}`
    server.log(
      request(200),
      request(500, { [name]: `${hostile}\n\u202e\u0000second`, ['__proto__']: 'x', '': 'no name' }),
      line('\u001b[33mError: lost\u001b[0m'),
      line('    at f (/app/x.js:1:1)'),
    )
    const page = await opened(server.url, look)
    await go(page, 'logs')
    await page.getByRole('button', { name: 'Columns' }).click()
    for (const column of ['status', name]) await page.getByLabel('Add a column').selectOption(column)
    await page.locator('.row .cell', { hasText: 'onerror' }).click()
    await page.getByText('1 of 4 lines').waitFor()
    await page.getByRole('button', { name: 'more lines' }).click()
    await page.getByText('second').last().waitFor()
    expect(await violations(page)).toEqual([])
    expect(await isWithinWindow(page)).toBe(true)
    expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false)
    expect(await page.locator('main img').count()).toBe(0)
    const heights = await page.locator('.row').evaluateAll((rows) => rows.map((row) => row.clientHeight))
    expect(new Set(heights)).toEqual(new Set([22]))
  },
)
