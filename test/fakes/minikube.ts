import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ContainerInfo } from '../../src/engine/api.ts'
import type { RunOptions, RunResult } from '../../src/exec/runner.ts'

const recorded = fileURLToPath(new URL('../fixtures/minikube/', import.meta.url))

/** The documented flags of `minikube start` that devk may use. The value tells whether the flag takes a value. */
const startFlags: Readonly<Record<string, boolean>> = {
  '--driver': true,
  '--container-runtime': true,
  '--interactive': true,
  '--embed-certs': false,
  '--wait': true,
  '--ha': false,
  '--nodes': true,
  '--kubernetes-version': true,
  '--base-image': true,
  '--cni': true,
  '--service-cluster-ip-range': true,
  '--extra-config': true,
  '--ports': true,
  '--mount': false,
  '--mount-string': true,
  '--force': false,
  '--preload': true,
  '--cache-images': true,
  '--install-addons': true,
  '--cpus': true,
  '--memory': true,
}

export interface FakeMinikubeOptions {
  /** The containers of the engine, which starts and deletions change. */
  readonly containers: ContainerInfo[]
  readonly root?: boolean
  /** The engine does not answer: deleted containers stay, and minikube does not report it. */
  readonly engineDown?: boolean
}

/**
 * minikube 1.38.1 as it was recorded: each answer is a recorded output with the name of the profile. Any command line, flag or
 * situation that was not recorded or is not documented throws. Like the real one it deletes a foreign container with the name of a profile.
 */
export function fakeMinikube(options: FakeMinikubeOptions) {
  const { containers } = options
  const calls: string[] = []
  const profiles = new Set<string>()
  const nodesOf = (profile: string) => containers.filter(({ labels }) => labels['fake.profile'] === profile)

  const start = (args: readonly string[], env: RunOptions['env']): RunResult => {
    const flags = parseFlags(args)
    const profile = args[1] ?? ''
    profiles.add(profile)
    if (options.root && !flags.has('--force')) return play('start.as-root-no-force', profile)
    if (flags.get('--cni')?.endsWith('/none.yaml')) return play('start.bad-cni', profile)
    const conflict = containers.findIndex(
      ({ name, labels }) => name === profile && labels['fake.profile'] === undefined,
    )
    if (conflict >= 0) containers.splice(conflict, 1)
    const count = Number(flags.get('--nodes') ?? 1)
    if (nodesOf(profile).length === 0) {
      for (let i = 0; i < count; i++) containers.push(node(profile, i))
    }
    for (const [i, each] of containers.entries()) {
      if (each.labels['fake.profile'] === profile) containers[i] = { ...each, state: 'running' }
    }
    writeKubeconfig(env, profile)
    return play(count > 1 ? 'start.two-nodes' : 'start.success', profile)
  }

  const status = (profile: string): RunResult => {
    const nodes = nodesOf(profile)
    if (!profiles.has(profile)) return play('status.nonexistent', profile)
    if (nodes.length === 0) return play('status.container-gone', profile)
    const stopped = nodes.some(({ state }) => state !== 'running')
    if (stopped && nodes.length > 1) throw new Error('not recorded: status of several nodes of which one is stopped')
    return play(stopped ? 'status.stopped' : nodes.length > 1 ? 'status.two-nodes' : 'status.running', profile)
  }

  const remove = (profile: string): RunResult => {
    if (!profiles.has(profile)) return play('delete.nonexistent', profile)
    if (options.engineDown) return play('delete.engine-down', profile)
    profiles.delete(profile)
    for (const each of nodesOf(profile)) containers.splice(containers.indexOf(each), 1)
    return play('delete.running', profile)
  }

  return {
    calls,
    profiles,
    async run(command: string, args: readonly string[], { env, onLine }: RunOptions = {}): Promise<RunResult> {
      if (command !== 'minikube') throw new Error(`unexpected program: ${command}`)
      const line = args.join(' ')
      calls.push(line)
      const profile = / -p (\S+)/.exec(` ${line}`)?.[1] ?? ''
      const answer = (): RunResult => {
        if (line === 'version -o json') return play('version.json', '')
        if (args[0] === 'start') return start(args.slice(1), env)
        if (line === `status -p ${profile} -o json`) return status(profile)
        if (line === `delete -p ${profile} -o json`) return remove(profile)
        if (line === 'profile list -o json --light') {
          if (profiles.size > 1) throw new Error('not recorded: several profiles')
          const [one] = profiles
          return one === undefined ? play('profile-list-light.none', '') : play('profile-list-light.one-running', one)
        }
        if (line === `update-context -p ${profile}`) {
          if (nodesOf(profile).some(({ state }) => state !== 'running')) return play('update-context.stopped', profile)
          writeKubeconfig(env, profile)
          return play('update-context', profile)
        }
        throw new Error(`not recorded: minikube ${line}`)
      }
      const result = answer()
      for (const each of `${result.stdout}\n${result.stderr}`.split('\n')) if (each !== '') onLine?.(each)
      return result
    },
  }
}

function play(name: string, profile: string): RunResult {
  const read = (end: string) =>
    readFileSync(`${recorded}${name}.${end}`, 'utf8')
      .replaceAll(/\b(p1|p2|nope)\b/g, profile)
      .trimEnd()
  return { stdout: read('stdout'), stderr: read('stderr'), exitCode: Number(read('rc')) }
}

function parseFlags(args: readonly string[]): Map<string, string> {
  if (args[0] !== '-p' || args[2] !== '-o' || args[3] !== 'json')
    throw new Error(`not recorded: start ${args.join(' ')}`)
  return new Map(
    args.slice(4).map((arg) => {
      const [flag = '', ...value] = arg.split('=')
      const needsValue = startFlags[flag]
      if (needsValue === undefined || needsValue !== value.length > 0) throw new Error(`minikube start knows no ${arg}`)
      return [flag, value.join('=')]
    }),
  )
}

/** Writes into the file of KUBECONFIG. Throws without it, because minikube would change the kubeconfig of the user. */
function writeKubeconfig(env: RunOptions['env'], profile: string): void {
  const file = env?.KUBECONFIG
  if (file === undefined) throw new Error('minikube would change the kubeconfig of the user')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `current-context: ${profile}\ncontexts:\n- context: {}\n  name: ${profile}\n`, { mode: 0o600 })
}

function node(profile: string, index: number): ContainerInfo {
  const name = index === 0 ? profile : `${profile}-m${String(index + 1).padStart(2, '0')}`
  const labels = {
    'created_by.minikube.sigs.k8s.io': 'true',
    'name.minikube.sigs.k8s.io': profile,
    'mode.minikube.sigs.k8s.io': name,
    'fake.profile': profile,
  }
  const base = { image: 'kicbase', state: 'running', exitCode: undefined, ports: [], mounts: [] }
  return { ...base, id: `id-${name}`, name, labels, networks: { [profile]: `192.168.49.${index + 2}` } }
}
