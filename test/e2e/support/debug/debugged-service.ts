import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { Finished } from '../devk.ts'
import { type Kubectl, kubectlIn } from '../kubectl.ts'
import type { WebProject } from '../projects/web-project.ts'
import { endDebug, launchEntryIn, type StartedDebug, startDebug } from './started.ts'

/** A service that is added to a project to be debugged. Its Deployment has its name. */
export interface AddedService {
  readonly name: string
  /** Its entry in the configuration. */
  readonly entry: object
  /** Its files, by their paths below the project. */
  readonly files: Readonly<Record<string, string>>
  readonly manifest: string
}

/** A pod of a service, as the kubelet sees its only container. */
interface Seen {
  readonly ready: boolean
  readonly restartCount: number
}

/** A session of `devk debug`. */
export interface DebugSession extends StartedDebug {
  pod(): Promise<Seen>
  /** Waits until the probes see a program that does not answer. Fails if the container is restarted. */
  stands(): Promise<void>
  /** Waits until the probes see that it answers. */
  goesOn(): Promise<void>
  /** Ends it by Ctrl-C. Fails unless everything is as it was before. */
  end(): Promise<void>
}

/** A service that was added. */
export interface DebuggedService {
  readonly kubectl: Kubectl
  up(...flags: string[]): Promise<Finished>
  /** Deploys it for the first time. */
  deploy(...flags: string[]): Promise<void>
  /** The spec of its Deployment. */
  spec(): Promise<Record<string, unknown>>
  /** Starts a session with more flags, and waits for what it prints, for so long (ms). */
  debug(flags: readonly string[], patienceMs: number): Promise<DebugSession>
  /** Its entry in .vscode/launch.json. */
  launchEntry(): Promise<Record<string, unknown>>
  /** Takes it out of the project again. */
  remove(): Promise<void>
}

/** A production manifest in the strictest form: another user, a root that is read-only, no capabilities. */
export function strictManifest(name: string, graceSeconds: number, args: readonly string[] = []): string {
  const probe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 }
  const container = {
    name,
    image: name,
    ...(args.length === 0 ? {} : { args }),
    readinessProbe: { ...probe, failureThreshold: 1 },
    livenessProbe: { ...probe, failureThreshold: 5 },
    securityContext: {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    },
  }
  const labels = { app: name }
  const spec = {
    terminationGracePeriodSeconds: graceSeconds,
    securityContext: { runAsUser: 1234, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
  }
  const template = { metadata: { labels }, spec }
  const workload = { selector: { matchLabels: labels }, template }
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: workload })
}

/** Writes a service into a project on this cluster. Deploys nothing. */
export async function addService(
  project: WebProject,
  cluster: string,
  { name, entry, files, manifest }: AddedService,
): Promise<DebuggedService> {
  const { devk, folder, write } = project
  const kubectl = kubectlIn(`${cluster}-control-plane`)
  const configuration = 'platform.config.json'
  const before = await readFile(join(folder, configuration), 'utf8')
  const config = JSON.parse(before)
  config.services[name] = entry
  for (const [path, text] of Object.entries(files)) await write(path, text)
  await write(`k8s/${name}.yaml`, manifest)
  await write(configuration, JSON.stringify(config))
  const up = (...flags: string[]) => devk.run(['up', '--detach', '--yes', ...flags])
  const spec = async () => JSON.parse(await kubectl('get', 'deployment', name, '-o', 'json')).spec
  let applied: unknown

  const debug = async (flags: readonly string[], patienceMs: number): Promise<DebugSession> => {
    const started = await startDebug(devk, name, flags, patienceMs)
    const { told } = started
    const pod = async () => JSON.parse(await kubectl('get', 'pod', told.pod, '-o', 'json')).status.containerStatuses[0]
    const isReady = (ready: boolean) =>
      vi.waitFor(async () => expect((await pod()).ready).toBe(ready), { timeout: 30_000, interval: 500 })
    return {
      ...started,
      pod,
      async stands() {
        await isReady(false)
        expect((await pod()).restartCount).toBe(0)
      },
      goesOn: () => isReady(true),
      async end() {
        await endDebug(started)
        expect(await spec()).toEqual(applied)
        await kubectl('rollout', 'status', `deployment/${name}`, '--timeout=120s')
        expect((await up()).stderr).toMatch(/nothing changed/)
      },
    }
  }
  return {
    kubectl,
    up,
    async deploy(...flags) {
      const first = await up(...flags)
      expect([first.exitCode, first.stderr]).toEqual([0, expect.any(String)])
      applied = await spec()
    },
    spec,
    debug,
    async launchEntry() {
      return launchEntryIn(await readFile(join(folder, '.vscode/launch.json'), 'utf8'), name)
    },
    async remove() {
      await write(configuration, before)
      await rm(join(folder, `k8s/${name}.yaml`))
      expect((await up()).exitCode).toBe(0)
    },
  }
}
