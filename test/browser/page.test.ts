import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { entry, line, stateOf, todo, withLocal } from './support/states.ts'

const opened = inChromium()

test('the topology, a service and its logs are shown, and follow what happens', async () => {
  const server = await fedServer(todo)
  const page = await opened(server.url)
  expect(page.url()).not.toContain('token')
  await page.getByRole('link', { name: 'backend' }).click()
  const detail = page.getByRole('region', { name: 'backend' })
  expect(await detail.innerText()).toContain('readiness /ready answers 503 "database unreachable"')
  server.show(stateOf([entry('backend')]))
  await detail.getByText('ready', { exact: true }).waitFor()
  await detail.getByRole('link', { name: 'Lines of backend' }).click()
  server.log(line('\u001b[31mcannot connect\u001b[0m to postgres'), line('of another', { service: 'frontend' }))
  await page.locator('.ansi-red', { hasText: 'cannot connect' }).waitFor()
  expect(await page.getByText('of another').count()).toBe(0)
  await page.getByLabel('Service').selectOption('')
  await page.getByText('of another').waitFor()
  await page.getByLabel('Filter by a regular expression').fill('^of (')
  await page.getByText('Unterminated group').waitFor()
  await page.getByLabel('Filter by a regular expression').fill('^of ')
  await page.getByText('1 of 2 lines').waitFor()
})

test('a program of this machine is drawn beside the services, and has details', async () => {
  const server = await fedServer(withLocal)
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'on this machine web' }).click()
  const detail = page.getByRole('region', { name: 'web' })
  await detail.getByRole('link', { name: 'http://localhost:5173' }).waitFor()
  expect(await detail.getByRole('link', { name: 'Lines of web' }).count()).toBe(1)
  await page.getByRole('table', { name: 'Programs of this machine' }).waitFor()
})

test('a cluster that is away leaves the page as it was, and says since when', async () => {
  const server = await fedServer(todo)
  const page = await opened(server.url)
  server.show({ ...todo, cluster: { ...todo.cluster, state: 'away', reason: 'connection refused.' } })
  const banner = page.getByRole('status')
  await banner.getByText(/The cluster has been away for .* connection refused\./).waitFor()
  expect(await page.getByRole('link', { name: 'frontend' }).count()).toBe(1)
})

test.each(looks)('axe finds nothing, and the page is no wider than its window: %j', async (look) => {
  const server = await fedServer(withLocal)
  server.log(line('\u001b[33mWARN\u001b[0m slow'), line('\u001b[2mdebug\u001b[0m: x'), line('\u001b[36mERROR'))
  const page = await opened(server.url, look)
  for (const view of ['topology', 'services', 'services/service/backend', 'logs']) {
    await go(page, view)
    await page
      .locator(view === 'topology' ? '.node' : view === 'logs' ? '.row' : 'table')
      .first()
      .waitFor()
    expect(await violations(page), view).toEqual([])
    expect(await isWithinWindow(page), view).toBe(true)
  }
})

const hostile = [
  '<img src=x onerror="globalThis.owned=1"><script>globalThis.owned=1</script>',
  '"><svg onload=globalThis.owned=1>',
  `\u202e${'wide '.repeat(200)}\u0000\u0007`,
  '\u001b]8;;javascript:globalThis.owned=1\u0007click\u001b]8;;\u0007\u001b[2J',
]

test('names, reasons and lines of an attacker are text', async () => {
  const services = hostile.map((name) => entry(name, { state: 'failed', reason: name, url: 'javascript:alert(1)' }))
  const server = await fedServer(stateOf(services))
  const page = await opened(server.url)
  await page.locator('.node').first().waitFor()
  for (const view of ['services', ...hostile.map((name) => `services/service/${encodeURIComponent(name)}`), 'logs']) {
    await go(page, view)
    await page
      .locator(view === 'logs' ? '.lines' : 'table')
      .first()
      .waitFor()
    expect(await isWithinWindow(page), view).toBe(true)
  }
  server.log(...hostile.map((text) => line(text, { service: text, pod: text })))
  await page.locator('.row').nth(3).waitFor()
  expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false)
  expect(await page.locator('main script, main img, main svg[onload], a[href^="javascript"]').count()).toBe(0)
})

test('a flood of lines keeps the page alive, draws only what is seen, and counts what is dropped', async () => {
  const server = await fedServer(todo, { items: 5000, size: 100_000_000 })
  const page = await opened(server.url)
  await go(page, 'logs')
  for (let round = 0; round < 10; round++) {
    server.log(...Array.from({ length: 6000 }, (_, index) => line(`line ${round * 6000 + index}`)))
    await page.evaluate(() => new Promise(requestAnimationFrame))
  }
  await page.getByText('line 59999', { exact: true }).waitFor()
  expect(await page.locator('.row').count()).toBeLessThan(120)
  await page.getByText(/\d{3,} dropped/).waitFor()
})

test('the list stays where it is while someone reads it, and follows again at its end', async () => {
  const server = await fedServer(todo)
  const page = await opened(server.url)
  await go(page, 'logs')
  server.log(...Array.from({ length: 300 }, (_, index) => line(`line ${index}`)))
  await page.getByText('line 299', { exact: true }).waitFor()
  const list = page.getByRole('region', { name: 'Log lines' })
  await list.evaluate((box) => box.scrollTo(0, 0))
  await page.getByRole('button', { name: 'Follow', pressed: false }).waitFor()
  server.log(line('a new one'))
  await page.getByRole('button', { name: 'Follow (1 new)' }).waitFor()
  expect(await page.getByText('line 0', { exact: true }).count()).toBe(1)
  await list.evaluate((box) => box.scrollTo(0, box.scrollHeight))
  await page.getByText('a new one').waitFor()
  await page.getByRole('button', { name: 'Follow', pressed: true }).waitFor()
})

test('200 services are found by their names', async () => {
  const services = Array.from({ length: 200 }, (_, index) => entry(`service-${index}`))
  const server = await fedServer(stateOf(services))
  const page = await opened(server.url)
  await page.getByRole('link', { name: 'service-199' }).waitFor()
  await go(page, 'services')
  await page.getByLabel('Filter by name or state').fill('service-19')
  await expect.poll(() => page.locator('tbody tr').count()).toBe(11)
})

test('a page of another origin gets nothing: no data, no frame, no cookie', async () => {
  const server = await fedServer(todo)
  const mine = await opened(server.url)
  const attacker = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Attacker</h1>')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void attacker.close())
  await once(attacker, 'listening')
  const { port } = attacker.address() as AddressInfo
  // Another port of the same host is the same site: the browser would send the cookie.
  const page = await mine.context().newPage()
  const sent: (string | undefined)[] = []
  attacker.on('request', ({ headers }) => sent.push(headers.cookie))
  await page.goto(`http://127.0.0.1:${port}/`)
  expect(sent[0]).toBeUndefined()
  const target = mine.url().replace(/#.*/, '')
  const got = await page.evaluate(async (url) => {
    const read = (mode: RequestMode) =>
      fetch(url, { mode, credentials: 'include' }).then(
        async (response) => `${response.type} ${(await response.text()).length}`,
        () => 'refused',
      )
    const frame = document.createElement('iframe')
    frame.src = url.replace('api/v1/state', '')
    document.body.append(frame)
    await new Promise((resolve) => frame.addEventListener('load', resolve))
    let framed: string
    try {
      framed = frame.contentDocument?.body.innerText ?? 'nothing'
    } catch {
      framed = 'nothing'
    }
    return [await read('cors'), await read('no-cors'), framed]
  }, `${target}api/v1/state`)
  expect(got).toEqual(['refused', 'refused', 'nothing'])
})
