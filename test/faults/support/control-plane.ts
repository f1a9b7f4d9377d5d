import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../../e2e/support/eventually.ts'
import { findKubectl } from '../../e2e/support/tools.ts'

const run = promisify(execFile)

/** The API server of Kubernetes with its controllers and etcd, without nodes, as processes that listen on loopback. */
export interface ControlPlane {
  readonly kubeconfig: string
  readonly context: string
  readonly server: ServerProcess
  /** Ends the processes and removes their data. */
  stop(): Promise<void>
}

/** The process of the API server, which a test can stop. */
export interface ServerProcess {
  /** Sends SIGSTOP: connections stay open, and nothing is answered. */
  pause(): void
  /** Sends SIGCONT. */
  resume(): void
  /** Sends SIGKILL: connections are refused. */
  end(): Promise<void>
  /** Starts it again with the same data. Resolves when it answers. */
  again(): Promise<void>
}

/** Starts the programs that the kit has built. It takes about six seconds, where a kind cluster takes 40. */
export async function startControlPlane(): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-faults-plane-'))
  const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3)
  const at = (...names: string[]) => join(folder, ...names)
  const program = await built('kubernetes', 'nodekit')
  // One program is all of Kubernetes' own; its name tells which.
  await Promise.all(['kube-apiserver', 'kube-controller-manager'].map((name) => symlink(program, at(name))))
  const token = randomBytes(16).toString('hex')
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  await writeFile(at('sa.key'), keys.privateKey)
  await writeFile(at('sa.pub'), keys.publicKey)
  await writeFile(at('tokens.csv'), `${token},admin,admin,system:masters\n`)
  const running: ChildProcess[] = []
  const start = (command: string, args: readonly string[]): ChildProcess => {
    const child = spawn(command, args, { stdio: 'ignore' })
    running.push(child)
    return child
  }
  const stop = async () => {
    for (const child of running.toReversed()) await ended(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const [etcd, peer] = [`http://127.0.0.1:${etcdPort}`, `http://127.0.0.1:${peerPort}`]
    start(await built('etcd', 'etcd'), [
      ...[`--data-dir=${at('etcd')}`, '--unsafe-no-fsync', `--initial-cluster=default=${peer}`],
      ...[`--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`],
      ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`],
    ])
    const serve = [
      ...[`--etcd-servers=${etcd}`, '--bind-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${at('certs')}`],
      ...[
        `--token-auth-file=${at('tokens.csv')}`,
        '--authorization-mode=RBAC',
        '--service-cluster-ip-range=10.96.0.0/16',
      ],
      ...['--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${at('sa.pub')}`],
      `--service-account-signing-key-file=${at('sa.key')}`,
    ]
    let apiServer = start(at('kube-apiserver'), serve)
    const server = `https://127.0.0.1:${port}`
    // The file has the certificate of the server and that of its authority. While it is written, it has less.
    const chain = await eventually('the certificates of the API server', 30, async () => {
      const text = await readFile(at('certs/apiserver.crt'), 'utf8')
      return text.match(/-----END CERTIFICATE-----/g)?.length === 2 ? Buffer.from(text) : undefined
    })
    await writeFile(at('kubeconfig'), kubeconfigOf(server, chain, token))
    const kubectl = await findKubectl()
    const isReady = () => run(kubectl, [`--kubeconfig=${at('kubeconfig')}`, 'get', '--raw', '/readyz']).then(() => true)
    // The controllers end by themselves when the API server is not ready within ten seconds.
    await eventually('the API server', 120, isReady)
    start(at('kube-controller-manager'), [
      ...[`--kubeconfig=${at('kubeconfig')}`, '--leader-elect=false', '--bind-address=127.0.0.1', '--secure-port=0'],
      `--service-account-private-key-file=${at('sa.key')}`,
    ])
    const again = async () => {
      apiServer = start(at('kube-apiserver'), serve)
      await eventually('the API server', 120, isReady)
    }
    return {
      kubeconfig: at('kubeconfig'),
      context: 'faults',
      server: {
        pause: () => void apiServer.kill('SIGSTOP'),
        resume: () => void apiServer.kill('SIGCONT'),
        end: () => ended(apiServer),
        again,
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

function kubeconfigOf(server: string, ca: Buffer, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'faults', cluster: { server, 'certificate-authority-data': ca.toString('base64') } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'faults', context: { cluster: 'faults', user: 'admin' } }],
    'current-context': 'faults',
  })
}

/** A program that `devk kit build` has made. Throws when there is none, because a test is never skipped. */
export async function built(recipe: string, program: string): Promise<string> {
  const kit = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'devk/kit')
  const folders = (await readdir(kit)).filter((name) => new RegExp(`^${recipe}-[0-9a-f]{16}$`).test(name))
  const found = folders.sort().at(-1)
  if (found === undefined) throw new Error(`${kit} has no ${recipe}: run bin/devk kit build first`)
  return join(kit, found, program)
}

/** Ports that nobody listens on at the moment. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
