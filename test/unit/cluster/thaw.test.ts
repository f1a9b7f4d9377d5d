import { expect, test } from 'vitest'
import { thawNodes } from '../../../src/cluster/thaw.ts'
import { container, fakeEngine, signal } from './support.ts'

/** An engine that notes what runs in nodes. A node of the name `hangs` does not answer. */
function setup(states: Readonly<Record<string, string>>) {
  const nodes = Object.entries(states).map(([name, state]) => container(name, { state }))
  const { engine, log } = fakeEngine(nodes)
  const exec: typeof engine.exec = {
    ...engine.exec,
    async run(node, argv, _options, soon) {
      log.push(`${argv[0]} in ${node}`)
      if (node !== 'id-hangs') return { exitCode: 0, stdout: '', stderr: '' }
      return new Promise((_resolve, reject) => soon.addEventListener('abort', () => reject(soon.reason)))
    },
  }
  return { engine: { ...engine, exec }, log, nodes }
}

test('nodes that run are thawed, paused ones go on before it, and stopped ones stay', async () => {
  const { engine, log, nodes } = setup({ runs: 'running', rests: 'paused', stopped: 'exited' })
  await thawNodes(engine, nodes, signal)
  expect(log.filter((line) => line.includes('rests'))).toEqual(['start id-rests', 'sh in id-rests'])
  expect(log).toContain('sh in id-runs')
  expect(log.some((line) => line.includes('stopped'))).toBe(false)
})

test('a node that does not answer is left after a while', async () => {
  const { engine, nodes } = setup({ hangs: 'running' })
  await thawNodes(engine, nodes, signal, 20)
})

test('an abort ends the wait', async () => {
  const { engine, nodes } = setup({ hangs: 'running' })
  const ended = new AbortController()
  const thawing = thawNodes(engine, nodes, ended.signal)
  ended.abort(new Error('interrupted'))
  await expect(thawing).rejects.toThrow('interrupted')
})
