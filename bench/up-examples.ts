/**
 * How long `devk up` takes for each example, and for the presets alone, on a ready cluster whose nodes have the images, compared with
 * `kubectl apply -k` of the same objects, by turns. Also an `up` without changes, and the memory of the pods of each workload.
 * Needs a Docker engine; stop other work for exact numbers. Run: node bench/up-examples.ts [name…]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KubeObject, keyOf } from '../src/kube/api.ts'
import { appliedByDevk } from '../src/kube/managed.ts'
import { copyExample, type ExampleOptions, type ExampleProject } from '../test/e2e/support/projects/example-project.ts'
import { docker } from '../test/support/docker.ts'

const runs = 5
const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

const options: Readonly<Record<string, Omit<ExampleOptions, 'name' | 'project'>>> = {
  todo: {
    home: '.',
    parts: ['platform.config.ts', 'examples/todo'],
    changes: [
      ['ports: [30080]', "ports: ['30071:30080']"],
      ['localhost:30080', 'localhost:30071'],
    ],
  },
  'marimo-erp': { changes: [['18080:8080', '30072:8080']] },
  hustlex: { changes: [['8083', '30073']] },
  'agentic-startup-studio': { changes: [['8082', '30074']] },
  'screenshot-algo': { changes: [['8083', '30075']] },
  presets: { home: 'bench/presets', changes: [] },
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await run()
  return performance.now() - began
}

async function devk(example: ExampleProject, ...args: string[]): Promise<void> {
  const { exitCode, stderr } = await example.run(args)
  if (exitCode !== 0) throw new Error(`devk ${args.join(' ')}: ${stderr}`)
}

/** The objects that devk applied for the project, as it applied them. */
async function deployed({ kubectl }: ExampleProject, project: string): Promise<KubeObject[]> {
  const kinds = (await kubectl('api-resources', '--verbs=list', '-o', 'name')).split('\n').filter((kind) => kind !== '')
  const selector = `devk.dev/project=${project},devk.dev/hash`
  const list = await kubectl('get', kinds.join(','), '-A', '-l', selector, '-o', 'json', '--show-managed-fields')
  const { items } = JSON.parse(list) as { items: KubeObject[] }
  const own = items
    .filter(({ metadata }) => metadata.ownerReferences === undefined)
    .flatMap((each) => withReplicas(appliedByDevk(each), each) ?? [])
  return [...new Map(own.map((object) => [keyOf(object), object])).values()]
}

/** Adds the current number of replicas, which devk does not apply for a workload with an autoscaler; kubectl would start one pod. */
function withReplicas(own: KubeObject | undefined, { spec }: KubeObject): KubeObject | undefined {
  const { replicas } = (spec ?? {}) as { replicas?: number }
  return own === undefined || replicas === undefined ? own : { ...own, spec: { ...(own.spec ?? {}), replicas } }
}

/** Copies the objects into the node as a kustomization; gives functions that apply it and wait until it is ready, and that delete it. */
async function kubectlApply(node: string, objects: readonly KubeObject[]) {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const folder = await mkdtemp(join(tmpdir(), 'devk-bench-'))
  await writeFile(join(folder, 'objects.json'), list)
  await writeFile(join(folder, 'kustomization.yaml'), 'resources: [objects.json]\n')
  await docker('cp', folder, `${node}:/bench`)
  await rm(folder, { recursive: true, force: true })
  const of = (...kinds: string[]) => objects.filter(({ kind }) => kinds.includes(kind))
  const place = ({ metadata }: KubeObject) => `-n ${metadata.namespace ?? 'default'}`
  const kubectl = 'kubectl --kubeconfig=/etc/kubernetes/admin.conf'
  const waits = [
    ...of('Deployment', 'StatefulSet', 'DaemonSet').map(
      (each) => `${kubectl} ${place(each)} rollout status --timeout=10m ${each.kind}/${each.metadata.name}`,
    ),
    ...of('Job').map(
      (each) => `${kubectl} ${place(each)} wait --timeout=10m --for=condition=complete job/${each.metadata.name}`,
    ),
  ]
  const namespaces = [...new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))]
  const script = (...lines: string[]) => docker('exec', node, 'sh', '-ec', lines.join('\n'))
  return {
    apply: () => script(`${kubectl} apply -k /bench --server-side`, ...waits),
    // The pods are deleted on their own, without their grace period, which is half a minute in many images.
    remove: () =>
      script(
        `${kubectl} delete -k /bench --wait=false --ignore-not-found`,
        ...namespaces.map((each) => `${kubectl} -n ${each} delete pods --all --grace-period=1`),
        `${kubectl} delete -k /bench --ignore-not-found --timeout=5m`,
      ),
  }
}

/** The working set in bytes of the pods of each workload, after half a minute without work. */
async function memory({ kubectl }: ExampleProject, objects: readonly KubeObject[]): Promise<[string, number][]> {
  await sleep(30_000)
  const nodes = (await kubectl('get', 'nodes', '-o', 'name')).split('\n').map((name) => name.replace('node/', ''))
  const summaries = await Promise.all(
    nodes.map((node) => kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`)),
  )
  type Summary = { pods: { podRef: { namespace: string; name: string }; memory?: { workingSetBytes?: number } }[] }
  const pods = summaries.flatMap((text) => (JSON.parse(text) as Summary).pods)
  return objects
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'].includes(kind))
    .map(({ metadata: { name, namespace } }) => {
      const isOwn = new RegExp(`^${name}-([a-z0-9]+-)?[a-z0-9]{1,5}$`)
      const own = pods.filter(({ podRef }) => podRef.namespace === namespace && isOwn.test(podRef.name))
      return [name, own.reduce((sum, pod) => sum + (pod.memory?.workingSetBytes ?? 0), 0)]
    })
}

async function measure(name: string): Promise<void> {
  const project = `bench-${name}`
  const example = await copyExample({ name, project, changes: [], ...options[name] })
  try {
    await devk(example, 'up', '--yes', '--detach', '--timeout', '30m')
    const objects = await deployed(example, project)
    const used = await memory(example, objects)
    const plain = await kubectlApply(`${project}-control-plane`, objects)
    const [own, theirs, again]: [number[], number[], number[]] = [[], [], []]
    const up = () => devk(example, 'up', '--yes', '--detach')
    for (let i = 0; i < runs; i += 1) {
      // `devk down` would also remove the images.
      await plain.remove()
      theirs.push(await timed(plain.apply))
      await plain.remove()
      own.push(await timed(up))
    }
    for (let i = 0; i < runs; i += 1) again.push(await timed(up))
    const [first, apply] = [median(own), median(theirs)]
    const ratio = (first / apply).toFixed(2)
    const numbers = `up ${seconds(first)}, kubectl apply -k ${seconds(apply)}, ratio ${ratio}, again ${seconds(median(again))}`
    const mebibytes = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(0)} MiB`
    const sum = used.reduce((all, [, bytes]) => all + bytes, 0)
    console.log(`${name.padEnd(24)}${numbers}, memory ${mebibytes(sum)}`)
    console.log(`  ${used.map(([workload, bytes]) => `${workload} ${mebibytes(bytes)}`).join(', ')}`)
  } finally {
    await example.dispose()
  }
}

const asked = process.argv.slice(2)
for (const name of asked.length > 0 ? asked : Object.keys(options)) await measure(name)
