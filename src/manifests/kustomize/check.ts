import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { DevkError } from '../../errors.ts'
import { yamlLine } from '../../lib/yaml.ts'
import type { RenderedObject } from '../rendered.ts'
import { marked, missed, missText, selectsRendered, type TargetedPatch, targetedPatches } from './targets.ts'
import { type Kustomization, kustomizationsBelow } from './tree.ts'

/** Renders a folder. Returns undefined when kustomize fails. */
type Render = (folder: string) => Promise<readonly RenderedObject[] | undefined>

/**
 * Throws MANIFEST_INVALID with the position of each patch whose target selects nothing, in a rendered folder and in its
 * bases. kustomize ignores such patches silently, so that the result differs from what the overlay seems to say.
 */
export async function requireTargets(
  folder: string,
  root: string,
  objects: readonly RenderedObject[],
  render: Render,
): Promise<void> {
  const problems: string[] = []
  for (const kustomization of await kustomizationsBelow(folder)) {
    const doubtful = targetedPatches(kustomization).filter((patch) => !selectsRendered(patch, objects))
    if (doubtful.length === 0) continue
    for (const patch of await withoutTarget(kustomization, doubtful, render)) {
      const line = yamlLine(kustomization.text, patch.path)
      problems.push(`${relative(root, kustomization.file)}:${line}: ${missText(patch, objects)}`)
    }
  }
  if (problems.length === 0) return
  throw new DevkError('MANIFEST_INVALID', `${relative(root, folder) || '.'} has patches without a target`, {
    details: [...problems, 'Nothing was changed.'],
    hint: 'Correct the kind or name of the target, or remove the patch: kustomize ignores it silently.',
  })
}

/**
 * Patches whose target selects nothing, according to kustomize. Transformers may change names before a patch applies,
 * so a copy of the kustomization marks what each target selects.
 */
async function withoutTarget(
  kustomization: Kustomization,
  patches: readonly TargetedPatch[],
  render: Render,
): Promise<TargetedPatch[]> {
  // kustomize accepts no absolute paths, and resolves relative ones from the real path of the folder.
  const work = await realpath(await mkdtemp(join(tmpdir(), 'devk-kustomize-')))
  const from = await realpath(kustomization.folder)
  const moved = (path: string) => (path.includes('://') ? path : relative(work, resolve(from, path)))
  try {
    const copy = marked(kustomization, moved)
    await writeFile(join(work, 'kustomization.yaml'), JSON.stringify(copy))
    const found = await render(work)
    // A copy that cannot be rendered says nothing about its patches.
    return found === undefined ? [] : missed(patches, found)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
