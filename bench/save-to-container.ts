/**
 * How long it takes from a save to the byte in the container's file, compared with `kubectl exec … tar` and with other tools, by turns.
 * Run: node bench/save-to-container.ts KUBECONFIG CONTEXT NAMESPACE POD KUBECTL [PEER…]
 * The image of the pod needs tar and sh for the comparison; devk needs neither. A PEER is a file as `lib/peer.ts` describes it.
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
import { type Arm, compare, timed } from './lib/arms.ts'
import { loadPeer } from './lib/peer.ts'

const [kubeconfig = '', context = '', namespace = '', podName = '', kubectl = 'kubectl', ...peerFiles] =
  process.argv.slice(2)
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

/** The time from a save until the program in the container reads it. */
async function save(from: string, to: string, round: number, send: () => unknown = () => {}): Promise<number> {
  const mark = `mark-${round}-${Date.now()}`
  const arrived = seen(to, mark)
  // A tool that looks for changes on a clock must not be met at the same point of it each time.
  await sleep(100 + Math.random() * 100)
  return timed(async () => {
    writeFileSync(from, content(mark))
    await send()
    await arrived
  })
}

const other = join(folder, 'main.py')
/** The folder is an argument of the shell, never a part of its program. */
const pipe =
  'tar -C "$1" -cf - main.py | "$2" --kubeconfig "$3" --context "$4" -n "$5" exec -i "$6" -- ' +
  'sh -c "mkdir -p /devk-bench-kubectl && tar -xf - -C /devk-bench-kubectl"'
const tar = async () => {
  const { exitCode, stderr } = await runner.run('sh', [
    '-c',
    pipe,
    'sh',
    folder,
    kubectl,
    kubeconfig,
    context,
    namespace,
    podName,
  ])
  if (exitCode !== 0) throw new Error(stderr)
}
const peers = await Promise.all(peerFiles.map((path) => loadPeer(path)))
const arms: [Arm, ...Arm[]] = [
  { name: 'devk', run: (round) => save(file, '/devk-bench/main.py', round) },
  { name: 'kubectl exec … tar', run: (round) => save(other, '/devk-bench-kubectl/main.py', round, tar) },
  ...peers.map((peer) => ({
    name: peer.name,
    run: (round: number) => save(peer.from, peer.to, round),
  })),
]
try {
  await startWatch()
  for (const peer of peers) await peer.start({ kubeconfig, context, namespace, pod: podName })
  // The first save counts too: it is what a user waits for.
  await compare({ name: 'save-to-container', arms, rounds, warmups: 0 })
} finally {
  for (const peer of peers) await peer.stop()
  watcher.abort()
  agents.close()
  observer.kill()
  done.abort()
  rmSync(folder, { recursive: true, force: true })
}
