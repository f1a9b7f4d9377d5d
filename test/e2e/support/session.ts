import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ignoreRules } from '../../../src/images/build/ignore.ts'
import type { Kube, KubeObject } from '../../../src/kube/api.ts'
import type { SessionEvent } from '../../../src/loop/events.ts'
import { trackPods } from '../../../src/loop/pods.ts'
import { runSession } from '../../../src/loop/session.ts'
import type { Syncer } from '../../../src/sync/syncer.ts'
import { watchTree } from '../../../src/watch/watch-tree.ts'
import { podOf } from './pods.ts'

const labels = { 'devk.dev/project': 'demo', 'devk.dev/service': 'backend' }

// It ends when a synced file says so: a crash that a save brings, and a save mends.
const script = 'while ! grep -qs crash /app/state; do sleep 0.1; done; exit 3'
const { spec } = podOf({ name: 'backend', container: { command: ['sh', '-c', script] } })

/** The Deployment of the session's service. */
export const backend: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'backend', namespace: 'default' },
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
}

/** The loop of `devk dev` for the service `backend` of the project `demo`, whose folder `app` is synced and whose builds fail. */
export interface TestSession {
  /** Waits for such an event; what came up to then is forgotten. */
  sees(what: (event: SessionEvent) => boolean): Promise<void>
  /** Waits until a container of the service runs. */
  runs(): Promise<void>
  end(): Promise<void>
}

/** Starts it on the service's source folder. */
export function startSession(kube: Kube, syncer: Syncer, source: string): TestSession {
  const done = new AbortController()
  const events: SessionEvent[] = []
  const waiting = new Set<() => void>()
  const pods = trackPods(kube, { project: 'demo', containers: {} }, done.signal)
  const session = runSession(
    {
      services: async () => [
        {
          name: 'backend',
          context: source,
          dockerfile: join(source, 'Dockerfile'),
          ignore: ignoreRules(''),
          sync: [{ from: join(source, 'app'), to: '/app', excludes: () => false }],
        },
      ],
      redeployPaths: [],
      since: Date.now(),
      now: Date.now,
      pods,
      syncer,
      rebuild: async () => {
        throw new Error('the build fails')
      },
      redeploy: async () => {},
      deletePod: ({ uid, ...place }, aborted) =>
        kube.delete({ apiVersion: 'v1', kind: 'Pod', ...place }, { uid, propagation: 'Background', signal: aborted }),
      watch: (options) => watchTree({ ...options, now: Date.now }),
      report(event) {
        events.push(event)
        for (const wake of waiting) wake()
        waiting.clear()
      },
    },
    done.signal,
  )
  return {
    async sees(what) {
      while (!events.some(what)) await new Promise<void>((resolve) => waiting.add(resolve))
      events.length = 0
    },
    async runs() {
      while (pods.running('backend').length === 0) await sleep(50)
    },
    async end() {
      done.abort()
      await session
    },
  }
}
