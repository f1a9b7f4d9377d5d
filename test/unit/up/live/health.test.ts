import { expect, test, vi } from 'vitest'
import type { Kube, KubeObject } from '../../../../src/kube/api.ts'
import { type Health, healthLines, watchHealth } from '../../../../src/up/live/health.ts'

const health = (nodes: string[], silent: string[] = [], answers = true): Health => ({
  answers,
  nodes: new Set(nodes),
  silent: new Set(silent),
})

test('nodes that stop to report, report again or are removed are reported once', () => {
  const both = health(['one', 'two'])
  expect(healthLines(both, both)).toEqual([])
  expect(healthLines(both, health(['one', 'two'], ['two']))).toEqual([expect.stringMatching(/^node two has stopped/)])
  expect(healthLines(health(['one', 'two'], ['two']), health(['one', 'two'], ['two']))).toEqual([])
  expect(healthLines(health(['one', 'two'], ['two']), both)).toEqual(['node two reports again'])
  expect(healthLines(health(['one', 'two'], ['two']), health(['one']))).toEqual([
    expect.stringMatching(/^node two was removed/),
  ])
})

test('a cluster that does not answer is reported once, and so is its return', () => {
  const [up, down] = [health(['one']), health(['one'], [], false)]
  expect(healthLines(up, down)).toHaveLength(1)
  expect(healthLines(down, down)).toEqual([])
  expect(healthLines(down, up)).toEqual(['the cluster answers again'])
})

test('an API server that accepts requests and answers none is reported in time', async () => {
  const over = new AbortController()
  let hangs = true
  const list: Kube['list'] = (_kind, { signal }) =>
    hangs ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) : answer()
  const answer = async (): Promise<KubeObject[]> => []
  const said: string[] = []
  const say = (text: string) => void said.push(text)
  const watching = watchHealth({ kube: { list }, say, signal: over.signal, intervalMs: 5, patienceMs: 20 })
  await vi.waitFor(() => expect(said).toHaveLength(1))
  hangs = false
  await vi.waitFor(() => expect(said.at(-1)).toBe('the cluster answers again'))
  over.abort()
  await watching
})
