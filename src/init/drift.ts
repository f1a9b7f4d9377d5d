import { join, relative } from 'node:path'
import type { LoadedConfig } from '../config/schema.ts'
import { isWithin } from '../lib/paths.ts'
import type { Proposal } from './propose/propose.ts'

/** What a repository has that its configuration does not use, as sentences. Pure. */
export function driftOf(config: LoadedConfig, { config: proposed }: Proposal): string[] {
  const { root, deploy } = config
  const dockerfiles = new Set(Object.values(config.services).flatMap(({ build }) => build?.dockerfile ?? []))
  const builds = Object.entries(proposed.services ?? {}).flatMap(([name, { build }]) => {
    if (build === undefined) return []
    const file = join(root, build.context, build.dockerfile ?? 'Dockerfile')
    if (dockerfiles.has(file)) return []
    return [`${relative(root, file)} builds the image of ${name}, but no service has it under build.`]
  })
  const list = (paths: string | readonly string[] | undefined) => [paths ?? []].flat().map((path) => join(root, path))
  const places = [...deploy.manifests, ...deploy.kustomize, ...deploy.helm.map(({ chart }) => chart)]
  const wanted = [
    ...list(proposed.deploy?.manifests),
    ...list(proposed.deploy?.kustomize),
    ...(proposed.deploy?.helm ?? []).map(({ chart }) => join(root, chart)),
  ]
  const others = wanted.filter((path) => !places.some((place) => isWithin(path, place) || isWithin(place, path)))
  const presets = (proposed.presets ?? []).filter(
    (name) => typeof name === 'string' && !config.presets.includes(name) && config.profile === undefined,
  )
  const secrets = Object.keys(proposed.secrets ?? {}).filter((name) => !(name in config.secrets))
  return [
    ...builds,
    ...others.map((path) => `${relative(root, path) || '.'} is not deployed.`),
    ...presets.map((name) => `The manifests need the preset ${name}.`),
    ...secrets.map((name) => `The Secret ${name} can come from the .env file, but is not under secrets.`),
  ]
}
