import { expect, test } from 'vitest'
import { go, inChromium, isWithinWindow, looks, violations } from './support/opened.ts'
import { fedServer } from './support/page-server.ts'
import { openShell, playedShell, pod, screen, shows } from './support/shells.ts'
import { session, todo } from './support/states.ts'

const opened = inChromium()
test('a shell says what it will be, opens after a yes, takes keys and pastes, and shows how it ended', async () => {
  const server = await fedServer(todo)
  const { run, seen } = playedShell()
  server.run(run)
  const page = await opened(server.url)
  await go(page, 'services/service/backend')
  await page.getByRole('button', { name: `Open a shell in ${pod}` }).click()
  const dialog = page.getByRole('dialog', { name: `Open a shell in ${pod}` })
  await dialog.getByText(`Starts bash in container app of pod ${pod}, or sh where there is no bash.`).waitFor()
  const kubectl = `kubectl --kubeconfig /tmp/kubeconfig --context kind-todo -n todo exec -it ${pod} -c app -- sh`
  await dialog.getByText(kubectl).waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(seen.places).toEqual([])
  await openShell(page)
  await shows(page, '$')
  await page.keyboard.type('ls -l')
  await page.keyboard.press('Enter')
  await shows(page, '$ ls -l')
  await page.keyboard.press('Control+c')
  await page.evaluate(() => {
    const data = new DataTransfer()
    data.setData('text/plain', 'pasted')
    document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
  })
  await shows(page, 'pasted')
  expect(seen.input).toBe('ls -l\r\x03pasted')
  await page.keyboard.type('; exit 3')
  await page.keyboard.press('Enter')
  await page.getByText('The shell ended with exit code 3.').waitFor()
  expect(seen.places).toEqual([`app of ${pod}`])
})

test('several shells run at a time, go on while another view is shown, and end with the page', async () => {
  const server = await fedServer(todo)
  const { run, seen } = playedShell()
  server.run(run)
  const page = await opened(server.url)
  await openShell(page)
  await shows(page, '$')
  await page.keyboard.type('first')
  await shows(page, 'first')
  await openShell(page, 'sidecar')
  await shows(page, '$')
  await page.keyboard.type('second')
  await shows(page, 'second')
  await go(page, 'logs')
  await page.getByRole('link', { name: 'Shells' }).click()
  await shows(page, 'second')
  // With the keyboard: out of the terminal, to the tab of the other shell, and into it.
  await page.keyboard.press('Shift+F6')
  await page.getByRole('tab', { name: '2: backend / sidecar', selected: true }).waitFor()
  await page.keyboard.press('ArrowLeft')
  await page.getByRole('tab', { name: '1: backend / app', selected: true }).waitFor()
  await shows(page, 'first')
  expect(seen.places).toEqual([`app of ${pod}`, `sidecar of ${pod}`])
  expect(seen.running).toBe(2)
  await page.getByRole('button', { name: 'End this shell' }).click()
  await expect.poll(() => seen.running).toBe(1)
  await page.close()
  await expect.poll(() => seen.running).toBe(0)
})

test('the terminal has the size of the window, and follows it', async () => {
  const server = await fedServer(todo)
  const { run, seen } = playedShell()
  server.run(run)
  const page = await opened(server.url, { viewport: { width: 1280, height: 800 } })
  await openShell(page)
  await shows(page, '$')
  const before = seen.sizes.at(-1)?.split('x').map(Number) ?? []
  expect(before[0]).toBeGreaterThan(100)
  await page.setViewportSize({ width: 640, height: 600 })
  await expect.poll(() => Number(seen.sizes.at(-1)?.split('x')[0])).toBeLessThan((before[0] ?? 0) - 40)
  expect(await isWithinWindow(page)).toBe(true)
})

test('colours are shown under the policy of the page, which allows no inline style', async () => {
  const server = await fedServer(todo)
  server.run(
    playedShell('\x1b[31mred\x1b[0m \x1b[38;2;10;200;30mtrue\x1b[0m \x1b[48;5;200mback\x1b[0m \x1b[1mbold').run,
  )
  const page = await opened(server.url)
  await openShell(page)
  await shows(page, 'true')
  const look = (text: string, property: 'color' | 'backgroundColor' | 'fontWeight') =>
    screen(page)
      .getByText(text, { exact: true })
      .evaluate((element, name) => getComputedStyle(element)[name], property)
  expect(await look('true', 'color')).toBe('rgb(10, 200, 30)')
  expect(await look('back', 'backgroundColor')).toBe('rgb(255, 0, 215)')
  expect(await look('red', 'color')).not.toBe(await look('bold', 'color'))
  expect(await look('bold', 'fontWeight')).toBe('700')
})

test('what a container asks of the terminal beyond text and colours is dropped', async () => {
  const osc = (text: string) => `\x1b]${text}\x07`
  const hostile = [
    osc('0;owned'),
    osc('2;owned'),
    osc(`52;c;${Buffer.from('stolen').toString('base64')}`),
    osc('52;c;?'),
    `${osc('8;;javascript:alert(1)')}link${osc('8;;')}`,
    osc('1337;File=inline=1:AAAA'),
    '\x1b[21t\x1b[20t\x1b[8;5;5t',
    '\x1bP$q"p\x1b\\',
    '<img src=x onerror=alert(1)>',
    'done',
  ]
  const server = await fedServer(todo)
  const { run, seen } = playedShell(hostile.join(''))
  server.run(run)
  const page = await opened(server.url)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate(() => navigator.clipboard.writeText('mine'))
  await openShell(page)
  await shows(page, 'done')
  await shows(page, '<img src=x onerror=alert(1)>')
  expect(await page.title()).toBe('todo · devk')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('mine')
  expect(await screen(page).locator('a, img').count()).toBe(0)
  const link = await screen(page).getByText('link').first().boundingBox()
  await page.mouse.click((link?.x ?? 0) + 6, (link?.y ?? 0) + 6)
  expect(page.context().pages()).toHaveLength(1)
  // The answer to the question about a setting goes to the shell that asked, and to nobody else; no clipboard is in it.
  expect(seen.input).not.toContain('52;')
  expect(seen.input).not.toContain(Buffer.from('mine').toString('base64'))
  expect(Number(seen.sizes.at(-1)?.split('x')[0])).toBeGreaterThan(5)
})

test('a flood keeps the page alive, with bounded memory, and Ctrl-C reaches the shell', async () => {
  const server = await fedServer(todo)
  let written = 0
  let stopped = 0
  server.run(async (_streams, _pod, { stdin, stdout }) => {
    stdin.on('data', (chunk) => {
      if (String(chunk).includes('\x03')) stopped = written
    })
    const line = Buffer.from(`${'x'.repeat(78)}\r\n`.repeat(200))
    while (stopped === 0 && !stdin.readableEnded) {
      await new Promise((resolve) => stdout.write(line, resolve))
      written += line.length
    }
    stdout.write('\r\nthe flood is over')
    return 0
  })
  const page = await opened(server.url)
  await openShell(page)
  await expect.poll(() => written, { timeout: 20_000 }).toBeGreaterThan(10_000_000)
  await page.keyboard.press('Control+c')
  await page.getByText('The shell ended with exit code 0.').waitFor()
  await shows(page, 'the flood is over')
  expect(stopped).toBeGreaterThan(0)
}, 60_000)

test('a container without a shell, and one that is gone, say so', async () => {
  const server = await fedServer(todo)
  server.run(async () => {
    throw new Error(`No shell could be started in container app of pod ${pod}: no sh`)
  })
  const page = await opened(server.url)
  await openShell(page)
  await page.getByText(`No shell could be started in container app of pod ${pod}: no sh`).waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByText('No shell is open.').waitFor()
  await go(page, 'services/external/postgres')
  await page.getByRole('button', { name: /^Open a shell in postgres/ }).click()
  await page.getByRole('dialog').getByText('The project todo has no service "postgres"').waitFor()
})

test('a page that only reads offers no shell, and one of another origin gets none', async () => {
  const readOnly = await fedServer(todo, { items: 10, size: 1000, readOnly: true })
  const { run, seen } = playedShell()
  readOnly.run(run)
  const quiet = await opened(readOnly.url)
  await go(quiet, 'services/service/backend')
  await quiet.getByRole('region', { name: 'backend' }).waitFor()
  expect(await quiet.getByRole('button', { name: /shell/ }).count()).toBe(0)
  const server = await fedServer(todo)
  server.run(run)
  server.hold(session([]))
  const page = await opened(server.url)
  const headers = { authorization: `Bearer ${server.token}` }
  const { key } = (await (await fetch(`${server.api}/key`, { headers })).json()) as { key: string }
  const query = new URLSearchParams({ service: 'backend', pod, container: 'app' })
  const target = `${page.url().replace(/#.*/, '').replace('http', 'ws')}api/v1/shell?${query}`
  const attacker = await page.context().newPage()
  // A page of the same site, which the browser gives the cookie, and that even knows the key.
  await attacker.route('http://127.0.0.1:9/', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<h1>A</h1>' }),
  )
  await attacker.goto('http://127.0.0.1:9/')
  const outcome = await attacker.evaluate(
    ([url, protocol]) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url ?? '', ['devk.terminal.v1', protocol ?? ''])
        socket.onopen = () => resolve('open')
        socket.onerror = () => resolve('refused')
      }),
    [target, `devk-key.${key}`],
  )
  expect(outcome).toBe('refused')
  expect(seen.places).toEqual([])
})

test.each(looks)('axe finds nothing in a shell and in the question before it: %j', async (look) => {
  const server = await fedServer(todo)
  server.run(playedShell('\x1b[34mblue\x1b[0m \x1b[31mred\x1b[0m $ ').run)
  const page = await opened(server.url, look)
  await go(page, 'services/service/backend')
  await page.getByRole('button', { name: `Open a shell in ${pod}` }).click()
  await page.getByText('It can do what the container can do').waitFor()
  expect(await violations(page)).toEqual([])
  expect(await isWithinWindow(page)).toBe(true)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await shows(page, 'blue')
  expect(await violations(page)).toEqual([])
  expect(await isWithinWindow(page)).toBe(true)
})
