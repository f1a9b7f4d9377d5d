import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import { getJson, postJson, requestHost } from '../http.ts'
import { copyExample, type ExampleOptions, type ExampleProject } from './example-project.ts'

export interface StudioTestOptions extends Pick<ExampleOptions, 'project' | 'changes' | 'kubectl'> {
  /** Port of this machine that leads to the LoadBalancer Service. */
  readonly port: number
  /** Port of this machine for HTTP through the ingress; the next port is for HTTPS. */
  readonly webPort: number
  /** Whether to leave out what takes long and does not depend on the provider: autoscaling, policies, backup and restart. */
  readonly isBrief?: boolean
  /** Files to add beside the configuration: functions that give their texts, by file name. */
  readonly files?: Readonly<Record<string, () => Promise<string>>>
}

interface Idea {
  readonly id: number
  readonly evaluated_by: string | null
  readonly verdicts: readonly { agent: string; score: number; reason: string }[]
}

/**
 * Declares the tests of the Agentic Startup Studio that hold for each provider of clusters: its design record asks for kind and Minikube.
 * `studio` gives the running example to further tests of one provider.
 */
export function declareStudioTests(options: StudioTestOptions): { studio(): ExampleProject } {
  const { project, changes, port, webPort, files = {}, isBrief = false, ...more } = options
  const url = `http://localhost:${port}`
  let studio: ExampleProject

  beforeAll(async () => {
    const all = [['8082', String(port)], ...changes] as const
    studio = await copyExample({ name: 'agentic-startup-studio', project, changes: all, ...more })
    for (const [name, make] of Object.entries(files)) await studio.write(name, await make())
    expect((await studio.run(['trust', '--host', 'api.example.com', '--yes'])).exitCode).toBe(0)
    const up = await studio.run(['up', '--yes', '--detach', '--timeout', '15m'])
    expect(up.stderr + up.stdout).toContain(url)
    expect(up.exitCode).toBe(0)
  })
  afterAll(() => studio?.dispose())

  const inProject = (...args: string[]) => studio.kubectl('-n', 'agentic-startup-studio', ...args)
  const read = async (path: string) => (await fetch(`${url}${path}`)).json()

  async function submit(title: string, pitch: string): Promise<Idea> {
    const answer = await postJson(`${url}/ideas`, { title, pitch })
    expect(answer.status).toBe(202)
    return (await answer.json()) as Idea
  }

  test('the LoadBalancer Service leads from this machine to each of the three replicas', async () => {
    const pods = new Set<string>()
    await eventually('three replicas answer', 60, async () => {
      pods.add(((await getJson(url)) as { pod: string }).pod)
      return pods.size === 3 ? true : undefined
    })
    const address = await inProject(
      'get',
      'service',
      'fastapi-service',
      '-o',
      'jsonpath={.status.loadBalancer.ingress}',
    )
    expect(JSON.parse(address)).toEqual([{ hostname: 'localhost' }])
  })

  test('the agents judge an idea, with the database credentials of the Secret', async () => {
    const { id } = await submit('Shelf counter', 'Shops lose stock. We count it. They pay 20 euros a month.')
    const judged = await eventually('the verdicts', 30, async () => {
      const idea = (await read(`/ideas/${id}`)) as Idea
      return idea.evaluated_by === null ? undefined : idea
    })
    expect(judged.verdicts.map(({ agent, score }) => [agent, score])).toEqual([
      ['finance', 100],
      ['market', 60],
      ['product', 100],
    ])
    const container = JSON.parse(
      await inProject('get', 'deployment', 'fastapi-backend', '-o', 'jsonpath={.spec.template.spec.containers[0]}'),
    )
    expect(container.env).toContainEqual({
      name: 'DATABASE_URL',
      valueFrom: { secretKeyRef: { name: 'db-secret', key: 'url' } },
    })
  })

  test('a second up reports that nothing changed', async () => {
    expect((await studio.run(['trust', '--host', 'api.example.com', '--yes'])).exitCode).toBe(0)
    const up = await studio.run(['up', '--yes', '--detach'])
    expect(up.exitCode).toBe(0)
    expect(up.stderr).toMatch(/nothing changed/i)
  })

  test('the deployed objects have the resources and the ingress class of the design record, and no liveness probe', async () => {
    const { resources, livenessProbe } = JSON.parse(
      await inProject('get', 'deployment', 'fastapi-backend', '-o', 'jsonpath={.spec.template.spec.containers[0]}'),
    )
    expect(resources).toEqual({
      requests: { cpu: '250m', memory: '256Mi' },
      limits: { cpu: '500m', memory: '512Mi' },
    })
    // A synced service has no liveness probe, so that a syntax error is shown and the container is not killed for it.
    expect(livenessProbe).toBeUndefined()
    const annotations = await inProject('get', 'ingress', 'api-ingress', '-o', 'jsonpath={.metadata.annotations}')
    expect(JSON.parse(annotations)['kubernetes.io/ingress.class']).toBe('nginx')
  })

  test('the ingress redirects HTTP to HTTPS, with a certificate of the local authority', async () => {
    const host = 'api.example.com'
    expect(await requestHost(webPort, { host })).toMatchObject({ status: 308 })
    const { stdout } = await studio.run(['trust', '--json'])
    const ca = await readFile(JSON.parse(stdout).hosts.file, 'utf8')
    const answer = await requestHost(webPort + 1, { host, ca })
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toHaveProperty('pod')
  })

  test('the on-call role may read pods and logs and nothing else, and the back end has no token', async () => {
    const can = (verb: string, what: string) =>
      inProject('auth', 'can-i', verb, what, '--as=ada', '--as-group=studio-on-call').then(
        (answer) => answer,
        (error: { stdout?: string }) => String(error.stdout).trim(),
      )
    expect(await can('get', 'pods/log')).toBe('yes')
    expect(await can('get', 'secrets')).toBe('no')
    expect(await can('delete', 'pods')).toBe('no')
    const token = await studio.run(['exec', 'backend', '--', 'ls', '/var/run/secrets/kubernetes.io'])
    expect(token.exitCode).not.toBe(0)
  })

  test('pod security refuses a privileged pod', async () => {
    const pod = ['run', 'intruder', '--image=busybox:1.37', '--privileged', '--restart=Never']
    await expect(inProject(...pod)).rejects.toThrow(/violates PodSecurity "restricted/)
  })

  if (isBrief) return { studio: () => studio }

  test('the autoscaler has values for both of its metrics', async () => {
    const use = 'jsonpath={.status.currentMetrics[*].resource.current.averageUtilization}'
    await eventually('the use of CPU and memory', 120, async () => {
      return (await inProject('get', 'hpa', 'fastapi-hpa', '-o', use)).split(' ').length === 2 ? true : undefined
    })
  })

  test('a pod reaches the database only with the labels of the backup', async () => {
    const template = '{.spec.jobTemplate.spec.template.spec.containers[0].image}'
    const image = await inProject('get', 'cronjob', 'backup', '-o', `jsonpath=${template}`)
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
    const spec = {
      securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'stranger', image, command: ['sleep', '600'], securityContext }],
    }
    await inProject('run', 'stranger', `--image=${image}`, `--overrides=${JSON.stringify({ spec })}`)
    try {
      await inProject('wait', '--for=condition=Ready', 'pod/stranger', '--timeout=120s')
      const ask = () => inProject('exec', 'stranger', '--', 'pg_isready', '-h', 'postgres', '-t', '3')
      await expect(ask()).rejects.toThrow(/exit code 2/)
      await inProject('label', 'pod', 'stranger', 'app=backup')
      expect(await eventually('the database', 30, () => ask().catch(() => undefined))).toMatch(/accepting connections/)
    } finally {
      await inProject('delete', 'pod', 'stranger', '--now')
    }
  })

  test('the backup writes a dump to its volume', async () => {
    await inProject('create', 'job', '--from=cronjob/backup', 'backup-now')
    await inProject('wait', '--for=condition=complete', '--timeout=120s', 'job/backup-now')
    expect(await inProject('logs', 'job/backup-now')).toMatch(/wrote \/backups\/studio-\d{8}T\d{6}Z\.dump, \d+ bytes/)
  })

  test('every request is answered during a rolling restart, and the ideas are kept', async () => {
    const { id } = await submit('Kept', 'Teams keep what they wrote.')
    const failures: string[] = []
    let asked = 0
    const restart = studio.run(['restart', 'backend'])
    let done = false
    const ended = restart.finally(() => {
      done = true
    })
    while (!done) {
      asked += 1
      await fetch(`${url}/ideas/${id}`, { headers: { connection: 'close' } })
        .then((answer) => answer.status === 200 || failures.push(String(answer.status)))
        .catch((error: unknown) => failures.push(String(error)))
    }
    expect((await ended).exitCode).toBe(0)
    expect(asked).toBeGreaterThan(20)
    expect(failures).toEqual([])
  })

  return { studio: () => studio }
}
