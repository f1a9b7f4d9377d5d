import { expect, test } from 'vitest'
import { ignoreRules } from '../../../src/images/build/ignore.ts'
import { decide, type WatchedService } from '../../../src/loop/decide.ts'

test('a file that was brought back from a container is synced, and starts no commands', () => {
  const none = ignoreRules('')
  const command = { argv: ['make'], text: 'make', place: 1, timeoutMs: 1 }
  const service: WatchedService = {
    name: 'backend',
    context: '/p/backend',
    dockerfile: '/p/backend/Dockerfile',
    ignore: none,
    unwatched: none,
    rebuilds: () => false,
    sync: [{ from: '/p/backend', to: '/app', exclude: none, unbuilt: false, run: [{ command, when: undefined }] }],
    isPulled: (path) => path.endsWith('/lock'),
  }
  const changes = ['lock', 'main.py'].map((name) => ({ path: `/p/backend/${name}`, kind: 'changed' as const }))
  const redeploy = { reads: () => false } as unknown as Parameters<typeof decide>[1]['redeploy']
  const [action] = decide(changes, { services: [service], redeploy }).services
  expect(action?.files.map(({ to, run = [] }) => [to, run.length])).toEqual([
    ['/app/lock', 0],
    ['/app/main.py', 1],
  ])
})
