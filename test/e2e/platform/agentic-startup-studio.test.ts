import { expect, test } from 'vitest'
import { leftovers } from '../support/engine.ts'
import { studioTests } from '../support/studio.ts'

const project = 'studio-e2e'
const webPort = 31580
const { studio } = studioTests({
  project,
  port: 18082,
  webPort,
  changes: [['cluster: { load', `cluster: { ports: ['${webPort}:80', '${webPort + 1}:443'], load`]],
})

test('down removes everything', async () => {
  const down = await studio().run(['down'])
  expect(down.exitCode).toBe(0)
  expect(await leftovers(project)).toEqual([])
})
