import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Runs the docker client and gives its output; an oracle that owes nothing to devk. */
export async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args, { maxBuffer: 50_000_000 })).stdout.trim()
}

/** Containers, networks and volumes of a project that are still there. */
export async function leftovers(project: string): Promise<string[]> {
  const found = await Promise.all([
    docker('ps', '-aq', '--filter', `label=io.x-k8s.kind.cluster=${project}`),
    docker('ps', '-aq', '--filter', `label=devk.dev/project=${project}`),
    docker('volume', 'ls', '-q', '--filter', `label=devk.dev/project=${project}`),
    docker('network', 'ls', '-q', '--filter', `label=devk.dev/project=${project}`),
    docker('images', '-q', '--filter', `label=devk.dev/project=${project}`),
  ])
  return found.flatMap((lines) => lines.split('\n').filter((line) => line !== ''))
}
