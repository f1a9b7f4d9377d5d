import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { expect, onTestFinished, test, vi } from 'vitest'
import { inputOf, inputs } from '../../../../src/commands/mcp/inputs.ts'
import { allowedTools } from '../../../../src/commands/mcp/mcp.ts'
import { serveMcp } from '../../../../src/commands/mcp/server.ts'
import type { Tool } from '../../../../src/commands/mcp/tool.ts'
import type { CliContext } from '../../../../src/context.ts'
import { DevkError } from '../../../../src/errors.ts'

vi.setConfig({ testTimeout: 30_000 })

/** A client of a server with these tools. */
async function client(tools: readonly Tool[]): Promise<Client> {
  const stop = new AbortController()
  const ctx = { version: '0.1.0', signal: stop.signal, cwd: '/nowhere' } as unknown as CliContext
  const [mine, its] = InMemoryTransport.createLinkedPair()
  const served = serveMcp(ctx, tools, its)
  const own = new Client({ name: 'test', version: '1' })
  await own.connect(mine)
  onTestFinished(async () => {
    stop.abort()
    await served
  })
  return own
}

const echo: Tool = {
  name: 'echo',
  description: 'gives back',
  input: inputOf({ service: inputs.service, tail: inputs.tail }, ['service']),
  changes: false,
  run: async (_ctx, input) => input,
}
const textOf = (result: Awaited<ReturnType<Client['callTool']>>) =>
  (result.content as { text: string }[]).map(({ text }) => text).join()

test('without --allow every tool only reads, and says so', async () => {
  const { tools } = await (await client(allowedTools([]))).listTools()
  expect(tools.map(({ name }) => name)).toEqual([
    ...[
      'status',
      'explain',
      'logs',
      'wait',
      'saves',
      'plan',
      'config_validate',
      'traces',
      'metric_names',
      'metrics',
      'kept_logs',
    ],
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
  expect(await own.listResourceTemplates()).toEqual({ resourceTemplates: [] })
  const read = async (uri: string) =>
    JSON.parse(((await own.readResource({ uri })).contents[0] as { text: string }).text)
  expect(Object.keys((await read('devk://schema')).properties)).toContain('services')
  expect(await read('devk://errors')).toHaveProperty('NOT_READY.fix')
  await expect(own.readResource({ uri: 'file:///etc/passwd' })).rejects.toThrow(/no resource/)
})
