import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { DevkError } from '../errors.ts'
import { yamlLine } from '../lib/yaml.ts'
import { marked, missed, missText, plainlyFound, type TargetedPatch, targetedPatches } from './kustomize-targets.ts'
import { type Kustomization, kustomizationsBelow } from './kustomize-tree.ts'
import type { RenderedObject } from './rendered.ts'

/** Renders any folder; undefined where kustomize refuses. */
type Render = (folder: string) => Promise<readonly RenderedObject[] | undefined>

/**
 * Throws MANIFEST_INVALID for patches of a rendered folder, and of those that it stands on, whose target finds nothing, with the place
 * of each: kustomize passes over them in silence, and production would differ from what the overlay seems to say.
 */
export async function requireTargets(
  folder: string,
  root: string,
  objects: readonly RenderedObject[],
  render: Render,
): Promise<void> {
  const problems: string[] = []
  for (const kustomization of await kustomizationsBelow(folder)) {
    const doubtful = targetedPatches(kustomization).filter((patch) => !plainlyFound(patch, objects))
    if (doubtful.length === 0) continue
    for (const patch of await withoutTarget(kustomization, doubtful, render)) {
      const line = yamlLine(kustomization.text, patch.path)
      problems.push(`${relative(root, kustomization.file)}:${line}: ${missText(patch, objects)}`)
    }
  }
  if (problems.length === 0) return
  throw new DevkError('MANIFEST_INVALID', `${relative(root, folder) || '.'} has patches without a target`, {
    details: [...problems, 'Nothing was changed.'],
    hint: 'Correct kind or name of the target, or take the patch out: kustomize passes over it without a word.',
  })
}

/** Names may be changed on the way to the result, so kustomize itself is asked, by a copy of the kustomization that marks what it finds. */
async function withoutTarget(
  kustomization: Kustomization,
  patches: readonly TargetedPatch[],
  render: Render,
): Promise<TargetedPatch[]> {
  // kustomize takes no absolute paths, and leads relative ones from where the folder really is.
  const work = await realpath(await mkdtemp(join(tmpdir(), 'devk-kustomize-')))
  const from = await realpath(kustomization.folder)
  const moved = (path: string) => (path.includes('://') ? path : relative(work, resolve(from, path)))
  try {
    const copy = marked(kustomization, moved)
    await writeFile(join(work, 'kustomization.yaml'), JSON.stringify(copy))
    const found = await render(work)
    // What a copy alone cannot render tells nothing about its patches.
    return found === undefined ? [] : missed(patches, found)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
