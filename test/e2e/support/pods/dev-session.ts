import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ignoreRules } from '../../../../src/images/build/ignore.ts'
import type { Kube, KubeObject, PodStreams } from '../../../../src/kube/api.ts'
import type { WatchedService } from '../../../../src/loop/decide.ts'
import type { SessionEvent } from '../../../../src/loop/events.ts'
import { trackPods } from '../../../../src/loop/pods.ts'
import { runSession } from '../../../../src/loop/session.ts'
import { renderInputs } from '../../../../src/manifests/inputs.ts'
import { runInContainer } from '../../../../src/sync/in-container.ts'
import type { Syncer, SyncTarget } from '../../../../src/sync/syncer.ts'
import { watchTree } from '../../../../src/watch/watch-tree.ts'
import { podOf } from './pods.ts'

const labels = { 'devk.dev/project': 'demo', 'devk.dev/service': 'backend' }

// The container fails when a synced file holds `crash`: one save breaks it, and another one fixes it.
const script = 'while ! grep -qs crash /app/state; do sleep 0.1; done; exit 3'
const { spec } = podOf({ name: 'backend', container: { command: ['sh', '-c', script] } })

/** The Deployment of the session's only service. */
export const backend: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'backend', namespace: 'default' },
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
}

/** What a session is about. */
export interface DevSessionOptions {
  readonly syncer: Syncer
  /** Source folder of the service. Its folder `app` is synced. */
  readonly source: string
  /** Commands that follow the sync of files; with `streams`, which run them. */
  /** The folder in the container; default: /app. */
  readonly to?: string
  readonly after?: WatchedService['sync'][number]['run']
  readonly streams?: PodStreams
  /** Without it the project is `demo`. */
  readonly project?: string
  /** Without it every build fails. */
  readonly rebuild?: (signal: AbortSignal) => Promise<void>
  /** Called for each event. */
  readonly onEvent?: (event: SessionEvent) => void
}

/** The loop of `devk dev` for the service `backend` of a project. */
export interface DevSession {
  /** Waits for an event that `matches`. The events up to then are forgotten. */
  waitForEvent(matches: (event: SessionEvent) => boolean): Promise<void>
  /** Waits until a container of the service runs. */
  waitForContainer(): Promise<void>
  /** The containers that devk takes for running. */
  running(): readonly SyncTarget[]
  /** Stops the loop. */
  end(): Promise<void>
}

/** Starts the loop on the service's source folder. */
export function startDevSession(kube: Kube, options: DevSessionOptions): DevSession {
  const { syncer, source, project = 'demo', rebuild, onEvent, after, streams, to = '/app' } = options
  const done = new AbortController()
  const events: SessionEvent[] = []
  const waiting = new Set<() => void>()
  const pods = trackPods(kube, { project, containers: {} }, done.signal)
  const session = runSession(
    {
      compile: async () => ({ problem: 'no compiler', output: '', files: [] }),
      services: async () => [
        {
          name: 'backend',
          context: source,
          dockerfile: join(source, 'Dockerfile'),
          ignore: ignoreRules(''),
          unwatched: ignoreRules(''),
          rebuilds: () => false,
          sync: [
            {
              from: join(source, 'app'),
              to,
              exclude: ignoreRules(''),
              unbuilt: false,
              ...(after && { run: after }),
            },
          ],
        },
      ],
      reread: async () => [],
      inputs: () => renderInputs({ manifests: [], kustomize: [], helm: [] }, []),
      listings: [],
      since: Date.now(),
      now: Date.now,
      pods,
      syncer,
      async run(target, argv, aborted) {
        if (streams === undefined) throw new Error('this session runs no commands')
        return runInContainer(streams, target, { argv }, aborted)
      },
      async rebuild(_service, aborted) {
        if (rebuild === undefined) throw new Error('the build fails')
        await rebuild(aborted)
        return []
      },
      redeploy: async () => [],
      deletePod: ({ uid, ...place }, aborted) =>
        kube.delete({ apiVersion: 'v1', kind: 'Pod', ...place }, { uid, propagation: 'Background', signal: aborted }),
      watch: (options) => watchTree({ ...options, now: Date.now }),
      report(event) {
        events.push(event)
        onEvent?.(event)
        for (const wake of waiting) wake()
        waiting.clear()
      },
    },
    done.signal,
  )
  return {
    async waitForEvent(matches) {
      while (!events.some(matches)) await new Promise<void>((resolve) => waiting.add(resolve))
      events.length = 0
    },
    async waitForContainer() {
      while (pods.running('backend').length === 0) await sleep(50)
    },
    running: () => pods.running('backend'),
    async end() {
      done.abort()
      await session
    },
  }
}
