import { expect, test } from 'vitest'
import { markOf } from '../../../src/logs/view.ts'
import { logFormatter } from '../../../src/terminal/log-lines.ts'

const line = { service: 'web', pod: 'web-1', container: 'migrate', time: '2026-01-01T00:00:00Z', text: 'done' }
const podOf = (initContainers: { name: string }[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1' },
  spec: { initContainers, containers: [{ name: 'web' }] },
})

test('a line names its container only where the pod has several, sidecars and init containers included', () => {
  const format = logFormatter({ color: false, json: false, services: ['web', 'worker'] })
  expect(format({ ...line, ...markOf(podOf([{ name: 'migrate' }])) })).toBe('web    migrate done\n')
  expect(format({ ...line, ...markOf(podOf([])) })).toBe('web    done\n')
})

test('the JSON of a line keeps its shape', () => {
  const format = logFormatter({ color: false, json: true, services: ['web'] })
  expect(JSON.parse(format({ ...line, several: true }))).toEqual(line)
})
