import { expect } from 'vitest'
import { eventually } from '../eventually.ts'
import type { ExampleProject } from '../projects/example-project.ts'
import { endDebug, launchEntryIn, startDebug } from './started.ts'

/** A session of `devk debug` with a service of an example. */
interface ExampleSession {
  /** The pod that is debugged, `namespace/name`. */
  readonly pod: string
  /** What devk wrote into .vscode/launch.json. */
  readonly entry: Record<string, unknown>
  /**
   * Ends it by Ctrl-C, and waits until the pods are those of before again. Fails unless an `up` would then change what it would
   * have changed before.
   */
  end(): Promise<void>
}

/** Debugs a service of an example that is up, `namespace/service`, at a port of this machine. */
export async function debugExample(example: ExampleProject, target: string, port: number): Promise<ExampleSession> {
  const [namespace = '', service = ''] = target.split('/')
  const planned = async () => JSON.parse((await example.run(['plan', '--json'])).stdout).changes
  const before = await planned()
  const debug = await startDebug(example, service, ['--write', 'vscode', '--port', String(port)], 180_000)
  return {
    pod: `${namespace}/${debug.told.pod}`,
    entry: launchEntryIn(await example.read('.vscode/launch.json'), service),
    async end() {
      await endDebug(debug)
      expect(await planned()).toEqual(before)
      const workloads = ['get', 'deployment', '-n', namespace, '-l', `devk.dev/service=${service}`, '-o', 'name']
      const [workload = ''] = (await example.kubectl(...workloads)).split('\n')
      await example.kubectl('rollout', 'status', '-n', namespace, workload, '--timeout=120s')
    },
  }
}

/** Asks a pod, `namespace/name:port`, until it answers. Through the API server: a Service could lead to another pod. */
export function askPod(example: ExampleProject, pod: string, path: string): Promise<string> {
  const [namespace, name] = pod.split('/')
  const url = `/api/v1/namespaces/${namespace}/pods/${name}/proxy${path}`
  // Its program has just started under the debugger.
  return eventually(`${pod}${path}`, 60, () => example.kubectl('get', '--raw', url))
}
