/**
 * How long it takes from a save to the byte in the container's file, compared with `kubectl exec … tar`, by turns.
 * Run: node bench/save-to-container.ts KUBECONFIG CONTEXT NAMESPACE POD KUBECTL
 * The image of the pod needs tar and sh for the comparison; devk needs neither.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execaRunner } from '../src/exec/runner.ts'
import { connectKube } from '../src/kube/client/client.ts'
import type { Pod } from '../src/kube/pod.ts'
import { nodeSyncer } from '../src/sync/node-syncer.ts'
import type { SyncTarget } from '../src/sync/syncer.ts'
import { watchTree } from '../src/watch/watch-tree.ts'
import { agentsOfCheckout } from '../test/support/agents.ts'

const [kubeconfig = '', context = '', namespace = '', podName = '', kubectl = 'kubectl'] = process.argv.slice(2)
const rounds = 30
const size = 4096
const done = new AbortController()
const { signal } = done
const runner = execaRunner(process.env)
const folder = mkdtempSync(join(tmpdir(), 'devk-save-'))
mkdirSync(join(folder, 'app'))
const file = join(folder, 'app', 'main.py')

const { kube } = await connectKube(kubeconfig, context)
const pod = (await kube.get({ apiVersion: 'v1', kind: 'Pod', namespace, name: podName }, signal)) as Pod | undefined
const status = pod?.status?.containerStatuses?.[0] as { name: string; containerID?: string } | undefined
const target: SyncTarget = {
  service: 'bench',
  pod: { namespace, name: podName },
  container: status?.name ?? '',
  containerId: status?.containerID?.replace('containerd://', '') ?? '',
  node: pod?.spec?.nodeName ?? '',
}

// A process that was started before reads the file: a save counts as arrived when this process has read it.
const observer = runner.spawn('docker', [
  'exec',
  '-i',
  target.node,
  'perl',
  '-e',
  `$| = 1; chomp(my $pid = do { open my $f, '<', '/run/containerd/io.containerd.runtime.v2.task/k8s.io/${target.containerId}/init.pid'; <$f> });
   while (defined(my $want = <STDIN>)) { chomp $want; my ($path, $mark) = split / /, $want;
     while (1) { my $line = ''; if (open my $f, '<', "/proc/$pid/root$path") { $line = <$f> // '' } last if index($line, $mark) == 0; select undef, undef, undef, 0.0005 }
     print "seen\\n" }`,
])
const seen = (path: string, mark: string) =>
  new Promise<void>((resolve) => {
    observer.stdout.once('data', () => resolve())
    observer.stdin.write(`${path} ${mark}\n`)
  })
const content = (mark: string) => `${mark}\n`.padEnd(size, 'x')

const agents = agentsOfCheckout()
const syncer = nodeSyncer(agents, (node) => node)
const watcher = new AbortController()
const startWatch = () =>
  watchTree({
    roots: [join(folder, 'app')],
    ignored: () => false,
    onBatch: (changes) =>
      void syncer.send(
        target,
        changes.map((change) => ({ kind: 'write' as const, from: change.path, to: '/devk-bench/main.py' })),
        signal,
      ),
    onWarning: (warning) => console.error(warning.message),
    now: Date.now,
    signal: watcher.signal,
  })

const times = { devk: [] as number[], kubectl: [] as number[] }
const other = join(folder, 'main.py')
try {
  await startWatch()
  for (let round = -2; round < rounds; round += 1) {
    const mark = `mark-${round}-${Date.now()}`
    const arrived = seen('/devk-bench/main.py', mark)
    await sleep(100)
    const start = performance.now()
    writeFileSync(file, content(mark))
    await arrived
    const took = performance.now() - start

    writeFileSync(other, content(`${mark}-k`))
    const there = seen('/devk-bench-kubectl/main.py', `${mark}-k`)
    await sleep(100)
    const begin = performance.now()
    const tar = await runner.run('sh', [
      '-c',
      'tar -C "$1" -cf - main.py | "$2" --kubeconfig "$3" --context "$4" -n "$5" exec -i "$6" -- sh -c "mkdir -p /devk-bench-kubectl && tar -xf - -C /devk-bench-kubectl"',
      'sh',
      folder,
      kubectl,
      kubeconfig,
      context,
      namespace,
      podName,
    ])
    if (tar.exitCode !== 0) throw new Error(tar.stderr)
    await there
    if (round < 0) continue
    times.devk.push(took)
    times.kubectl.push(performance.now() - begin)
  }
  const at = (values: readonly number[], p: number) =>
    [...values].sort((a, b) => a - b)[Math.ceil(values.length * p) - 1] ?? 0
  for (const [name, values] of Object.entries(times)) {
    console.log(`${name.padEnd(18)} p50 ${at(values, 0.5).toFixed(0)} ms   p95 ${at(values, 0.95).toFixed(0)} ms`)
  }
  console.log(`ratio              p50 ${(at(times.devk, 0.5) / at(times.kubectl, 0.5)).toFixed(2)}`)
} finally {
  watcher.abort()
  agents.close()
  observer.kill()
  done.abort()
  rmSync(folder, { recursive: true, force: true })
}
