import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { type TerminalAnswer, terminalUpgrade } from '../../../src/ui/terminal.ts'
import { startPage } from './page-server.ts'

const until = (done: () => boolean) => vi.waitUntil(done, { timeout: 5000, interval: 10 })

/** A server with one terminal, and how a program and the page reach it. */
async function served(answer: TerminalAnswer, { readOnly = false } = {}) {
  const stop = new AbortController()
  const sockets = { '/api/v1/shell': terminalUpgrade(answer, stop.signal) }
  const acting = readOnly ? {} : { changes: {}, sockets }
  const { server, url, api, token } = await startPage({ api: {}, ...acting }, stop)
  const authorization = `Bearer ${token}`
  const { key } = (await (await fetch(`${api}/key`, { headers: { authorization } })).json()) as { key: string }
  const cookie = ((await fetch(url)).headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const at = `${url.replace(/\?.*/, '').replace('http', 'ws')}api/v1/shell?columns=90&rows=30`
  const protocols = ['devk.terminal.v1', `devk-key.${key}`]
  const origin = new URL(url).origin
  /** Connects as the page does, but for `more`. */
  const connect = (more: ClientOptions & { protocols?: string[]; at?: string } = {}) =>
    new WebSocket(more.at ?? at, more.protocols ?? protocols, { headers: { cookie }, origin, ...more })
  const refusal = (more: Parameters<typeof connect>[0]) =>
    new Promise<string>((resolve) => {
      const socket = connect(more)
      socket.on('error', ({ message }) => resolve(message))
      socket.on('open', () => {
        socket.close()
        resolve('open')
      })
    })
  return { connect, refusal, stop, server, at, key, authorization }
}

/** What a socket receives: text of the terminal, and messages. */
function received(socket: WebSocket) {
  const got = { text: '', bytes: 0, messages: [] as unknown[], closed: false }
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      got.bytes += data.length
      if (got.bytes < 10_000) got.text += data.toString('utf8')
    } else got.messages.push(JSON.parse(data.toString('utf8')))
  })
  socket.on('close', () => {
    got.closed = true
  })
  return got
}

const ended: TerminalAnswer = async () => ({ exitCode: 0 })

test('only the page itself and programs with the token get a terminal, and only with the key', async () => {
  const { refusal, key, at, authorization } = await served(ended)
  expect(await refusal({})).toBe('open')
  const program = { headers: { authorization }, origin: undefined }
  expect(await refusal(program as ClientOptions)).toBe('open')
  const refused = (status: number) => `Unexpected server response: ${status}`
  expect(await refusal({ origin: 'http://127.0.0.1:8080' })).toBe(refused(403))
  expect(await refusal({ origin: 'http://attacker.example' })).toBe(refused(403))
  expect(await refusal({ origin: 'null' })).toBe(refused(403))
  expect(await refusal({ origin: undefined } as unknown as ClientOptions)).toBe(refused(403))
  expect(await refusal({ headers: {} })).toBe(refused(401))
  expect(await refusal({ headers: { host: 'attacker.example' } })).toBe(refused(403))
  expect(await refusal({ protocols: ['devk.terminal.v1'] })).toBe(refused(403))
  expect(await refusal({ protocols: ['devk.terminal.v1', 'devk-key.wrong'] })).toBe(refused(403))
  expect(await refusal({ protocols: ['devk.terminal.v1', `devk-key.${key}x`] })).toBe(refused(403))
  expect(await refusal({ at: at.replace('/shell', '/state') })).toBe(refused(404))
  expect(await refusal({ at: at.replace('/shell', '/__proto__') })).toBe(refused(404))
})

test('a page that only reads gives no terminal, with whatever key', async () => {
  const { refusal, authorization } = await served(ended, { readOnly: true })
  const protocols = ['devk.terminal.v1', 'devk-key.null']
  expect(await refusal({ protocols })).toBe('Unexpected server response: 405')
  expect(await refusal({ protocols, headers: { authorization } })).toBe('Unexpected server response: 405')
})

test('input, output and sizes go through, and the end is told after the last output', async () => {
  const seen: unknown[] = []
  const { connect } = await served(async (query, { input, output }) => {
    seen.push(query.get('columns'), [output.columns, output.rows])
    output.on('resize', () => seen.push([output.columns, output.rows]))
    for await (const chunk of input) {
      output.write(`got ${chunk}`)
      if (String(chunk) === 'end') break
    }
    return { exitCode: 7 }
  })
  const socket = connect()
  const got = received(socket)
  await once(socket, 'open')
  socket.send(JSON.stringify({ columns: 120, rows: 40 }))
  // None of these is a size, or anything else.
  for (const text of ['{', '7', 'null', '{"columns":1e9,"rows":1}', '{"columns":"9","rows":9}', '{"columns":5}'])
    socket.send(text)
  socket.send(Buffer.from('héllo'))
  await until(() => got.text === 'got héllo')
  socket.send(Buffer.from('end'))
  await until(() => got.closed)
  expect(seen).toEqual(['90', [90, 30], [120, 40]])
  expect([got.text, got.messages]).toEqual(['got héllogot end', [{ exitCode: 7 }]])
})

test('a flood waits until the page has shown what it got', async () => {
  let written = 0
  const { connect } = await served(async (_query, { output, closed }) => {
    const chunk = Buffer.alloc(32 * 1024, 'x')
    while (written < 64 && !closed.aborted) {
      await new Promise((resolve) => output.write(chunk, resolve))
      written += 1
    }
    return { exitCode: 0 }
  })
  const socket = connect()
  const got = received(socket)
  await until(() => got.bytes >= 256 * 1024)
  await sleep(100)
  expect(written).toBeLessThan(9)
  expect(got.bytes).toBeLessThanOrEqual(256 * 1024)
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) socket.send(JSON.stringify({ shown: data.length }))
  })
  socket.send(JSON.stringify({ shown: got.bytes }))
  await until(() => got.closed)
  expect(got.bytes).toBe(64 * 32 * 1024)
})

test('a terminal that the page closes ends what runs in it, also in the middle of a flood', async () => {
  const over = Promise.withResolvers<string>()
  const { connect } = await served(async (_query, { input, output, closed }) => {
    const chunk = Buffer.alloc(32 * 1024)
    while (!closed.aborted) await new Promise((resolve) => output.write(chunk, resolve))
    for await (const _ of input);
    over.resolve('ended')
    return { exitCode: 0 }
  })
  const socket = connect()
  const got = received(socket)
  await until(() => got.bytes >= 256 * 1024)
  socket.terminate()
  expect(await over.promise).toBe('ended')
})

test('a message that is too long ends the terminal, and other protocols are refused', async () => {
  const { connect, refusal, key } = await served((_query, { closed }) =>
    once(closed, 'abort').then(() => ({ exitCode: 0 })),
  )
  const socket = connect()
  await once(socket, 'open')
  socket.send(Buffer.alloc(64 * 1024 + 1))
  const [code] = await once(socket, 'close')
  expect(code).toBe(1009)
  expect(await refusal({ protocols: [`devk-key.${key}`] })).toBe('Server sent no subprotocol')
})

test('the server ends after the terminals, and those after what runs in them', async () => {
  const order: string[] = []
  const { connect, stop, server } = await served(async () => {
    await once(stop.signal, 'abort')
    await sleep(200)
    order.push('shell')
    return { exitCode: 129 }
  })
  const socket = connect()
  await once(socket, 'open')
  socket.on('close', () => order.push('terminal'))
  stop.abort()
  server.close(() => order.push('server'))
  server.closeAllConnections()
  await until(() => order.length === 3)
  expect(order[0]).toBe('shell')
})

test('when devk ends, a page that shows nothing does not hold it up', async () => {
  const over = Promise.withResolvers<string>()
  const { connect, stop } = await served(async (_query, { output }) => {
    const chunk = Buffer.alloc(32 * 1024)
    while (!stop.signal.aborted) await new Promise((resolve) => output.write(chunk, resolve))
    over.resolve('ended')
    return { exitCode: 0 }
  })
  const socket = connect()
  const got = received(socket)
  await until(() => got.bytes >= 256 * 1024)
  stop.abort()
  expect(await over.promise).toBe('ended')
  await until(() => got.closed)
})
