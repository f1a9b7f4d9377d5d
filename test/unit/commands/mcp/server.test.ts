import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { inputOf, inputs } from '../../../../src/commands/mcp/inputs.ts'
import { allowedTools } from '../../../../src/commands/mcp/mcp.ts'
import { serveMcp } from '../../../../src/commands/mcp/server.ts'
import type { Tool } from '../../../../src/commands/mcp/tool.ts'
import type { CliContext } from '../../../../src/context.ts'
import { DevkError } from '../../../../src/errors.ts'

vi.setConfig({ testTimeout: 30_000 })

/** The other end of a server with these tools. */
function served(tools: readonly Tool[]): InMemoryTransport {
  const stop = new AbortController()
  const ctx = { version: '0.1.0', signal: stop.signal, cwd: '/nowhere' } as unknown as CliContext
  const [mine, its] = InMemoryTransport.createLinkedPair()
  const done = serveMcp(ctx, tools, its)
  onTestFinished(async () => {
    stop.abort()
    await done
  })
  return mine
}

const about = { name: 'test', version: '1' }
const pinned = (pin: string) => new Client(about, { versionNegotiation: { mode: { pin } } })
const older = (...versions: string[]) => new Client(about, { supportedProtocolVersions: versions })

/** Clients of the versions of the protocol that agents speak. */
const makers = {
  '2026-07-28': () => pinned('2026-07-28'),
  '2025-11-25': () => older('2025-11-25'),
  '2025-06-18': () => older('2025-06-18'),
  '2024-11-05': () => older('2024-11-05'),
  // As agents have it that were not made anew.
  'the library before': () => new OlderClient(about),
}

const echo: Tool = {
  name: 'echo',
  description: 'gives back',
  input: inputOf({ service: inputs.service, tail: inputs.tail }, ['service']),
  changes: false,
  run: async (_ctx, input) => input,
}
const textOf = (result: object) => (result as { content: { text: string }[] }).content.map(({ text }) => text).join()

describe.each(Object.entries(makers))('a client of %s', (version, make) => {
  /** A client of a server with these tools. */
  async function client(tools: readonly Tool[]): Promise<Client> {
    const own = make() as Client
    await own.connect(served(tools))
    if (version.startsWith('20')) expect(own.getNegotiatedProtocolVersion()).toBe(version)
    return own
  }

  test('without --allow every tool only reads, and says so', async () => {
    const { tools } = await (await client(allowedTools([]))).listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      ...['status', 'explain', 'logs', 'wait', 'saves', 'plan', 'config_validate', 'traces'],
      ...['metric_names', 'metrics', 'kept_logs'],
    ])
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true)
    for (const { inputSchema, description } of tools) {
      expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
      expect(description).toMatch(/\.$/)
    }
  })

  test('--allow adds the named tools, and refuses a name that is none', async () => {
    const { tools } = await (await client(allowedTools(['restart', 'run_job']))).listTools()
    const changing = tools.filter(({ annotations }) => !annotations?.readOnlyHint)
    expect(changing.map(({ name }) => name)).toEqual(['restart', 'run_job'])
    expect(() => allowedTools(['restrat'])).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: 'Did you mean "restart"?' }),
    )
    expect(() => allowedTools(['status'])).toThrow(/no tool "status" that changes/)
  })

  test('a tool that is not allowed cannot be called', async () => {
    const reading = await client(allowedTools([]))
    await expect(reading.callTool({ name: 'restart', arguments: { service: 'api' } })).rejects.toThrow(/--allow NAME/)
  })

  test.each([
    [{}, /service/],
    [{ service: 7 }, /string/],
    [{ service: 'api', tail: 100_000 }, /1000/],
    [{ service: 'api', more: true }, /additional properties/],
  ])('a wrong input is an answer that says what is wrong: %j', async (input, why) => {
    const result = await (await client([echo])).callTool({ name: 'echo', arguments: input })
    expect([result.isError, textOf(result)]).toEqual([true, expect.stringMatching(why)])
  })

  test('what the caller can correct is an answer with the hint; a defect is an error of the protocol', async () => {
    const run = async (_ctx: CliContext, { service }: Readonly<Record<string, unknown>>) => {
      if (service === 'defect') throw new Error('bug')
      throw new DevkError('USAGE', `no service ${service}`, { hint: 'Did you mean "api"?' })
    }
    const own = await client([{ ...echo, run }])
    const result = await own.callTool({ name: 'echo', arguments: { service: 'ap' } })
    expect([result.isError, textOf(result)]).toEqual([true, 'no service ap (USAGE)\nDid you mean "api"?'])
    await expect(own.callTool({ name: 'echo', arguments: { service: 'defect' } })).rejects.toThrow('bug')
  })

  test('the schema of the configuration and the errors are resources', async () => {
    const own = await client([])
    const { resources } = await own.listResources()
    expect(resources.map(({ uri }) => uri)).toEqual(['devk://schema', 'devk://errors', 'devk://topology'])
    // A client may ask for templates wherever there are resources.
    expect(await own.listResourceTemplates()).toMatchObject({ resourceTemplates: [] })
    const read = async (uri: string) =>
      JSON.parse(((await own.readResource({ uri })).contents[0] as { text: string }).text)
    expect(Object.keys((await read('devk://schema')).properties)).toContain('services')
    expect(await read('devk://errors')).toHaveProperty('NOT_READY.fix')
    await expect(own.readResource({ uri: 'file:///etc/passwd' })).rejects.toThrow(/no resource/)
  })

  test('a call that its caller gives up ends', async () => {
    const began = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    const run = (ctx: CliContext) => {
      ctx.signal.addEventListener('abort', () => ended.resolve())
      began.resolve()
      return ended.promise
    }
    const own = await client([{ ...echo, run }])
    const giveUp = new AbortController()
    const params = { name: 'echo', arguments: { service: 'api' } }
    const options = { signal: giveUp.signal }
    const either: unknown = own
    const called =
      either instanceof OlderClient ? either.callTool(params, undefined, options) : own.callTool(params, options)
    const call = expect(called).rejects.toThrow()
    await began.promise
    giveUp.abort()
    await call
    await ended.promise
  })
})

/** What the server answers to these messages, which no library has made. */
async function answers(...messages: readonly (readonly [method: string, params: object])[]): Promise<unknown[]> {
  const mine = served([echo])
  const got: unknown[] = []
  mine.onmessage = (message) => got.push(message)
  await mine.start()
  for (const [index, [method, params]] of messages.entries()) {
    await mine.send({ jsonrpc: '2.0', id: index + 1, method, params: { ...params } })
    await expect.poll(() => got.length).toBe(index + 1)
  }
  return got
}

const meta = (version: string) => ({
  _meta: {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': about,
    'io.modelcontextprotocol/clientCapabilities': {},
  },
})
const begin = (protocolVersion: string) =>
  ['initialize', { protocolVersion, capabilities: {}, clientInfo: about }] as const

test('a request of 2026-07-28 needs nothing before it', async () => {
  const [called, discovered, refused] = await answers(
    ['tools/call', { name: 'echo', arguments: { service: 'api' }, ...meta('2026-07-28') }],
    ['server/discover', meta('2026-07-28')],
    begin('2025-11-25'),
  )
  expect(called).toMatchObject({ id: 1, result: { resultType: 'complete', content: [{ type: 'text' }] } })
  expect(discovered).toMatchObject({ result: { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } } })
  expect(refused).toMatchObject({ id: 3, error: { data: { supported: ['2026-07-28'] } } })
})

test('who asks what there is may still begin as before', async () => {
  const [, begun, listed] = await answers(['server/discover', meta('2026-07-28')], begin('2025-06-18'), [
    'tools/list',
    {},
  ])
  expect(begun).toMatchObject({ result: { protocolVersion: '2025-06-18', serverInfo: { name: 'devk' } } })
  expect(listed).toMatchObject({ result: { tools: [{ name: 'echo' }] } })
})

test('a version that devk does not know is refused with those that it knows, or answered with the newest before', async () => {
  const [refused] = await answers(['tools/list', meta('2099-01-01')])
  expect(refused).toMatchObject({ error: { data: { supported: ['2026-07-28'], requested: '2099-01-01' } } })
  const [begun] = await answers(begin('2099-01-01'))
  expect(begun).toMatchObject({ result: { protocolVersion: '2025-11-25' } })
})

test('a server whose command is ending already ends', async () => {
  const [, its] = InMemoryTransport.createLinkedPair()
  const ctx = { version: '0.1.0', signal: AbortSignal.abort() } as unknown as CliContext
  await serveMcp(ctx, [echo], its)
})
