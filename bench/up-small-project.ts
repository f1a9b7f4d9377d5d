/**
 * How long devk takes to start, an `up` takes without changes, and an `up` takes on a ready cluster whose nodes have the images, compared
 * with the pods alone. Needs a Docker engine; stop other work for exact numbers. Run: node bench/up-small-project.ts
 */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { repository } from '../test/e2e/support/devk.ts'
import { kubectlIn } from '../test/e2e/support/kubectl.ts'
import { createWebProject } from '../test/e2e/support/projects/web-project.ts'
import { docker } from '../test/support/docker.ts'

const runs = 7
const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
async function timed(run: () => unknown): Promise<number> {
  const began = performance.now()
  await run()
  return performance.now() - began
}
async function compared(a: () => unknown, b: () => unknown): Promise<[number, number]> {
  const [first, second]: [number[], number[]] = [[], []]
  for (let i = 0; i < runs; i += 1) {
    first.push(await timed(a))
    second.push(await timed(b))
  }
  return [median(first), median(second)]
}
const row = (what: string, ms: number, beside = '') =>
  console.log(`${what.padEnd(34)}${ms.toFixed(0).padStart(7)} ms  ${beside}`)

const [version, bare] = await compared(
  () => execFileSync(`${repository}/bin/devk`, ['--version']),
  () => execFileSync(process.execPath, ['-e', '0']),
)
row('devk --version', version, `node -e 0: ${bare.toFixed(0)} ms, ratio ${(version / bare).toFixed(2)}`)

const name = 'bench-up'
const project = await createWebProject({ name, port: 30092 })
const kubectl = kubectlIn(`${name}-control-plane`)
const up = async () => {
  const { exitCode, stderr } = await project.devk.run(['up', '--detach', '--yes'])
  if (exitCode !== 0) throw new Error(stderr)
}
const remove = async () => {
  await kubectl('delete', 'deployment/web', 'service/web', '--wait')
  while ((await kubectl('get', 'pods', '-o', 'name')) !== '') await sleep(100)
}
try {
  await up()
  const nothing: number[] = []
  for (let i = 0; i < runs; i += 1) nothing.push(await timed(up))
  row('up, nothing changed', median(nothing))

  const objects = JSON.parse(await kubectl('get', 'deployment/web', 'service/web', '-o', 'json'))
  for (const { metadata, spec } of objects.items) {
    for (const field of ['uid', 'resourceVersion', 'managedFields', 'creationTimestamp', 'generation'])
      delete metadata[field]
    delete spec.clusterIP
    delete spec.clusterIPs
  }
  const file = '/tmp/bench-up.json'
  await docker('exec', `${name}-control-plane`, 'sh', '-c', `cat > ${file} <<'END'\n${JSON.stringify(objects)}\nEND`)
  const [converged, plain]: [number[], number[]] = [[], []]
  for (let i = 0; i < runs; i += 1) {
    await remove()
    converged.push(await timed(up))
    await remove()
    plain.push(
      await timed(async () => {
        await kubectl('apply', '-f', file)
        await kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=60s')
      }),
    )
  }
  const [own, theirs] = [median(converged), median(plain)]
  row('up, cluster and images there', own, `pods alone: ${theirs.toFixed(0)} ms, ratio ${(own / theirs).toFixed(2)}`)
} finally {
  await project.dispose()
}
