import { basename, dirname, join, relative } from 'node:path'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'
import type { Disk, Rule } from './context.ts'
import type { LoadedConfig } from './schema.ts'
import { scale as scaleSchema } from './schema-scale.ts'

/** Whether a folder is one that kustomize renders. */
export function isKustomization(disk: Disk, folder: string): boolean {
  return ['kustomization.yaml', 'kustomization.yml', 'Kustomization'].some(
    (name) => disk.kind(join(folder, name)) === 'file',
  )
}

/**
 * The configuration with another overlay in the place of `deploy.kustomize`: the one of `deploy.overlays`, else the neighbour of that
 * name; and without the rules of `scale` when they are for others. Throws USAGE when there is none, with the nearest that is there.
 */
export function withOverlay(config: LoadedConfig, overlay: string | undefined, disk: Disk): LoadedConfig {
  if (overlay === undefined)
    return withItsRules(
      config,
      config.deploy.kustomize.map((folder) => basename(folder)),
    )
  const { deploy, root } = config
  const named = deploy.overlays[overlay]
  const siblings = deploy.kustomize.map((folder) => join(dirname(folder), overlay))
  const beside = siblings.length > 0 && siblings.every((folder) => isKustomization(disk, folder))
  const folders = named ?? (beside ? siblings : undefined)
  if (folders !== undefined) {
    return withItsRules({ ...config, overlay, deploy: { ...deploy, kustomize: folders } }, [overlay])
  }
  const known = knownOverlays(config, disk)
  const near = nearest(overlay, known)
  const looked = siblings.map((folder) => `There is no kustomization in ${relative(root, folder)}.`)
  throw new DevkError('USAGE', `There is no overlay "${overlay}"`, {
    details: [...(named === undefined ? looked : []), 'Nothing was changed.'],
    hint: hint(near, known),
  })
}

/** The overlays that `scale` is for are there. */
export const scaledOverlays: Rule = ({ config, disk }) => {
  const known = knownOverlays(config, disk)
  return (config.scale.overlays ?? []).flatMap((name, i) => {
    const near = nearest(name, known)
    const mend = near === undefined ? `there are ${known.join(', ') || 'none'}` : `did you mean "${near}"?`
    return known.includes(name)
      ? []
      : [{ path: ['scale', 'overlays', i], message: `names "${name}", which is no overlay`, mend }]
  })
}

/** Rules for other overlays than these are none. */
function withItsRules(config: LoadedConfig, deployed: readonly string[]): LoadedConfig {
  const { overlays } = config.scale
  if (overlays === undefined || overlays.some((name) => deployed.includes(name))) return config
  return { ...config, scale: scaleSchema.parse({}) }
}

function knownOverlays(config: LoadedConfig, disk: Disk): string[] {
  return [...new Set([...Object.keys(config.deploy.overlays), ...neighbours(config, disk)])].sort()
}

function hint(near: string | undefined, known: readonly string[]): string {
  if (near !== undefined) return `Did you mean "${near}"?`
  return known.length > 0
    ? `There are ${known.join(', ')}.`
    : 'Overlays are the neighbours of the folder in deploy.kustomize, or named in deploy.overlays.'
}

function neighbours({ deploy }: LoadedConfig, disk: Disk): string[] {
  return deploy.kustomize.flatMap((folder) => {
    const home = dirname(folder)
    return disk.list(home).filter((name) => isKustomization(disk, join(home, name)))
  })
}
