/**
 * The Agentic Startup Studio on kind. In the long runs: `npm test` has it on Minikube.
 * @module-tag long
 */
import { expect, test } from 'vitest'
import { leftovers } from '../support/leftovers.ts'
import { declareStudioTests } from '../support/projects/agentic-startup-studio.ts'

const project = 'studio-e2e'
const webPort = 31580
const { studio } = declareStudioTests({
  project,
  port: 18082,
  webPort,
  changes: [['cluster: { load', `cluster: { ports: ['${webPort}:80', '${webPort + 1}:443'], load`]],
})

test('down removes everything of the project', async () => {
  const down = await studio().run(['down'])
  expect(down.exitCode).toBe(0)
  expect(await leftovers(project)).toEqual([])
})
