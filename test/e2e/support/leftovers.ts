import { docker } from '../../support/docker.ts'

/** IDs of the containers, volumes, networks and images of a project that still exist; empty after `devk down`. */
export function leftovers(project: string): Promise<string[]> {
  const ofProject = ['-q', '--filter', `label=devk.dev/project=${project}`]
  return idsOf([
    ['ps', '-aq', '--filter', `label=io.x-k8s.kind.cluster=${project}`],
    ['ps', '-a', ...ofProject],
    ['volume', 'ls', ...ofProject],
    ['network', 'ls', ...ofProject],
    ['images', ...ofProject],
  ])
}

/** IDs of the containers, volumes and networks of a Minikube profile that still exist. */
export function profileLeftovers(profile: string): Promise<string[]> {
  const ofProfile = ['-q', '--filter', `label=name.minikube.sigs.k8s.io=${profile}`]
  return idsOf([
    ['ps', '-a', ...ofProfile],
    ['volume', 'ls', ...ofProfile],
    ['network', 'ls', ...ofProfile],
  ])
}

async function idsOf(queries: readonly string[][]): Promise<string[]> {
  const found = await Promise.all(queries.map((query) => docker(...query)))
  return found.flatMap((lines) => lines.split('\n').filter((line) => line !== ''))
}
