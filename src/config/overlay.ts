import { basename, dirname, join, relative } from 'node:path'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'
import type { Disk, Rule } from './context.ts'
import type { LoadedConfig } from './schema.ts'
import { scale as scaleSchema } from './schema-scale.ts'

/** Whether a folder contains a kustomization. */
export function isKustomization(disk: Disk, folder: string): boolean {
  return ['kustomization.yaml', 'kustomization.yml', 'Kustomization'].some(
    (name) => disk.kind(join(folder, name)) === 'file',
  )
}

/**
 * Replaces `deploy.kustomize` by an overlay: the entry of `deploy.overlays`, or else the folder of that name next to
 * `deploy.kustomize`. Removes `scale` if its rules are for other overlays. undefined keeps `deploy.kustomize`. Throws
 * USAGE for an unknown overlay, with the most similar name.
 */
export function withOverlay(config: LoadedConfig, overlay: string | undefined, disk: Disk): LoadedConfig {
  if (overlay === undefined) {
    const deployed = config.deploy.kustomize.map((folder) => basename(folder))
    return withScaleFor(deployed, config)
  }
  const { deploy, root } = config
  const named = deploy.overlays[overlay]
  const siblings = deploy.kustomize.map((folder) => join(dirname(folder), overlay))
  const exist = siblings.length > 0 && siblings.every((folder) => isKustomization(disk, folder))
  const folders = named ?? (exist ? siblings : undefined)
  if (folders !== undefined) {
    return withScaleFor([overlay], { ...config, overlay, deploy: { ...deploy, kustomize: folders } })
  }
  const known = knownOverlays(config, disk)
  const near = nearest(overlay, known)
  const looked = siblings.map((folder) => `There is no kustomization in ${relative(root, folder)}.`)
  throw new DevkError('USAGE', `There is no overlay "${overlay}"`, {
    details: [...(named === undefined ? looked : []), 'Nothing was changed.'],
    hint: hint(near, known),
  })
}

/** Reports names in `scale.overlays` that are not overlays. */
export const scaledOverlays: Rule = ({ config, disk }) => {
  const known = knownOverlays(config, disk)
  return (config.scale.overlays ?? []).flatMap((name, i) => {
    const near = nearest(name, known)
    const fix = near === undefined ? `available overlays: ${known.join(', ') || 'none'}` : `did you mean "${near}"?`
    return known.includes(name)
      ? []
      : [{ path: ['scale', 'overlays', i], message: `refers to "${name}", which is not an overlay`, fix }]
  })
}

/** Removes the rules of `scale` if they are for none of the deployed overlays. */
function withScaleFor(deployed: readonly string[], config: LoadedConfig): LoadedConfig {
  const { overlays } = config.scale
  if (overlays === undefined || overlays.some((name) => deployed.includes(name))) return config
  return { ...config, scale: scaleSchema.parse({}) }
}

function knownOverlays(config: LoadedConfig, disk: Disk): string[] {
  return [...new Set([...Object.keys(config.deploy.overlays), ...siblingOverlays(config, disk)])].sort()
}

function hint(near: string | undefined, known: readonly string[]): string {
  if (near !== undefined) return `Did you mean "${near}"?`
  return known.length > 0
    ? `Use one of ${known.join(', ')}.`
    : 'Create a folder with that name next to the folder in deploy.kustomize, or add it to deploy.overlays.'
}

function siblingOverlays({ deploy }: LoadedConfig, disk: Disk): string[] {
  return deploy.kustomize.flatMap((folder) => {
    const parent = dirname(folder)
    return disk.list(parent).filter((name) => isKustomization(disk, join(parent, name)))
  })
}
