import { expect, test } from 'vitest'
import { execaRunner } from '../../../src/exec/runner.ts'
import { keepRunning } from '../../../src/local/keep-running.ts'

test('a port that devk cannot ask for is left to the program', async () => {
  const stop = new AbortController()
  const states: string[] = []
  const done = keepRunning(
    { name: 'web', argv: ['true'], cwd: '/', env: {}, ports: [5173], watch: undefined, needs: [] },
    {
      runner: execaRunner(process.env),
      ready: () => true,
      subscribe: () => () => {},
      taken: () => Promise.reject(new Error('no more files may be open')),
      watch: undefined,
      now: Date.now,
      onLine: async () => {},
      onChange: ({ state }) => states.push(state),
    },
    stop.signal,
  )
  await expect.poll(() => states, { timeout: 20_000 }).toEqual(['running', 'ended'])
  stop.abort()
  await done
})
