import { expect, onTestFinished, test } from 'vitest'
import { fromPods } from '../../../../src/up/live/from-pods.ts'
import { scriptedNode } from '../../../support/scripted-node.ts'

function opener(nodeContainers: readonly (string | undefined)[]) {
  const node = scriptedNode()
  const stop = new AbortController()
  onTestFinished(() => {
    stop.abort()
    node.agents.close()
  })
  const said: string[] = []
  const report = (name: string, text: string) => said.push(`${name}: ${text}`)
  return { node, said, ports: fromPods({ agents: node.agents, nodeContainers, report }, stop.signal) }
}

test('the ports of a program are open while it runs, and only these', async () => {
  const { node, said, ports } = opener(['node'])
  ports.open('web', [5173, 9229])
  ports.open('web', [5173, 9229])
  await expect.poll(() => node.frames.map(({ payload }) => String(payload))).toEqual(['listen 5173', 'listen 9229'])
  for (const stream of [1, 2]) node.send('C', stream)
  const reach = (port: number) => `web: pods reach it at host.devk.internal:${port}`
  await expect.poll(() => said).toEqual([reach(5173), reach(9229)])
  ports.close('web')
  await expect.poll(() => node.frames.filter(({ type, stream }) => type === 'R' && stream <= 2).length).toBe(2)
  ports.open('web', [5173])
  await expect.poll(() => node.opened('listen 5173').length).toBe(2)
})

test('a node that does not listen is named once with the reason', async () => {
  const { node, said, ports } = opener(['node', undefined])
  ports.open('web', [80])
  for (const times of [1, 2]) {
    await expect.poll(() => node.opened('listen 80').length, { timeout: 10_000 }).toBe(times)
    node.send('E', node.opened('listen 80').at(-1) ?? 0, '\0\0\0\u0062address already in use')
  }
  const reason = 'pods on node node cannot reach it at host.devk.internal:80: address already in use'
  await expect.poll(() => said).toEqual([`web: ${reason}`])
})

test('without a node on this engine nothing is opened or said', async () => {
  const { node, said, ports } = opener([undefined])
  ports.open('web', [80])
  ports.close('web')
  expect([node.frames, said]).toEqual([[], []])
})
