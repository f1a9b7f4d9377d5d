import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { aptSettings, buildDebianImage } from '../debian.ts'
import { buildDebianGo } from '../debian-go.ts'
import { type Recipe, recipe } from '../recipe.ts'
import { imageRecipe } from './image-recipes.ts'

/** Licences of most packages of a Debian release. /usr/share/doc/NAME/copyright in the image has those of a package. */
export const debianLicences: readonly string[] = [
  'GPL-2.0-or-later',
  'GPL-3.0-or-later',
  'LGPL-2.1-or-later',
  'BSD-3-Clause',
  'MIT',
]

function debian(codename: string): Recipe {
  return recipe({
    name: `debian-${codename}`,
    version: codename,
    licences: debianLicences,
    kind: 'image',
    internal: true,
    provides: [`kit/debian:${codename}`],
    usesHost: true,
    inputs: { apt: aptSettings },
    seconds: 60,
    build: (work) => buildDebianImage(work, codename),
  })
}

/** The base images of all other images: Debian releases, and a nearly empty image for statically linked programs. */
export const baseRecipes: readonly Recipe[] = [
  debian('bookworm'),
  debian('trixie'),
  imageRecipe({
    name: 'static',
    version: 'v1',
    licences: ['GPL-2.0-only', 'MPL-2.0'],
    internal: true,
    provides: ['kit/static:v1'],
    needs: ['debian-trixie'],
    seconds: 12,
    image: { folder: 'images/static' },
  }),
]

/**
 * `apk`, `adduser` and `addgroup` of images under names of Alpine, on Debian: they do what corresponds there. Images
 * copy them with `alpineTools`.
 */
export const alpineToolsRecipe: Recipe = recipe({
  name: 'apk',
  version: '1',
  kind: 'tool',
  licences: ['Apache-2.0'],
  internal: true,
  files: ['images/apk'],
  seconds: 1,
  build: ({ deps, out }) => cp(join(deps.kitDir, 'images/apk'), out, { recursive: true }),
})

/** What an image that has them copies. */
export const alpineTools = { apk: 'all' } as const

/** Go 1.24 from Debian packages, unpacked in the cache. Nothing is installed on the machine. */
export const goToolchain: Recipe = recipe({
  name: 'go',
  version: '1.24',
  licences: ['BSD-3-Clause'],
  kind: 'tool',
  internal: true,
  needs: ['debian-trixie'],
  seconds: 40,
  build: buildDebianGo,
})
